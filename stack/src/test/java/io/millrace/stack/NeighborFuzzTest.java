package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.iface.LinkLimits;
import io.millrace.stack.iface.neighbor.NeighborState;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.stack.wire.address.MacAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A million frames of ARP and neighbour discovery, mutated and random, into a stack that asks for neighbours, follows
 * redirects and changes its addresses meanwhile: no exception, nothing lost, tables within their bounds, and what was set
 * by hand stays.
 */
class NeighborFuzzTest {
    private static final int FRAMES = 1_000_000;
    private static final int NEIGHBORS = 64;
    private static final String US4 = "192.0.2.1";
    private static final String US6 = "2001:db8::1";
    private static final MacAddress FIXED = MacAddress.parse("02:00:00:00:00:42");
    private static final MemorySegment DATA = Frames.ofBytes(new byte[] {42});

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(1024);
    private final PoolCache cache = pools.cache(pool);
    private final SplittableRandom random = new SplittableRandom(5);
    private long frames;

    @Test
    void shouldKeepItsBoundsUnderAnyArpAndNeighborDiscovery() {
        final StackConfig config = StackConfig.defaults()
                .withEntropy(Entropy.seeded(5))
                .withLimits(new LinkLimits(NEIGHBORS, 3, 32, 64))
                .withFailures(failure -> {
                    throw new AssertionError("frame " + frames, failure);
                });
        try (Stack stack = Stack.create(config, cache)) {
            final NetInterface net = stack.addInterface(
                    InterfaceConfig.of(US4 + "/24", US6 + "/64", "fe80::1/64")
                            .withGateway(IpAddress.parse("192.0.2.254"))
                            .withGateway(IpAddress.parse("fe80::2"))
                            .withRedirects(true, true),
                    new PortInfo("fuzz", "test", Medium.ETHERNET, StackRig.MAC, 1500, 1),
                    new Queue(new FrameFuzzer(corpus(), 14, 5)));
            final IpAddress fixed = IpAddress.parse("192.0.2.200");
            net.addNeighbor(fixed, FIXED);
            final UdpSocket<Ipv4Address> socket4 = stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 4000));
            final UdpSocket<Ipv6Address> socket6 = stack.bind(new Endpoint<>(Ipv6Address.UNSPECIFIED, 4000));
            long now = 1_000_000;
            for (int round = 0; frames < FRAMES; round++) {
                stack.poll(now);
                now += round % 5 == 0 ? random.nextInt(2_000_000) : 50;
                socket4.send(new Endpoint<>(new Ipv4Address(0xC0000200 | random.nextInt(256)), 9), DATA, 0, 1);
                socket6.send(new Endpoint<>(new Ipv6Address(0x20010DB8_00000000L, random.nextInt(300)), 9), DATA, 0, 1);
                if (round % 64 == 0) {
                    renew(net);
                    assertTrue(net.neighbors().size() <= 2 * NEIGHBORS);
                    assertTrue(net.neighbors().stream()
                            .anyMatch(entry -> entry.state() == NeighborState.PERMANENT
                                    && entry.address().equals(fixed)
                                    && FIXED.equals(entry.mac())));
                }
            }
            assertEquals(0, stack.counters().get(StackCounter.RX_FAILED));
            assertTrue(stack.counters().get(StackCounter.ADDRESS_DUPLICATES) > 0);
            assertTrue(stack.counters().get(StackCounter.ADDRESS_DEFENCES) > 0);
            assertTrue(stack.counters().get(StackCounter.NEIGHBOR_EVICTIONS) > 0);
            assertTrue(stack.counters().get(StackCounter.REDIRECTS_FOLLOWED) > 0);
        }
    }

    /** What was lost as a duplicate is tried again, with a lifetime now and then. */
    private void renew(final NetInterface net) {
        for (final String text : new String[] {US4 + "/24", US6 + "/64", "fe80::1/64"}) {
            final Cidr<?> cidr = Cidr.parse(text);
            if (random.nextInt(4) == 0) {
                net.removeAddress(cidr.address());
            }
            net.addAddress(cidr, random.nextLong(20_000_000), 20_000_000 + random.nextLong(20_000_000));
        }
        if (random.nextInt(16) == 0) {
            net.setMacAddress(new MacAddress(StackRig.MAC));
        }
    }

    private static List<byte[]> corpus() {
        final List<byte[]> frames = new ArrayList<>();
        final String all = "ff:ff:ff:ff:ff:ff";
        final String none = "00:00:00:00:00:00";
        for (int host = 1; host < 40; host++) {
            final String mac = "02:00:00:00:01:%02x".formatted(host);
            final String peer = "192.0.2." + host;
            frames.add(Bytes.ethernet(all, mac, 0x0806, Bytes.arp(1, mac, peer, none, US4)));
            frames.add(Bytes.ethernet(all, mac, 0x0806, Bytes.arp(1, mac, peer, none, peer)));
            frames.add(Bytes.ethernet("02:00:00:00:00:01", mac, 0x0806, Bytes.arp(2, mac, peer, mac, US4)));
            final String peer6 = "2001:db8::" + Integer.toHexString(host);
            frames.add(ndp(mac, peer6, US6, 135, 0, US6, Bytes.linkAddress(1, mac)));
            frames.add(ndp(mac, peer6, US6, 136, 0x6000_0000, peer6, Bytes.linkAddress(2, mac)));
            frames.add(ndp(mac, peer6, US6, 136, 0x2000_0000, peer6, Bytes.linkAddress(2, mac)));
        }
        final String router = "fe80::2";
        final String mac = "02:00:00:00:00:02";
        for (int i = 0; i < 4; i++) {
            final byte[] destination = Bytes.address("2001:db8:9::" + i);
            frames.add(ndp(mac, router, US6, 137, 0, "fe80::3", destination));
            frames.add(ndp(mac, router, US6, 134, 0, US6, new byte[0]));
        }
        return frames;
    }

    private static byte[] ndp(
            final String mac,
            final String src,
            final String dst,
            final int type,
            final int flags,
            final String target,
            final byte[] options) {
        final byte[] body = Bytes.join(Bytes.address(target), options);
        return Bytes.ethernet(
                "02:00:00:00:00:01",
                mac,
                0x86DD,
                Bytes.ipv6(src, dst, 58, Bytes.icmpv6(src, dst, type, 0, flags, body)));
    }

    private final class Queue implements PortQueue {
        private final FrameFuzzer fuzzer;

        Queue(final FrameFuzzer fuzzer) {
            this.fuzzer = fuzzer;
        }

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            final int count = fuzzer.fill(cache, handles);
            frames += count;
            return count;
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            for (int i = from; i < from + count; i++) {
                cache.free(handles[i]);
            }
            return count;
        }
    }
}

package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.wire.PacketCheck;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.testkit.PoolWatch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * More than a million frames, mutated and random, into a whole stack with sockets of every kind: no exception, no buffer
 * lost, nothing malformed sent, and every reason for a drop that a frame can meet was met.
 */
class FuzzTest {
    private static final String US4 = "192.0.2.1";
    private static final String PEER4 = "192.0.2.2";
    private static final String US6 = "2001:db8::1";
    private static final String PEER6 = "2001:db8::2";
    private static final byte[] DATA = {1, 2, 3, 4, 5, 6, 7, 8};

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(2048);
    private final PoolCache cache = pools.cache(pool);
    private final PacketCheck check = new PacketCheck();
    private boolean ethernet;
    private long frames;
    private long sent;

    @ParameterizedTest
    @CsvSource({"ETHERNET, 800000, 1", "IP, 400000, 2"})
    void shouldSurviveAnyFrame(final Medium medium, final int wanted, final long seed) {
        ethernet = medium == Medium.ETHERNET;
        final FrameFuzzer fuzzer = new FrameFuzzer(corpus(), ethernet ? 14 : 0, seed);
        final StackConfig config = StackConfig.defaults()
                .withEntropy(Entropy.seeded(seed))
                .withIcmpLimits(1_000_000, 1_000_000, 1_000_000)
                .withFailures(failure -> {
                    throw new AssertionError("frame " + frames + " of seed " + seed, failure);
                });
        try (Stack stack = Stack.create(config, cache)) {
            stack.addInterface(
                    InterfaceConfig.of(US4 + "/24", US6 + "/64")
                            .withDuplicateDetection(DuplicateDetection.OFF)
                            .withGateway(IpAddress.parse("192.0.2.254")),
                    new PortInfo("fuzz", "test", medium, ethernet ? StackRig.MAC : 0, 1500, 1),
                    new Queue(fuzzer));
            open(stack);
            long now = 1_000_000;
            while (frames < wanted) {
                stack.poll(now);
                now += frames % 7 == 0 ? 20_000 : 50;
            }
            assertEquals(frames, stack.counters().get(StackCounter.RX_PACKETS));
            assertEquals(0, stack.counters().get(StackCounter.RX_FAILED));
            assertEquals(0, stack.counters().get(StackCounter.HANDLER_FAILURES));
            assertTrue(sent > wanted / 20, () -> "sent " + sent);
            assertEquals(EnumSet.noneOf(StackCounter.class), unmet(stack));
        }
    }

    /** Reasons of drops on the way in that no frame met. */
    private Set<StackCounter> unmet(final Stack stack) {
        final Set<StackCounter> unmet = EnumSet.noneOf(StackCounter.class);
        for (final StackCounter counter : StackCounter.values()) {
            if (counter.drop() && stack.counters().get(counter) == 0) {
                unmet.add(counter);
            }
        }
        unmet.removeIf(counter -> counter.name().startsWith("TX_")
                || counter.name().startsWith("NEIGHBOR_")
                || counter.name().startsWith("TCP_")
                || counter.name().startsWith("REASSEMBLY_")
                || counter.name().startsWith("FRAGMENT_")
                || counter.name().startsWith("FORWARD_")
                || counter == StackCounter.LOCAL_QUEUE_FULL
                || counter == StackCounter.RX_FAILED
                || counter == StackCounter.IPV6_DISABLED // by duplicate detection, which is off here
                || counter.name().endsWith("RATE_LIMITED"));
        if (!ethernet) {
            unmet.removeIf(counter -> counter.name().startsWith("ARP_")
                    || counter.name().startsWith("RX_")
                    || (counter.name().startsWith("NDP_") && counter != StackCounter.NDP_UNHANDLED)
                    || counter == StackCounter.IP_UNICAST_IN_BROADCAST);
        }
        return unmet;
    }

    private static void open(final Stack stack) {
        stack.openRaw(6, 99, null);
        final List<IpAddress> any = List.of(Ipv4Address.UNSPECIFIED, Ipv6Address.UNSPECIFIED);
        for (final IpAddress address : any) {
            stack.bind(new Endpoint<>(address, 7), (socket, datagram) -> datagram.reply(datagram.length()));
            stack.bind(new Endpoint<>(address, 9));
            stack.listen(new Endpoint<>(address, 7), 16, new Echo());
            stack.ping(address, (socket, reply) -> {});
            stack.bindErrors(17, new Endpoint<>(address, 7), null).queueLimits(1, 1);
        }
    }

    private List<byte[]> corpus() {
        final List<byte[]> packets = new ArrayList<>();
        final byte[] tcp = Bytes.hex("9c40 0007 00000001 00000000 6002 ffff 0000 0000 020405b4");
        for (final boolean v4 : new boolean[] {true, false}) {
            final String us = v4 ? US4 : US6;
            final String peer = v4 ? PEER4 : PEER6;
            for (final int port : new int[] {7, 9, 11}) {
                packets.add(ip(peer, us, 17, Bytes.udp(peer, 4000, us, port, DATA)));
            }
            final byte[] syn = tcp.clone();
            Bytes.put16(syn, 16, Bytes.transportChecksum(peer, us, 6, syn));
            packets.add(ip(peer, us, 6, syn));
            packets.add(ip(peer, us, v4 ? 1 : 58, echo(v4, v4 ? 8 : 128)));
            packets.add(ip(peer, us, v4 ? 1 : 58, echo(v4, v4 ? 0 : 129)));
            packets.add(ip(peer, us, 99, DATA));
        }
        packets.add(Bytes.ipv4(PEER4, US4, 17, Bytes.hex("01070704 00000000"), Bytes.udp(PEER4, 1, US4, 7, DATA)));
        packets.add(Bytes.ipv4(PEER4, US4, 1, Bytes.hex("83070400 00000000"), echo(true, 8)));
        packets.add(Bytes.ipv4(PEER4, US4, 1, Bytes.icmpv4(3, 3, 0, packets.getFirst())));
        packets.add(Bytes.ipv4(
                PEER4, US4, 1, Bytes.icmpv4(3, 3, 0, ip(US4, PEER4, 17, Bytes.udp(US4, 7, PEER4, 9, DATA)))));
        packets.add(Bytes.ipv4(PEER4, "192.0.2.255", 1, echo(true, 8)));
        packets.add(ip(PEER6, US6, 58, Bytes.icmpv6(PEER6, US6, 1, 4, 0, DATA)));
        final byte[] headers =
                Bytes.hex("3C 00 1102 00000100 2B 00 0104 00000000 2C 00 0400 00000000 11 00 0000 00000001");
        packets.add(ip(PEER6, US6, 0, Bytes.join(headers, Bytes.udp(PEER6, 1, US6, 7, DATA))));
        packets.add(ip(PEER6, US6, 60, Bytes.join(Bytes.hex("3A 00 0104 00000000"), echo(false, 128))));
        packets.add(ip(PEER6, US6, 44, Bytes.join(Bytes.hex("3A 00 0000 00000001"), ns(US6))));
        packets.add(ip(PEER6, US6, 58, ns(US6)));
        packets.add(
                ip("::", "ff02::1:ff00:1", 58, Bytes.icmpv6("::", "ff02::1:ff00:1", 135, 0, 0, Bytes.address(US6))));
        final byte[] unsummed = Bytes.udp(PEER6, 1, US6, 7, DATA);
        Bytes.put16(unsummed, 6, 0);
        packets.add(ip(PEER6, US6, 17, unsummed));
        final byte[] target = Bytes.join(Bytes.address(PEER6), Bytes.linkAddress(2, "02:00:00:00:00:02"));
        packets.add(ip(PEER6, US6, 58, Bytes.icmpv6(PEER6, US6, 136, 0, 0x6000_0000, target)));
        final byte[] ours = Bytes.join(Bytes.address(US6), Bytes.linkAddress(2, "02:00:00:00:00:02"));
        packets.add(ip(PEER6, US6, 58, Bytes.icmpv6(PEER6, US6, 136, 0, 0x6000_0000, ours)));
        packets.add(Bytes.ipv4(PEER4, US4, 1, Bytes.icmpv4(5, 1, 0xC0000203, packets.getFirst())));
        final String router = "fe80::2";
        final byte[] better = Bytes.join(Bytes.address("fe80::3"), Bytes.address("2001:db8:9::1"));
        packets.add(ip(router, US6, 58, Bytes.icmpv6(router, US6, 137, 0, 0, better)));
        packets.add(ip(router, "ff02::1", 58, Bytes.icmpv6(router, "ff02::1", 134, 0, 0, new byte[8])));
        if (!ethernet) {
            return packets;
        }
        final List<byte[]> all = new ArrayList<>();
        packets.forEach(packet -> all.add(Bytes.frame(packet)));
        for (final int operation : new int[] {1, 2}) {
            for (final String sender : new String[] {PEER4, US4, "0.0.0.0"}) {
                final byte[] arp = Bytes.arp(operation, "02:00:00:00:00:02", sender, "00:00:00:00:00:00", US4);
                all.add(Bytes.ethernet("ff:ff:ff:ff:ff:ff", "02:00:00:00:00:02", 0x0806, arp));
            }
        }
        final byte[] tagged = Bytes.join(Bytes.hex("0001 0800"), packets.getFirst());
        all.add(Bytes.ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", 0x8100, tagged));
        all.add(Bytes.ethernet("ff:ff:ff:ff:ff:ff", "02:00:00:00:00:02", 0x0800, packets.getFirst()));
        return Collections.unmodifiableList(all);
    }

    private static byte[] ns(final String target) {
        final byte[] body = Bytes.join(Bytes.address(target), Bytes.linkAddress(1, "02:00:00:00:00:02"));
        return Bytes.icmpv6(PEER6, US6, 135, 0, 0, body);
    }

    private static byte[] echo(final boolean v4, final int type) {
        return v4 ? Bytes.icmpv4(type, 0, 0x12340001, DATA) : Bytes.icmpv6(PEER6, US6, type, 0, 0x12340001, DATA);
    }

    private static byte[] ip(final String src, final String dst, final int protocol, final byte[] payload) {
        return src.contains(":") ? Bytes.ipv6(src, dst, protocol, payload) : Bytes.ipv4(src, dst, protocol, payload);
    }

    /** What leaves must be what any receiver would take. */
    private void assertWellFormed(final long handle) {
        assertNull(check.problem(
                ethernet ? Medium.ETHERNET : Medium.IP,
                pool.memory(),
                pool.dataOffset(handle),
                BufferHeader.length(pool.memory(), handle)));
    }

    private static final class Echo implements TcpHandler {
        @Override
        public void onReadable(final TcpSocket<?> socket) {
            final int count = socket.readSpan();
            socket.send(socket.readMemory(), socket.readOffset(), count);
            socket.consume(count);
            if (socket.finished()) {
                socket.close();
            }
        }
    }

    /** Receives fuzzed frames without end and takes what is sent. */
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
                assertWellFormed(handles[i]);
                cache.free(handles[i]);
            }
            sent += count;
            return count;
        }
    }
}

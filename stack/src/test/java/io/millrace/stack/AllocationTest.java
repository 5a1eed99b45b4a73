package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.iface.forward.ForwardingRules;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.udp.UdpConfig;
import io.millrace.stack.socket.udp.UdpDatagram;
import io.millrace.stack.socket.udp.UdpHandler;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.stack.wire.address.MacAddress;
import io.millrace.testkit.Allocations;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** That a packet's way in and out allocates nothing, measured by the JVM itself. */
class AllocationTest {
    private static final int POLLS = 20_000;
    private static final int BURST = 32;
    private static final byte[] DATA = new byte[18];

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @ParameterizedTest
    @CsvSource({"udp, false", "udp, true", "ping, false", "ping, true"})
    void shouldAllocateNothingWhenItEchoes(final String what, final boolean v6) {
        final PoolCache cache = pools.cache(256);
        final StackConfig config =
                StackConfig.defaults().withEntropy(Entropy.seeded(4)).withIcmpLimits(1, 1, Integer.MAX_VALUE);
        final Mirror mirror = new Mirror(cache, frame(what, v6));
        try (Stack stack = Stack.create(config, cache)) {
            stack.addInterface(
                    InterfaceConfig.of("192.0.2.1/24", "2001:db8::1/64").withDuplicateDetection(DuplicateDetection.OFF),
                    new PortInfo("mirror", "test", Medium.ETHERNET, StackRig.MAC, 1500, 1),
                    mirror);
            stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 7), (s, datagram) -> datagram.reply(datagram.length()));
            stack.bind(new Endpoint<>(Ipv6Address.UNSPECIFIED, 7), (s, datagram) -> datagram.reply(datagram.length()));
            meetPeer(stack, mirror, v6);
            final long least = Allocations.least(0, run(stack, 1_000_000), now -> run(stack, now));
            assertEquals(0, least, "bytes allocated for " + (long) POLLS * BURST + " packets");
            assertEquals(stack.counters().get(StackCounter.RX_PACKETS), mirror.sent);
            assertTrue(mirror.sent >= 2L * POLLS * BURST);
        } finally {
            mirror.free();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAllocateNothingWhenItForwards(final boolean v6) {
        final PoolCache cache = pools.cache(256);
        final String from = v6 ? "2001:db8:1::2" : "10.0.1.2";
        final String to = v6 ? "2001:db8:2::2" : "10.0.2.2";
        final byte[] udp = Bytes.udp(from, 4000, to, 7, DATA);
        final Mirror in = new Mirror(
                cache, RouterRig.frame(0, v6 ? Bytes.ipv6(from, to, 17, udp) : Bytes.ipv4(from, to, 17, udp)));
        final Mirror[] ports = {in, new Mirror(cache, new byte[0])};
        ports[1].burst = 0;
        try (Stack stack = Stack.create(StackConfig.defaults().withEntropy(Entropy.seeded(4)), cache)) {
            for (int i = 0; i < 2; i++) {
                final NetInterface net = stack.addInterface(
                        InterfaceConfig.of("10.0." + (i + 1) + ".1/24", "2001:db8:" + (i + 1) + "::1/64"),
                        new PortInfo("net" + i, "test", Medium.ETHERNET, StackRig.MAC + (i << 8), 1500, 1),
                        ports[i]);
                net.addNeighbor(IpAddress.parse(i == 0 ? from : to), new MacAddress(0x0200_0000_0002L + (i << 8)));
            }
            stack.forwarding(ForwardingRules.ROUTER);
            ports[1].lender = in;
            final long least = Allocations.least(0, run(stack, 1_000_000), now -> run(stack, now));
            assertEquals(0, least, "bytes allocated for " + (long) POLLS * BURST + " packets");
            assertEquals(
                    stack.counters().get(StackCounter.RX_PACKETS),
                    stack.counters().get(StackCounter.FORWARDED));
        } finally {
            in.free();
            ports[1].free();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"crowd", "connected", "group", "error", "raw"})
    void shouldAllocateNothingWhateverTheSocket(final String what) {
        final String us = "192.0.2.1";
        final String peer = "192.0.2.2";
        final PoolCache cache = pools.cache(256);
        final byte[] datagram = Bytes.udp(peer, 4000, us, 7, DATA);
        final byte[] packet = switch (what) {
            case "group" -> Bytes.ipv4(peer, "192.0.2.255", 17, Bytes.udp(peer, 4000, "192.0.2.255", 7, DATA));
            case "error" -> {
                final byte[] quote = Bytes.ipv4(us, peer, 17, Bytes.udp(us, 7, peer, 4000, DATA));
                yield Bytes.ipv4(peer, us, 1, Bytes.icmpv4(3, 3, 0, quote));
            }
            case "raw" -> Bytes.ipv4(peer, us, 99, DATA);
            default -> Bytes.ipv4(peer, us, 17, datagram);
        };
        final Mirror mirror = new Mirror(cache, Bytes.frame(packet));
        final long[] seen = new long[1];
        try (Stack stack = Stack.create(StackConfig.defaults().withEntropy(Entropy.seeded(4)), cache)) {
            stack.addInterface(
                    InterfaceConfig.of("192.0.2.1/24"),
                    new PortInfo("mirror", "test", Medium.ETHERNET, StackRig.MAC, 1500, 1),
                    mirror);
            final UdpConfig shared = UdpConfig.defaults().withShared(true).withErrors(true);
            final Endpoint<Ipv4Address> any = new Endpoint<>(Ipv4Address.UNSPECIFIED, 7);
            for (int i = 0; i < 2; i++) {
                final UdpSocket<Ipv4Address> socket = stack.bind(any, shared, new Counting(seen));
                if (what.equals("connected")) {
                    socket.connect(new Endpoint<>(Ipv4Address.parse(peer), 4000 + i));
                }
            }
            for (int i = 0; i < 10_000 && what.equals("crowd"); i++) {
                stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 10_000 + i));
            }
            stack.openRaw(4, 99, (socket, raw) -> seen[0]++);
            final long least = Allocations.least(0, run(stack, 1_000_000), now -> run(stack, now));
            assertEquals(0, least, "bytes allocated for " + (long) POLLS * BURST + " packets");
            final int each = what.equals("group") || what.equals("error") ? 2 : 1;
            assertEquals(each * stack.counters().get(StackCounter.RX_PACKETS), seen[0]);
        } finally {
            mirror.free();
        }
    }

    /** Each datagram comes in two fragments and is answered in three. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAllocateNothingForFragments(final boolean v6) {
        final PoolCache cache = pools.cache(512);
        final String us = FragmentPackets.us(!v6);
        final String peer = FragmentPackets.peer(!v6);
        final byte[] datagram = Bytes.udp(peer, 4000, us, 7, new byte[2000]);
        final List<byte[]> fragments = FragmentPackets.split(!v6, 1, 17, datagram, 1024);
        final Mirror mirror = new Mirror(cache, Bytes.frame(fragments.get(0)));
        mirror.other = Frames.ofBytes(Bytes.frame(fragments.get(1)));
        final MemorySegment answer = Frames.ofBytes(new byte[4000]);
        try (Stack stack = Stack.create(StackConfig.defaults().withEntropy(Entropy.seeded(4)), cache)) {
            stack.addInterface(
                            InterfaceConfig.of(us + (v6 ? "/64" : "/24"))
                                    .withDuplicateDetection(DuplicateDetection.OFF),
                            new PortInfo("mirror", "test", Medium.ETHERNET, StackRig.MAC, 1500, 1),
                            mirror)
                    .addNeighbor(IpAddress.parse(peer), MacAddress.parse("02:00:00:00:00:02"));
            stack.bind(new Endpoint<>(IpAddress.parse(us), 7), (s, received) -> received.reply(answer, 0, 4000));
            final long least =
                    Allocations.least(0, run(stack, 1_000_000, POLLS / 10), now -> run(stack, now, POLLS / 10));
            assertEquals(0, least, "bytes allocated for " + (long) POLLS / 10 * BURST + " fragments");
            final long received = stack.counters().get(StackCounter.RX_PACKETS);
            assertEquals(received / 2 * 3, stack.counters().get(StackCounter.TX_FRAGMENTS));
        } finally {
            mirror.free();
        }
    }

    /** Polls for less virtual time than a neighbour stays reachable. */
    private static long run(final Stack stack, final long from) {
        return run(stack, from, POLLS);
    }

    private static long run(final Stack stack, final long from, final int polls) {
        long now = from;
        for (int i = 0; i < polls; i++) {
            stack.poll(now);
            now += 10;
        }
        return now;
    }

    /** Lets the peer ask for our address first, so that the echoes need not wait. */
    private static void meetPeer(final Stack stack, final Mirror mirror, final boolean v6) {
        final MemorySegment traffic = mirror.frame;
        final byte[] ask;
        if (v6) {
            final String group = "ff02::1:ff00:1";
            final byte[] body = Bytes.join(Bytes.address("2001:db8::1"), Bytes.linkAddress(1, "02:00:00:00:00:02"));
            final byte[] ns = Bytes.icmpv6("2001:db8::2", group, 135, 0, 0, body);
            final byte[] ip = Bytes.ipv6("2001:db8::2", group, 58, ns);
            ask = Bytes.ethernet("33:33:ff:00:00:01", "02:00:00:00:00:02", 0x86DD, ip);
        } else {
            final byte[] arp = Bytes.arp(1, "02:00:00:00:00:02", "192.0.2.2", "00:00:00:00:00:00", "192.0.2.1");
            ask = Bytes.ethernet("ff:ff:ff:ff:ff:ff", "02:00:00:00:00:02", 0x0806, arp);
        }
        mirror.frame = Frames.ofBytes(ask);
        mirror.burst = 1;
        stack.poll(1_000_000);
        mirror.frame = traffic;
        mirror.burst = BURST;
    }

    private static byte[] frame(final String what, final boolean v6) {
        final String us = v6 ? "2001:db8::1" : "192.0.2.1";
        final String peer = v6 ? "2001:db8::2" : "192.0.2.2";
        if (what.equals("udp")) {
            final byte[] udp = Bytes.udp(peer, 4000, us, 7, DATA);
            return Bytes.frame(v6 ? Bytes.ipv6(peer, us, 17, udp) : Bytes.ipv4(peer, us, 17, udp));
        }
        return Bytes.frame(
                v6
                        ? Bytes.ipv6(peer, us, 58, Bytes.icmpv6(peer, us, 128, 0, 1, DATA))
                        : Bytes.ipv4(peer, us, 1, Bytes.icmpv4(8, 0, 1, DATA)));
    }

    /** Delivers the same frame over and over and takes the answers; keeps its buffers to itself. */
    private static final class Mirror implements PortQueue {
        private final PoolCache cache;
        private final PacketPool pool;
        private final long[] buffers = new long[BURST];
        private int count;
        private int burst = BURST;
        private MemorySegment frame;
        private long sent;

        /** Every second frame, if it is another one. */
        private @Nullable MemorySegment other;

        /** Who gets what is sent. */
        private Mirror lender = this;

        Mirror(final PoolCache cache, final byte[] frame) {
            this.cache = cache;
            this.pool = cache.pool();
            this.frame = Frames.ofBytes(frame);
            count = cache.allocate(buffers, 0, BURST);
        }

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            final int number = Math.min(burst, count);
            for (int i = 0; i < number; i++) {
                final long handle = buffers[--count];
                BufferHeader.reset(pool.memory(), handle, pool.headroom());
                final MemorySegment given = other != null && (i & 1) == 1 ? other : frame;
                MemorySegment.copy(given, 0, pool.memory(), pool.dataOffset(handle), given.byteSize());
                BufferHeader.length(pool.memory(), handle, (int) given.byteSize());
                handles[i] = handle;
            }
            return number;
        }

        @Override
        public int transmit(final long[] handles, final int from, final int number, final long nowMicros) {
            for (int i = from; i < from + number; i++) {
                if (lender.count < BURST) {
                    lender.buffers[lender.count++] = handles[i];
                } else {
                    cache.free(handles[i]);
                }
            }
            sent += number;
            return number;
        }

        void free() {
            Arrays.stream(buffers, 0, count).forEach(cache::free);
        }
    }

    /** Counts datagrams and errors. */
    private static final class Counting implements UdpHandler {
        private final long[] seen;

        Counting(final long[] seen) {
            this.seen = seen;
        }

        @Override
        public void onDatagram(final UdpSocket<?> socket, final UdpDatagram datagram) {
            seen[0]++;
        }

        @Override
        public void onError(final UdpSocket<?> socket, final IcmpErrorRepr error) {
            seen[0]++;
        }
    }
}

package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.OffloadFlags;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortOffloads;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checksums that the port does: two stacks over a wire whose ends behave like network cards, or only one of them. */
class ChecksumOffloadTest {
    private static final int LENGTH = 40_000;

    private static final PortInfo CARD = new PortInfo("card", "test", Medium.IP, 0, 1500, 1, PortOffloads.CHECKSUMS);

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final List<Throwable> failures = new ArrayList<>();

    @ParameterizedTest
    @CsvSource({
        "true, true, 192.0.2.2, 5",
        "true, false, 192.0.2.2, 0",
        "false, true, 2001:db8::2, 0",
        "true, true, 2001:db8::2, 5",
        "false, false, 2001:db8::2, 0"
    })
    void shouldCarryDataWhoeverDoesTheChecksums(
            final boolean offloadA, final boolean offloadB, final String server, final int vlan) {
        final PacketPool pool = pools.pool(1024);
        final PoolCache cache = pools.cache(pool);
        try (SimulatedWire wire = SimulatedWire.ethernet(pool, pool, WireConditions.PERFECT.withLatency(50), 7)) {
            if (offloadA) {
                wire.a().offloadChecksums();
            }
            if (offloadB) {
                wire.b().offloadChecksums();
            }
            final Spy spy = new Spy(wire.a().queue(0, cache), pool);
            try (Stack a = stack(cache, wire.a().info(), spy, vlan, "192.0.2.1/24", "2001:db8::1/64");
                    Stack b = stack(
                            cache, wire.b().info(), wire.b().queue(0, cache), vlan, "192.0.2.2/24", "2001:db8::2/64")) {
                transfer(a, b, server, true);
            }
            assertEquals(offloadA, spy.partial > 0, "segments left to the port");
            assertEquals(offloadA ? 0 : spy.segments, spy.segments - spy.partial);
        }
    }

    @Test
    void shouldReachItselfWithChecksumsThatNobodyFilledIn() {
        final PacketPool pool = pools.pool(1024);
        final PoolCache cache = pools.cache(pool);
        try (SimulatedWire wire = SimulatedWire.ethernet(pool, pool, WireConditions.PERFECT, 7)) {
            wire.a().offloadChecksums();
            try (Stack a = stack(cache, wire.a().info(), wire.a().queue(0, cache), 0, "192.0.2.1/24")) {
                transfer(a, a, "192.0.2.1", true);
            }
        }
    }

    @Test
    void shouldCheckAgainWhatThePortFoundWrong() {
        final PacketPool pool = pools.pool(256);
        final PoolCache cache = pools.cache(pool);
        final byte[] datagram = Bytes.udp("192.0.2.2", 5000, "192.0.2.1", 7, new byte[4]);
        datagram[7] ^= 1;
        final byte[] packet = Bytes.ipv4("192.0.2.2", "192.0.2.1", 17, datagram);
        try (SimulatedWire wire = SimulatedWire.create(Medium.IP, 1500, pool, pool, WireConditions.PERFECT, 7)) {
            wire.a().offloadChecksums();
            final PortQueue peer = wire.b().queue(0, cache);
            try (Stack a = stack(cache, wire.a().info(), wire.a().queue(0, cache), 0, "192.0.2.1/24")) {
                peer.transmit(new long[] {Frames.packet(cache, Frames.ofBytes(packet))}, 0, 1, 1_000);
                a.poll(2_000);
                assertEquals(1, a.counters().get(StackCounter.UDP_BAD_CHECKSUM));
            }
        }
    }

    @Test
    void shouldTrustThePortAboutWhatItFoundRight() {
        final PacketPool pool = pools.pool(256);
        final PoolCache cache = pools.cache(pool);
        final byte[] datagram = Bytes.udp("192.0.2.2", 5000, "192.0.2.1", 7, new byte[4]);
        datagram[7] ^= 1;
        final long handle = good(cache, Bytes.ipv4("192.0.2.2", "192.0.2.1", 17, datagram));
        try (Stack a = stack(cache, CARD, new Packets(handle), 0, "192.0.2.1/24")) {
            a.poll(2_000);
            assertEquals(0, a.counters().get(StackCounter.UDP_BAD_CHECKSUM));
            assertEquals(1, a.counters().get(StackCounter.UDP_NO_PORT));
        }
    }

    @Test
    @Origin("RFC 8200 8.1")
    void shouldRefuseUdpOverIpv6WithoutChecksumAlthoughThePortCallsItGood() {
        final PacketPool pool = pools.pool(256);
        final PoolCache cache = pools.cache(pool);
        final byte[] datagram = Bytes.udp("2001:db8::2", 5000, "2001:db8::1", 7, new byte[4]);
        Bytes.put16(datagram, 6, 0);
        final long handle = good(cache, Bytes.ipv6("2001:db8::2", "2001:db8::1", 17, datagram));
        try (Stack a = stack(cache, CARD, new Packets(handle), 0, "2001:db8::1/64")) {
            a.poll(2_000);
            assertEquals(1, a.counters().get(StackCounter.UDP_NO_CHECKSUM));
            assertEquals(0, a.counters().get(StackCounter.UDP_NO_PORT));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldCheckTheWholeDatagramWhenThePortCallsItsFragmentsGood(final boolean v4) {
        final PacketPool pool = pools.pool(256);
        final PoolCache cache = pools.cache(pool);
        final byte[] datagram = Bytes.udp(FragmentPackets.peer(v4), 5000, FragmentPackets.us(v4), 7, new byte[24]);
        datagram[7] ^= 1;
        final List<byte[]> fragments = FragmentPackets.split(v4, 1, 17, datagram, 16);
        final Packets port = new Packets(good(cache, fragments.get(0)), good(cache, fragments.get(1)));
        try (Stack a = stack(cache, CARD, port, 0, "192.0.2.1/24", "2001:db8::1/64")) {
            a.poll(2_000);
            a.poll(2_001);
            assertEquals(1, a.counters().get(StackCounter.UDP_BAD_CHECKSUM));
        }
    }

    /** A packet of which the port says that all its checksums are right. */
    private static long good(final PoolCache cache, final byte[] packet) {
        final long handle = Frames.packet(cache, Frames.ofBytes(packet));
        final MemorySegment memory = cache.pool().memory();
        BufferHeader.offloadFlags(memory, handle, OffloadFlags.RX_IP_GOOD | OffloadFlags.RX_L4_GOOD);
        return handle;
    }

    private void transfer(final Stack client, final Stack server, final String address, final boolean complete) {
        final byte[] data = new byte[LENGTH];
        new SplittableRandom(5).nextBytes(data);
        final ByteArrayOutputStream got = new ByteArrayOutputStream();
        final MemorySegment buffer = Frames.ofBytes(new byte[4096]);
        server.listen(new Endpoint<>(IpAddress.parse(address), 80), 4, new TcpHandler() {
            @Override
            public void onReadable(final TcpSocket<?> socket) {
                for (int n = socket.receive(buffer, 0, 4096); n > 0; n = socket.receive(buffer, 0, 4096)) {
                    got.writeBytes(buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE));
                }
            }
        });
        final MemorySegment source = Frames.ofBytes(data);
        final int[] sent = {0};
        final TcpSocket<?> socket = client.connect(new Endpoint<>(IpAddress.parse(address), 80), new TcpHandler() {
            @Override
            public void onConnected(final TcpSocket<?> connected) {
                sent[0] += connected.send(source, sent[0], LENGTH - sent[0]);
            }

            @Override
            public void onWritable(final TcpSocket<?> connected) {
                sent[0] += connected.send(source, sent[0], LENGTH - sent[0]);
            }

            @Override
            public void onClosed(final TcpSocket<?> closed, final CloseReason why) {}
        });
        long now = 1_000_000;
        for (int i = 0; i < 20_000 && got.size() < LENGTH; i++) {
            now += 50;
            client.poll(now);
            server.poll(now);
        }
        assertEquals(complete, got.size() == LENGTH);
        assertArrayEquals(data, got.toByteArray());
        assertFalse(socket.toString().isEmpty());
        assertEquals(0, server.counters().get(StackCounter.TCP_BAD_CHECKSUM));
        assertEquals(0, client.counters().get(StackCounter.TCP_BAD_CHECKSUM));
        assertTrue(failures.isEmpty(), failures::toString);
    }

    private Stack stack(
            final PoolCache cache, final PortInfo info, final PortQueue queue, final int vlan, final String... own) {
        final Stack stack = Stack.create(
                StackConfig.defaults().withEntropy(Entropy.seeded(3)).withFailures(failures::add), cache);
        final InterfaceConfig config = InterfaceConfig.of(own);
        stack.addInterface(vlan == 0 ? config : config.withVlan(vlan), info, queue);
        return stack;
    }

    /** Counts the TCP segments that are handed to a port, and those among them whose checksum it is to complete. */
    private static final class Spy implements PortQueue {
        private final PortQueue port;
        private final PacketPool pool;
        private int segments;
        private int partial;

        Spy(final PortQueue port, final PacketPool pool) {
            this.port = port;
            this.pool = pool;
        }

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            return port.receive(handles, max, nowMicros);
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            for (int i = from; i < from + count; i++) {
                final long flags = BufferHeader.offloadFlags(pool.memory(), handles[i]);
                final boolean tcp = isTcp(pool.memory(), pool.dataOffset(handles[i]));
                segments += tcp ? 1 : 0;
                partial += (flags & OffloadFlags.TX_L4_MASK) == OffloadFlags.TX_TCP ? 1 : 0;
            }
            return port.transmit(handles, from, count, nowMicros);
        }

        private static boolean isTcp(final MemorySegment memory, final long frame) {
            final long ip = frame + (Net.u16(memory, frame + 12) == 0x8100 ? 18 : 14);
            final int type = Net.u16(memory, ip - 2);
            return (type == 0x0800 && Net.u8(memory, ip + 9) == 6) || (type == 0x86DD && Net.u8(memory, ip + 6) == 6);
        }
    }

    /** Gives its packets one by one and takes none. */
    private static final class Packets implements PortQueue {
        private final long[] waiting;
        private int next;

        Packets(final long... waiting) {
            this.waiting = waiting;
        }

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            if (next == waiting.length) {
                return 0;
            }
            handles[0] = waiting[next++];
            return 1;
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            return 0;
        }
    }
}

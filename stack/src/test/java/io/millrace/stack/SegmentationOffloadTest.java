package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.BufferChain;
import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.OffloadFlags;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortOffloads;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.Segmentation;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.dataplane.port.sim.WireCounter;
import io.millrace.stack.random.Entropy;
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

/** TCP segments that the port cuts: two stacks over a wire whose ends behave like network cards. */
class SegmentationOffloadTest {
    private static final int LENGTH = 1_000_000;
    private static final int MSS_V4 = 1448;
    private static final int ETHERNET = 14;
    private static final int TCP_HEADER = 32;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(4096, 2048);
    private final PoolCache cache = pools.cache(pool);
    private int lost;

    @ParameterizedTest
    @CsvSource({
        "192.0.2.2, 0, 0", "2001:db8::2, 0, 0", "192.0.2.2, 5, 0", "2001:db8::2, 5, 0",
        "192.0.2.2, 0, 0.01", "2001:db8::2, 0, 0.01", "192.0.2.2, 0, 0.03", "2001:db8::2, 0, 0.03"
    })
    void shouldCarryDataWhenThePortCutsSegments(final String server, final int vlan, final double loss) {
        final Spy spy = transfer(server, vlan, Segmentation.ALL, loss, pool, cache);
        assertTrue(spy.largest > 20_000, () -> "largest packet " + spy.largest);
        if (loss == 0) {
            // All that IP allows, though a turn is 32 segments.
            assertTrue(spy.largest > 63_000, () -> "largest packet " + spy.largest);
            assertTrue(spy.packets < 200, () -> spy.packets + " packets for 690 segments");
        } else {
            assertTrue(lost > 3, () -> lost + " lost");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.2", "2001:db8::2"})
    void shouldDescribeALongPacketAsDpdkWantsIt(final String server) {
        final Spy spy = transfer(server, 0, Segmentation.ALL, 0, pool, cache);
        final boolean v4 = server.contains(".");
        final int ipHeader = v4 ? 20 : 40;
        assertTrue(spy.longPackets.size() > 10);
        for (final Long[] seen : spy.longPackets) {
            final long flags = seen[0];
            assertEquals(OffloadFlags.TX_TCP | OffloadFlags.TX_SEGMENT, flags & ~(3L << 55));
            assertEquals(v4 ? OffloadFlags.TX_IPV4 : OffloadFlags.TX_IPV6, flags & 3L << 55);
            final long lengths = seen[1];
            assertEquals(ETHERNET, lengths & 0x7F);
            assertEquals(ipHeader, lengths >>> 7 & 0x1FF);
            assertEquals(TCP_HEADER, lengths >>> 16 & 0xFF);
            assertEquals(v4 ? MSS_V4 : MSS_V4 - 20, lengths >>> 24 & 0xFFFF);
            assertEquals(seen[2], seen[3], "length in the IP header");
            assertEquals(seen[4], seen[5], "sum of the pseudo header without a length");
            assertEquals(0, (seen[2] - ipHeader - TCP_HEADER) % (v4 ? MSS_V4 : MSS_V4 - 20), "full segments only");
        }
        assertTrue(spy.longPackets.stream().anyMatch(seen -> seen[6] > 20), "buffers of a packet");
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.2, true", "2001:db8::2, false"})
    void shouldSendEachSegmentByItselfOverIpv6WhenThePortCutsIpv4Only(final String server, final boolean cut) {
        final Segmentation only4 = new Segmentation(true, false, 0xFFFF, 64, 64);
        assertEquals(cut, transfer(server, 0, only4, 0, pool, cache).largest > 1514);
    }

    @ParameterizedTest
    @CsvSource({
        // largest packet, buffers, segments, largest seen
        "32768, 64, 64, 31922",
        "65535, 4, 64, 7306",
        "65535, 64, 10, 14546",
    })
    void shouldKeepToTheLimitsOfThePort(final int packet, final int buffers, final int segments, final int seen) {
        final Segmentation device = new Segmentation(true, true, packet, buffers, segments);
        final Spy spy = transfer("192.0.2.2", 0, device, 0, pool, cache);
        assertEquals(seen, spy.largest);
    }

    @Test
    void shouldSendEachSegmentByItselfWhenThereAreTooFewBuffersForALongPacket() {
        final PacketPool few = pools.pool(60, 2048);
        final Spy spy = transfer("192.0.2.2", 0, Segmentation.ALL, 0, few, pools.cache(few));
        final Spy plenty = transfer("192.0.2.2", 0, Segmentation.ALL, 0, pool, cache);
        assertTrue(spy.single() > 3 * plenty.single(), () -> spy.single() + " and " + plenty.single());
    }

    @Test
    @Origin("RFC 6864 4.1")
    void shouldSendAtomicDatagramsWhenThePortCutsSegments() {
        final Spy spy = transfer("192.0.2.2", 0, Segmentation.ALL, 0, pool, cache);
        assertTrue(spy.longPackets.stream().allMatch(seen -> (seen[7] & 0x4000) != 0), "DF");
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.2", "2001:db8::2"})
    void shouldTakeALongPacketThatAPortJoinedWhenBuffersHoldIt(final String server) {
        // What one end sends at once the other receives as one packet, as between two virtual machines.
        final PacketPool large = pools.pool(256, 65_400);
        final PoolCache largeCache = pools.cache(large);
        try (SimulatedWire wire =
                SimulatedWire.create(Medium.ETHERNET, 65_000, large, large, WireConditions.PERFECT, 7)) {
            wire.a().offloadChecksums();
            wire.b().offloadChecksums();
            final PortInfo joining = new PortInfo(
                    "a",
                    "test",
                    wire.a().info().medium(),
                    wire.a().info().macAddress(),
                    1500,
                    1,
                    new PortOffloads(true, true, Segmentation.ALL));
            final Spy spy = new Spy(wire.a().queue(0, largeCache), large);
            try (Stack a = stack(largeCache, joining, new Uncut(spy, largeCache), 0, "192.0.2.1/24", "2001:db8::1/64");
                    Stack b = stack(
                            largeCache,
                            wire.b().info(),
                            wire.b().queue(0, largeCache),
                            0,
                            "192.0.2.2/24",
                            "2001:db8::2/64")) {
                exchange(a, b, server);
            }
            assertTrue(spy.largest > 40_000);
        }
    }

    private Spy transfer(
            final String server,
            final int vlan,
            final Segmentation device,
            final double loss,
            final PacketPool from,
            final PoolCache fromCache) {
        final WireConditions conditions =
                WireConditions.PERFECT.withLatency(200).withLoss(loss);
        try (SimulatedWire wire = SimulatedWire.ethernet(from, pool, conditions, 11)) {
            wire.a().offloadSegmentation(device);
            final Spy spy = new Spy(wire.a().queue(0, fromCache), from);
            try (Stack a = stack(fromCache, wire.a().info(), spy, vlan, "192.0.2.1/24", "2001:db8::1/64");
                    Stack b = stack(
                            cache, wire.b().info(), wire.b().queue(0, cache), vlan, "192.0.2.2/24", "2001:db8::2/64")) {
                exchange(a, b, server);
                assertEquals(
                        spy.longPackets.isEmpty(), a.counters().get(StackCounter.TCP_SEGMENTS_LEFT_TO_DEVICE) == 0);
                assertEquals(0, b.counters().get(StackCounter.TCP_BAD_CHECKSUM));
                assertEquals(0, b.counters().get(StackCounter.IPV4_BAD_CHECKSUM));
            }
            lost = (int) wire.a().count(WireCounter.LOST);
            return spy;
        }
    }

    private static void exchange(final Stack client, final Stack server, final String address) {
        final byte[] data = new byte[LENGTH];
        new SplittableRandom(5).nextBytes(data);
        final ByteArrayOutputStream got = new ByteArrayOutputStream();
        final MemorySegment buffer = Frames.ofBytes(new byte[65_536]);
        server.listen(new Endpoint<>(IpAddress.parse(address), 80), 4, new TcpHandler() {
            @Override
            public void onReadable(final TcpSocket<?> socket) {
                for (int n = socket.receive(buffer, 0, 65_536); n > 0; n = socket.receive(buffer, 0, 65_536)) {
                    got.writeBytes(buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE));
                }
            }
        });
        final MemorySegment source = Frames.ofBytes(data);
        final int[] sent = {0};
        client.connect(new Endpoint<>(IpAddress.parse(address), 80), new TcpHandler() {
            @Override
            public void onConnected(final TcpSocket<?> connected) {
                onWritable(connected);
            }

            @Override
            public void onWritable(final TcpSocket<?> connected) {
                sent[0] += connected.send(source, sent[0], LENGTH - sent[0]);
            }
        });
        long now = 1_000_000;
        for (int i = 0; i < 400_000 && got.size() < LENGTH; i++) {
            now += 50;
            client.poll(now);
            server.poll(now);
        }
        assertEquals(LENGTH, got.size());
        assertArrayEquals(data, got.toByteArray());
    }

    private static Stack stack(
            final PoolCache cache,
            final PortInfo info,
            final PortQueue queue,
            final int vlan,
            final String... addresses) {
        final Stack stack =
                Stack.create(StackConfig.defaults().withEntropy(Entropy.seeded(addresses[0].hashCode())), cache);
        final InterfaceConfig config = InterfaceConfig.of(addresses);
        stack.addInterface(vlan == 0 ? config : config.withVlan(vlan), info, queue);
        return stack;
    }

    /** Looks at what is sent. */
    private static final class Spy implements PortQueue {
        private final PortQueue queue;
        private final PacketPool pool;
        private final List<Long[]> longPackets = new ArrayList<>();
        private int packets;
        private int largest;

        Spy(final PortQueue queue, final PacketPool pool) {
            this.queue = queue;
            this.pool = pool;
        }

        /** Packets that are no longer than a segment. */
        int single() {
            return packets - longPackets.size();
        }

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            return queue.receive(handles, max, nowMicros);
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            for (int i = from; i < from + count; i++) {
                look(handles[i]);
            }
            return queue.transmit(handles, from, count, nowMicros);
        }

        private void look(final long handle) {
            final MemorySegment memory = pool.memory();
            packets++;
            final int length = BufferHeader.packetLength(memory, handle);
            largest = Math.max(largest, length);
            final long flags = BufferHeader.offloadFlags(memory, handle);
            if ((flags & OffloadFlags.TX_SEGMENT) == 0) {
                return;
            }
            int bytes = 0;
            int buffers = 0;
            for (long at = handle; at != PacketPool.NONE; at = BufferChain.next(memory, at)) {
                bytes += BufferHeader.length(memory, at);
                buffers++;
            }
            assertEquals(length, bytes);
            assertEquals(buffers, BufferHeader.buffers(memory, handle));
            final long ip = pool.dataOffset(handle) + OffloadFlags.linkLength(memory, handle);
            final boolean v4 = Net.u8(memory, ip) >>> 4 == 4;
            final long pseudo = v4
                    ? InternetChecksum.pseudoHeader(0, Net.u32(memory, ip + 12), 0, Net.u32(memory, ip + 16), 6, 0)
                    : InternetChecksum.pseudoHeader(
                            Net.i64(memory, ip + 8),
                            Net.i64(memory, ip + 16),
                            Net.i64(memory, ip + 24),
                            Net.i64(memory, ip + 32),
                            6,
                            0);
            final int ipHeader = OffloadFlags.ipLength(memory, handle);
            longPackets.add(new Long[] {
                flags,
                memory.get(ValueLayout.JAVA_LONG_UNALIGNED, handle + BufferHeader.TX_OFFLOAD_OFFSET),
                (long) length - OffloadFlags.linkLength(memory, handle),
                (long) (v4 ? Net.u16(memory, ip + 2) : 40 + Net.u16(memory, ip + 4)),
                (long) InternetChecksum.fold(pseudo),
                (long) Net.u16(memory, ip + ipHeader + 16),
                (long) buffers,
                (long) Net.u16(memory, ip + 6),
            });
        }
    }

    /** Joins the buffers of what is sent, and says that it is intact, as a device does whose other end is a memory. */
    private static final class Uncut implements PortQueue {
        private final PortQueue queue;
        private final PoolCache cache;

        Uncut(final PortQueue queue, final PoolCache cache) {
            this.queue = queue;
            this.cache = cache;
        }

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            return queue.receive(handles, max, nowMicros);
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            final MemorySegment memory = cache.pool().memory();
            for (int i = from; i < from + count; i++) {
                final long handle = handles[i];
                if ((BufferHeader.offloadFlags(memory, handle) & OffloadFlags.TX_SEGMENT) != 0) {
                    final long ip = cache.pool().dataOffset(handle) + OffloadFlags.linkLength(memory, handle);
                    final long tcp = ip + OffloadFlags.ipLength(memory, handle);
                    final int length = BufferHeader.packetLength(memory, handle)
                            - OffloadFlags.linkLength(memory, handle)
                            - OffloadFlags.ipLength(memory, handle);
                    Net.put16(memory, tcp + 16, InternetChecksum.fold(Net.u16(memory, tcp + 16) + (long) length));
                    BufferHeader.offloadFlags(memory, handle, OffloadFlags.TX_TCP);
                }
            }
            return queue.transmit(handles, from, count, nowMicros);
        }
    }
}

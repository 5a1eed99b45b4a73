package io.millrace.dataplane.port.dpdk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Packet;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.CounterName;
import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortException;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dpdk.BurstFunctions;
import io.millrace.dpdk.DpdkExtension;
import io.millrace.dpdk.EthDevice;
import io.millrace.dpdk.MbufLayout;
import io.millrace.dpdk.Mbufs;
import io.millrace.testkit.Allocations;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(DpdkExtension.class)
final class DpdkPortTest {
    private static final int CAPACITY = 2047;
    private static final int BURST = 32;

    private final long[] handles = new long[BURST];
    private DpdkPool pool;
    private PoolCache cache;

    @BeforeEach
    void makePool() {
        pool = DpdkPool.create("port-test", CAPACITY, 1518);
        cache = new PoolCache(pool, 64);
    }

    @AfterEach
    void poolIsFull() {
        cache.flush();
        assertEquals(CAPACITY, pool.available());
        pool.close();
    }

    private DpdkPort open(final String devargs) {
        return DpdkPort.open(DpdkPortConfig.of(devargs), pool);
    }

    private long packet(final int length) {
        final long handle = cache.allocate();
        BufferHeader.length(pool.memory(), handle, length);
        return handle;
    }

    private static Map<String, Long> counters(final DpdkPort port) {
        final Map<String, Long> counters = new HashMap<>();
        port.forEachCounter((final CounterName name, final long value) -> counters.merge(name.key(), value, Long::sum));
        return counters;
    }

    @Test
    void shouldForwardBetweenNullPorts() {
        try (DpdkPort in = open("net_null0,size=64");
                DpdkPort out = open("net_null1,size=64")) {
            final PortQueue from = in.queue(0, cache);
            final PortQueue to = out.queue(0, cache);
            for (int round = 0; round < 1000; round++) {
                assertEquals(BURST, from.receive(handles, BURST, 0));
                assertEquals(BURST, to.transmit(handles, 0, BURST, 0));
            }
            assertEquals(32_000, in.stats().rxPackets());
            assertEquals(32_000 * 64, in.stats().rxBytes());
            assertEquals(32_000, out.stats().txPackets());
            assertEquals(32_000 * 64, out.stats().txBytes());
            assertEquals(0, in.stats().rxErrors() + out.stats().txErrors());
            assertTrue(in.linkUp());
            assertEquals("net_null", in.info().driver());
            assertEquals(Medium.ETHERNET, in.info().medium());
            assertEquals(1500, in.info().mtu());
        }
    }

    @Test
    void shouldAllocateNothingWhenItForwards() {
        try (DpdkPort port = open("net_null0,size=64")) {
            final PortQueue queue = port.queue(0, cache);
            final long allocated = Allocations.least(9_999, () -> forward(queue, 10_000));
            assertTrue(allocated < 10_000, () -> allocated + " bytes for 320000 packets");
        }
    }

    private void forward(final PortQueue queue, final int rounds) {
        for (int round = 0; round < rounds; round++) {
            queue.transmit(handles, 0, queue.receive(handles, BURST, 0), 0);
        }
    }

    /** Code that is seldom reached is compiled in another way: what it calls is not inlined. */
    @Test
    void shouldAllocateNothingWhenMostBurstsAreEmpty() {
        try (DpdkPort port = open("net_ring0")) {
            final PortQueue queue = port.queue(0, cache);
            handles[0] = packet(64);
            final long least = Allocations.least(9_999, () -> passSeldom(queue, 2_000));
            assertTrue(least < 10_000, least + " bytes for 2000 packets");
            cache.free(handles[0]);
        }
    }

    private void passSeldom(final PortQueue queue, final int packets) {
        for (int i = 0; i < packets; i++) {
            for (int empty = 0; empty < 50; empty++) {
                assertEquals(0, queue.receive(handles, BURST, 0));
            }
            assertEquals(1, queue.transmit(handles, 0, 1, 0));
            assertEquals(1, queue.receive(handles, BURST, 0));
        }
    }

    @Test
    void shouldKeepPacketsInPlaceAndInOrder() {
        try (DpdkPort port = open("net_ring0")) {
            final PortQueue queue = port.queue(0, cache);
            final long[] sent = new long[BURST];
            for (int i = 0; i < BURST; i++) {
                sent[i] = packet(60 + i);
                new Packet(pool).wrap(sent[i]).put32(0, i);
            }
            assertEquals(BURST, queue.transmit(sent, 0, BURST, 0));
            assertEquals(BURST, queue.receive(handles, BURST, 0));
            assertArrayEquals(sent, handles);
            for (int i = 0; i < BURST; i++) {
                final Packet packet = new Packet(pool).wrap(handles[i]);
                assertEquals(i, packet.i32(0));
                assertEquals(60 + i, packet.length());
            }
            cache.free(handles, 0, BURST);
        }
    }

    @Test
    void shouldLeaveWhatTheDriverDidNotTakeToTheCaller() {
        try (DpdkPort port = open("net_ring0")) {
            final PortQueue queue = port.queue(0, cache);
            int taken = BURST;
            long total = 0;
            while (taken == BURST) {
                for (int i = 0; i < BURST; i++) {
                    handles[i] = packet(100);
                }
                taken = queue.transmit(handles, 0, BURST, 0);
                total += taken;
            }
            cache.free(handles, taken, BURST - taken);
            assertEquals(total, port.stats().txPackets());
            assertEquals(total * 100, port.stats().txBytes());
            // What is in the ring now, close() gives back.
        }
    }

    @Test
    void shouldGoOnWhenThePoolWasEmpty() {
        try (DpdkPort port = open("net_null0,size=64")) {
            final PortQueue queue = port.queue(0, cache);
            final long[] all = new long[CAPACITY];
            final int count = cache.allocate(all, 0, CAPACITY);
            assertEquals(CAPACITY, count);
            assertEquals(0, queue.receive(handles, BURST, 0));
            cache.free(all, 0, count);
            cache.flush();
            assertEquals(BURST, queue.receive(handles, BURST, 0));
            cache.free(handles, 0, BURST);
            assertEquals(BURST, port.stats().rxPackets());
        }
    }

    @Test
    void shouldCountWhatTheDriverHasNoBufferFor(@TempDir final Path folder) throws IOException {
        final int packets = 4;
        final ByteBuffer capture = ByteBuffer.allocate(24 + packets * (16 + 60)).order(ByteOrder.LITTLE_ENDIAN);
        capture.putInt(0xA1B2_C3D4)
                .putShort((short) 2)
                .putShort((short) 4)
                .putLong(0)
                .putInt(0xFFFF)
                .putInt(1);
        for (int i = 0; i < packets; i++) {
            capture.putLong(0).putInt(60).putInt(60).position(capture.position() + 60);
        }
        final Path file = Files.write(folder.resolve("in.pcap"), capture.array());
        try (DpdkPort port = open("net_pcap0,rx_pcap=" + file)) {
            final PortQueue queue = port.queue(0, cache);
            final long[] all = new long[CAPACITY];
            final int count = cache.allocate(all, 0, CAPACITY);
            assertEquals(0, queue.receive(handles, BURST, 0));
            assertEquals(1, port.stats().rxMissed());
            cache.free(all, 0, count);
            cache.flush();
            assertEquals(packets - 1, queue.receive(handles, BURST, 0));
            cache.free(handles, 0, packets - 1);
            assertEquals(packets - 1, port.stats().rxPackets());
        }
    }

    @Test
    void shouldDropAndCountPacketsThatAreNotWhole() {
        final DpdkPool other = DpdkPool.create("other", 63, 1518);
        final PoolCache otherCache = new PoolCache(other, 2);
        try (DpdkPort port = open("net_ring0");
                Arena arena = Arena.ofConfined()) {
            final PortQueue queue = port.queue(0, cache);
            final BurstFunctions wire = BurstFunctions.of(EthDevice.byName("net_ring0"), 0);
            final MemorySegment memory = pool.memory();
            final long base = memory.address();

            final long good = packet(64);
            final long foreign = otherCache.allocate();
            final long shared = packet(64);
            memory.set(ValueLayout.JAVA_SHORT, shared + MbufLayout.REFCNT, (short) 2);
            final long scattered = packet(64);
            final long tail = packet(64);
            chain(scattered, tail);
            BufferHeader.length(memory, tail, pool.dataRoom() - pool.headroom());
            final long tooLong = packet(pool.dataRoom() - pool.headroom() + 1);
            final long tooFar = packet(64);
            BufferHeader.dataOff(memory, tooFar, pool.dataRoom() - 63);
            final long last = packet(pool.dataRoom() - pool.headroom());

            final MemorySegment burst = arena.allocateFrom(
                    ValueLayout.JAVA_LONG,
                    base + good,
                    other.memory().address() + foreign,
                    base + shared,
                    base + scattered,
                    base + tooLong,
                    base + tooFar,
                    base + last);
            assertEquals(7, wire.transmit(burst.address(), 7));
            assertEquals(2, queue.receive(handles, BURST, 0));
            assertArrayEquals(new long[] {good, last}, Arrays.copyOf(handles, 2));
            cache.free(handles, 0, 2);

            final Map<String, Long> counters = counters(port);
            assertEquals(1, counters.get("dpdkRxForeignBuffer"));
            assertEquals(1, counters.get("dpdkRxSharedBuffer"));
            assertEquals(1, counters.get("dpdkRxScattered"));
            assertEquals(2, counters.get("dpdkRxBadLength"));
            assertEquals(5, port.stats().rxErrors());
            assertEquals(2, port.stats().rxPackets());

            // The other owner of the shared buffer gives it back too.
            assertEquals(1, memory.get(ValueLayout.JAVA_SHORT, shared + MbufLayout.REFCNT));
            Mbufs.free(arena.allocateFrom(ValueLayout.JAVA_LONG, base + shared).address(), 1);
        }
        otherCache.flush();
        assertEquals(63, other.available());
        other.close();
    }

    private void chain(final long... segments) {
        final MemorySegment memory = pool.memory();
        memory.set(ValueLayout.JAVA_SHORT, segments[0] + MbufLayout.NB_SEGS, (short) segments.length);
        for (int i = 1; i < segments.length; i++) {
            memory.set(ValueLayout.JAVA_LONG, segments[i - 1] + MbufLayout.NEXT, memory.address() + segments[i]);
        }
    }

    @Test
    void shouldCopyAPacketOfSeveralBuffersIntoOne() {
        try (DpdkPort port = open("net_ring0");
                Arena arena = Arena.ofConfined()) {
            final PortQueue queue = port.queue(0, cache);
            final BurstFunctions wire = BurstFunctions.of(EthDevice.byName("net_ring0"), 0);
            final long[] segments = {packet(100), packet(1), packet(300)};
            for (int i = 0; i < segments.length; i++) {
                final Packet piece = new Packet(pool).wrap(segments[i]);
                piece.memory().asSlice(piece.offset(), piece.length()).fill((byte) (i + 1));
            }
            chain(segments);
            final long before = packet(64);
            final long behind = packet(65);
            final long base = pool.memory().address();
            final MemorySegment burst =
                    arena.allocateFrom(ValueLayout.JAVA_LONG, base + before, base + segments[0], base + behind);
            assertEquals(3, wire.transmit(burst.address(), 3));
            assertEquals(3, queue.receive(handles, BURST, 0));
            assertEquals(before, handles[0]);
            assertEquals(behind, handles[2]);
            final Packet packet = new Packet(pool).wrap(handles[1]);
            assertEquals(401, packet.length());
            for (int i = 0; i < packet.length(); i++) {
                assertEquals(i < 100 ? 1 : i < 101 ? 2 : 3, packet.u8(i));
            }
            assertEquals(64 + 65 + 401, port.stats().rxBytes());
            assertEquals(1, counters(port).get("dpdkRxLinearised"));
            assertEquals(0, port.stats().rxErrors());
            cache.free(handles, 0, 3);
        }
    }

    @Test
    void shouldDropAPacketWhoseSegmentsAreNotThePools() {
        final DpdkPool other = DpdkPool.create("other", 63, 1518);
        final PoolCache otherCache = new PoolCache(other, 2);
        try (DpdkPort port = open("net_ring0");
                Arena arena = Arena.ofConfined()) {
            final PortQueue queue = port.queue(0, cache);
            final BurstFunctions wire = BurstFunctions.of(EthDevice.byName("net_ring0"), 0);
            final long first = packet(64);
            final long foreign = otherCache.allocate();
            chain(first, other.memory().address() + foreign - pool.memory().address());
            final MemorySegment burst =
                    arena.allocateFrom(ValueLayout.JAVA_LONG, pool.memory().address() + first);
            assertEquals(1, wire.transmit(burst.address(), 1));
            assertEquals(0, queue.receive(handles, BURST, 0));
            assertEquals(1, counters(port).get("dpdkRxScattered"));
        }
        otherCache.flush();
        assertEquals(63, other.available());
        other.close();
    }

    @Test
    void shouldDropAndCountPacketsToSendThatAreNotWhole() {
        try (DpdkPort port = open("net_ring0")) {
            final PortQueue queue = port.queue(0, cache);
            final long[] sent = {packet(64), packet(0), packet(64), packet(pool.dataRoom()), packet(64)};
            int taken = 0;
            while (taken < sent.length) {
                taken += queue.transmit(sent, taken, sent.length - taken, 0);
            }
            assertEquals(3, queue.receive(handles, BURST, 0));
            assertArrayEquals(new long[] {sent[0], sent[2], sent[4]}, Arrays.copyOf(handles, 3));
            assertEquals(2, counters(port).get("dpdkTxBadLength"));
            assertEquals(2, port.stats().txErrors());
            assertEquals(3, port.stats().txPackets());
            cache.free(handles, 0, 3);
        }
    }

    @Test
    void shouldThrowWhenAHandleIsOutsideThePool() {
        try (DpdkPort port = open("net_ring0")) {
            final PortQueue queue = port.queue(0, cache);
            final long[] wild = {pool.memory().byteSize() + 64};
            assertThrows(IndexOutOfBoundsException.class, () -> queue.transmit(wild, 0, 1, 0));
        }
    }

    @Test
    void shouldSayWhatIsWrongWhenAPortCannotBeOpened() {
        final PortException none = assertThrows(
                PortException.class, () -> open("net_af_packet0,iface=nosuch0").close());
        assertTrue(String.valueOf(none.getMessage()).contains("nosuch0"), none.getMessage());
        final PortException queues = assertThrows(
                PortException.class,
                () -> DpdkPort.open(DpdkPortConfig.of("net_null5").withQueues(5000), pool));
        assertTrue(String.valueOf(queues.getMessage()).contains("not 5000"), queues.getMessage());
        final DpdkPool small = DpdkPool.create("small", 255, 1518);
        assertThrows(
                PortException.class,
                () -> DpdkPort.open(DpdkPortConfig.of("net_null5").withMtu(60_000), small));
        small.close();
        assertFalse(EthDevice.ports().cardinality() > 0, "a port that was not opened is left behind");
    }

    @Test
    void shouldGiveEachQueueOnce() {
        try (DpdkPort port = open("net_null0")) {
            port.queue(0, cache);
            assertThrows(IllegalStateException.class, () -> port.queue(0, cache));
            assertThrows(IllegalStateException.class, () -> port.queue(1, cache));
        }
    }

    @Test
    void shouldHaveOneQueueWhereNobodySpreadsFlowsOverMore() {
        final DpdkPortConfig two = DpdkPortConfig.of("net_null0").withQueues(2);
        try (DpdkPort port = DpdkPort.openSpread(two, pool, new FlowHash(1))) {
            assertEquals(1, port.info().queues());
        }
    }

    @Test
    void shouldTakeTheMacAddressThatIsAskedFor() {
        try (DpdkPort port = DpdkPort.open(DpdkPortConfig.of("net_null0").withMacAddress(0x02_00_00_0A_0B_0CL), pool)) {
            assertEquals(0x02_00_00_0A_0B_0CL, port.info().macAddress());
        }
    }
}

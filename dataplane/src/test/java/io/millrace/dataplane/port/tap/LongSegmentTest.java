package io.millrace.dataplane.port.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.BufferChain;
import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.testkit.Frames;
import io.millrace.testkit.LongPackets;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LongSegmentTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(128, 2048);
    private final PoolCache cache = pools.cache(pool);
    private final int room = pool.dataRoom() - pool.headroom();

    /** A long packet as the kernel writes it: what fits into a buffer there, the rest elsewhere. */
    private final class Received implements AutoCloseable {
        final long buffer = cache.allocate();
        final long at = pool.dataOffset(buffer);
        final MemorySegment overflow = MemorySegment.ofArray(new byte[70_000]);
        final int length;
        final int here;

        Received(final boolean v4, final int payload) {
            final long chain = LongPackets.create(cache, v4, payload, 1);
            length = BufferHeader.packetLength(pool.memory(), chain);
            here = Math.min(length, room);
            BufferChain.copyTo(pool, chain, 0, pool.memory(), at, here);
            BufferChain.copyTo(pool, chain, here, overflow, 5, length - here);
            cache.free(chain);
        }

        boolean begin(final LongSegment segment, final int size) {
            return segment.begin(at, length, here, overflow, 5, size);
        }

        @Override
        public void close() {
            cache.free(buffer);
        }
    }

    @ParameterizedTest
    @CsvSource({"true, 14000, 1400", "false, 14000, 1400", "true, 65000, 1460", "true, 1, 1", "false, 1900, 536"})
    void shouldGiveThePacketsOfTheWire(final boolean v4, final int payload, final int size) {
        final LongSegment segment = new LongSegment(cache, 14);
        try (Received received = new Received(v4, payload)) {
            assertTrue(received.begin(segment, size));
            for (int from = 0; from < payload; from += size) {
                assertTrue(segment.hasNext());
                final long packet = segment.next();
                final int length = Math.min(size, payload - from);
                final byte[] frame = Frames.bytes(pool, packet);
                assertEquals("", LongPackets.judge(frame, v4, from, length, from + length == payload));
                cache.free(packet);
            }
            assertFalse(segment.hasNext());
        }
    }

    /** The first as long as can be, and datagrams so short that all their headers are no longer than TCP's. */
    @ParameterizedTest
    @CsvSource({"true, 65000, 1472", "false, 65000, 1452", "true, 7000, 1400", "true, 3, 2", "false, 2, 1"})
    void shouldGiveTheDatagramsOfTheWire(final boolean v4, final int payload, final int size) {
        final LongSegment segment = new LongSegment(cache, 14);
        final int headers = LongPackets.headers(v4) - 12;
        final MemorySegment memory = pool.memory();
        try (Received received = new Received(v4, payload)) {
            // TCP's header becomes UDP's, in the same place as the last bytes of all headers: these move.
            final long shifted = received.at + 12;
            MemorySegment.copy(memory, received.at, memory, shifted, headers - 8);
            final long ip = shifted + 14;
            Net.put8(memory, ip + (v4 ? 9 : 6), 17);
            Net.put32(memory, shifted + headers - 8, 0x1388_0035);
            Net.put32(memory, shifted + headers - 4, 0);
            final int length = received.length - 12;
            final int here = received.here - 12;
            assertTrue(segment.begin(shifted, length, here, received.overflow, 5, size));
            for (int index = 0; index * size < payload; index++) {
                assertTrue(segment.hasNext());
                final long packet = segment.next();
                final long at = pool.dataOffset(packet);
                final int bytes = Math.min(size, payload - index * size);
                assertEquals(headers + bytes, BufferHeader.length(memory, packet));
                final long udp = at + headers - 8;
                assertEquals(8 + bytes, Net.u16(memory, udp + 4));
                assertEquals(v4 ? headers - 14 + bytes : 8 + bytes, Net.u16(memory, at + 14 + (v4 ? 2 : 4)));
                assertEquals(v4 ? (0xFFFF + index) & 0xFFFF : 0xFFFF, v4 ? Net.u16(memory, at + 18) : 0xFFFF);
                final long sum = InternetChecksum.pseudoHeader(memory, at + 14, 17, 8 + bytes)
                        + InternetChecksum.partial(memory, udp, 8 + bytes);
                assertEquals(0, InternetChecksum.finish(sum));
                assertEquals((byte) (index * size), memory.get(ValueLayout.JAVA_BYTE, at + headers));
                cache.free(packet);
            }
            assertFalse(segment.hasNext());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "another protocol, 23, 1",
        "a type that is none of IP, 12, 9",
        "an IP header that is too short, 14, 0x44",
        "an IP header that is too long for what there is, 14, 0x4F",
        "a TCP header that is too short, 46, 0x40",
    })
    void shouldRefuseWhatItCannotCut(final String what, final int at, final String value) {
        final LongSegment segment = new LongSegment(cache, 14);
        try (Received received = new Received(true, 3000)) {
            Net.put8(pool.memory(), received.at + at, Integer.decode(value));
            final int here = at == 14 ? 14 + 60 : received.here; // all of the header but TCP's behind it
            final boolean begun = segment.begin(received.at, 3000, here, received.overflow, 0, 1400);
            assertFalse(begun, what);
            assertFalse(segment.hasNext());
        }
    }

    @Test
    void shouldRefuseSegmentsThatNoBufferHolds() {
        final LongSegment segment = new LongSegment(cache, 14);
        try (Received received = new Received(true, 3000)) {
            assertFalse(received.begin(segment, room - 53));
            assertTrue(received.begin(segment, room - 54));
        }
    }

    @Test
    void shouldSurviveAnyBytes() {
        final SplittableRandom random = new SplittableRandom(11);
        final LongSegment segment = new LongSegment(cache, 14);
        for (int round = 0; round < 20_000; round++) {
            try (Received received = new Received(random.nextBoolean(), 1 + random.nextInt(4000))) {
                for (int changes = random.nextInt(4); changes >= 0; changes--) {
                    final int at = random.nextInt(80);
                    pool.memory().set(ValueLayout.JAVA_BYTE, received.at + at, (byte) random.nextInt());
                }
                final int length = random.nextInt(received.length + 1);
                final int here = Math.min(length, room);
                if (segment.begin(received.at, length, here, received.overflow, 5, 1 + random.nextInt(1500))) {
                    while (segment.hasNext()) {
                        final long packet = segment.next();
                        assertTrue(BufferHeader.length(pool.memory(), packet) <= room);
                        cache.free(packet);
                    }
                }
            }
        }
    }

    @Test
    void shouldGoOnWhenABufferIsFreeAgain() {
        final LongSegment segment = new LongSegment(cache, 14);
        try (Received received = new Received(true, 3000)) {
            assertTrue(received.begin(segment, 1500));
            final long[] taken = new long[pool.capacity()];
            int count = 0;
            for (long handle = cache.allocate(); handle != PacketPool.NONE; handle = cache.allocate()) {
                taken[count++] = handle;
            }
            assertEquals(PacketPool.NONE, segment.next());
            assertTrue(segment.hasNext());
            cache.free(taken, 0, count);
            final long packet = segment.next();
            assertEquals("", LongPackets.judge(Frames.bytes(pool, packet), true, 0, 1500, false));
            cache.free(packet);
        }
    }
}

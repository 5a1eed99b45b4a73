package io.millrace.stack.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.testkit.Frames;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ByteQueueTest {
    private static final int CHUNK = 64;

    private final ChunkPool pool = new ChunkPool(64 * CHUNK, CHUNK);
    private final ByteQueue queue = new ByteQueue(pool);

    @AfterEach
    void shouldGiveAllChunksBack() {
        queue.clear();
        assertEquals(pool.capacity(), pool.available());
        pool.close();
    }

    @Test
    void shouldHoldNoChunkWhenEmpty() {
        assertEquals(64, pool.available());
        assertEquals(10, queue.append(bytes(0, 10), 0, 10));
        assertEquals(63, pool.available());
        queue.release(10);
        assertEquals(64, pool.available());
        assertEquals(10, queue.head());
        assertEquals(0, queue.size());
    }

    @Test
    void shouldTellWhereNothingIsWhenEmpty() {
        assertEquals(0, queue.readOffset());
        assertEquals(0, queue.readSpan());
        queue.append(bytes(0, 10), 0, 10);
        queue.release(10);
        assertEquals(0, queue.readOffset());
    }

    @Test
    void shouldReturnChunksAsTheHeadPassesThem() {
        queue.append(bytes(0, 200), 0, 200);
        assertEquals(60, pool.available());
        queue.release(64);
        assertEquals(61, pool.available());
        queue.release(63);
        assertEquals(61, pool.available());
        queue.release(1);
        assertEquals(62, pool.available());
    }

    @Test
    void shouldFillAGapWhenBytesCameAhead() {
        queue.append(bytes(0, 10), 0, 10);
        assertEquals(100, queue.write(50, bytes(50, 100), 0, 100, false));
        assertEquals(10, queue.size());
        assertEquals(40, queue.write(10, bytes(10, 40), 0, 40, false));
        queue.extend(140);
        assertEquals(150, queue.size());
        assertContent(0, 150);
    }

    @Test
    void shouldKeepBytesAheadWhenAllInOrderIsReleased() {
        queue.append(bytes(0, 10), 0, 10);
        queue.write(20, bytes(20, 10), 0, 10, false);
        queue.release(10);
        queue.write(10, bytes(10, 10), 0, 10, false);
        queue.extend(20);
        assertContent(10, 20);
    }

    @Test
    void shouldTakeLessWhenThePoolRunsOut() {
        // 64 chunks, 4 of which are the reserve.
        assertEquals(60 * CHUNK, queue.append(bytes(0, 64 * CHUNK), 0, 64 * CHUNK));
        assertTrue(pool.scarce());
        assertEquals(0, queue.append(bytes(0, 1), 0, 1));
        assertEquals(0, queue.writeSpan(Integer.MAX_VALUE));
        assertEquals(4 * CHUNK, queue.write(60 * CHUNK, bytes(0, 64 * CHUNK), 0, 64 * CHUNK, true));
    }

    @Test
    void shouldReadAndWriteInPlace() {
        queue.append(bytes(0, 60), 0, 60);
        assertEquals(4, queue.writeSpan(Integer.MAX_VALUE));
        MemorySegment.copy(bytes(60, 4), 0, queue.memory(), queue.writeOffset(), 4);
        queue.commit(4);
        assertEquals(64, queue.writeSpan(Integer.MAX_VALUE));
        MemorySegment.copy(bytes(64, 6), 0, queue.memory(), queue.writeOffset(), 6);
        queue.commit(6);
        assertContent(0, 70);
        assertEquals(64, queue.readSpan());
        queue.release(64);
        assertEquals(6, queue.readSpan());
        assertArrayEquals(Frames.bytes(bytes(64, 6), 0, 6), Frames.bytes(queue.memory(), queue.readOffset(), 6));
    }

    @Test
    void shouldKeepASpanThatWasLentWhenAllElseIsReleased() {
        queue.append(bytes(0, 10), 0, 10);
        final int span = queue.writeSpan(Integer.MAX_VALUE);
        final long offset = queue.writeOffset();
        queue.release(10);
        assertEquals(offset, queue.writeOffset());
        MemorySegment.copy(bytes(10, 20), 0, queue.memory(), offset, 20);
        queue.commit(20);
        assertTrue(span >= 20);
        assertContent(10, 20);
        queue.release(20);
        assertEquals(64, pool.available());
    }

    @Test
    void shouldAgreeWithAnArrayWhateverIsDone() {
        final SplittableRandom random = new SplittableRandom(5);
        final int window = 40 * CHUNK;
        long head = 0;
        long tail = 0;
        for (int i = 0; i < 50_000; i++) {
            final int free = (int) (window - (tail - head));
            switch (random.nextInt(4)) {
                case 0 -> {
                    final int length = Math.min(free, random.nextInt(200));
                    tail += queue.append(bytes(tail, length), 0, length);
                }
                case 1 -> {
                    final int gap = random.nextInt(300);
                    final int length = random.nextInt(200);
                    if (gap + length <= free) {
                        queue.write(tail + gap, bytes(tail + gap, length), 0, length, false);
                        queue.write(tail, bytes(tail, gap), 0, gap, false);
                        queue.extend(gap + length);
                        tail += gap + length;
                    }
                }
                case 2 -> {
                    final int span = Math.min(free, queue.writeSpan(Integer.MAX_VALUE));
                    final int length = random.nextInt(span + 1);
                    MemorySegment.copy(bytes(tail, length), 0, queue.memory(), queue.writeOffset(), length);
                    queue.commit(length);
                    tail += length;
                }
                default -> {
                    final int length = random.nextInt((int) (tail - head) + 1);
                    assertContent(head, length);
                    queue.release(length);
                    head += length;
                }
            }
            assertEquals(head, queue.head());
            assertEquals(tail, queue.tail());
        }
    }

    @Test
    void shouldSayWhatIsWrongWhenMadeBadly() {
        assertThrows(IllegalArgumentException.class, () -> new ChunkPool(1 << 20, 100).close());
        assertThrows(IllegalArgumentException.class, () -> new ChunkPool(1000, 64).close());
    }

    private void assertContent(final long position, final int length) {
        final MemorySegment target = Arena.ofAuto().allocate(Math.max(1, length));
        queue.copyTo(position, target, 0, length);
        final byte[] expected = Frames.bytes(bytes(position, length), 0, length);
        assertTrue(Arrays.equals(expected, Frames.bytes(target, 0, length)), "content at " + position);
    }

    /** What the stream has at these positions. */
    private static MemorySegment bytes(final long position, final int length) {
        final byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ((position + i) * 31 + (position + i) / 251);
        }
        return Frames.ofBytes(bytes);
    }

    @Test
    void shouldSumWhatItCopiesWhenPiecesBeginAtOddPlaces() {
        queue.append(bytes(3, 300), 0, 300);
        queue.release(27); // the next chunk begins at an odd place of the copy
        final MemorySegment copied = Arena.ofAuto().allocate(400);
        final MemorySegment summed = Arena.ofAuto().allocate(400);
        for (int length = 0; length <= 270; length++) {
            queue.copyTo(27, copied, 7, length);
            final long sum = queue.copyAndSum(27, summed, 7, length);
            assertEquals(-1, copied.mismatch(summed));
            assertEquals(
                    InternetChecksum.finish(InternetChecksum.partial(copied, 7, length)), InternetChecksum.finish(sum));
        }
    }

    @Test
    void shouldHoldAsManyChunksAsThePoolHas() {
        final int chunks = 80_000;
        try (ChunkPool many = new ChunkPool(chunks * 64L, 64)) {
            final MemorySegment bytes = Frames.ofBytes(new byte[60_000 * 64]);
            final ByteQueue queue = new ByteQueue(many);
            for (int i = 0; i < 2; i++) {
                assertEquals(bytes.byteSize(), queue.append(bytes, 0, (int) bytes.byteSize()));
                queue.release(queue.size());
                assertEquals(chunks, many.available());
            }
        }
    }
}

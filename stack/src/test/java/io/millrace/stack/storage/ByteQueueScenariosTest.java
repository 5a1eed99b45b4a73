package io.millrace.stack.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What smoltcp's ring of bytes is put through, on {@link ByteQueue}: room for 12 letters in chunks of 4, where a letter
 * stands for 16 equal bytes. Positions go on forever, so there is no wrap, and a span that lies together ends with its
 * chunk.
 */
class ByteQueueScenariosTest {
    private static final int LETTER = 16;
    private static final int CHUNK = 4 * LETTER;

    private final ChunkPool pool = new ChunkPool(16 * CHUNK, CHUNK);
    private final ByteQueue other = new ByteQueue(pool);
    private final ByteQueue queue = new ByteQueue(pool);

    @BeforeEach
    void leaveThreeChunks() {
        assertTrue(other.append(Frames.ofBytes(new byte[16 * CHUNK]), 0, 16 * CHUNK) >= 3 * CHUNK);
        other.release(3 * CHUNK);
    }

    @AfterEach
    void shouldGiveAllChunksBack() {
        queue.clear();
        other.clear();
        assertEquals(pool.capacity(), pool.available());
        pool.close();
    }

    @Test
    @Origin("smoltcp:storage::ring_buffer::test_buffer_length_changes")
    @Origin("smoltcp:storage::ring_buffer::test_buffer_enqueue_dequeue_one")
    void shouldCountWhatIsInIt() {
        assertEquals(0, size());
        for (int i = 0; i < 12; i++) {
            assertEquals(1, append(String.valueOf((char) ('a' + i))));
            assertEquals(i + 1, size());
        }
        assertEquals(0, append("m"), "full");
        for (int i = 0; i < 12; i++) {
            assertEquals(String.valueOf((char) ('a' + i)), take(1));
        }
        assertEquals(0, size());
        assertEquals(0, queue.readSpan());
    }

    @Test
    @Origin("smoltcp:storage::ring_buffer::test_buffer_enqueue_dequeue_one_with")
    @Origin("smoltcp:storage::ring_buffer::test_buffer_enqueue_many_with")
    @Origin("smoltcp:storage::ring_buffer::test_buffer_enqueue_many")
    void shouldQueueWhatWasWrittenInPlaceOnceCommitted() {
        assertEquals(4, writeSpan());
        put("abXX");
        commit(2);
        assertEquals(2, size());
        assertEquals(2, writeSpan());
        put("cd");
        commit(2);
        assertEquals(4, writeSpan());
        put("efgh");
        commit(4);
        assertEquals("abcd", take(4));
        assertEquals(4, size());
        assertEquals(4, writeSpan());
        put("ijkl");
        commit(4);
        assertEquals(4, writeSpan());
        put("mnop");
        commit(4);
        assertEquals(0, writeSpan(), "full");
        assertEquals("efghijklmnop", take(12));
    }

    @Test
    @Origin("smoltcp:storage::ring_buffer::test_buffer_enqueue_slice")
    @Origin("smoltcp:storage::ring_buffer::test_buffer_dequeue_slice")
    void shouldTakeWhatFitsAndGiveItInOrder() {
        assertEquals(8, append("abcdefgh"));
        assertEquals("abcd", take(4));
        assertEquals(8, append("ijklabcdXXX"));
        assertEquals(12, size());
        assertEquals("efghijkl", take(8));
        assertEquals("abcd", take(4));
    }

    @Test
    @Origin("smoltcp:storage::ring_buffer::test_buffer_dequeue_many_with")
    @Origin("smoltcp:storage::ring_buffer::test_buffer_dequeue_many")
    void shouldBeReadInPlaceSpanBySpan() {
        assertEquals(12, append("abcdefghijkl"));
        final StringBuilder read = new StringBuilder();
        while (size() > 0) {
            final int span = queue.readSpan() / LETTER;
            assertTrue(span > 0 && span <= 4);
            read.append(text(queue.memory(), queue.readOffset(), span));
            final int part = Math.min(3, span); // not all of what was seen
            queue.release(part * LETTER);
            read.setLength(read.length() - (span - part));
        }
        assertEquals("abcdefghijkl", read.toString());
    }

    @Test
    @Origin("smoltcp:storage::ring_buffer::test_buffer_get_unallocated")
    @Origin("smoltcp:storage::ring_buffer::test_buffer_write_unallocated")
    void shouldTakeBytesAheadOfAGap() {
        assertEquals(6, append("abcdef"));
        assertEquals("abcdef", take(6));
        assertEquals(3, write(6, "ghi"));
        assertEquals(0, size());
        assertEquals(6, write(9, "jklmno"));
        assertEquals(1, write(15, "pqrstu"), "as far as there is memory");
        queue.extend(10 * LETTER);
        assertEquals("ghijklmnop", take(10));
    }

    @Test
    @Origin("smoltcp:storage::ring_buffer::test_buffer_get_allocated")
    @Origin("smoltcp:storage::ring_buffer::test_buffer_read_allocated")
    void shouldBeReadAtAnyPosition() {
        assertEquals(12, append("abcdefghijkl"));
        assertEquals("abcdef", read(0, 6));
        assertEquals("abcdef", take(6));
        assertEquals(3, append("mno"));
        assertEquals("jklmno", read(9, 6));
        assertEquals("mno", read(12, 3));
    }

    @Test
    @Origin("smoltcp:storage::ring_buffer::test_buffer_with_no_capacity")
    void shouldTakeNothingWhenThereIsNoMemory() {
        final ByteQueue none = new ByteQueue(pool);
        append("abcdefghijkl");
        assertEquals(0, none.append(Frames.ofBytes(new byte[1]), 0, 1));
        assertEquals(0, none.writeSpan(1));
        assertEquals(0, none.readSpan());
        none.release(0);
        assertEquals(0, none.size());
        none.clear();
    }

    @Test
    @Origin("smoltcp:storage::ring_buffer::test_buffer_write_wholly")
    void shouldHoldAsMuchAsEverOnceEmptied() {
        append("ab");
        append("cd");
        assertEquals("abcd", take(4));
        assertEquals(12, append("abcdefghijkl"));
    }

    private int append(final String text) {
        return queue.append(blocks(text), 0, text.length() * LETTER) / LETTER;
    }

    private int write(final long position, final String text) {
        return queue.write(position * LETTER, blocks(text), 0, text.length() * LETTER, false) / LETTER;
    }

    private void put(final String text) {
        MemorySegment.copy(blocks(text), 0, queue.memory(), queue.writeOffset(), (long) text.length() * LETTER);
    }

    private void commit(final int letters) {
        queue.commit(letters * LETTER);
    }

    private int size() {
        return queue.size() / LETTER;
    }

    private int writeSpan() {
        return queue.writeSpan(Integer.MAX_VALUE) / LETTER;
    }

    private String take(final int letters) {
        final String text = read(queue.head() / LETTER, letters);
        queue.release(letters * LETTER);
        return text;
    }

    private String read(final long position, final int letters) {
        final MemorySegment room = Frames.ofBytes(new byte[letters * LETTER]);
        queue.copyTo(position * LETTER, room, 0, letters * LETTER);
        return text(room, 0, letters);
    }

    private static MemorySegment blocks(final String text) {
        final StringBuilder all = new StringBuilder();
        text.chars().forEach(letter -> all.append(String.valueOf((char) letter).repeat(LETTER)));
        return Frames.ofBytes(all.toString().getBytes(StandardCharsets.US_ASCII));
    }

    private static String text(final MemorySegment memory, final long offset, final int letters) {
        final String all = new String(Frames.bytes(memory, offset, letters * LETTER), StandardCharsets.US_ASCII);
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < letters; i++) {
            final String letter = all.substring(i * LETTER, i * LETTER + 1);
            assertEquals(letter.repeat(LETTER), all.substring(i * LETTER, (i + 1) * LETTER));
            text.append(letter);
        }
        return text.toString();
    }
}

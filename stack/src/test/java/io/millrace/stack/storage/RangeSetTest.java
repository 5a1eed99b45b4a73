package io.millrace.stack.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RangeSetTest {
    private final RangeSet set = new RangeSet(8);

    @Test
    void shouldJoinRangesThatTouchOrOverlap() {
        set.add(10, 20);
        set.add(30, 40);
        assertEquals("[10,20) [30,40)", text());
        set.add(20, 25);
        assertEquals("[10,25) [30,40)", text());
        set.add(24, 30);
        assertEquals("[10,40)", text());
        set.add(12, 14);
        assertEquals("[10,40)", text());
        set.add(5, 50);
        assertEquals("[5,50)", text());
    }

    @Test
    void shouldRefuseOneMoreRangeWhenFull() {
        for (int i = 0; i < 8; i++) {
            assertTrue(set.add(10L * i, 10L * i + 2));
        }
        assertFalse(set.add(100, 101));
        assertEquals(8, set.count());
        assertTrue(set.add(2, 5), "grows a range that is there");
        assertTrue(set.add(5, 10), "joins two");
        assertEquals(7, set.count());
    }

    @Test
    void shouldRemoveWhatWasPassed() {
        set.add(10, 20);
        set.add(30, 40);
        set.removeBefore(15);
        assertEquals("[15,20) [30,40)", text());
        set.removeBefore(20);
        assertEquals("[30,40)", text());
        set.removeBefore(100);
        assertTrue(set.isEmpty());
    }

    @Test
    void shouldNameTheLatestFirst() {
        set.add(10, 20);
        set.add(50, 60);
        set.add(30, 40);
        assertArrayEquals(new int[] {1, 2, 0}, recent(3));
        set.add(20, 22);
        assertArrayEquals(new int[] {0, 1, 2}, recent(3));
        set.add(70, 71);
        set.add(80, 81);
        set.add(90, 91);
        assertArrayEquals(new int[] {5, 4, 3, 0}, recent(4));
        set.removeBefore(80);
        assertArrayEquals(new int[] {1, 0}, recent(4));
    }

    @Test
    void shouldAgreeWithABitSetWhateverIsDone() {
        final SplittableRandom random = new SplittableRandom(3);
        for (int round = 0; round < 2_000; round++) {
            final RangeSet ranges = new RangeSet(1000);
            final BitSet bits = new BitSet();
            for (int i = 0; i < 60; i++) {
                if (random.nextInt(10) == 0) {
                    final int position = random.nextInt(200);
                    ranges.removeBefore(position);
                    bits.clear(0, position);
                } else {
                    final int start = random.nextInt(250);
                    final int end = start + random.nextInt(12);
                    assertEquals(touches(bits, start, end), ranges.touches(start, end) || start == end);
                    ranges.add(start, end);
                    bits.set(start, end);
                }
                assertEquals(bits.cardinality(), ranges.total());
                final int from = random.nextInt(250);
                final int behind = from + random.nextInt(1, 40);
                final int reach = bits.nextClearBit(from);
                assertEquals(reach, ranges.reach(from));
                final int first = bits.nextSetBit(from);
                final int overlap = ranges.firstOverlap(from, behind);
                assertEquals(first >= 0 && first < behind, overlap >= 0);
                if (overlap >= 0) {
                    assertEquals(overlap, ranges.find(first));
                }
                for (int r = 0; r < ranges.count(); r++) {
                    final int start = (int) ranges.start(r);
                    assertEquals(bits.nextClearBit(start), ranges.end(r));
                    assertEquals(start, bits.nextSetBit(r == 0 ? 0 : (int) ranges.end(r - 1)));
                    assertEquals(r, ranges.find(start));
                }
            }
        }
    }

    private static boolean touches(final BitSet bits, final int start, final int end) {
        final int next = bits.nextSetBit(Math.max(0, start - 1));
        return start == end || (next >= 0 && next <= end);
    }

    private int[] recent(final int max) {
        final int[] indices = new int[max];
        return Arrays.copyOf(indices, set.recent(indices, max));
    }

    private String text() {
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < set.count(); i++) {
            text.append(i > 0 ? " [" : "[")
                    .append(set.start(i))
                    .append(',')
                    .append(set.end(i))
                    .append(')');
        }
        return text.toString();
    }
}

package io.millrace.stack.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Origin;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What smoltcp's assembler is put through, on {@link RangeSet}. Positions here do not move when the front is removed, and
 * the reader removes what lies in front of a position instead of "the front".
 */
class AssemblyScenariosTest {
    private static final int LIMIT = 4;

    private final RangeSet set = new RangeSet(LIMIT);

    /** Each range is start+length; what was there and what is added, in order, then what there is at the end. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "test_empty_add_full, 0+16, 0-16",
        "test_empty_add_front, 0+4, 0-4",
        "test_empty_add_back, 12+4, 12-16",
        "test_empty_add_mid, 4+8, 4-12",
        "test_partial_add_front, 4+8 0+4, 0-12",
        "test_partial_add_back, 4+8 12+4, 4-16",
        "test_partial_add_front_overlap, 4+8 0+8, 0-12",
        "test_partial_add_front_overlap_split, 4+8 2+6, 2-12",
        "test_partial_add_back_overlap, 4+8 8+8, 4-16",
        "test_partial_add_back_overlap_split, 4+8 10+4, 4-14",
        "test_partial_add_both_overlap, 4+8 0+16, 0-16",
        "test_partial_add_both_overlap_split, 4+8 2+12, 2-14",
        "test_shrink_next_hole, 100+10 50+10 40+30, 40-70 100-110",
        "test_join_two, 10+10 50+10 15+40, 10-60",
        "test_join_two_reversed, 50+10 10+10 15+40, 10-60",
        "test_join_two_overlong, 50+10 10+10 15+60, 10-75",
        "test_issue_694, 0+1 2+1 1+1, 0-3",
        "test_iter_two_split, 2+6 12+1, 2-8 12-13",
        "test_iter_three_split, 2+6 10+1 13+2, 2-8 10-11 13-15",
    })
    @Origin("smoltcp:storage::assembler::test_empty_add_full")
    @Origin("smoltcp:storage::assembler::test_empty_add_front")
    @Origin("smoltcp:storage::assembler::test_empty_add_back")
    @Origin("smoltcp:storage::assembler::test_empty_add_mid")
    @Origin("smoltcp:storage::assembler::test_partial_add_front")
    @Origin("smoltcp:storage::assembler::test_partial_add_back")
    @Origin("smoltcp:storage::assembler::test_partial_add_front_overlap")
    @Origin("smoltcp:storage::assembler::test_partial_add_front_overlap_split")
    @Origin("smoltcp:storage::assembler::test_partial_add_back_overlap")
    @Origin("smoltcp:storage::assembler::test_partial_add_back_overlap_split")
    @Origin("smoltcp:storage::assembler::test_partial_add_both_overlap")
    @Origin("smoltcp:storage::assembler::test_partial_add_both_overlap_split")
    @Origin("smoltcp:storage::assembler::test_shrink_next_hole")
    @Origin("smoltcp:storage::assembler::test_join_two")
    @Origin("smoltcp:storage::assembler::test_join_two_reversed")
    @Origin("smoltcp:storage::assembler::test_join_two_overlong")
    @Origin("smoltcp:storage::assembler::test_issue_694")
    @Origin("smoltcp:storage::assembler::test_iter_full")
    @Origin("smoltcp:storage::assembler::test_iter_one_front")
    @Origin("smoltcp:storage::assembler::test_iter_one_back")
    @Origin("smoltcp:storage::assembler::test_iter_one_mid")
    @Origin("smoltcp:storage::assembler::test_iter_one_trailing_gap")
    @Origin("smoltcp:storage::assembler::test_iter_two_split")
    @Origin("smoltcp:storage::assembler::test_iter_three_split")
    void shouldHoldWhatWasAdded(final String scenario, final String added, final String expected) {
        for (final String range : added.split(" ", -1)) {
            final String[] parts = range.split("\\+", -1);
            assertTrue(add(Integer.parseInt(parts[0]), Integer.parseInt(parts[1])), scenario);
        }
        assertEquals(expected, text());
    }

    @Test
    @Origin("smoltcp:storage::assembler::test_new")
    @Origin("smoltcp:storage::assembler::test_iter_empty")
    @Origin("smoltcp:storage::assembler::test_empty_remove_front")
    void shouldBeEmptyAtFirst() {
        assertTrue(set.isEmpty());
        assertEquals("", text());
        set.removeBefore(0);
        assertEquals("", text());
    }

    @Test
    @Origin("smoltcp:storage::assembler::test_rejected_add_keeps_state")
    @Origin("smoltcp:storage::assembler::test_add_then_remove_front_at_front_full")
    void shouldStayAsItIsWhenARangeTooManyIsRefused() {
        for (int i = 1; i <= LIMIT; i++) {
            assertTrue(add(10 * i, 3));
        }
        final String before = text();
        assertFalse(add(1, 3));
        assertEquals(before, text());
    }

    @Test
    @Origin("smoltcp:storage::assembler::test_trailing_hole_remove_front")
    @Origin("smoltcp:storage::assembler::test_trailing_data_remove_front")
    @Origin("smoltcp:storage::assembler::test_boundary_case_remove_front")
    void shouldRemoveTheFrontOnly() {
        add(0, 4);
        set.removeBefore(set.end(0));
        assertEquals("", text());
        add(0, 4);
        add(8, 4);
        set.removeBefore(set.end(0));
        assertEquals("8-12", text());
        set.clear();
        add(0, 2);
        add(3, 1);
        add(5, 1);
        add(7, 1);
        set.removeBefore(2);
        assertEquals("3-4 5-6 7-8", text());
    }

    @Test
    @Origin("smoltcp:storage::assembler::test_add_then_remove_front")
    @Origin("smoltcp:storage::assembler::test_add_then_remove_front_at_front")
    @Origin("smoltcp:storage::assembler::test_add_then_remove_front_at_front_touch")
    void shouldTellHowFarTheFrontReachesOnceAGapIsFilled() {
        add(50, 10);
        add(10, 10);
        assertEquals(-1, set.find(0), "nothing at the front");
        assertEquals("10-20 50-60", text());
        set.clear();
        add(50, 10);
        add(0, 10);
        assertEquals(10, set.end(set.find(0)));
        set.removeBefore(10);
        assertEquals("50-60", text());
        add(10, 40);
        assertEquals(60, set.end(set.find(10)));
        set.removeBefore(60);
        assertEquals("", text());
    }

    /** What is next in order is never added, but queued at once; what lies ahead stays though the set is full. */
    @Test
    @Origin("smoltcp:storage::assembler::test_add_then_remove_front_at_front_full_offset_0")
    void shouldLetTheFrontPassWhenItIsFull() {
        for (int i = 1; i <= LIMIT; i++) {
            add(10 * i, 3);
        }
        set.removeBefore(3);
        assertEquals(LIMIT, set.count());
        set.removeBefore(13);
        assertEquals(LIMIT - 1, set.count());
        assertTrue(add(1000, 1));
    }

    @Test
    @Origin("smoltcp:storage::assembler::test_random")
    void shouldAgreeWithABitSetUpToItsLimit() {
        final SplittableRandom random = new SplittableRandom(9);
        for (final int longest : new int[] {2, 5, 10, 100}) {
            for (int round = 0; round < 300; round++) {
                set.clear();
                BitSet bits = new BitSet();
                for (int i = 0; i < 60; i++) {
                    final int start = random.nextInt(256 - longest - 1);
                    final int length = 1 + random.nextInt(longest);
                    final BitSet wanted = (BitSet) bits.clone();
                    wanted.set(start, start + length);
                    final boolean fits = text(wanted).split(" ", -1).length <= LIMIT;
                    assertEquals(fits, add(start, length));
                    bits = fits ? wanted : bits;
                    assertEquals(text(bits), text());
                }
            }
        }
    }

    private boolean add(final int start, final int length) {
        return set.add(start, start + length);
    }

    private String text() {
        final StringJoiner text = new StringJoiner(" ");
        for (int i = 0; i < set.count(); i++) {
            text.add(set.start(i) + "-" + set.end(i));
        }
        return text.toString();
    }

    private static String text(final BitSet bits) {
        final StringJoiner text = new StringJoiner(" ");
        for (int start = bits.nextSetBit(0); start >= 0; start = bits.nextSetBit(bits.nextClearBit(start))) {
            text.add(start + "-" + bits.nextClearBit(start));
        }
        return text.toString();
    }
}

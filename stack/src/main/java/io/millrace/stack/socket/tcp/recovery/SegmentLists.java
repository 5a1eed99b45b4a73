package io.millrace.stack.socket.tcp.recovery;

import java.util.Arrays;

/**
 * Two lists through the segments of {@link SentSegments}: those that are lost and wait to be sent again, and those that
 * were sent again, each in the order in which that happened. A segment is in one of them or in none, so both share their
 * links. Segments are known by numbers that count up; number n is at index {@code n & mask}.
 */
final class SegmentLists {
    /** No segment. */
    static final int NONE = -1;

    static final int LOST = 0;
    static final int AGAIN = 1;

    private int[] before;
    private int[] after;
    private int mask;
    private int lostFirst = NONE;
    private int lostLast = NONE;
    private int againFirst = NONE;
    private int againLast = NONE;

    SegmentLists(final int size) {
        this.before = new int[size];
        this.after = new int[size];
        this.mask = size - 1;
    }

    /** Empties both. */
    void clear() {
        lostFirst = NONE;
        lostLast = NONE;
        againFirst = NONE;
        againLast = NONE;
    }

    /** Empties the list of those that are lost. */
    void clearLost() {
        lostFirst = NONE;
        lostLast = NONE;
    }

    /** The lost segment that is to be sent first, or {@link #NONE}. */
    int firstLost() {
        return lostFirst;
    }

    /** The segment that was sent again before all others, or {@link #NONE}. */
    int firstAgain() {
        return againFirst;
    }

    /** The segment that was sent again after all others, or {@link #NONE}. */
    int lastAgain() {
        return againLast;
    }

    /** Puts a segment that is in neither at the end of a list. */
    void append(final int list, final int number) {
        final int index = number & mask;
        final int last = list == LOST ? lostLast : againLast;
        before[index] = last;
        after[index] = NONE;
        if (last != NONE) {
            after[last & mask] = number;
        } else if (list == LOST) {
            lostFirst = number;
        } else {
            againFirst = number;
        }
        if (list == LOST) {
            lostLast = number;
        } else {
            againLast = number;
        }
    }

    /** Takes a segment off the list that it is in. */
    void remove(final int list, final int number) {
        final int index = number & mask;
        final int previous = before[index];
        final int next = after[index];
        if (previous != NONE) {
            after[previous & mask] = next;
        } else if (list == LOST) {
            lostFirst = next;
        } else {
            againFirst = next;
        }
        if (next != NONE) {
            before[next & mask] = previous;
        } else if (list == LOST) {
            lostLast = previous;
        } else {
            againLast = previous;
        }
    }

    /** Segments have numbers smaller by a multiple of the size from now on. */
    void renumber(final int less) {
        for (int i = 0; i <= mask; i++) {
            before[i] -= before[i] == NONE ? 0 : less;
            after[i] -= after[i] == NONE ? 0 : less;
        }
        lostFirst -= lostFirst == NONE ? 0 : less;
        lostLast -= lostLast == NONE ? 0 : less;
        againFirst -= againFirst == NONE ? 0 : less;
        againLast -= againLast == NONE ? 0 : less;
    }

    /** Doubles the size; segments {@code head} to {@code tail} are kept. */
    void grow(final int head, final int tail) {
        final int bigger = mask * 2 + 1;
        final int[] newBefore = new int[bigger + 1];
        final int[] newAfter = new int[bigger + 1];
        Arrays.fill(newBefore, NONE);
        Arrays.fill(newAfter, NONE);
        for (int i = head; i != tail; i++) {
            newBefore[i & bigger] = before[i & mask]; // numbers of segments, not indices
            newAfter[i & bigger] = after[i & mask];
        }
        before = newBefore;
        after = newAfter;
        mask = bigger;
    }
}

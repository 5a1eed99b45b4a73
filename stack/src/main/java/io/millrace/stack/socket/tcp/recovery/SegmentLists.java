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

    /** Of each segment the number of the one before it and of the one after it in its list. */
    private int[] links;

    private int mask;
    private int lostFirst = NONE;
    private int lostLast = NONE;
    private int againFirst = NONE;
    private int againLast = NONE;

    SegmentLists(final int size) {
        this.links = new int[2 * size];
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
        final int last = list == LOST ? lostLast : againLast;
        links[before(number)] = last;
        links[after(number)] = NONE;
        if (last != NONE) {
            links[after(last)] = number;
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
        final int previous = links[before(number)];
        final int next = links[after(number)];
        if (previous != NONE) {
            links[after(previous)] = next;
        } else if (list == LOST) {
            lostFirst = next;
        } else {
            againFirst = next;
        }
        if (next != NONE) {
            links[before(next)] = previous;
        } else if (list == LOST) {
            lostLast = previous;
        } else {
            againLast = previous;
        }
    }

    /** Segments have numbers smaller by a multiple of the size from now on. */
    void renumber(final int less) {
        for (int i = 0; i < links.length; i++) {
            links[i] -= links[i] == NONE ? 0 : less;
        }
        lostFirst -= lostFirst == NONE ? 0 : less;
        lostLast -= lostLast == NONE ? 0 : less;
        againFirst -= againFirst == NONE ? 0 : less;
        againLast -= againLast == NONE ? 0 : less;
    }

    /** Doubles the size; segments {@code head} to {@code tail} are kept. */
    void grow(final int head, final int tail) {
        final int bigger = mask * 2 + 1;
        final int[] newLinks = new int[2 * links.length];
        Arrays.fill(newLinks, NONE);
        for (int i = head; i != tail; i++) {
            newLinks[2 * (i & bigger)] = links[before(i)]; // numbers of segments, not indices
            newLinks[2 * (i & bigger) + 1] = links[after(i)];
        }
        links = newLinks;
        mask = bigger;
    }

    private int before(final int number) {
        return 2 * (number & mask);
    }

    private int after(final int number) {
        return before(number) + 1;
    }
}

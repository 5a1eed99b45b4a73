package io.millrace.stack.iface;

import java.util.Arrays;

/** A list of small numbers, each at most once, linked in both directions: adding and removing take no search. */
final class EntryList {
    /** The end of the list. */
    static final int NONE = -1;

    private static final int OUTSIDE = -2;

    private final int[] next;
    private final int[] previous;
    private int first = NONE;

    /** Makes an empty list of numbers below {@code bound}. */
    EntryList(final int bound) {
        next = new int[bound];
        previous = new int[bound];
        Arrays.fill(next, OUTSIDE);
    }

    /** The first number, or {@link #NONE}. */
    int first() {
        return first;
    }

    /** The number behind one that is in the list, or {@link #NONE}. */
    int next(final int entry) {
        return next[entry];
    }

    /** Whether a number is in the list. */
    boolean contains(final int entry) {
        return next[entry] != OUTSIDE;
    }

    /** Adds a number in front; nothing happens if it is there. */
    void add(final int entry) {
        if (contains(entry)) {
            return;
        }
        next[entry] = first;
        previous[entry] = NONE;
        if (first != NONE) {
            previous[first] = entry;
        }
        first = entry;
    }

    /** Removes a number; nothing happens if it is not there. */
    void remove(final int entry) {
        if (!contains(entry)) {
            return;
        }
        if (previous[entry] == NONE) {
            first = next[entry];
        } else {
            next[previous[entry]] = next[entry];
        }
        if (next[entry] != NONE) {
            previous[next[entry]] = previous[entry];
        }
        next[entry] = OUTSIDE;
    }
}

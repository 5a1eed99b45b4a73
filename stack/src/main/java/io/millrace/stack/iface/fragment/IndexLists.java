package io.millrace.stack.iface.fragment;

import java.util.Arrays;

/** Doubly linked lists of indices; each index is in one of them at most. */
final class IndexLists {
    /** No index. */
    static final int NONE = -1;

    private final int[] next;
    private final int[] previous;
    private final int[] head;
    private final int[] tail;

    IndexLists(final int indices, final int lists) {
        next = new int[indices];
        previous = new int[indices];
        head = new int[lists];
        tail = new int[lists];
        Arrays.fill(head, NONE);
        Arrays.fill(tail, NONE);
    }

    /** The first one of a list, the one that was appended before all others; {@link #NONE} if it is empty. */
    int first(final int list) {
        return head[list];
    }

    /** Appends one. */
    void append(final int list, final int index) {
        final int last = tail[list];
        previous[index] = last;
        next[index] = NONE;
        if (last == NONE) {
            head[list] = index;
        } else {
            next[last] = index;
        }
        tail[list] = index;
    }

    /** Removes one that is in the list. */
    void remove(final int list, final int index) {
        final int before = previous[index];
        final int after = next[index];
        if (before == NONE) {
            head[list] = after;
        } else {
            next[before] = after;
        }
        if (after == NONE) {
            tail[list] = before;
        } else {
            previous[after] = before;
        }
    }
}

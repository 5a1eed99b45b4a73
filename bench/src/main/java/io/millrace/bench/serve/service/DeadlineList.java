package io.millrace.bench.serve.service;

import org.jspecify.annotations.Nullable;

/**
 * Things that each have the same time to get something done. Since the span is the same for all, the list is in order of
 * its deadlines by itself: arming appends, and only the head is ever looked at. Everything is O(1) and allocates nothing.
 *
 * <p>Not thread-safe.
 */
public final class DeadlineList {
    /** Something with a deadline; in at most one list at a time. */
    public abstract static class Entry {
        private @Nullable DeadlineList list;
        private @Nullable Entry previous;
        private @Nullable Entry next;
        private long deadline;

        /** Makes an entry that is in no list. */
        protected Entry() {}

        /** Called when the deadline has passed; the entry is in no list any more. */
        protected abstract void expired();

        /** Leaves the list that this entry is in, if any. */
        public final void disarm() {
            final DeadlineList from = list;
            if (from != null) {
                from.remove(this);
            }
        }

        /** Whether this entry is in {@code candidate}. */
        public final boolean isIn(DeadlineList candidate) {
            return list == candidate;
        }
    }

    private final long spanMicros;
    private @Nullable Entry head;
    private @Nullable Entry tail;

    /** Makes an empty list of entries that have {@code spanMicros} each. */
    public DeadlineList(long spanMicros) {
        this.spanMicros = spanMicros;
    }

    /** Gives an entry the whole span from now on, and takes it out of any list that it was in. */
    public void arm(Entry entry, long nowMicros) {
        entry.disarm();
        entry.list = this;
        entry.deadline = nowMicros + spanMicros;
        entry.previous = tail;
        if (tail == null) {
            head = entry;
        } else {
            tail.next = entry;
        }
        tail = entry;
    }

    /** Tells every entry whose deadline is not after {@code nowMicros}. */
    public void expire(long nowMicros) {
        while (head != null && head.deadline - nowMicros <= 0) {
            final Entry entry = head;
            remove(entry);
            entry.expired();
        }
    }

    /** Tells every entry as if its deadline had passed. */
    public void expireAll() {
        while (head != null) {
            final Entry entry = head;
            remove(entry);
            entry.expired();
        }
    }

    /** Whether nothing is in the list. */
    public boolean isEmpty() {
        return head == null;
    }

    private void remove(Entry entry) {
        final Entry previous = entry.previous;
        final Entry next = entry.next;
        if (previous == null) {
            head = next;
        } else {
            previous.next = next;
        }
        if (next == null) {
            tail = previous;
        } else {
            next.previous = previous;
        }
        entry.list = null;
        entry.previous = null;
        entry.next = null;
    }
}

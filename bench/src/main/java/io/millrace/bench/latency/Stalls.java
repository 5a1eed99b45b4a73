package io.millrace.bench.latency;

import java.util.Arrays;

/**
 * When a thread that looks at the clock all the time could not: it, or its CPU, was stopped. What it measured around that
 * time says nothing of others. Times are nanoseconds of one clock. Not thread-safe.
 */
final class Stalls {
    /** A longer time between two looks is a stall; a turn of the loop takes a fraction of it. */
    static final long SHORTEST = 20_000;

    /**
     * So long before and after a stall, and the stall's length once more after it, times are not to be trusted: packets
     * were under way when it began, and those that should have been sent meanwhile leave all at once.
     */
    static final long MARGIN = 100_000;

    private long last;
    private long[] from = new long[1_024];
    private long[] until = new long[1_024];
    private int count;
    private long total;

    /** The first one that ends after the time asked for last. */
    private int next;

    /** Begins to watch, at the first look. */
    Stalls(final long now) {
        last = now;
    }

    /** Notes that the thread looked at the clock. */
    void look(final long now) {
        if (now - last > SHORTEST) {
            add(last, now);
        }
        last = now;
    }

    private void add(final long begin, final long end) {
        if (count == from.length) {
            from = Arrays.copyOf(from, 2 * count);
            until = Arrays.copyOf(until, 2 * count);
        }
        from[count] = begin - MARGIN;
        until[count++] = end + (end - begin) + MARGIN;
        total += end - begin;
    }

    /** How many there were. */
    int count() {
        return count;
    }

    /** How long they were together. */
    long total() {
        return total;
    }

    /** Whether a time is in or near a stall. To be asked for times in their order. */
    boolean disturbed(final long time) {
        while (next < count && time - until[next] > 0) {
            next++;
        }
        // A later stall may end before an earlier one does, but none begins before.
        return next < count && time - from[next] >= 0;
    }
}

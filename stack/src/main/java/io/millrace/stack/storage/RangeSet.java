package io.millrace.stack.storage;

import java.util.Arrays;

/**
 * Ranges of stream positions, disjoint, not touching, in ascending order: which bytes ahead of a gap are there. Finding
 * a range is a binary search, and the number of ranges is limited, so that a peer that sends every second byte costs a
 * bounded amount of work and memory (CVE-2018-5390, CVE-2018-6922).
 *
 * <p>It also remembers which ranges were touched last, the order in which RFC 2018 section 4 wants them reported. Not
 * thread-safe.
 */
public final class RangeSet {
    /** How many of the ranges touched last are remembered. */
    public static final int RECENT = 4;

    private final int limit;
    private long[] starts;
    private long[] ends;
    private int count;
    /** A position within each of the ranges touched last, the latest first; positions of ranges gone since are stale. */
    private final long[] recent = new long[RECENT];

    private int recentCount;

    /**
     * Makes an empty set.
     *
     * @param limit most ranges, at least 1
     */
    public RangeSet(final int limit) {
        this.limit = limit;
        this.starts = new long[Math.min(limit, 8)];
        this.ends = new long[Math.min(limit, 8)];
    }

    /** Number of ranges. */
    public int count() {
        return count;
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return count == 0;
    }

    /** First position of a range, 0 to {@code count() - 1} in ascending order. */
    public long start(final int index) {
        return starts[index];
    }

    /** Position behind the last one of a range. */
    public long end(final int index) {
        return ends[index];
    }

    /** Whether all positions from {@code start} to {@code end - 1} are in the set. */
    public boolean contains(final long start, final long end) {
        final int index = lastNotAfter(start);
        return index >= 0 && end <= ends[index];
    }

    /** Whether the positions from {@code start} to {@code end - 1} overlap a range or lie right beside one. */
    public boolean touches(final long start, final long end) {
        final int index = lastNotAfter(end);
        return index >= 0 && ends[index] >= start;
    }

    /** Index of the range that holds {@code position}, or -1. */
    public int find(final long position) {
        final int index = lastNotAfter(position);
        return index >= 0 && position < ends[index] ? index : -1;
    }

    /** Index of the first range that shares a position with those from {@code start} to {@code end - 1}, or -1. */
    public int firstOverlap(final long start, final long end) {
        int index = lastNotAfter(start);
        if (index < 0 || ends[index] <= start) {
            index++;
        }
        return index < count && starts[index] < end ? index : -1;
    }

    /** How far all positions from {@code position} on are in the set: that itself if not even it is. */
    public long reach(final long position) {
        final int index = lastNotAfter(position);
        return index < 0 ? position : Math.max(position, ends[index]);
    }

    /** Number of positions in all ranges. */
    public long total() {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            sum += ends[i] - starts[i];
        }
        return sum;
    }

    /**
     * Adds the positions from {@code start} to {@code end - 1}.
     *
     * @return false, and nothing changed, if that would make too many ranges
     */
    public boolean add(final long start, final long end) {
        if (start >= end) {
            return true;
        }
        // Ranges first to last - 1 overlap or touch the new one and become one with it.
        int first = lastNotAfter(start);
        if (first < 0 || ends[first] < start) {
            first++;
        }
        int last = first;
        while (last < count && starts[last] <= end) {
            last++;
        }
        if (first == last) {
            if (count == limit) {
                return false;
            }
            insert(first, start, end);
        } else {
            starts[first] = Math.min(starts[first], start);
            ends[first] = Math.max(ends[last - 1], end);
            remove(first + 1, last);
        }
        touch(start, first);
        return true;
    }

    /** Removes all positions before {@code position}. */
    public void removeBefore(final long position) {
        int gone = 0;
        while (gone < count && ends[gone] <= position) {
            gone++;
        }
        remove(0, gone);
        if (count > 0 && starts[0] < position) {
            starts[0] = position;
        }
    }

    /** Removes all ranges. */
    public void clear() {
        count = 0;
        recentCount = 0;
    }

    /**
     * Writes the indices of the ranges touched last to {@code indices}, the latest first, then the others in ascending
     * order.
     *
     * @return how many, at most {@code max} and at most {@link #count()}
     */
    public int recent(final int[] indices, final int max) {
        int found = 0;
        for (int i = 0; i < recentCount && found < max; i++) {
            found = addIndex(indices, found, find(recent[i]));
        }
        for (int i = 0; i < count && found < max; i++) {
            found = addIndex(indices, found, i);
        }
        return found;
    }

    private static int addIndex(final int[] indices, final int found, final int index) {
        if (index < 0) {
            return found;
        }
        for (int i = 0; i < found; i++) {
            if (indices[i] == index) {
                return found;
            }
        }
        indices[found] = index;
        return found + 1;
    }

    private void touch(final long position, final int index) {
        int kept = 0;
        for (int i = 0; i < recentCount; i++) {
            // Others in the range that was just touched would only name it twice.
            if (recent[i] < starts[index] || recent[i] >= ends[index]) {
                recent[kept++] = recent[i];
            }
        }
        recentCount = Math.min(kept + 1, RECENT);
        System.arraycopy(recent, 0, recent, 1, recentCount - 1);
        recent[0] = position;
    }

    /** Index of the last range that starts at or before {@code position}, or -1. */
    private int lastNotAfter(final long position) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            final int middle = (low + high) >>> 1;
            if (starts[middle] <= position) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    private void insert(final int index, final long start, final long end) {
        if (count == starts.length) {
            starts = Arrays.copyOf(starts, Math.min(limit, count * 2));
            ends = Arrays.copyOf(ends, Math.min(limit, count * 2));
        }
        System.arraycopy(starts, index, starts, index + 1, count - index);
        System.arraycopy(ends, index, ends, index + 1, count - index);
        starts[index] = start;
        ends[index] = end;
        count++;
    }

    private void remove(final int from, final int to) {
        if (from < to) {
            System.arraycopy(starts, to, starts, from, count - to);
            System.arraycopy(ends, to, ends, from, count - to);
            count -= to - from;
        }
    }
}

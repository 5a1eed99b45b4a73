package io.millrace.stack.socket.tcp.recovery;

import io.millrace.stack.wire.TcpSeq;

/**
 * Where {@link SentSegments} are kept: a ring in the order of their sequence numbers that grows as long as it may.
 * Segments have numbers that count up, and begin anew in time; number n is at index {@code n & mask}. A base class rather than a
 * part, since every step of the scoreboard reads these arrays.
 */
abstract sealed class SegmentRing permits SentSegments {
    /** Most segments kept apart. */
    public static final int MAX_SEGMENTS = 1 << 16;

    // Conditions of segments.
    static final int SACKED = 1;
    static final int LOST = 2;
    static final int AGAIN = 4;
    /** Sent more than once, whatever became of it. */
    static final int REPEATED = 8;

    /** Slots at first: a request, its FIN and little more, so that what many short connections need is in the cache. */
    static final int INITIAL = 4;

    private static final int RENUMBER = 1 << 30;

    /** Sequence number behind each segment. */
    int[] ends = new int[INITIAL];
    /** When each was sent last, microseconds. */
    long[] times = new long[INITIAL];
    /** In which condition each is. */
    byte[] flags = new byte[INITIAL];

    int mask = INITIAL - 1;
    int head;
    int tail;
    /** Sequence number of the first segment. */
    int firstSeq;

    final SegmentLists lists = new SegmentLists(INITIAL);

    SegmentRing() {}

    /** Whether there are none. */
    public boolean isEmpty() {
        return head == tail;
    }

    /** How many there are. */
    public int count() {
        return tail - head;
    }

    /** Slots kept. */
    public int capacity() {
        return mask + 1;
    }

    /** Sequence number behind the last segment. */
    public int end() {
        return head == tail ? firstSeq : ends[tail - 1 & mask];
    }

    /** Whether only the last byte of the last segment, which has more, is behind {@code seq}. */
    public boolean endsWithin(final int seq) {
        return head != tail && ends[tail - 1 & mask] == seq + 1 && TcpSeq.lt(startOf(tail - 1), seq);
    }

    /** Sequence number of a segment. */
    public int startOf(final int number) {
        return number == head ? firstSeq : ends[number - 1 & mask];
    }

    /** Sequence number behind a segment. */
    public int endOf(final int number) {
        return ends[number & mask];
    }

    /** Bytes and flags of a segment. */
    final int length(final int number) {
        return ends[number & mask] - startOf(number);
    }

    /** How many are in a condition. Looks at all. */
    final int segments(final int bits, final int condition) {
        int count = 0;
        for (int number = head; number != tail; number++) {
            count += (flags[number & mask] & bits) == condition ? 1 : 0;
        }
        return count;
    }

    /** Number of the first segment that begins at or behind a sequence number. */
    final int numberFrom(final int seq) {
        int low = 0;
        int high = tail - head;
        while (low < high) {
            final int middle = (low + high) >>> 1;
            if (TcpSeq.lt(startOf(head + middle), seq)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return head + low;
    }

    /** Whether the numbers have counted up so far that they should begin anew. */
    final boolean renumberDue() {
        return tail >= RENUMBER;
    }

    /** Subtracts as much from all numbers as leaves each at its index; returns how much. */
    final int renumber() {
        final int less = head & ~mask;
        head -= less;
        tail -= less;
        lists.renumber(less);
        return less;
    }

    /** Makes room for twice as many segments; returns false if there is as much as there may be. */
    final boolean grow() {
        final int size = mask + 1;
        if (size >= MAX_SEGMENTS) {
            return false;
        }
        final int bigger = size * 2 - 1;
        final int[] newEnds = new int[size * 2];
        final long[] newTimes = new long[size * 2];
        final byte[] newFlags = new byte[size * 2];
        for (int i = head; i != tail; i++) {
            newEnds[i & bigger] = ends[i & mask];
            newTimes[i & bigger] = times[i & mask];
            newFlags[i & bigger] = flags[i & mask];
        }
        ends = newEnds;
        times = newTimes;
        flags = newFlags;
        lists.grow(head, tail);
        mask = bigger;
        return true;
    }

    /** For tests: a letter for each segment: . in the network, S arrived, L lost, R sent again. */
    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder();
        for (int number = head; number != tail; number++) {
            final int flag = flags[number & mask];
            text.append((flag & SACKED) != 0 ? 'S' : (flag & LOST) != 0 ? 'L' : (flag & AGAIN) != 0 ? 'R' : '.');
        }
        return text.toString();
    }
}

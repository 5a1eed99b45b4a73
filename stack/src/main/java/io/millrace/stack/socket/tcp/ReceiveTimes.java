package io.millrace.stack.socket.tcp;

/**
 * When bytes came that wait to be read: places of the receive queue up to where it had grown, and the times of that. What
 * came in one poll has one time. When there are too many places, neighbours become one, with the later time.
 */
final class ReceiveTimes {
    /** Most places. */
    static final int MOST = 1024;

    private static final int FIRST = 8;

    private long[] ends = new long[FIRST];
    private long[] times = new long[FIRST];
    private int first;
    private int count;
    private long last = TcpTimes.UNKNOWN;

    /** All before a place is here since now. */
    void add(final long end, final long now) {
        final int newest = (first + count - 1) & (ends.length - 1);
        if (count > 0 && (times[newest] == now || count == MOST)) {
            ends[newest] = end;
            times[newest] = now;
            return;
        }
        if (count == ends.length) {
            grow();
        }
        final int at = (first + count) & (ends.length - 1);
        ends[at] = end;
        times[at] = now;
        count++;
    }

    /** All before a place was read. */
    void consumed(final long position) {
        while (count > 0) {
            last = times[first];
            final long end = ends[first];
            if (end <= position) {
                first = (first + 1) & (ends.length - 1);
                count--;
            }
            if (end >= position) {
                return;
            }
        }
    }

    /** When the byte came that was read last; {@link TcpTimes#UNKNOWN} if none was. */
    long last() {
        return last;
    }

    private void grow() {
        final int old = ends.length;
        final long[] grownEnds = new long[2 * old];
        final long[] grownTimes = new long[2 * old];
        for (int i = 0; i < count; i++) {
            grownEnds[i] = ends[(first + i) & (old - 1)];
            grownTimes[i] = times[(first + i) & (old - 1)];
        }
        ends = grownEnds;
        times = grownTimes;
        first = 0;
    }
}

package io.millrace.stack.socket.tcp;

/**
 * Where records end in a stream that is sent, as far as they are not acknowledged: no segment reaches across such a place.
 * Places are positions of the transmit queue, behind the last byte of a record, in order.
 */
final class RecordEnds {
    /** Most places kept; a record that ends when there are as many is one with what follows. */
    static final int MOST = 1024;

    private static final int FIRST = 8;

    private long[] ends = new long[FIRST];
    private int first;
    private int count;

    /**
     * Notes one.
     *
     * @param end not before any that was noted
     * @param acknowledged what lies before is forgotten
     */
    void add(final long end, final long acknowledged) {
        while (count > 0 && get(0) <= acknowledged) {
            first = (first + 1) & (ends.length - 1);
            count--;
        }
        if (count == MOST || end <= acknowledged || (count > 0 && get(count - 1) == end)) {
            return;
        }
        if (count == ends.length) {
            final long[] longer = new long[2 * count];
            for (int i = 0; i < count; i++) {
                longer[i] = get(i);
            }
            ends = longer;
            first = 0;
        }
        ends[(first + count++) & (ends.length - 1)] = end;
    }

    /** The first one behind a position; {@link Long#MAX_VALUE} if there is none. */
    long after(final long position) {
        int low = 0;
        int high = count;
        while (low < high) {
            final int middle = (low + high) >>> 1;
            if (get(middle) > position) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low == count ? Long.MAX_VALUE : get(low);
    }

    private long get(final int index) {
        return ends[(first + index) & (ends.length - 1)];
    }
}

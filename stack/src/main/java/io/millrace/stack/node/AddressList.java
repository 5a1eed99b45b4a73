package io.millrace.stack.node;

import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A few addresses of both families, to be found again fast: sorted by lower half. IPv4 addresses have no upper half, and
 * no IPv6 address that is put in here has none.
 */
final class AddressList {
    private long[] his = new long[0];
    private long[] los = new long[0];

    int size() {
        return los.length;
    }

    boolean contains(final long hi, final long lo) {
        return find(hi, lo) >= 0;
    }

    /** Adds an address, if it is not there. */
    void add(final long hi, final long lo) {
        if (!contains(hi, lo)) {
            final int at = lower(lo);
            his = insert(his, at, hi);
            los = insert(los, at, lo);
        }
    }

    /** Removes an address; returns whether it was there. */
    boolean remove(final long hi, final long lo) {
        final int at = find(hi, lo);
        if (at < 0) {
            return false;
        }
        his = without(his, at);
        los = without(los, at);
        return true;
    }

    /** All of them; a copy. */
    List<IpAddress> addresses() {
        final List<IpAddress> all = new ArrayList<>();
        for (int i = 0; i < los.length; i++) {
            all.add(IpAddress.of(his[i] == 0 ? IpFamily.V4 : IpFamily.V6, his[i], los[i]));
        }
        return all;
    }

    /** Index of an address, or -1. */
    private int find(final long hi, final long lo) {
        for (int i = lower(lo); i < los.length && los[i] == lo; i++) {
            if (his[i] == hi) {
                return i;
            }
        }
        return -1;
    }

    /** Index of the first address whose lower half is not less. */
    private int lower(final long lo) {
        int from = 0;
        int to = los.length;
        while (from < to) {
            final int middle = (from + to) >>> 1;
            if (los[middle] < lo) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }

    private static long[] insert(final long[] values, final int at, final long value) {
        final long[] more = new long[values.length + 1];
        System.arraycopy(values, 0, more, 0, at);
        more[at] = value;
        System.arraycopy(values, at, more, at + 1, values.length - at);
        return more;
    }

    private static long[] without(final long[] values, final int at) {
        final long[] fewer = Arrays.copyOf(values, values.length - 1);
        System.arraycopy(values, at + 1, fewer, at, fewer.length - at);
        return fewer;
    }
}

package io.millrace.stack.iface.path;

import io.millrace.stack.random.Entropy;
import io.millrace.stack.random.SipHash;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import java.util.Arrays;

/**
 * Path MTUs by destination, where routers told that packets were too big (RFC 1191, RFC 8201). A value is only ever
 * lowered; {@value #LIFETIME_MICROS} us after that it is forgotten, so that a path that became wider is found out by
 * trying (RFC 1191 section 6.3, RFC 8201 section 5.3).
 *
 * <p>Floors keep liars from making us send in crumbs: 1280 bytes for IPv6, which every link must take (RFC 8200 section
 * 5), and 576 for IPv4, which every host must (RFC 791 section 3.1); a report of less is ignored. A router that is too
 * old to tell (RFC 1191 section 5) makes us go to the next plateau below the packet's length.
 *
 * <p>A cache of sets of four under a keyed hash: no flood of reports makes it grow or slow, the oldest of a set gives
 * way. Not thread-safe.
 */
public final class PathMtus {
    /** Least path MTU of IPv4 that is believed. */
    public static final int FLOOR_V4 = 576;

    /** Least path MTU of IPv6. */
    public static final int FLOOR_V6 = 1280;

    /** How long a value holds. */
    public static final long LIFETIME_MICROS = 600_000_000;

    private static final int WAYS = 4;
    private static final int SETS = 256;

    /** RFC 1191 section 7, table 7-1, from the floor on. */
    private static final int[] PLATEAUS = {32_000, 17_914, 8166, 4352, 2002, 1492, 1006, FLOOR_V4};

    private final SipHash hash;
    private final long[] hi = new long[WAYS * SETS];
    private final long[] lo = new long[WAYS * SETS];
    private final int[] family = new int[WAYS * SETS];
    private final int[] mtu = new int[WAYS * SETS];
    private final long[] until = new long[WAYS * SETS];

    private Listener listener = (ofFamily, dstHi, dstLo, lower) -> {};

    /** No value of ours holds longer than until then. */
    private long latest = Long.MIN_VALUE;

    /** Hears of path MTUs that are less than before. */
    public interface Listener {
        /** Packets to a destination may have {@code mtu} bytes at most. */
        void onLower(int ofFamily, long dstHi, long dstLo, int mtu);
    }

    /** Makes one that knows nothing. */
    public PathMtus(final Entropy entropy) {
        hash = entropy.newTableHash();
    }

    /**
     * The path MTU towards a destination.
     *
     * @param most the MTU of the first link
     * @return bytes of the largest IP packet, at most {@code most}
     */
    public int get(final int ofFamily, final long dstHi, final long dstLo, final int most, final long now) {
        if (now >= latest) {
            return most;
        }
        final int at = find(ofFamily, dstHi, dstLo);
        return at >= 0 && now < until[at] ? Math.min(most, mtu[at]) : most;
    }

    /**
     * The path MTU for a packet, about which one that is no longer than the least path MTU need not ask.
     *
     * @param ip its destination
     * @param length of the packet in bytes
     * @param most the MTU of the first link
     */
    public int towards(final IpRepr ip, final int length, final int most, final long now) {
        return length <= FLOOR_V4 ? most : get(ip.family, ip.dstHi, ip.dstLo, most, now);
    }

    /**
     * Notes what a router told of a packet of ours.
     *
     * @param reported the MTU that it told; 0 if it is too old to tell
     * @param length bytes of the packet that was too big, as its header says
     * @param most the MTU of the first link
     * @return whether the path MTU is less than before; false if the report was ignored
     */
    public boolean lower(
            final int ofFamily,
            final long dstHi,
            final long dstLo,
            final int reported,
            final int length,
            final int most,
            final long now) {
        final int known = get(ofFamily, dstHi, dstLo, most, now);
        final int told = reported == 0 && ofFamily == IpFamily.V4 ? plateau(Math.min(length, known)) : reported;
        // A router whose next link takes the packet would have sent it on, so it is none that tells this; and no report
        // makes a value greater (RFC 1191 section 3, RFC 8201 section 4).
        if (told >= length || told >= known || told < (ofFamily == IpFamily.V4 ? FLOOR_V4 : FLOOR_V6)) {
            return false;
        }
        set(ofFamily, dstHi, dstLo, told, now);
        listener.onLower(ofFamily, dstHi, dstLo, told);
        return true;
    }

    /** Takes over what another shard was told; it is not told again. */
    public void heard(final int ofFamily, final long dstHi, final long dstLo, final int told, final long now) {
        if (told < get(ofFamily, dstHi, dstLo, Integer.MAX_VALUE, now)) {
            set(ofFamily, dstHi, dstLo, told, now);
        }
    }

    /** Knows nothing again. */
    public void forget() {
        Arrays.fill(family, 0);
        latest = Long.MIN_VALUE;
    }

    /** Sets who hears of what routers tell. */
    public void onLower(final Listener newListener) {
        listener = newListener;
    }

    private void set(final int ofFamily, final long dstHi, final long dstLo, final int told, final long now) {
        final int found = find(ofFamily, dstHi, dstLo);
        final int at = found >= 0 ? found : oldest(firstOfSet(ofFamily, dstHi, dstLo));
        family[at] = ofFamily;
        hi[at] = dstHi;
        lo[at] = dstLo;
        mtu[at] = told;
        until[at] = now + LIFETIME_MICROS;
        latest = until[at];
    }

    private static int plateau(final int length) {
        for (final int plateau : PLATEAUS) {
            if (plateau < length) {
                return plateau;
            }
        }
        return FLOOR_V4;
    }

    private int firstOfSet(final int ofFamily, final long dstHi, final long dstLo) {
        return ((int) hash.hash(dstHi, dstLo, ofFamily) & (SETS - 1)) * WAYS;
    }

    private int find(final int ofFamily, final long dstHi, final long dstLo) {
        final int set = firstOfSet(ofFamily, dstHi, dstLo);
        for (int at = set; at < set + WAYS; at++) {
            if (lo[at] == dstLo && hi[at] == dstHi && family[at] == ofFamily) {
                return at;
            }
        }
        return -1;
    }

    private int oldest(final int set) {
        int oldest = set;
        for (int at = set; at < set + WAYS; at++) {
            if (family[at] == 0) {
                return at;
            }
            if (until[at] < until[oldest]) {
                oldest = at;
            }
        }
        return oldest;
    }
}

package io.millrace.stack.route;

import io.millrace.stack.wire.IpFamily;
import org.jspecify.annotations.Nullable;

/**
 * The prefixes of one family, each with the number of its best route, and the ways from destinations to next hops: by the
 * prefixes, while there are many by a faster table beside them, and by the last answer, as a stack asks several times for
 * each packet that it sends.
 */
final class FamilyRoutes {
    final PrefixTable prefixes;
    private final int family;
    private final int large;
    private @Nullable HopTable fast;

    private boolean answered;
    private long askedHi;
    private long askedLo;
    private int answer;

    /**
     * Makes one without prefixes.
     *
     * @param large from how many prefixes on there is a faster table
     */
    FamilyRoutes(final int family, final int large) {
        this.family = family;
        this.large = large;
        this.prefixes = new PrefixTable(family);
    }

    /** Whether there is a faster table. */
    boolean isLarge() {
        return fast != null;
    }

    /** Bytes of memory. */
    long bytes() {
        return prefixes.bytes() + (fast == null ? 0 : fast.bytes());
    }

    /**
     * The next hop of the best route to a destination, or {@link RouteTable#NONE}.
     *
     * @param hops the next hop of each route
     */
    int hop(final long hi, final long lo, final int[] hops) {
        if (answered && lo == askedLo && hi == askedHi) {
            return answer;
        }
        final HopTable table = fast;
        final int found = table == null ? HopTable.ASK : table.lookup(hi, lo);
        askedHi = hi;
        askedLo = lo;
        answer = found >= 0 ? found : ask(hi, lo, found, hops);
        answered = true;
        return answer;
    }

    /** The same of a burst, into {@code found}. */
    void hops(final long[] his, final long[] los, final int count, final int[] found, final int[] hops) {
        final HopTable table = fast;
        if (table == null) {
            for (int i = 0; i < count; i++) {
                found[i] = ask(his[i], los[i], HopTable.ASK, hops);
            }
        } else if (!table.lookup(his, los, count, found)) {
            for (int i = 0; i < count; i++) {
                found[i] = found[i] >= 0 ? found[i] : ask(his[i], los[i], found[i], hops);
            }
        }
    }

    /** Finds a next hop where the faster table has said that it has none. */
    private int ask(final long hi, final long lo, final int why, final int[] hops) {
        final int route = why == HopTable.NONE ? prefixes.get(0, 0, 0) : prefixes.lookup(hi, lo);
        return route == RouteTable.NONE ? RouteTable.NONE : hops[route];
    }

    /** Forgets the last answer: a route comes or goes. */
    void forget() {
        answered = false;
    }

    /** Keeps the faster table in step, after the next hop of a prefix has become another. */
    void changed(final long hi, final long lo, final int prefixLength, final int[] hops) {
        final HopTable table = fast;
        if (table == null) {
            if (prefixes.size() >= large) {
                fast = family == IpFamily.V4 ? new DirectHops(prefixes, hops) : new RangeHops(prefixes, hops);
            }
        } else if (prefixes.size() < large / 2) {
            fast = null;
        } else if (prefixLength > 0) {
            table.update(hi, lo, prefixLength, hops);
        }
    }
}

package io.millrace.stack.route;

/** The next hop of the destination that was asked for last: a stack asks several times for each packet that it sends. */
final class LastAnswer {
    int hop;
    private int family;
    private long hi;
    private long lo;

    boolean isFor(final int askedFamily, final long askedHi, final long askedLo) {
        return askedLo == lo && askedHi == hi && askedFamily == family;
    }

    /** Keeps an answer, and returns it. */
    int keep(final int askedFamily, final long askedHi, final long askedLo, final int found) {
        family = askedFamily;
        hi = askedHi;
        lo = askedLo;
        hop = found;
        return found;
    }

    /** To be called when a route comes or goes. */
    void forget() {
        family = 0; // neither IPv4 nor IPv6
    }
}

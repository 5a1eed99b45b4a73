package io.millrace.stack.iface.address;

/**
 * How an interface finds out whether somebody else on the link has one of its addresses: for IPv6 by duplicate address
 * detection (RFC 4862 section 5.4, with the nonce of RFC 7527), for IPv4 by probes (RFC 5227 section 2.1).
 *
 * <p>The default is {@link #OPTIMISTIC}: an address works at once while it is being checked, for IPv6 by the rules of
 * RFC 4429 (nobody's neighbour cache is told of it against what it holds), for IPv4 in the same spirit; if the check
 * finds somebody, the address is withdrawn. A server is there without the wait of one to two seconds (IPv6) or four to
 * seven (IPv4) that {@link #STRICT} takes, which is right where addresses are given out without a plan. {@link #OFF}
 * suits links with one known peer and tests: no checks and no announcements.
 *
 * <p>Once in use an address is announced, and defended if somebody else appears with it: at most one announcement each
 * ten seconds, and never given up (RFC 5227 section 2.4 case c, which is meant for servers).
 *
 * @param optimistic whether addresses may be used while they are checked
 * @param solicitations solicitations for each IPv6 address, DupAddrDetectTransmits, 0 to 16; 0 checks none
 * @param probes probes for each IPv4 address, PROBE_NUM, 0 to 16; 0 checks none
 */
public record DuplicateDetection(boolean optimistic, int solicitations, int probes) {
    private static final int MOST = 16;

    /** No checks, and nothing is announced before the MAC address changes. */
    public static final DuplicateDetection OFF = new DuplicateDetection(false, 0, 0);

    /** Addresses are used while they are checked. */
    public static final DuplicateDetection OPTIMISTIC = new DuplicateDetection(true, 1, 3);

    /** Addresses are used after they were checked. */
    public static final DuplicateDetection STRICT = new DuplicateDetection(false, 1, 3);

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public DuplicateDetection {
        inRange(solicitations, "solicitations");
        inRange(probes, "probes");
    }

    private static void inRange(final int value, final String name) {
        if (value < 0 || value > MOST) {
            throw new IllegalArgumentException(name + " is " + value + "; it is 0 to " + MOST);
        }
    }
}

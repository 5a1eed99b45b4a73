package io.millrace.stack.iface.neighbor;

/**
 * How sure an interface is of a neighbour's link address (RFC 4861 section 7.3.2), for ARP as for neighbour discovery.
 */
public enum NeighborState {
    /** It was asked for and has not answered; packets wait. */
    INCOMPLETE,
    /** The neighbour answered, or what we sent arrived, within the reachable time. */
    REACHABLE,
    /** Something named the link address, or it was confirmed long ago; it is used when it is needed. */
    STALE,
    /** It was used while stale: if nothing confirms it soon, the neighbour is asked. */
    DELAY,
    /** The neighbour is being asked, and packets still go to the address that was known. */
    PROBE,
    /** It was asked in vain; the next packet to it asks again. */
    FAILED,
    /** Set by hand: never asked, never changed by what comes in, never dropped. */
    PERMANENT
}

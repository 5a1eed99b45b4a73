package io.millrace.stack.iface.neighbor;

/** What a {@link NeighborCache} asks of its link. */
public interface Resolver {
    /**
     * Asks for a neighbour's link address.
     *
     * @param family address family
     * @param hi upper half of the neighbour's address
     * @param lo lower half of the neighbour's address
     * @param where link address to ask at; 0 for everyone
     */
    void solicit(int family, long hi, long lo, long where);

    /** Tells that a neighbour's link address became known, or is another one. */
    void learned(int family, long hi, long lo, long mac);

    /** Sends a packet that waited to a link address. Takes it over. */
    void deliver(long handle, long dst);

    /**
     * Tells the sender of a packet that its next hop does not answer (RFC 4861 section 7.2.2). Takes it over; it has been
     * counted. Never called from within another call of the cache than {@link NeighborCache#poll}.
     */
    void unreachable(long handle);

    /** Frees a packet that found no place to wait in; it has been counted. */
    void drop(long handle);
}

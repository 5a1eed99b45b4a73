package io.millrace.stack.iface;

/** What a {@link NeighborCache} asks of its link. */
interface Resolver {
    /**
     * Asks for a neighbour's link address.
     *
     * @param family address family
     * @param hi upper half of the neighbour's address
     * @param lo lower half of the neighbour's address
     * @param where link address to ask at; 0 for everyone
     */
    void solicit(int family, long hi, long lo, long where);

    /** Sends a packet that waited to a link address. Takes it over. */
    void deliver(long handle, int family, long dst);

    /** Frees a packet that waited in vain; it has been counted. */
    void drop(long handle);
}

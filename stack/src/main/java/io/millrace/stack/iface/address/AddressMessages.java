package io.millrace.stack.iface.address;

/** Sends what the life of an address asks for, on its link and to the other shards. */
public interface AddressMessages {
    /** Asks whether anybody else has an address: a probe (RFC 5227) or a solicitation from nobody (RFC 4862). */
    void probe(OwnAddress own);

    /** Tells everyone where an address in use is: an ARP announcement (RFC 5227 section 3) or RFC 4861 section 7.2.6. */
    void announce(OwnAddress own);

    /**
     * Tells the other shards where an address stands.
     *
     * @param other link address of the station that has it, if one does; else 0
     */
    void tellShards(OwnAddress own, long other);
}

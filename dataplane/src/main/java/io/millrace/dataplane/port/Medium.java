package io.millrace.dataplane.port;

/** What a port's packets begin with. */
public enum Medium {
    /** An Ethernet II header. The frame check sequence is not part of the packet. */
    ETHERNET(14),
    /** An IPv4 or IPv6 header, told apart by its version. */
    IP(0);

    private final int headerLength;

    Medium(final int headerLength) {
        this.headerLength = headerLength;
    }

    /** Bytes in front of the IP header, VLAN tags not counted: what a largest packet has beyond the MTU. */
    public int headerLength() {
        return headerLength;
    }
}

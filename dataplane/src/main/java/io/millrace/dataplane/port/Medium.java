package io.millrace.dataplane.port;

/** What a port's packets begin with. */
public enum Medium {
    /** An Ethernet II header. The frame check sequence is not part of the packet. */
    ETHERNET(14),
    /** An IPv4 or IPv6 header, told apart by its version. */
    IP(0);

    private static final int VLAN_TAG = 4;

    private final int headerLength;

    Medium(final int headerLength) {
        this.headerLength = headerLength;
    }

    /** Bytes that may stand in front of the IP header: with two VLAN tags where there can be tags. */
    public int longestHeader() {
        return headerLength == 0 ? 0 : headerLength + 2 * VLAN_TAG;
    }

    /** Bytes in front of the IP header, VLAN tags not counted: what a largest packet has beyond the MTU. */
    public int headerLength() {
        return headerLength;
    }
}

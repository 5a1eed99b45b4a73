package io.millrace.dataplane.port;

/**
 * What a port's packets begin with. Whoever parses or writes what stands there tells the mediums apart by a {@code switch}
 * over all of them, so that another one does not compile until it has its place; everyone else asks for what matters.
 */
public enum Medium {
    /** An Ethernet II header. The frame check sequence is not part of the packet. */
    ETHERNET(14, true),
    /** An IPv4 or IPv6 header, told apart by its version. */
    IP(0, false);

    private static final int VLAN_TAG = 4;

    private final int headerLength;
    private final boolean linkAddresses;

    Medium(final int headerLength, final boolean linkAddresses) {
        this.headerLength = headerLength;
        this.linkAddresses = linkAddresses;
    }

    /** Bytes that may stand in front of the IP header: with two VLAN tags where there can be tags. */
    public int longestHeader() {
        return headerLength == 0 ? 0 : headerLength + 2 * VLAN_TAG;
    }

    /** Bytes in front of the IP header, VLAN tags not counted: what a largest packet has beyond the MTU. */
    public int headerLength() {
        return headerLength;
    }

    /** Whether stations have link-layer addresses, for ARP or neighbour discovery to find. */
    public boolean hasLinkAddresses() {
        return linkAddresses;
    }
}

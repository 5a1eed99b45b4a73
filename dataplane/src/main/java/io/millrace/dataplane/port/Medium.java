package io.millrace.dataplane.port;

/** What a port's packets begin with. */
public enum Medium {
    /** An Ethernet II header. The frame check sequence is not part of the packet. */
    ETHERNET,
    /** An IPv4 or IPv6 header, told apart by its version. */
    IP
}

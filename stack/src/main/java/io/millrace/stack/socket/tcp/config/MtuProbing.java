package io.millrace.stack.socket.tcp.config;

/**
 * When connections search for the largest segments that their path carries (RFC 4821, RFC 8899), as Linux's
 * tcp_mtu_probing.
 */
public enum MtuProbing {
    /**
     * Never: segments are as large as devices, routers' messages and the peer allow. A path that loses them stays
     * blocked.
     */
    OFF,
    /** After long segments were lost again and again, as on a path that drops them without a word. */
    BLACK_HOLE,
    /**
     * From the beginning: connections start with segments that every path carries, and use larger ones once a probe of
     * that size has arrived. Needs SACK; without it as {@link #BLACK_HOLE}.
     */
    ALWAYS
}

package io.millrace.stack.socket.tcp.config;

/**
 * Whether connections use explicit congestion notification, classic (RFC 3168 section 6.1.1) or accurate (RFC 9768), which
 * tells the sender of each mark rather than of one in each round trip. Whoever asks for accurate notification takes classic
 * too, if the peer knows no more. A SYN that asks for any and gets no answer, or a reset, is sent again without asking, an
 * accurate one the second time (RFC 3168 section 6.1.1.1, RFC 9768 section 3.1.4), since there are middleboxes that drop it.
 * The accurate kind takes 144 bytes of each connection, idle ones too.
 */
public enum EcnMode {
    /** Never. */
    OFF,
    /** If the peer asks for the classic one; never asked for by us. */
    ACCEPT,
    /** The classic one is asked for and accepted. */
    REQUEST,
    /** Either one, if the peer asks for it; never asked for by us. */
    ACCEPT_ACCURATE,
    /** The classic one is asked for, either one is accepted. */
    REQUEST_ACCEPT_ACCURATE,
    /** The accurate one is asked for, either one is accepted. */
    REQUEST_ACCURATE;

    /** Whether SYNs ask for any. */
    public boolean requests() {
        return this == REQUEST || this == REQUEST_ACCEPT_ACCURATE || this == REQUEST_ACCURATE;
    }

    /** Whether SYNs ask for the accurate one. */
    public boolean requestsAccurate() {
        return this == REQUEST_ACCURATE;
    }

    /** Whether a peer that asks for the accurate one gets it. */
    public boolean acceptsAccurate() {
        return ordinal() >= ACCEPT_ACCURATE.ordinal();
    }
}

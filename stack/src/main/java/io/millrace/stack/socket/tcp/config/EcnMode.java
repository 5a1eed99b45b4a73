package io.millrace.stack.socket.tcp.config;

/** Whether connections use explicit congestion notification (RFC 3168 section 6.1.1). */
public enum EcnMode {
    /** Never. */
    OFF,
    /** If the peer asks for it; never asked for by us. */
    ACCEPT,
    /**
     * Asked for and accepted. A SYN that gets no answer, or a reset, is sent again without asking (RFC 3168 section
     * 6.1.1.1), since there are middleboxes that drop it.
     */
    REQUEST
}

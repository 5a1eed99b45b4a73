package io.millrace.stack.socket.tcp;

/**
 * What systems do differently where the standards leave a choice, or where Linux does not follow them. A part of
 * {@link TcpConfig}; immutable.
 *
 * @param softErrorsEndAttempts whether an attempt to connect ends with any ICMP error that says that the peer cannot be
 *     reached, so that the application can try another address at once (RFC 5461 section 4.1), or goes on until its
 *     retransmissions are spent if the error may pass (RFC 9293 section 3.9.2.2)
 * @param resetsEndTimeWait whether a reset with the number that is expected next ends TIME-WAIT (RFC 9293 section
 *     3.10.7.4), or none does (RFC 1337)
 * @param emptyWindowProbes whether a closed window is probed by a segment without data that lies before it, or by the
 *     next byte (RFC 9293 section 3.8.6.1); either has to be answered with the window
 */
public record TcpCustoms(boolean softErrorsEndAttempts, boolean resetsEndTimeWait, boolean emptyWindowProbes) {
    /** What the RFCs recommend. */
    public static final TcpCustoms STANDARD = new TcpCustoms(false, false, false);

    /** What Linux does unless told otherwise. */
    public static final TcpCustoms LINUX = new TcpCustoms(true, true, true);
}

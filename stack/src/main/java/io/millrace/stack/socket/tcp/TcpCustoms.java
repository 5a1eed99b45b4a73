package io.millrace.stack.socket.tcp;

/**
 * What systems do differently where the standards leave a choice, or where Linux or others do not follow them. A part of
 * {@link TcpConfig}; immutable.
 *
 * @param softErrorsEndAttempts whether an attempt to connect ends with any ICMP error that says that the peer cannot be
 *     reached, so that the application can try another address at once (RFC 5461 section 4.1), or goes on until its
 *     retransmissions are spent if the error may pass (RFC 9293 section 3.9.2.2)
 * @param resetsEndTimeWait whether a reset with the number that is expected next ends TIME-WAIT (RFC 9293 section
 *     3.10.7.4), or none does (RFC 1337)
 * @param emptyWindowProbes whether a closed window is probed by a segment without data that lies before it, or by the
 *     next byte (RFC 9293 section 3.8.6.1); either has to be answered with the window
 * @param blindResets whether every reset within the window ends a connection (RFC 793), which who does not see its
 *     segments can guess, or only one with the number that is expected next (RFC 5961 section 3)
 * @param blindSyns whether a SYN within the window resets a connection (RFC 793), or is answered with an acknowledgment
 *     (RFC 5961 section 4)
 * @param synsWithFin whether a SYN that has a FIN too is taken as if it had none, or is dropped, as only scanners send it
 * @param wholeAcknowledgments whether an acknowledgment in slow start counts for all that it acknowledges, however large a
 *     burst follows, or for eight segments at most where nothing spreads them (L in RFC 9406 section 4.2)
 */
public record TcpCustoms(
        boolean softErrorsEndAttempts,
        boolean resetsEndTimeWait,
        boolean emptyWindowProbes,
        boolean blindResets,
        boolean blindSyns,
        boolean synsWithFin,
        boolean wholeAcknowledgments) {
    /** What the RFCs recommend. */
    public static final TcpCustoms STANDARD = new TcpCustoms(false, false, false, false, false, false, false);

    /** What Linux does unless told otherwise. */
    public static final TcpCustoms LINUX = new TcpCustoms(true, true, true, false, false, false, true);

    /** The same with other {@link #softErrorsEndAttempts()}. */
    public TcpCustoms withSoftErrorsEndAttempts(final boolean value) {
        return new TcpCustoms(
                value, resetsEndTimeWait, emptyWindowProbes, blindResets, blindSyns, synsWithFin, wholeAcknowledgments);
    }

    /** The same with other {@link #resetsEndTimeWait()}. */
    public TcpCustoms withResetsEndTimeWait(final boolean value) {
        return new TcpCustoms(
                softErrorsEndAttempts,
                value,
                emptyWindowProbes,
                blindResets,
                blindSyns,
                synsWithFin,
                wholeAcknowledgments);
    }

    /** The same with other {@link #emptyWindowProbes()}. */
    public TcpCustoms withEmptyWindowProbes(final boolean value) {
        return new TcpCustoms(
                softErrorsEndAttempts,
                resetsEndTimeWait,
                value,
                blindResets,
                blindSyns,
                synsWithFin,
                wholeAcknowledgments);
    }

    /** The same with other {@link #blindResets()}. */
    public TcpCustoms withBlindResets(final boolean value) {
        return new TcpCustoms(
                softErrorsEndAttempts,
                resetsEndTimeWait,
                emptyWindowProbes,
                value,
                blindSyns,
                synsWithFin,
                wholeAcknowledgments);
    }

    /** The same with other {@link #blindSyns()}. */
    public TcpCustoms withBlindSyns(final boolean value) {
        return new TcpCustoms(
                softErrorsEndAttempts,
                resetsEndTimeWait,
                emptyWindowProbes,
                blindResets,
                value,
                synsWithFin,
                wholeAcknowledgments);
    }

    /** The same with other {@link #synsWithFin()}. */
    public TcpCustoms withSynsWithFin(final boolean value) {
        return new TcpCustoms(
                softErrorsEndAttempts,
                resetsEndTimeWait,
                emptyWindowProbes,
                blindResets,
                blindSyns,
                value,
                wholeAcknowledgments);
    }

    /** The same with other {@link #wholeAcknowledgments()}. */
    public TcpCustoms withWholeAcknowledgments(final boolean value) {
        return new TcpCustoms(
                softErrorsEndAttempts,
                resetsEndTimeWait,
                emptyWindowProbes,
                blindResets,
                blindSyns,
                synsWithFin,
                value);
    }
}

package io.millrace.stack.socket.tcp.config;

/**
 * Something that systems do differently where the standards leave a choice, or where Linux or others do not follow
 * them.
 */
public enum TcpCustom {
    /**
     * An attempt to connect ends with any ICMP error that says that the peer cannot be reached, so that the application
     * can try another address at once (RFC 5461 section 4.1). Otherwise it goes on until its retransmissions are spent,
     * if the error may pass (RFC 9293 section 3.9.2.2).
     */
    SOFT_ERRORS_END_ATTEMPTS,

    /**
     * A reset with the number that is expected next ends TIME-WAIT (RFC 9293 section 3.10.7.4). Otherwise none does (RFC
     * 1337).
     */
    RESETS_END_TIME_WAIT,

    /**
     * A closed window is probed by a segment without data that lies before it. Otherwise by the next byte (RFC 9293
     * section 3.8.6.1); either has to be answered with the window.
     */
    EMPTY_WINDOW_PROBES,

    /**
     * Every reset within the window ends a connection (RFC 793), which who does not see its segments can guess.
     * Otherwise only one with the number that is expected next does (RFC 5961 section 3).
     */
    BLIND_RESETS,

    /**
     * Once the peer's FIN came, a reset with the number of that FIN ends a connection too: macOS sends such ones.
     * Otherwise only one with the number behind it does (RFC 5961 section 3).
     */
    RESETS_AT_THE_FIN,

    /** A SYN within the window resets a connection (RFC 793). Otherwise it is answered (RFC 5961 section 4). */
    BLIND_SYNS,

    /** A SYN that has a FIN too is taken as if it had none. Otherwise it is dropped, as only scanners send it. */
    SYNS_WITH_FIN,

    /**
     * An acknowledgment in slow start counts for all that it acknowledges, however large a burst follows. Otherwise for
     * eight segments at most where nothing spreads them (L in RFC 9406 section 4.2), and for one after a timeout, until
     * all that was in flight then is acknowledged (RFC 3465 section 2.3).
     */
    WHOLE_ACKNOWLEDGMENTS,

    /**
     * Segments without a timestamp are taken though both ends agreed to send them. Otherwise they are dropped (RFC 7323
     * section 3.2).
     */
    MISSING_TIMESTAMPS,

    /**
     * A SYN that is sent for the fourth time, or yet another, has no option but MSS: a path may stumble over the others.
     * Otherwise each has what the first one had.
     */
    BARE_LATE_SYNS,

    /**
     * An ICMP error that says that the hop limit ran out ends an attempt to connect, as it does on FreeBSD: routers send
     * packets in circles. Otherwise it goes on, as that may pass (RFC 9293 section 3.9.2.2).
     */
    SPENT_HOPS_END_ATTEMPTS,

    /**
     * No ICMP error ends an attempt to connect, whatever else is followed. Otherwise those do that RFC 9293 section
     * 3.9.2.2 calls hard, if they quote the SYN.
     */
    NO_ERROR_ENDS_ATTEMPTS,

    /**
     * A peer that answers the first SYN for a connection of before is reset, and the SYN follows 10 ms later (RFC 9293
     * section 3.5.1, figure 9). Otherwise it follows after the retransmission timeout, a second as a rule.
     */
    SYNS_SOON_AFTER_RESETS,

    /**
     * Selective acknowledgments tell of text only, as FreeBSD's do. Otherwise of a FIN as well that came ahead of its turn,
     * so that its sender learns what was lost before it (RFC 2018 section 3).
     */
    UNREPORTED_FINS;

    int bit() {
        return 1 << ordinal();
    }
}

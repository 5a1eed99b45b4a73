package io.millrace.stack.socket.tcp.config;

/**
 * How long connections wait, and how often they try again. Times are microseconds. A part of {@link TcpConfig};
 * immutable.
 *
 * @param minRto least by which the retransmission timeout exceeds the round-trip time, microseconds, 1000 or more
 * @param initialRto retransmission timeout before the first sample (RFC 6298 section 2.1), microseconds, {@code minRto}
 *     or more
 * @param maxRto largest retransmission timeout and probe interval, microseconds, {@code initialRto} or more
 * @param synRetries retransmissions of a SYN before the attempt fails, 0 to 127; 7 make it last three minutes (RFC 9293
 *     section 3.8.3)
 * @param linearSynTimeouts retransmissions of a SYN at the distance of the first timeout that come before those, whose
 *     timeouts double (RFC 6298 section 5.5), 0 to 127; Linux has 4
 * @param synAckRetries retransmissions of a SYN-ACK before a half-open connection is dropped, 0 to 127
 * @param dataRetries retransmissions of the same data before a connection is given up, 0 to 127
 * @param delayedAck longest time that an acknowledgment waits for company, microseconds, 0 to 500,000 (RFC 9293 section
 *     3.8.6.3); 0 sends it at once
 * @param quickAcks acknowledgments at the start of a connection that are not delayed, for the peer's slow start, unless
 *     the application answers what it receives; more than 127 count as 127
 * @param userTimeout time without progress after which a connection with unacknowledged data is given up, microseconds;
 *     0 for never
 * @param keepAliveIdle time without a segment after which the peer is probed, microseconds; 0 for never
 * @param keepAliveInterval time between keep-alive probes, microseconds, 1 or more
 * @param keepAliveProbes unanswered keep-alive probes after which a connection is given up, 1 to 127
 * @param mtuProbeInterval how long a search for the largest segments rests once it is over (RFC 8899's
 *     PMTU_RAISE_TIMER), microseconds, 1,000,000 or more
 * @param timeWait how long a closed connection's addresses are kept from being mistaken (2 MSL), microseconds
 * @param finWait2 how long a connection that we closed waits for its peer to close without a sign of life,
 *     microseconds; 0 for ever, as does one of which only the output was shut
 * @param connect how long an attempt to connect goes on from its first SYN, if its retransmissions are not spent before,
 *     microseconds; 0 for as long as they last
 */
public record TcpTimeouts(
        int minRto,
        int initialRto,
        int maxRto,
        int synRetries,
        int linearSynTimeouts,
        int synAckRetries,
        int dataRetries,
        int delayedAck,
        int quickAcks,
        long userTimeout,
        long keepAliveIdle,
        long keepAliveInterval,
        int keepAliveProbes,
        long mtuProbeInterval,
        long timeWait,
        long finWait2,
        long connect) {
    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the first that is out of range
     */
    public TcpTimeouts {
        TcpConfig.require(minRto >= 1000, "minRto", minRto, "at least 1000 microseconds");
        TcpConfig.require(initialRto >= minRto, "initialRto", initialRto, "at least minRto");
        TcpConfig.require(maxRto >= initialRto, "maxRto", maxRto, "at least initialRto");
        retries("synRetries", synRetries);
        retries("linearSynTimeouts", linearSynTimeouts);
        retries("synAckRetries", synAckRetries);
        retries("dataRetries", dataRetries);
        TcpConfig.require(
                delayedAck >= 0 && delayedAck <= 500_000, "delayedAck", delayedAck, "0 to 500000 (RFC 9293, 3.8.6.3)");
        TcpConfig.require(quickAcks >= 0, "quickAcks", quickAcks, "at least 0");
        time("userTimeout", userTimeout, 0);
        time("keepAliveIdle", keepAliveIdle, 0);
        time("keepAliveInterval", keepAliveInterval, 1);
        TcpConfig.require(
                keepAliveProbes >= 1 && keepAliveProbes <= Byte.MAX_VALUE,
                "keepAliveProbes",
                keepAliveProbes,
                "1 to 127");
        time("mtuProbeInterval", mtuProbeInterval, 1_000_000);
        time("timeWait", timeWait, 0);
        time("finWait2", finWait2, 0);
        time("connect", connect, 0);
    }

    private static void retries(final String name, final int value) {
        TcpConfig.require(value >= 0 && value <= Byte.MAX_VALUE, name, value, "0 to 127");
    }

    private static void time(final String name, final long value, final long least) {
        TcpConfig.require(value >= least && value <= Long.MAX_VALUE / 4, name, value, "at least " + least);
    }
}

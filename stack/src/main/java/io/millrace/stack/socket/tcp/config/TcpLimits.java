package io.millrace.stack.socket.tcp.config;

/**
 * How much is kept of connections, and how many answers are sent. A part of {@link TcpConfig}; immutable.
 *
 * @param expectedConnections connections to make room for at once, 1 or more
 * @param maxConnections most connections, half-open ones and those in TIME-WAIT included, 1 or more
 * @param firstEphemeralPort lowest port chosen for connections that we open (RFC 6056), 1 to 65,535
 * @param lastEphemeralPort highest port chosen for connections that we open, {@code firstEphemeralPort} to 65,535
 * @param maxTimeWait most connections kept in TIME-WAIT; those beyond are forgotten at once; 0 for none
 * @param synBacklog most half-open connections of a listener; 0 for none, so that each SYN gets a cookie or is dropped
 * @param reassemblyRanges most gaps in what a connection has received, 1 or more
 * @param challengeAcks most challenge acknowledgments of a connection in a second (RFC 5961 section 7), 1 to 32,767;
 *     about so many, since what is fixed can be counted by others
 * @param resetsPerSecond most resets sent in a second for segments that belong to no connection, a quarter of them to
 *     one source; about so many, too; 0 for none
 */
public record TcpLimits(
        int expectedConnections,
        int maxConnections,
        int firstEphemeralPort,
        int lastEphemeralPort,
        int maxTimeWait,
        int synBacklog,
        int reassemblyRanges,
        int challengeAcks,
        int resetsPerSecond) {
    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the first that is out of range
     */
    public TcpLimits {
        TcpConfig.require(expectedConnections >= 1, "expectedConnections", expectedConnections, "at least 1");
        TcpConfig.require(maxConnections >= 1, "maxConnections", maxConnections, "at least 1");
        TcpConfig.require(
                firstEphemeralPort >= 1 && firstEphemeralPort <= 0xFFFF,
                "firstEphemeralPort",
                firstEphemeralPort,
                "1 to 65535");
        TcpConfig.require(
                lastEphemeralPort >= firstEphemeralPort && lastEphemeralPort <= 0xFFFF,
                "lastEphemeralPort",
                lastEphemeralPort,
                "firstEphemeralPort to 65535");
        TcpConfig.require(maxTimeWait >= 0, "maxTimeWait", maxTimeWait, "at least 0");
        TcpConfig.require(synBacklog >= 0, "synBacklog", synBacklog, "at least 0");
        TcpConfig.require(reassemblyRanges >= 1, "reassemblyRanges", reassemblyRanges, "at least 1");
        TcpConfig.require(
                challengeAcks >= 1 && challengeAcks <= Short.MAX_VALUE, "challengeAcks", challengeAcks, "1 to 32767");
        TcpConfig.require(resetsPerSecond >= 0, "resetsPerSecond", resetsPerSecond, "at least 0");
    }
}

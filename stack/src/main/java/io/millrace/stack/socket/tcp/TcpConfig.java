package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;

/**
 * Everything about TCP that can be set. Values hold for all connections of a stack; {@link #defaults()} suits most.
 * Times are microseconds, sizes bytes. Immutable.
 *
 * @param sendBuffer most bytes of a connection that wait to be sent or acknowledged, at first
 * @param sendBufferLimit what that grows to, to twice the congestion window, as long as memory is plenty
 * @param receiveBuffer most bytes of a connection that wait to be read, at first; the largest window offered
 * @param receiveBufferLimit what that grows to, with what the application reads in a round trip, as long as memory is
 *     plenty; the scale of windows is made for it
 * @param bufferMemory bytes for the buffers of all connections of a shard together
 * @param chunkSize bytes in which buffers grow, a power of two
 * @param expectedConnections connections to make room for at once
 * @param maxConnections most connections, half-open ones and those in TIME-WAIT included
 * @param firstEphemeralPort lowest port chosen for connections that we open
 * @param lastEphemeralPort highest port chosen for connections that we open
 * @param hopLimit TTL or hop limit of what we send, 1 to 255
 * @param congestionControl congestion control of new connections
 * @param pacing whether the congestion window is spread over the round trip; BBR is paced always
 * @param noDelay whether new connections start without Nagle's algorithm
 * @param timestamps whether the timestamps option is offered and accepted (RFC 7323)
 * @param sack whether SACK is offered and accepted (RFC 2018)
 * @param windowScaling whether window scaling is offered and accepted (RFC 7323)
 * @param ecn whether congestion notification is offered and accepted (RFC 3168)
 * @param minMss a peer's smaller MSS is raised to this
 * @param maxMss largest MSS announced or used, whatever the path allows
 * @param minRto least by which the retransmission timeout exceeds the round-trip time, microseconds
 * @param initialRto retransmission timeout before the first sample, microseconds
 * @param maxRto largest retransmission timeout and probe interval, microseconds
 * @param synRetries retransmissions of a SYN before the attempt fails
 * @param synAckRetries retransmissions of a SYN-ACK before a half-open connection is dropped
 * @param dataRetries retransmissions of the same data before a connection is given up
 * @param delayedAck longest time that an acknowledgment waits for company, microseconds; 0 sends it at once
 * @param quickAcks acknowledgments at the start of a connection that are not delayed, for the peer's slow start
 * @param userTimeout time without progress after which a connection with unacknowledged data is given up, microseconds; 0 for never
 * @param keepAliveIdle time without a segment after which the peer is probed, microseconds; 0 for never
 * @param keepAliveInterval time between keep-alive probes, microseconds
 * @param keepAliveProbes unanswered keep-alive probes after which a connection is given up
 * @param timeWait how long a closed connection's addresses are kept from being mistaken (2 MSL), microseconds
 * @param maxTimeWait most connections kept in TIME-WAIT; those beyond are forgotten at once
 * @param finWait2 how long a connection that we closed waits for its peer to close without a sign of life, microseconds; 0 for ever
 * @param synBacklog most half-open connections of a listener
 * @param synCookies when SYNs are answered with cookies, which cost no memory (RFC 4987)
 * @param reassemblyRanges most gaps in what a connection has received
 * @param challengeAcks most challenge acknowledgments of a connection in a second (RFC 5961)
 * @param resetsPerSecond most resets sent in a second for segments that belong to no connection
 * @param burst most segments of a connection that are sent in a row before others have their turn
 * @param runs how many segments are handled at once
 */
public record TcpConfig(
        int sendBuffer,
        int sendBufferLimit,
        int receiveBuffer,
        int receiveBufferLimit,
        long bufferMemory,
        int chunkSize,
        int expectedConnections,
        int maxConnections,
        int firstEphemeralPort,
        int lastEphemeralPort,
        int hopLimit,
        CongestionAlgorithm congestionControl,
        boolean pacing,
        boolean noDelay,
        boolean timestamps,
        boolean sack,
        boolean windowScaling,
        EcnMode ecn,
        int minMss,
        int maxMss,
        int minRto,
        int initialRto,
        int maxRto,
        int synRetries,
        int synAckRetries,
        int dataRetries,
        int delayedAck,
        int quickAcks,
        long userTimeout,
        long keepAliveIdle,
        long keepAliveInterval,
        int keepAliveProbes,
        long timeWait,
        int maxTimeWait,
        long finWait2,
        int synBacklog,
        CookieMode synCookies,
        int reassemblyRanges,
        int challengeAcks,
        int resetsPerSecond,
        int burst,
        TcpRuns runs) {
    private static final TcpConfig DEFAULTS = new Builder().build();

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the first that is out of range
     */
    public TcpConfig {
        require(sendBuffer >= 1, "sendBuffer", sendBuffer, "at least 1");
        require(receiveBuffer >= 1 && receiveBuffer <= 1 << 30, "receiveBuffer", receiveBuffer, "1 to 1073741824");
        require(sendBuffer <= 1 << 30, "sendBuffer", sendBuffer, "1 to 1073741824");
        require(
                sendBufferLimit >= sendBuffer && sendBufferLimit <= 1 << 30,
                "sendBufferLimit",
                sendBufferLimit,
                "sendBuffer to 1073741824");
        require(
                receiveBufferLimit >= receiveBuffer && receiveBufferLimit <= 1 << 30,
                "receiveBufferLimit",
                receiveBufferLimit,
                "receiveBuffer to 1073741824");
        require(hopLimit >= 1 && hopLimit <= 255, "hopLimit", hopLimit, "1 to 255");
        require(minMss >= 28 && minMss <= 536, "minMss", minMss, "28 to 536");
        require(maxMss >= minMss && maxMss <= 65_495, "maxMss", maxMss, "minMss to 65495");
        require(minRto >= 1000, "minRto", minRto, "at least 1000 microseconds");
        require(initialRto >= minRto, "initialRto", initialRto, "at least minRto");
        require(maxRto >= initialRto, "maxRto", maxRto, "at least initialRto");
        require(delayedAck >= 0 && delayedAck <= 500_000, "delayedAck", delayedAck, "0 to 500000 (RFC 9293, 3.8.6.3)");
        require(reassemblyRanges >= 1, "reassemblyRanges", reassemblyRanges, "at least 1");
        require(burst >= 1, "burst", burst, "at least 1");
        require(maxConnections >= 1, "maxConnections", maxConnections, "at least 1");
        require(challengeAcks >= 1, "challengeAcks", challengeAcks, "at least 1");
    }

    /** The defaults. */
    public static TcpConfig defaults() {
        return DEFAULTS;
    }

    /** A builder that starts with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    private static void require(final boolean ok, final String name, final long value, final String range) {
        if (!ok) {
            throw new IllegalArgumentException("tcp." + name + " is " + value + "; it must be " + range);
        }
    }

    /** Sets some values and leaves the others at their defaults; each method is named after what it sets. */
    public static final class Builder {
        private int sendBuffer = 256 * 1024;
        private int sendBufferLimit = 4 * 1024 * 1024;
        private int receiveBuffer = 256 * 1024;
        private int receiveBufferLimit = 6 * 1024 * 1024;
        private long bufferMemory = 64L * 1024 * 1024;
        private int chunkSize = 8 * 1024;
        private int expectedConnections = 1024;
        private int maxConnections = 1_000_000;
        private int firstEphemeralPort = 49_152;
        private int lastEphemeralPort = 65_535;
        private int hopLimit = 64;
        private CongestionAlgorithm congestionControl = CongestionAlgorithm.CUBIC;
        private boolean pacing = true;
        private boolean noDelay = false;
        private boolean timestamps = true;
        private boolean sack = true;
        private boolean windowScaling = true;
        private EcnMode ecn = EcnMode.ACCEPT;
        private int minMss = 88;
        private int maxMss = 65_495;
        private int minRto = 200_000;
        private int initialRto = 1_000_000;
        private int maxRto = 60_000_000;
        private int synRetries = 6;
        private int synAckRetries = 5;
        private int dataRetries = 15;
        private int delayedAck = 40_000;
        private int quickAcks = 16;
        private long userTimeout = 0;
        private long keepAliveIdle = 0;
        private long keepAliveInterval = 75_000_000;
        private int keepAliveProbes = 9;
        private long timeWait = 60_000_000;
        private int maxTimeWait = 131_072;
        private long finWait2 = 60_000_000;
        private int synBacklog = 1024;
        private CookieMode synCookies = CookieMode.WHEN_FULL;
        private int reassemblyRanges = 128;
        private int challengeAcks = 10;
        private int resetsPerSecond = 1000;
        private int burst = 32;
        private TcpRuns runs = TcpRuns.ON;

        private Builder() {}

        /** Sets {@link TcpConfig#sendBuffer()}, which then does not grow unless a limit is set after it. */
        public Builder sendBuffer(final int value) {
            sendBuffer = value;
            sendBufferLimit = value;
            return this;
        }

        /** Sets {@link TcpConfig#sendBufferLimit()}. */
        public Builder sendBufferLimit(final int value) {
            sendBufferLimit = value;
            return this;
        }

        /** Sets {@link TcpConfig#receiveBuffer()}, which then does not grow unless a limit is set after it. */
        public Builder receiveBuffer(final int value) {
            receiveBuffer = value;
            receiveBufferLimit = value;
            return this;
        }

        /** Sets {@link TcpConfig#receiveBufferLimit()}. */
        public Builder receiveBufferLimit(final int value) {
            receiveBufferLimit = value;
            return this;
        }

        /** Sets {@link TcpConfig#bufferMemory()}. */
        public Builder bufferMemory(final long value) {
            bufferMemory = value;
            return this;
        }

        /** Sets {@link TcpConfig#chunkSize()}. */
        public Builder chunkSize(final int value) {
            chunkSize = value;
            return this;
        }

        /** Sets {@link TcpConfig#expectedConnections()}. */
        public Builder expectedConnections(final int value) {
            expectedConnections = value;
            return this;
        }

        /** Sets {@link TcpConfig#maxConnections()}. */
        public Builder maxConnections(final int value) {
            maxConnections = value;
            return this;
        }

        /** Sets {@link TcpConfig#firstEphemeralPort()}. */
        public Builder firstEphemeralPort(final int value) {
            firstEphemeralPort = value;
            return this;
        }

        /** Sets {@link TcpConfig#lastEphemeralPort()}. */
        public Builder lastEphemeralPort(final int value) {
            lastEphemeralPort = value;
            return this;
        }

        /** Sets {@link TcpConfig#hopLimit()}. */
        public Builder hopLimit(final int value) {
            hopLimit = value;
            return this;
        }

        /** Sets {@link TcpConfig#congestionControl()}. */
        public Builder congestionControl(final CongestionAlgorithm value) {
            congestionControl = value;
            return this;
        }

        /** Sets {@link TcpConfig#pacing()}. */
        public Builder pacing(final boolean value) {
            pacing = value;
            return this;
        }

        /** Sets {@link TcpConfig#noDelay()}. */
        public Builder noDelay(final boolean value) {
            noDelay = value;
            return this;
        }

        /** Sets {@link TcpConfig#timestamps()}. */
        public Builder timestamps(final boolean value) {
            timestamps = value;
            return this;
        }

        /** Sets {@link TcpConfig#sack()}. */
        public Builder sack(final boolean value) {
            sack = value;
            return this;
        }

        /** Sets {@link TcpConfig#windowScaling()}. */
        public Builder windowScaling(final boolean value) {
            windowScaling = value;
            return this;
        }

        /** Sets {@link TcpConfig#ecn()}. */
        public Builder ecn(final EcnMode value) {
            ecn = value;
            return this;
        }

        /** Sets {@link TcpConfig#minMss()}. */
        public Builder minMss(final int value) {
            minMss = value;
            return this;
        }

        /** Sets {@link TcpConfig#maxMss()}. */
        public Builder maxMss(final int value) {
            maxMss = value;
            return this;
        }

        /** Sets {@link TcpConfig#minRto()}. */
        public Builder minRto(final int value) {
            minRto = value;
            return this;
        }

        /** Sets {@link TcpConfig#initialRto()}. */
        public Builder initialRto(final int value) {
            initialRto = value;
            return this;
        }

        /** Sets {@link TcpConfig#maxRto()}. */
        public Builder maxRto(final int value) {
            maxRto = value;
            return this;
        }

        /** Sets {@link TcpConfig#synRetries()}. */
        public Builder synRetries(final int value) {
            synRetries = value;
            return this;
        }

        /** Sets {@link TcpConfig#synAckRetries()}. */
        public Builder synAckRetries(final int value) {
            synAckRetries = value;
            return this;
        }

        /** Sets {@link TcpConfig#dataRetries()}. */
        public Builder dataRetries(final int value) {
            dataRetries = value;
            return this;
        }

        /** Sets {@link TcpConfig#delayedAck()}. */
        public Builder delayedAck(final int value) {
            delayedAck = value;
            return this;
        }

        /** Sets {@link TcpConfig#quickAcks()}. */
        public Builder quickAcks(final int value) {
            quickAcks = value;
            return this;
        }

        /** Sets {@link TcpConfig#userTimeout()}. */
        public Builder userTimeout(final long value) {
            userTimeout = value;
            return this;
        }

        /** Sets {@link TcpConfig#keepAliveIdle()}. */
        public Builder keepAliveIdle(final long value) {
            keepAliveIdle = value;
            return this;
        }

        /** Sets {@link TcpConfig#keepAliveInterval()}. */
        public Builder keepAliveInterval(final long value) {
            keepAliveInterval = value;
            return this;
        }

        /** Sets {@link TcpConfig#keepAliveProbes()}. */
        public Builder keepAliveProbes(final int value) {
            keepAliveProbes = value;
            return this;
        }

        /** Sets {@link TcpConfig#timeWait()}. */
        public Builder timeWait(final long value) {
            timeWait = value;
            return this;
        }

        /** Sets {@link TcpConfig#maxTimeWait()}. */
        public Builder maxTimeWait(final int value) {
            maxTimeWait = value;
            return this;
        }

        /** Sets {@link TcpConfig#finWait2()}. */
        public Builder finWait2(final long value) {
            finWait2 = value;
            return this;
        }

        /** Sets {@link TcpConfig#synBacklog()}. */
        public Builder synBacklog(final int value) {
            synBacklog = value;
            return this;
        }

        /** Sets {@link TcpConfig#synCookies()}. */
        public Builder synCookies(final CookieMode value) {
            synCookies = value;
            return this;
        }

        /** Sets {@link TcpConfig#reassemblyRanges()}. */
        public Builder reassemblyRanges(final int value) {
            reassemblyRanges = value;
            return this;
        }

        /** Sets {@link TcpConfig#challengeAcks()}. */
        public Builder challengeAcks(final int value) {
            challengeAcks = value;
            return this;
        }

        /** Sets {@link TcpConfig#resetsPerSecond()}. */
        public Builder resetsPerSecond(final int value) {
            resetsPerSecond = value;
            return this;
        }

        /** Sets {@link TcpConfig#burst()}. */
        public Builder burst(final int value) {
            burst = value;
            return this;
        }

        /** Sets {@link TcpConfig#runs()}. */
        public Builder runs(final TcpRuns value) {
            runs = value;
            return this;
        }

        /**
         * The configuration.
         *
         * @throws IllegalArgumentException naming the first value that is out of range
         */
        public TcpConfig build() {
            return new TcpConfig(
                    sendBuffer,
                    sendBufferLimit,
                    receiveBuffer,
                    receiveBufferLimit,
                    bufferMemory,
                    chunkSize,
                    expectedConnections,
                    maxConnections,
                    firstEphemeralPort,
                    lastEphemeralPort,
                    hopLimit,
                    congestionControl,
                    pacing,
                    noDelay,
                    timestamps,
                    sack,
                    windowScaling,
                    ecn,
                    minMss,
                    maxMss,
                    minRto,
                    initialRto,
                    maxRto,
                    synRetries,
                    synAckRetries,
                    dataRetries,
                    delayedAck,
                    quickAcks,
                    userTimeout,
                    keepAliveIdle,
                    keepAliveInterval,
                    keepAliveProbes,
                    timeWait,
                    maxTimeWait,
                    finWait2,
                    synBacklog,
                    synCookies,
                    reassemblyRanges,
                    challengeAcks,
                    resetsPerSecond,
                    burst,
                    runs);
        }
    }
}

package io.millrace.stack.socket.tcp.config;

import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;

/**
 * How connections behave, and what they offer to their peers. Sizes are bytes. A part of {@link TcpConfig}; immutable.
 *
 * @param congestionControl congestion control of new connections
 * @param pacing whether the congestion window is spread over the round trip; BBR is paced always
 * @param noDelay whether new connections start without Nagle's algorithm
 * @param timestamps whether the timestamps option is offered and accepted (RFC 7323)
 * @param sack whether SACK is offered and accepted (RFC 2018)
 * @param tailLossProbes whether a segment is sent when the acknowledgments of the last ones stay away, ahead of the
 *     retransmission timeout (RFC 8985 section 7)
 * @param windowScaling whether window scaling is offered and accepted (RFC 7323)
 * @param ecn whether congestion notification is offered and accepted (RFC 3168, RFC 9768)
 * @param accurateEcnOption whether segments of connections with accurate notification tell bytes, too (RFC 9768 section
 *     3.2.3); needed only where many packets are acknowledged at once
 * @param ecnSynRetries how many retransmissions of a SYN still ask for congestion notification, as the first one does; a
 *     path may swallow what asks (RFC 3168 section 6.1.1.1); 0 to 127, of what asks for the accurate one at least 1
 * @param ecnChecks whether nothing may be marked once what a handshake of accurate notification came with shows that somebody
 *     changes code points on the way (RFC 9768 section 3.2.2.3)
 * @param synCookies when SYNs are answered with cookies, which cost no memory (RFC 4987)
 * @param mtuProbing when the largest segments that a path carries are searched for
 * @param baseMtu largest IP packet that such a search takes for granted, 576 to 9000
 * @param minMss a peer's smaller MSS is raised to this, 28 to 536
 * @param maxMss largest MSS announced or used, whatever the path allows, {@code minMss} to 65,495
 * @param hopLimit TTL or hop limit of what we send, 1 to 255
 * @param burst most segments of a connection that are sent in a row before others have their turn, 1 or more
 * @param runs how many segments are handled at once
 */
public record TcpFeatures(
        CongestionAlgorithm congestionControl,
        boolean pacing,
        boolean noDelay,
        boolean timestamps,
        boolean sack,
        boolean tailLossProbes,
        boolean windowScaling,
        EcnMode ecn,
        boolean accurateEcnOption,
        int ecnSynRetries,
        boolean ecnChecks,
        CookieMode synCookies,
        MtuProbing mtuProbing,
        int baseMtu,
        int minMss,
        int maxMss,
        int hopLimit,
        int burst,
        TcpRuns runs) {
    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException naming the first that is out of range
     */
    public TcpFeatures {
        TcpConfig.require(minMss >= 28 && minMss <= 536, "minMss", minMss, "28 to 536");
        TcpConfig.require(maxMss >= minMss && maxMss <= 65_495, "maxMss", maxMss, "minMss to 65495");
        TcpConfig.require(baseMtu >= 576 && baseMtu <= 9_000, "baseMtu", baseMtu, "576 to 9000");
        TcpConfig.require(hopLimit >= 1 && hopLimit <= 255, "hopLimit", hopLimit, "1 to 255");
        TcpConfig.require(
                ecnSynRetries >= 0 && ecnSynRetries <= Byte.MAX_VALUE, "ecnSynRetries", ecnSynRetries, "0 to 127");
        TcpConfig.require(burst >= 1, "burst", burst, "at least 1");
    }

    /** The same with what handshakes offer changed. */
    public TcpFeatures withOffer(final TcpOffer offer) {
        return new TcpFeatures(
                congestionControl,
                pacing,
                noDelay,
                offer.timestamps(),
                offer.sack(),
                tailLossProbes,
                offer.windowScaling(),
                offer.ecn(),
                offer.accurateEcnOption(),
                ecnSynRetries,
                ecnChecks,
                synCookies,
                mtuProbing,
                baseMtu,
                minMss,
                maxMss,
                hopLimit,
                burst,
                runs);
    }
}

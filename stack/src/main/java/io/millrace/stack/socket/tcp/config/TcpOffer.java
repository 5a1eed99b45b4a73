package io.millrace.stack.socket.tcp.config;

/**
 * What SYNs offer to their peers and take from theirs; {@link io.millrace.stack.socket.tcp.TcpEngine#offer()}.
 * Connections keep what theirs agreed on. Immutable.
 *
 * @param timestamps whether the timestamps option is offered and accepted (RFC 7323)
 * @param sack whether SACK is offered and accepted (RFC 2018)
 * @param windowScaling whether window scaling is offered and accepted (RFC 7323)
 * @param ecn whether congestion notification is offered and accepted (RFC 3168, RFC 9768)
 * @param accurateEcnOption whether segments of connections with accurate notification tell bytes, too, if the peer's do or
 *     it began the connection (RFC 9768 section 3.2.3); of those under way, too
 */
public record TcpOffer(
        boolean timestamps, boolean sack, boolean windowScaling, EcnMode ecn, boolean accurateEcnOption) {
    /** That of a configuration. */
    public static TcpOffer of(final TcpFeatures features) {
        return new TcpOffer(
                features.timestamps(),
                features.sack(),
                features.windowScaling(),
                features.ecn(),
                features.accurateEcnOption());
    }
}

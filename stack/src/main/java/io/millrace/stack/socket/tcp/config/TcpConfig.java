package io.millrace.stack.socket.tcp.config;

/**
 * Everything about TCP that can be set. Values hold for all connections of a stack, unless {@link
 * io.millrace.stack.socket.tcp.TcpOptions} of one say otherwise; {@link #defaults()} suits most. Immutable.
 *
 * @param buffers memory for what is sent and received
 * @param timeouts how long is waited, and how often tried again
 * @param features how connections behave, and what they offer
 * @param limits how much is kept, and how many answers are sent
 * @param fastOpen data in SYNs
 * @param customs what systems do differently
 * @param udpEncapsulation TCP within UDP
 */
public record TcpConfig(
        TcpBuffers buffers,
        TcpTimeouts timeouts,
        TcpFeatures features,
        TcpLimits limits,
        TcpFastOpen fastOpen,
        TcpCustoms customs,
        UdpEncapsulation udpEncapsulation) {
    private static final TcpConfig DEFAULTS = builder().build();

    /** The defaults. */
    public static TcpConfig defaults() {
        return DEFAULTS;
    }

    /** A builder that starts with the defaults. */
    public static TcpConfigBuilder builder() {
        return new TcpConfigBuilder();
    }

    /** The same with other {@link #customs()}. */
    public TcpConfig withCustoms(final TcpCustoms value) {
        return new TcpConfig(buffers, timeouts, features, limits, fastOpen, value, udpEncapsulation);
    }

    /** The same with another {@link #udpEncapsulation()}. */
    public TcpConfig withUdpEncapsulation(final UdpEncapsulation value) {
        return new TcpConfig(buffers, timeouts, features, limits, fastOpen, customs, value);
    }

    static void require(final boolean ok, final String name, final long value, final String range) {
        if (!ok) {
            throw new IllegalArgumentException("tcp." + name + " is " + value + "; it must be " + range);
        }
    }
}

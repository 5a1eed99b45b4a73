package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.IpOptions;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import org.jspecify.annotations.Nullable;

/**
 * How long a connection waits for its peer, and how it asks whether that is still there: the part of {@link TcpOptions}
 * that decides when a connection ends. Times are microseconds.
 */
public abstract sealed class TcpLivenessOptions extends IpOptions<TcpOptions> permits TcpOptions {
    /** {@link #linger()}: a closed connection goes on until everything arrived. */
    public static final long NO_LINGER = -1;

    /** Null for what a listener hands on. */
    private final @Nullable TcpConnection c;

    private int synRetries;
    private long finWait2;
    private long userTimeout;
    private long keepAliveIdle;
    private long keepAliveInterval;
    private int keepAliveProbes;
    private long linger = NO_LINGER;

    TcpLivenessOptions(final TcpConfig config, final @Nullable TcpConnection c) {
        super(config.features().hopLimit());
        this.c = c;
        this.synRetries = config.timeouts().synRetries();
        this.finWait2 = config.timeouts().finWait2();
        this.userTimeout = config.timeouts().userTimeout();
        this.keepAliveIdle = config.timeouts().keepAliveIdle();
        this.keepAliveInterval = config.timeouts().keepAliveInterval();
        this.keepAliveProbes = config.timeouts().keepAliveProbes();
    }

    /** Takes over what other options say. */
    final void copyLiveness(final TcpLivenessOptions from) {
        synRetries = from.synRetries;
        finWait2 = from.finWait2;
        userTimeout = from.userTimeout;
        keepAliveIdle = from.keepAliveIdle;
        keepAliveInterval = from.keepAliveInterval;
        keepAliveProbes = from.keepAliveProbes;
        linger = from.linger;
    }

    /** TCP_SYNCNT: retransmissions of a SYN before the attempt to connect fails. */
    public final int synRetries() {
        return synRetries;
    }

    /** Sets {@link #synRetries()}: 0 to 127. */
    public final TcpOptions synRetries(final int value) {
        synRetries = (int) TcpOptions.inRange("synRetries", value, 0, Byte.MAX_VALUE);
        return self();
    }

    /**
     * TCP_LINGER2: how long a connection that we closed waits in FIN-WAIT-2 for its peer; 0 for ever. One of which only
     * {@linkplain TcpSocket#shutdownOutput() the output was shut} always waits for ever.
     */
    public final long finWait2() {
        return finWait2;
    }

    /** Sets {@link #finWait2()}: 0 to 2^61 - 1. */
    public final TcpOptions finWait2(final long micros) {
        finWait2 = TcpOptions.inRange("finWait2", micros, 0, Long.MAX_VALUE / 4);
        if (c != null && c.state == TcpState.FIN_WAIT_2) {
            c.engine.timers.startFinWait2(c, c.lastReceived);
        }
        return self();
    }

    /** TCP_USER_TIMEOUT: time without progress after which a connection is given up; 0 for never. */
    public final long userTimeout() {
        return userTimeout;
    }

    /** Sets {@link #userTimeout()}: 0 to 2^61 - 1. */
    public final TcpOptions userTimeout(final long micros) {
        userTimeout = TcpOptions.inRange("userTimeout", micros, 0, Long.MAX_VALUE / 4);
        if (c != null) {
            c.engine.timers.limitRetransmission(c);
        }
        return self();
    }

    /** SO_KEEPALIVE with TCP_KEEPIDLE: time of silence after which the peer is probed; 0 for never. */
    public final long keepAliveIdle() {
        return keepAliveIdle;
    }

    /** TCP_KEEPINTVL: time between probes. */
    public final long keepAliveInterval() {
        return keepAliveInterval;
    }

    /** TCP_KEEPCNT: unanswered probes after which the connection is given up. */
    public final int keepAliveProbes() {
        return keepAliveProbes;
    }

    /**
     * Sets when and how often a silent peer is probed.
     *
     * @param idle silence before the first probe, 0 to 2^61 - 1; 0 to switch probing off
     * @param interval between probes, 1 to 2^61 - 1
     * @param probes how many, 1 to 127
     */
    public final TcpOptions keepAlive(final long idle, final long interval, final int probes) {
        TcpOptions.inRange("keepAliveIdle", idle, 0, Long.MAX_VALUE / 4);
        TcpOptions.inRange("keepAliveInterval", interval, 1, Long.MAX_VALUE / 4);
        TcpOptions.inRange("keepAliveProbes", probes, 1, Byte.MAX_VALUE);
        keepAliveIdle = idle;
        keepAliveInterval = interval;
        keepAliveProbes = probes;
        if (c != null && c.state.isSynchronized() && c.state.canQueue()) {
            c.engine.timers.startKeepAlive(c, c.lastReceived);
        } else if (c != null && c.state == TcpState.FIN_WAIT_2) {
            c.engine.timers.startFinWait2(c, c.lastReceived);
        }
        return self();
    }

    /** SO_LINGER: time after closing that is left for what is queued to arrive; 0 resets at once. */
    public final long linger() {
        return linger;
    }

    /** Sets {@link #linger()}: {@link #NO_LINGER}, or 0 to 2^61 - 1. Set it before closing. */
    public final TcpOptions linger(final long micros) {
        linger = TcpOptions.inRange("linger", micros, NO_LINGER, Long.MAX_VALUE / 4);
        return self();
    }
}

package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.tcp.config.TcpConfig;

/**
 * The timeouts of one connection where they differ from {@link io.millrace.stack.socket.tcp.config.TcpTimeouts}; {@link
 * TcpOptions#timers()} gives it. What is set holds from the next round trip, timeout or acknowledgment on. Times are
 * microseconds. Belongs to the thread of its stack.
 */
public final class TcpTimerOptions {
    /** Most retransmissions that {@link #thinLinearTimeouts()} keeps from doubling the timeout, as on Linux. */
    static final int THIN_RETRIES = 6;

    /** A stream with fewer segments on their way is thin. */
    static final int THIN_SEGMENTS = 4;

    private static final int SECOND = 1_000_000;

    private int minRto;
    private int maxRto;
    private int delayedAck;
    private boolean thinLinearTimeouts;
    private long connect;

    TcpTimerOptions(final TcpConfig config) {
        connect = config.timeouts().connect();
        minRto = config.timeouts().minRto();
        maxRto = config.timeouts().maxRto();
        delayedAck = config.timeouts().delayedAck();
    }

    TcpTimerOptions(final TcpTimerOptions from) {
        minRto = from.minRto;
        maxRto = from.maxRto;
        delayedAck = from.delayedAck;
        thinLinearTimeouts = from.thinLinearTimeouts;
        connect = from.connect;
    }

    /**
     * Whether a timeout that expired is to be as long the next time (see {@link #thinLinearTimeouts()} and {@link
     * io.millrace.stack.socket.tcp.config.TcpTimeouts#linearSynTimeouts()}).
     */
    static boolean staysLinear(final TcpConnection c) {
        if (c.state == TcpState.SYN_SENT) {
            return c.retries <= c.engine.config.timeouts().linearSynTimeouts();
        }
        return c.settings().thinLinearTimeouts()
                && c.state == TcpState.ESTABLISHED
                && !c.persist
                && c.retries <= THIN_RETRIES
                && c.inFlight() < THIN_SEGMENTS * c.mss;
    }

    /** TCP_KEEPINIT: {@link io.millrace.stack.socket.tcp.config.TcpTimeouts#connect()} of this connection. */
    public long connect() {
        return connect;
    }

    /** Sets {@link #connect()}, before the SYN is sent: 0 to 2^61 - 1. */
    public TcpTimerOptions connect(final long micros) {
        connect = TcpOptions.inRange("connect", micros, 0, Long.MAX_VALUE / 4);
        return this;
    }

    /**
     * TCP_RTO_MIN_US: the least by which the retransmission timeout exceeds the round-trip time, unless the route to the
     * peer says otherwise.
     */
    public int minRto() {
        return minRto;
    }

    /** Sets {@link #minRto()}: 1,000 to 60,000,000. Less than the peer delays its acknowledgments sends in vain. */
    public TcpTimerOptions minRto(final int micros) {
        minRto = (int) TcpOptions.inRange("minRto", micros, 1_000, 60 * SECOND);
        return this;
    }

    /** TCP_RTO_MAX_MS: the longest retransmission timeout, however often it was doubled. */
    public int maxRto() {
        return maxRto;
    }

    /**
     * Sets {@link #maxRto()}: 1,000,000 to 120,000,000. RFC 6298 section 2.5 wants at least 60 s across the Internet.
     */
    public TcpTimerOptions maxRto(final int micros) {
        maxRto = (int) TcpOptions.inRange("maxRto", micros, SECOND, 120 * SECOND);
        return this;
    }

    /** TCP_DELACK_MAX_US: how long an acknowledgment may wait for what else there is to say; 0 for not at all. */
    public int delayedAck() {
        return delayedAck;
    }

    /** Sets {@link #delayedAck()}: 0 to 500,000 (RFC 9293 section 3.8.6.3). */
    public TcpTimerOptions delayedAck(final int micros) {
        delayedAck = (int) TcpOptions.inRange("delayedAck", micros, 0, SECOND / 2);
        return this;
    }

    /**
     * TCP_THIN_LINEAR_TIMEOUTS: whether the timeout is not doubled while less than four full segments are on their way,
     * for the first {@value #THIN_RETRIES} retransmissions, so that a stream of few and small messages does not wait
     * long after several losses; off unless set.
     */
    public boolean thinLinearTimeouts() {
        return thinLinearTimeouts;
    }

    /** Sets {@link #thinLinearTimeouts()}. */
    public TcpTimerOptions thinLinearTimeouts(final boolean value) {
        thinLinearTimeouts = value;
        return this;
    }
}

package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;

/**
 * What one connection does otherwise than {@link TcpConfig} says, under the names of the socket options that other
 * systems have for it. {@link TcpSocket#options()} gives it; what is set holds from then on. Times are microseconds,
 * sizes bytes. Belongs to the thread of its stack.
 */
public final class TcpOptions {
    /** {@link #linger()}: a closed connection goes on until everything arrived. */
    public static final long NO_LINGER = -1;

    private final TcpConnection c;
    /** 0 if it is not set, and tuned. */
    private int sendBuffer;
    /** As that. */
    private int receiveBuffer;

    private int maxSegment;
    private long userTimeout;
    private long keepAliveIdle;
    private long keepAliveInterval;
    private int keepAliveProbes;
    private int hopLimit;
    private int trafficClass;
    private long linger = NO_LINGER;

    TcpOptions(final TcpConnection c) {
        final TcpConfig config = c.engine.config;
        this.c = c;
        this.maxSegment = config.maxMss();
        this.hopLimit = config.hopLimit();
        this.userTimeout = config.userTimeout();
        this.keepAliveIdle = config.keepAliveIdle();
        this.keepAliveInterval = config.keepAliveInterval();
        this.keepAliveProbes = config.keepAliveProbes();
    }

    /** TCP_NODELAY: whether small segments are sent while others are not acknowledged. */
    public boolean noDelay() {
        return c.noDelay;
    }

    /** Sets {@link #noDelay()}. */
    public TcpOptions noDelay(final boolean value) {
        c.noDelay = value;
        return sendNow(value);
    }

    /** TCP_CORK: whether only full segments are sent, until this is taken back or the connection closed. */
    public boolean cork() {
        return c.corked;
    }

    /** Sets {@link #cork()}; taking it back sends what has waited. */
    public TcpOptions cork(final boolean value) {
        c.corked = value;
        return sendNow(!value);
    }

    /** SO_SNDBUF: most bytes that wait to be sent or acknowledged, as it is now. */
    public int sendBuffer() {
        return c.sendBuffer();
    }

    /** Sets {@link #sendBuffer()}, which is not tuned from then on: 1 to 2^30. What is queued beyond stays queued. */
    public TcpOptions sendBuffer(final int value) {
        sendBuffer = (int) inRange("sendBuffer", value, 1, 1 << 30);
        return this;
    }

    /** SO_RCVBUF: most bytes that wait to be read, and the largest window offered, as it is now. */
    public int receiveBuffer() {
        return c.receiveBuffer();
    }

    /**
     * Sets {@link #receiveBuffer()}, which is not tuned from then on: 1 to 2^30. A window once offered is not taken back,
     * and its scale is agreed on in the handshake by the configured limit: a larger one is used as far as that scale
     * reaches.
     */
    public TcpOptions receiveBuffer(final int value) {
        receiveBuffer = (int) inRange("receiveBuffer", value, 1, 1 << 30);
        c.engine.consumed(c);
        return this;
    }

    /** TCP_MAXSEG: most bytes of payload and options in a segment that we send, whatever peer and path allow. */
    public int maxSegment() {
        return maxSegment;
    }

    /** Sets {@link #maxSegment()}: 88 to 65495. */
    public TcpOptions maxSegment(final int value) {
        maxSegment = (int) inRange("maxSegment", value, 88, 65_495);
        if (c.state.isSynchronized()) {
            c.updateMss(c.engine.egress.pathMss(c));
        }
        return this;
    }

    /** TCP_USER_TIMEOUT: time without progress after which a connection is given up; 0 for never. */
    public long userTimeout() {
        return userTimeout;
    }

    /** Sets {@link #userTimeout()}. */
    public TcpOptions userTimeout(final long micros) {
        userTimeout = inRange("userTimeout", micros, 0, Long.MAX_VALUE / 4);
        return this;
    }

    /** SO_KEEPALIVE with TCP_KEEPIDLE: time of silence after which the peer is probed; 0 for never. */
    public long keepAliveIdle() {
        return keepAliveIdle;
    }

    /** TCP_KEEPINTVL: time between probes. */
    public long keepAliveInterval() {
        return keepAliveInterval;
    }

    /** TCP_KEEPCNT: unanswered probes after which the connection is given up. */
    public int keepAliveProbes() {
        return keepAliveProbes;
    }

    /**
     * Sets when and how often a silent peer is probed.
     *
     * @param idle silence before the first probe, 0 to switch probing off
     * @param interval between probes, at least 1
     * @param probes how many, 1 to 127
     */
    public TcpOptions keepAlive(final long idle, final long interval, final int probes) {
        keepAliveIdle = inRange("keepAliveIdle", idle, 0, Long.MAX_VALUE / 4);
        keepAliveInterval = inRange("keepAliveInterval", interval, 1, Long.MAX_VALUE / 4);
        keepAliveProbes = (int) inRange("keepAliveProbes", probes, 1, Byte.MAX_VALUE);
        if (c.state.isSynchronized() && c.state.canQueue()) {
            c.engine.timers.startKeepAlive(c, c.lastReceived);
        }
        return this;
    }

    /** SO_LINGER: time after closing that is left for what is queued to arrive; 0 resets at once. */
    public long linger() {
        return linger;
    }

    /** Sets {@link #linger()}: {@link #NO_LINGER}, 0 or more. Set it before closing. */
    public TcpOptions linger(final long micros) {
        linger = inRange("linger", micros, NO_LINGER, Long.MAX_VALUE / 4);
        return this;
    }

    /** IP_TTL, IPV6_UNICAST_HOPS: TTL or hop limit of what is sent. */
    public int hopLimit() {
        return hopLimit;
    }

    /** Sets {@link #hopLimit()}: 1 to 255. */
    public TcpOptions hopLimit(final int value) {
        hopLimit = (int) inRange("hopLimit", value, 1, 255);
        return this;
    }

    /** IP_TOS, IPV6_TCLASS: DSCP and ECN bits of what is sent. */
    public int trafficClass() {
        return trafficClass;
    }

    /** Sets {@link #trafficClass()}: 0 to 255. The lower two bits, which belong to ECN, are not sent. */
    public TcpOptions trafficClass(final int value) {
        trafficClass = (int) inRange("trafficClass", value, 0, 255);
        return this;
    }

    /** TCP_QUICKACK: whether what comes next is acknowledged at once. */
    public boolean quickAck() {
        return c.quickAcks > 0;
    }

    /** Sets {@link #quickAck()}; as on Linux it does not stay for ever. */
    public TcpOptions quickAck(final boolean value) {
        c.quickAcks = value ? Byte.MAX_VALUE : 0;
        if (value && c.owesAck() && c.state.isSynchronized()) {
            c.ackNow = true;
            c.engine.ready(c);
        }
        return this;
    }

    /** TCP_CONGESTION: the algorithm that sets the congestion window. */
    public CongestionAlgorithm congestion() {
        return c.congestion.algorithm();
    }

    /** Sets {@link #congestion()}; the window stays as it is. */
    public TcpOptions congestion(final CongestionAlgorithm value) {
        c.congestion.algorithm(value, c.mss);
        return this;
    }

    /** SO_SNDBUF if it was set, else 0. */
    int sendBufferSet() {
        return sendBuffer;
    }

    /** SO_RCVBUF if it was set, else 0. */
    int receiveBufferSet() {
        return receiveBuffer;
    }

    /** Whether the connection was closed, lingers and waits for what it sent to be acknowledged. */
    boolean lingering(final TcpConnection closed) {
        return linger >= 0
                && (closed.state == TcpState.FIN_WAIT_1
                        || closed.state == TcpState.CLOSING
                        || closed.state == TcpState.LAST_ACK);
    }

    private TcpOptions sendNow(final boolean due) {
        if (due) {
            c.engine.ready(c);
        }
        return this;
    }

    private static long inRange(final String name, final long value, final long least, final long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be " + least + " to " + most);
        }
        return value;
    }
}

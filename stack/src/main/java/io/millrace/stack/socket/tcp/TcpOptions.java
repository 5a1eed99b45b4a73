package io.millrace.stack.socket.tcp;

import io.millrace.stack.route.RouteMetrics;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.stack.socket.tcp.keys.TcpKeys;
import org.jspecify.annotations.Nullable;

/**
 * What one connection does otherwise than {@link TcpConfig} says, under the names of the socket options that other
 * systems have for it. {@link TcpSocket#options()} gives it; what is set holds from then on. Set between
 * {@link io.millrace.stack.Stack#connect} and the next poll, it holds for the SYN too. {@link TcpListener#options()}
 * gives what a listener answers SYNs with and what the connections that it accepts begin with. Times are microseconds,
 * sizes bytes. What sets a value throws an {@link IllegalArgumentException} if it is out of its range, and changes nothing
 * then. Belongs to the thread of its stack.
 *
 * <pre>{@code
 * TcpSocket<Ipv4Address> socket = stack.connect(server, handler);
 * socket.options().noDelay(true).maxSegment(1200).keepAlive(60_000_000, 10_000_000, 5);
 * }</pre>
 */
public final class TcpOptions extends TcpLivenessOptions {
    /** {@link #maxPacingRate()}: none is set, as on Linux. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    private final TcpConfig config;
    /** Null for what a listener hands on. */
    private final @Nullable TcpConnection c;

    // Of a listener; a connection keeps these itself.
    private boolean noDelay;
    private boolean cork;
    private boolean quickAck;
    private CongestionAlgorithm congestion;

    // 0 if not set, and tuned.
    private int sendBuffer;
    private int receiveBuffer;

    private int maxSegment;
    private int minHopLimit;
    private boolean dontFragment = true;
    private int windowClamp = Integer.MAX_VALUE;
    private int notSentLowWater;
    private int receiveLowWater = 1;
    private boolean pacing;
    private long maxPacingRate = UNLIMITED;
    private @Nullable TcpTimerOptions timers;
    private @Nullable TcpTimes times;
    private @Nullable TcpOpeningOptions opening;
    private boolean fastOpenConnect;
    private boolean fastOpenNoCookie;
    /** Null if nobody asked for them. */
    private @Nullable TcpKeys keys;
    /** Not the application's; see {@link PathAdvice}. */
    RouteMetrics route = RouteMetrics.NONE;
    /** Not the application's either, see {@link ArrivedSegment}. */
    byte @Nullable [] savedSyn;

    TcpOptions(final TcpConnection c) {
        this(c.engine.config, c);
    }

    /** Those of a listener. */
    TcpOptions(final TcpConfig config) {
        this(config, null);
    }

    private TcpOptions(final TcpConfig config, final @Nullable TcpConnection c) {
        super(config, c);
        this.config = config;
        this.c = c;
        this.noDelay = config.features().noDelay();
        this.quickAck = config.timeouts().quickAcks() > 0;
        this.congestion = config.features().congestionControl();
        this.pacing = config.features().pacing();
        this.notSentLowWater = config.buffers().notSentLowWater();
        this.maxSegment = config.features().maxMss();
    }

    @Override
    protected TcpOptions self() {
        return this;
    }

    /** What an accepted connection begins with. */
    void handOn(final TcpConnection child) {
        final TcpOptions options = new TcpOptions(child);
        options.copy(this);
        options.copyLiveness(this);
        options.sendBuffer = sendBuffer;
        options.receiveBuffer = receiveBuffer;
        options.maxSegment = maxSegment;
        options.minHopLimit = minHopLimit;
        options.dontFragment = dontFragment;
        options.windowClamp = windowClamp;
        options.notSentLowWater = notSentLowWater;
        options.receiveLowWater = receiveLowWater;
        options.pacing = pacing;
        options.maxPacingRate = maxPacingRate;
        options.timers = timers == null ? null : new TcpTimerOptions(timers);
        options.times = TcpTimes.handOn(times, child);
        options.opening = opening == null ? null : opening.handOn(child);
        options.keys = keys == null ? null : ConnectionKeys.from(keys, child);
        child.options = options;
        child.noDelay = noDelay;
        child.corked = cork;
        if (!quickAck) {
            QuickAcks.set(child, false);
        }
        child.setCongestionControl(congestion);
    }

    /** TCP_NODELAY: whether small segments are sent while others are not acknowledged. */
    public boolean noDelay() {
        return c == null ? noDelay : c.noDelay;
    }

    /** Sets {@link #noDelay()}. Switched on, it sends what has waited, as on Linux even while corked. */
    public TcpOptions noDelay(final boolean value) {
        noDelay = value;
        if (c != null) {
            c.noDelay = value;
            if (value && c.holdsBack()) {
                c.hold(TcpConnection.RELEASED, true);
            }
        }
        return sendNow(value);
    }

    /** TCP_CORK: whether only full segments are sent, until this is taken back or the connection closed. */
    public boolean cork() {
        return c == null ? cork : c.corked;
    }

    /** Sets {@link #cork()}; taking it back sends what has waited. */
    public TcpOptions cork(final boolean value) {
        cork = value;
        if (c != null) {
            c.corked = value;
        }
        return sendNow(!value);
    }

    /** SO_SNDBUF: most bytes that wait to be sent or acknowledged, as it is now. */
    public int sendBuffer() {
        return c != null ? c.sendBuffer() : sendBuffer == 0 ? config.buffers().sendBuffer() : sendBuffer;
    }

    /** Sets {@link #sendBuffer()}, which is not tuned from then on: 1 to 2^30. What is queued beyond stays queued. */
    public TcpOptions sendBuffer(final int value) {
        sendBuffer = (int) inRange("sendBuffer", value, 1, 1 << 30);
        return tellRoom();
    }

    /** SO_RCVBUF: most bytes that wait to be read, and the largest window offered, as it is now. */
    public int receiveBuffer() {
        return c != null
                ? c.receiveBuffer()
                : receiveBuffer == 0 ? config.buffers().receiveBuffer() : receiveBuffer;
    }

    /**
     * Sets {@link #receiveBuffer()}, which is not tuned from then on: 1 to 2^30. A window once offered is not taken
     * back, and its scale is agreed on in the handshake, for this buffer if it is set before, else by the configured
     * limit: a larger one is used as far as that scale reaches.
     */
    public TcpOptions receiveBuffer(final int value) {
        receiveBuffer = (int) inRange("receiveBuffer", value, 1, 1 << 30);
        if (c != null) {
            TcpHandshake.beforeSyn(c);
            c.engine.consumed(c);
        }
        return this;
    }

    /** TCP_WINDOW_CLAMP: the largest window that is offered, whatever the buffer has room for. */
    public int windowClamp() {
        return windowClamp;
    }

    /** Sets {@link #windowClamp()}: 1 to 2^31 - 1. A window once offered is not taken back. */
    public TcpOptions windowClamp(final int value) {
        windowClamp = (int) inRange("windowClamp", value, 1, Integer.MAX_VALUE);
        if (c != null) {
            c.engine.consumed(c);
        }
        return this;
    }

    /** SO_RCVLOWAT: how many bytes must wait before {@link TcpHandler#onReadable} is called; 1 unless set. */
    public int receiveLowWater() {
        return receiveLowWater;
    }

    /**
     * Sets {@link #receiveLowWater()}: 1 to 2^30. As on Linux, what is more than half of the receive buffer counts as
     * that half: the window must not close before the application reads.
     */
    public TcpOptions receiveLowWater(final int value) {
        receiveLowWater = (int) inRange("receiveLowWater", value, 1, 1 << 30);
        if (c != null && c.unread() > 0) {
            c.engine.events.addReadable(c);
        }
        return this;
    }

    /**
     * TCP_NOTSENT_LOWAT: how many bytes may be queued and not sent, {@link
     * io.millrace.stack.socket.tcp.config.TcpBuffers#notSentLowWater()} unless set; 2^30 or more for no such limit.
     */
    public int notSentLowWater() {
        return notSentLowWater;
    }

    /**
     * Sets {@link #notSentLowWater()}: 1 to 2^31 - 1. It bounds {@link TcpSocket#writable()} beside the send buffer, so
     * that data waits in the application, which may still change its mind, instead of in the queue. What both windows
     * let go at once does not count.
     */
    public TcpOptions notSentLowWater(final int value) {
        notSentLowWater = (int) inRange("notSentLowWater", value, 1, Integer.MAX_VALUE);
        return tellRoom();
    }

    /**
     * TCP_MAXSEG: most bytes of payload and options in a segment that we send, whatever peer and path allow, and, if set
     * before the handshake, the largest MSS that we announce.
     */
    public int maxSegment() {
        return maxSegment;
    }

    /** Sets {@link #maxSegment()}: 88 to 65495. */
    public TcpOptions maxSegment(final int value) {
        maxSegment = (int) inRange("maxSegment", value, 88, 65_495);
        if (c != null) {
            TcpHandshake.beforeSyn(c);
            if (c.state.isSynchronized()) {
                c.updateMss(c.engine.egress.pathMss(c));
            }
        }
        return this;
    }

    /** Timeouts of this connection alone. */
    public TcpTimerOptions timers() {
        TcpTimerOptions current = timers;
        if (current == null) {
            current = new TcpTimerOptions(config);
            timers = current;
        }
        return current;
    }

    /** How long an attempt to connect goes on; 0 for as long as its retransmissions last. */
    long connectTimeout() {
        return timers == null ? config.timeouts().connect() : timers.connect();
    }

    /** The longest timeout. */
    int maxRto() {
        return timers == null ? config.timeouts().maxRto() : timers.maxRto();
    }

    /** The least by which a timeout exceeds the round trip, if the route does not say. */
    int minRto() {
        return timers == null ? config.timeouts().minRto() : timers.minRto();
    }

    /** How long an acknowledgment waits. */
    int delayedAck() {
        return timers == null ? config.timeouts().delayedAck() : timers.delayedAck();
    }

    /** {@link TcpTimerOptions#thinLinearTimeouts()}. */
    boolean thinLinearTimeouts() {
        return timers != null && timers.thinLinearTimeouts();
    }

    /** SO_TIMESTAMPING: what is told of when bytes were sent, acknowledged and received; nothing at first. */
    public TcpTimes times() {
        TcpTimes current = times;
        if (current == null) {
            current = new TcpTimes(c);
            times = current;
        }
        return current;
    }

    /** As {@link #times()}; null if nobody asked for them. */
    @Nullable
    TcpTimes timesOrNull() {
        return times;
    }

    /** How this connection begins, or what a listener answers SYNs with. */
    public TcpOpeningOptions opening() {
        TcpOpeningOptions current = opening;
        if (current == null) {
            current = new TcpOpeningOptions(c);
            opening = current;
        }
        return current;
    }

    /** {@link TcpOpeningOptions#withoutOptions()}. */
    boolean withoutOptions() {
        return opening != null && opening.withoutOptions();
    }

    /**
     * IP_MINTTL, IPV6_MINHOPCOUNT: the least TTL or hop limit of what is received; 0, unless set, for any. What comes
     * with less is dropped and counted as {@code tcpTooFar}, whatever it is, a listener's SYNs too.
     */
    public int minHopLimit() {
        return minHopLimit;
    }

    /**
     * Sets {@link #minHopLimit()}: 0 to 255. A peer on the same link that sends with 255 is told by 255 here from
     * whoever would forge its segments from elsewhere (RFC 5082): let both sides set {@link #hopLimit(int)} to 255.
     */
    public TcpOptions minHopLimit(final int value) {
        minHopLimit = (int) inRange("minHopLimit", value, 0, 255);
        return this;
    }

    /**
     * IP_MTU_DISCOVER: whether segments that are too long for a link are dropped and told, so that shorter ones follow.
     */
    public boolean dontFragment() {
        return dontFragment;
    }

    /** Sets {@link #dontFragment()}; if not, routers of IPv4 may cut packets, which then have numbers (RFC 6864). */
    public TcpOptions dontFragment(final boolean value) {
        dontFragment = value;
        return this;
    }

    /** TCP_QUICKACK: whether what comes next is acknowledged at once. */
    public boolean quickAck() {
        return c == null ? quickAck : QuickAcks.areOn(c);
    }

    /** Sets {@link #quickAck()}; as on Linux it does not stay for ever. */
    public TcpOptions quickAck(final boolean value) {
        quickAck = value;
        if (c != null) {
            QuickAcks.set(c, value);
            if (value && c.owesAck() && c.state.isSynchronized()) {
                c.ackNow = true;
                c.engine.ready(c);
            }
        }
        return this;
    }

    /** TCP_FASTOPEN_CONNECT: whether our SYN takes data along, or asks for the cookie that this needs (RFC 7413). */
    public boolean fastOpenConnect() {
        return fastOpenConnect;
    }

    /**
     * Sets {@link #fastOpenConnect()}, before the SYN is sent. It takes what is queued then, up to {@link
     * TcpSocket#synRoom()}. The peer may see that data twice if the network duplicates the SYN (section 2.1).
     */
    public TcpOptions fastOpenConnect(final boolean value) {
        fastOpenConnect = value;
        return this;
    }

    /**
     * TCP_FASTOPEN_NO_COOKIE: whether our SYN takes data along without a cookie; for a listener see {@link
     * FastOpenQueue}.
     */
    public boolean fastOpenNoCookie() {
        return fastOpenNoCookie;
    }

    /** Sets {@link #fastOpenNoCookie()}. */
    public TcpOptions fastOpenNoCookie(final boolean value) {
        fastOpenNoCookie = value;
        return this;
    }

    /** SO_MAX_PACING_RATE: most bytes a second that are sent, whatever the congestion control allows. */
    public long maxPacingRate() {
        return maxPacingRate;
    }

    /** Sets {@link #maxPacingRate()}: 1 or more, {@link #UNLIMITED} for none. Holds on short paths too. */
    public TcpOptions maxPacingRate(final long bytesPerSecond) {
        maxPacingRate = inRange("maxPacingRate", bytesPerSecond, 1, UNLIMITED);
        return sendNow(true);
    }

    /** Whether the congestion window is spread over the round trip. */
    public boolean pacing() {
        return pacing;
    }

    /** Sets {@link #pacing()}. BBR is paced always, since its rate is what controls it. */
    public TcpOptions pacing(final boolean value) {
        pacing = value;
        return sendNow(!value);
    }

    /**
     * TCP_MD5SIG, TCP_AO_ADD_KEY: what signs segments (RFC 2385, RFC 5925); none at first. A segment that is signed
     * carries less.
     */
    public TcpKeys keys() {
        TcpKeys current = keys;
        if (current == null) {
            current = c == null ? TcpKeys.create() : TcpKeys.create(new ConnectionKeys(c));
            keys = current;
        }
        return current;
    }

    /** As {@link #keys()}; null if nobody asked for them. */
    @Nullable
    TcpKeys keysOrNull() {
        return keys;
    }

    /** {@link #maxPacingRate()} as a rate. */
    double maxPacingRateSet() {
        return maxPacingRate == UNLIMITED ? Double.POSITIVE_INFINITY : maxPacingRate;
    }

    /** TCP_CONGESTION: the algorithm that sets the congestion window. */
    public CongestionAlgorithm congestion() {
        return c == null ? congestion : c.congestion.algorithm();
    }

    /** Sets {@link #congestion()}; the window stays as it is. */
    public TcpOptions congestion(final CongestionAlgorithm value) {
        congestion = value;
        if (c != null) {
            c.setCongestionControl(value);
        }
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

    private TcpOptions tellRoom() {
        if (c != null) {
            c.engine.events.addWritable(c);
        }
        return this;
    }

    private TcpOptions sendNow(final boolean due) {
        if (due && c != null) {
            c.engine.ready(c);
        }
        return this;
    }

    static long inRange(final String name, final long value, final long least, final long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be " + least + " to " + most);
        }
        return value;
    }
}

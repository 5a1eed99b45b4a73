package io.millrace.bench.socketapi;

import io.millrace.stack.socket.SocketSettings;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpOptions;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What a program set of a socket's options: kept here since most of it is set before there is a connection, and since a
 * connection that is accepted inherits it from its listener. Not thread-safe.
 */
final class Settings {
    /** Of a number that was not set. */
    static final int UNSET = -1;

    /** Twice of it is told in a number of 31 bits. */
    private static final int MOST_BUFFER = (1 << 30) - 1;

    /** SO_MAX_PACING_RATE: no limit. */
    private static final long UNLIMITED = -1;

    private static final AtomicLong COOKIES = new AtomicLong();

    private final TcpConfig defaults;
    final TcpLevel tcp;
    final IpLevel ip;
    final AncillaryOptions ancillary;
    final Timestamping timestamping;
    boolean reuseAddress;
    boolean reusePort;
    /** Name of the interface that it is bound to; empty for none. */
    String device = "";

    @Nullable
    Duration receiveTimeout;

    @Nullable
    Duration sendTimeout;

    private boolean broadcast;
    private boolean keepAlive;
    private boolean urgentInline;
    private int sendBuffer = UNSET;
    private int receiveBuffer = UNSET;
    private int receiveLowWater = 1;
    private int linger = UNSET;
    private int priority;
    private int mark;
    private int busyPoll;
    /** Bytes a second as a number without sign. */
    private long maxPacingRate = UNLIMITED;
    /** SO_COOKIE: another for each socket, from 1; 0 as long as nobody asked. */
    private long cookie;

    Settings(TcpConfig defaults, int domain) {
        this.defaults = defaults;
        this.ancillary = new AncillaryOptions();
        this.timestamping = new Timestamping();
        this.tcp = new TcpLevel(defaults, domain);
        this.keepAlive = defaults.timeouts().keepAliveIdle() > 0;
        this.ip = new IpLevel(defaults.features().hopLimit(), domain);
    }

    private Settings(Settings from) {
        defaults = from.defaults;
        tcp = new TcpLevel(from.tcp);
        ip = new IpLevel(from.ip);
        ancillary = new AncillaryOptions(from.ancillary);
        timestamping = new Timestamping(from.timestamping);
        reuseAddress = from.reuseAddress;
        reusePort = from.reusePort;
        device = from.device;
        receiveTimeout = from.receiveTimeout;
        sendTimeout = from.sendTimeout;
        broadcast = from.broadcast;
        keepAlive = from.keepAlive;
        urgentInline = from.urgentInline;
        sendBuffer = from.sendBuffer;
        receiveBuffer = from.receiveBuffer;
        receiveLowWater = from.receiveLowWater;
        linger = from.linger;
        priority = from.priority;
        mark = from.mark;
        busyPoll = from.busyPoll;
        maxPacingRate = from.maxPacingRate;
    }

    /** What a connection that is accepted begins with. */
    Settings copy() {
        return new Settings(this);
    }

    /** Makes a connection what was set. On the shard's thread, on a copy. */
    void apply(TcpOptions options) {
        if (sendBuffer != UNSET) {
            options.sendBuffer(sendBuffer);
        }
        if (receiveBuffer != UNSET) {
            options.receiveBuffer(receiveBuffer);
        }
        options.linger(linger == 0 ? 0 : TcpOptions.NO_LINGER); // who closes waits, and the connection goes on
        options.receiveLowWater(Math.min(receiveLowWater, MOST_BUFFER));
        options.hopLimit(ip.hopLimit());
        options.minHopLimit(ip.minHopLimit());
        options.trafficClass(ip.trafficClass());
        options.flowLabel(ip.flowLabel());
        options.dontFragment(ip.streamDontFragment());
        // Without a sign; 0 is told, and limits nothing on Linux either.
        options.maxPacingRate(maxPacingRate <= 0 ? TcpOptions.UNLIMITED : maxPacingRate);
        if (timestamping.receives() || ancillary.tellsTimes()) {
            options.times().receives(true);
        }
        tcp.apply(options, keepAlive);
    }

    /** SO_LINGER: how long who closes waits; null for not at all. */
    @Nullable
    Duration linger() {
        return linger <= 0 ? null : Duration.ofSeconds(linger);
    }

    /** Makes a listener what was set, as {@link #apply(TcpOptions)}. */
    void apply(TcpListener<?> listener) {
        apply(listener.options());
        listener.deferAccept(tcp.deferAccept());
        listener.saveSyn(tcp.saveSyn());
        tcp.apply(listener.fastOpen());
    }

    /** Makes a datagram socket what was set. On the shard's thread, on a copy. */
    void apply(SocketSettings settings) {
        settings.broadcast(broadcast);
        ip.apply(settings);
    }

    /** SO_RCVBUF of a datagram socket in bytes of payload; {@link #UNSET} if it was not set. */
    int receiveBuffer() {
        return receiveBuffer;
    }

    /** SO_SNDBUF as it is told: twice what was set, for Linux has as much again for what the bytes lie in. */
    int sendSpace() {
        return 2 * (sendBuffer == UNSET ? defaults.buffers().sendBuffer() : sendBuffer);
    }

    /** SO_RCVBUF as it is told. */
    int receiveSpace() {
        return 2 * (receiveBuffer == UNSET ? defaults.buffers().receiveBuffer() : receiveBuffer);
    }

    /** Sets an option of SOL_SOCKET. Returns false if there is none of the name. */
    boolean set(int option, byte[] value) throws ErrnoException {
        final int number = OptionBytes.integer(value); // of all options, known or not
        switch (option) {
            case Linux.SO_REUSEADDR -> reuseAddress = OptionBytes.flag(value);
            case Linux.SO_REUSEPORT -> reusePort = OptionBytes.flag(value);
            case Linux.SO_BROADCAST -> broadcast = OptionBytes.flag(value);
            case Linux.SO_KEEPALIVE -> keepAlive = OptionBytes.flag(value);
            // Urgent data is always in line (RFC 6093 section 6).
            case Linux.SO_OOBINLINE -> urgentInline = OptionBytes.flag(value);
            case Linux.SO_LINGER -> linger = OptionBytes.linger(value);
            case Linux.SO_SNDBUF -> sendBuffer = buffer(number, Linux.SOCK_MIN_SNDBUF);
            case Linux.SO_SNDBUFFORCE -> sendBuffer = buffer(Math.max(0, number), Linux.SOCK_MIN_SNDBUF);
            case Linux.SO_RCVBUF -> receiveBuffer = buffer(number, Linux.SOCK_MIN_RCVBUF);
            case Linux.SO_RCVBUFFORCE -> receiveBuffer = buffer(Math.max(0, number), Linux.SOCK_MIN_RCVBUF);
            case Linux.SO_RCVLOWAT -> receiveLowWater = number < 0 ? Integer.MAX_VALUE : Math.max(1, number);
            // Kept and told: no queue, rule or poll of ours would look at it.
            case Linux.SO_PRIORITY -> priority = number;
            case Linux.SO_MARK -> mark = number;
            case Linux.SO_BUSY_POLL -> busyPoll = OptionBytes.inRange(value, 0, Integer.MAX_VALUE);
            case Linux.SO_MAX_PACING_RATE -> maxPacingRate = pacingRate(value);
            case Linux.SO_RCVTIMEO -> receiveTimeout = OptionBytes.time(value);
            case Linux.SO_SNDTIMEO -> sendTimeout = OptionBytes.time(value);
            default -> {
                return false;
            }
        }
        return true;
    }

    /** The value of an option of SOL_SOCKET; null if there is none of the name. */
    byte @Nullable [] get(int option) {
        return switch (option) {
            case Linux.SO_REUSEADDR -> OptionBytes.of(reuseAddress);
            case Linux.SO_REUSEPORT -> OptionBytes.of(reusePort);
            case Linux.SO_BROADCAST -> OptionBytes.of(broadcast);
            case Linux.SO_KEEPALIVE -> OptionBytes.of(keepAlive);
            case Linux.SO_OOBINLINE -> OptionBytes.of(urgentInline);
            case Linux.SO_LINGER -> OptionBytes.ofLinger(linger);
            case Linux.SO_SNDBUF -> OptionBytes.of(sendSpace());
            case Linux.SO_RCVBUF -> OptionBytes.of(receiveSpace());
            case Linux.SO_RCVLOWAT -> OptionBytes.of(receiveLowWater);
            case Linux.SO_SNDLOWAT -> OptionBytes.of(1);
            case Linux.SO_RCVTIMEO -> OptionBytes.ofTime(receiveTimeout);
            case Linux.SO_SNDTIMEO -> OptionBytes.ofTime(sendTimeout);
            case Linux.SO_PRIORITY -> OptionBytes.of(priority);
            case Linux.SO_MARK -> OptionBytes.of(mark);
            case Linux.SO_BUSY_POLL -> OptionBytes.of(busyPoll);
            case Linux.SO_MAX_PACING_RATE -> OptionBytes.of(maxPacingRate);
            case Linux.SO_COOKIE -> OptionBytes.of(cookie());
            case Linux.SO_TIMESTAMPING -> timestamping.value();
            case Linux.SO_ZEROCOPY -> OptionBytes.of(timestamping.zeroCopy());
            case Linux.SO_BINDTODEVICE ->
                device.isEmpty() ? new byte[0] : (device + "\0").getBytes(StandardCharsets.US_ASCII);
            default -> null;
        };
    }

    private long cookie() {
        if (cookie == 0) {
            cookie = COOKIES.incrementAndGet();
        }
        return cookie;
    }

    /** What half of a buffer of Linux holds; a size without sign. */
    private static int buffer(int size, int least) {
        return size < 0 ? MOST_BUFFER : Math.clamp(size, least / 2, MOST_BUFFER);
    }

    private static long pacingRate(byte[] value) throws ErrnoException {
        final boolean unlimited = value.length < Long.BYTES && OptionBytes.integer(value) == -1;
        return unlimited ? UNLIMITED : OptionBytes.longOrUnsigned(value);
    }
}

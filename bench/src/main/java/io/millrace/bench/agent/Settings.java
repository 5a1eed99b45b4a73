package io.millrace.bench.agent;

import io.millrace.stack.socket.SocketSettings;
import io.millrace.stack.socket.tcp.TcpConfig;
import io.millrace.stack.socket.tcp.TcpOptions;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a program set of a socket's options: kept here since most of it is set before there is a connection, and since a
 * connection that is accepted inherits it from its listener. Not thread-safe.
 */
final class Settings {
    /** Of a number that was not set. */
    static final int UNSET = -1;

    private static final long MICROS = 1_000_000;

    /** Linux's least values for SO_SNDBUF and SO_RCVBUF, as {@code getsockopt} tells them. */
    private static final int LEAST_SEND = 4_608;

    private static final int LEAST_RECEIVE = 2_304;

    /** The two linux TCP limits for times in seconds, and for probes. */
    private static final int MAX_KEEP_SECONDS = 32_767;

    private static final int MAX_KEEP_PROBES = 127;
    /** What TCP_MAXSEG tells before there is a connection (RFC 9293 section 3.7.1). */
    private static final int DEFAULT_MSS = 536;

    private static final int LEAST_MSS = 88;
    private static final int MOST_MSS = 32_767;

    private final TcpConfig defaults;
    boolean reuseAddress;
    boolean reusePort;
    boolean v6Only;
    boolean broadcast;

    @Nullable
    Duration receiveTimeout;

    @Nullable
    Duration sendTimeout;

    private boolean keepAlive;
    private boolean noDelay;
    private boolean cork;
    private int quickAck = UNSET;
    private int sendBuffer = UNSET;
    private int receiveBuffer = UNSET;
    private int linger = UNSET;
    private int keepIdle = 7_200;
    private int keepInterval = 75;
    private int keepProbes = 9;
    private int userTimeout;
    private int maxSegment = UNSET;
    private int hopLimit;
    private int trafficClass;
    private int discovery = Linux.PMTUDISC_WANT;
    private CongestionAlgorithm congestion;

    Settings(TcpConfig defaults) {
        this.defaults = defaults;
        this.congestion = defaults.congestionControl();
        this.hopLimit = defaults.hopLimit();
    }

    /** What a connection that is accepted begins with. */
    Settings copy() {
        final Settings copy = new Settings(defaults);
        copy.reuseAddress = reuseAddress;
        copy.reusePort = reusePort;
        copy.v6Only = v6Only;
        copy.broadcast = broadcast;
        copy.keepAlive = keepAlive;
        copy.noDelay = noDelay;
        copy.cork = cork;
        copy.quickAck = quickAck;
        copy.sendBuffer = sendBuffer;
        copy.receiveBuffer = receiveBuffer;
        copy.linger = linger;
        copy.keepIdle = keepIdle;
        copy.keepInterval = keepInterval;
        copy.keepProbes = keepProbes;
        copy.userTimeout = userTimeout;
        copy.maxSegment = maxSegment;
        copy.hopLimit = hopLimit;
        copy.trafficClass = trafficClass;
        copy.discovery = discovery;
        copy.congestion = congestion;
        copy.receiveTimeout = receiveTimeout;
        copy.sendTimeout = sendTimeout;
        return copy;
    }

    /** Makes a connection what was set. On the shard's thread, on a copy. */
    void apply(TcpOptions options) {
        options.keepAlive(
                keepAlive ? keepIdle * MICROS : 0, keepInterval * MICROS, Math.min(keepProbes, Byte.MAX_VALUE));
        if (sendBuffer != UNSET) {
            options.sendBuffer(sendBuffer);
        }
        if (receiveBuffer != UNSET) {
            options.receiveBuffer(receiveBuffer);
        }
        if (maxSegment != UNSET) {
            options.maxSegment(maxSegment);
        }
        if (quickAck != UNSET) {
            options.quickAck(quickAck != 0);
        }
        if (options.congestion() != congestion) {
            options.congestion(congestion);
        }
        options.userTimeout(userTimeout == 0 ? defaults.userTimeout() : userTimeout * 1_000L);
        options.linger(linger == UNSET ? TcpOptions.NO_LINGER : linger * MICROS);
        options.hopLimit(hopLimit);
        options.trafficClass(trafficClass);
        // Last, for they may send what has waited.
        if (options.cork() != cork) {
            options.cork(cork);
        }
        if (options.noDelay() != noDelay) {
            options.noDelay(noDelay);
        }
    }

    /** Makes a UDP socket what was set. On the shard's thread, on a copy. */
    void apply(SocketSettings settings) {
        settings.hopLimit(hopLimit)
                .trafficClass(trafficClass)
                .broadcast(broadcast)
                .dontFragment(discovery == Linux.PMTUDISC_DO || discovery == Linux.PMTUDISC_PROBE);
    }

    /** Whether small segments wait although nobody set TCP_CORK for good. */
    boolean cork() {
        return cork;
    }

    /** SO_RCVBUF of a UDP socket in bytes of payload; {@link #UNSET} if it was not set. */
    int receiveBuffer() {
        return receiveBuffer;
    }

    /** Sets an option of SOL_SOCKET. Returns false if there is none of the name. */
    boolean setSocket(int option, byte[] value) throws ErrnoException {
        switch (option) {
            case Linux.SO_REUSEADDR -> reuseAddress = OptionBytes.flag(value);
            case Linux.SO_REUSEPORT -> reusePort = OptionBytes.flag(value);
            case Linux.SO_BROADCAST -> broadcast = OptionBytes.flag(value);
            case Linux.SO_KEEPALIVE -> keepAlive = OptionBytes.flag(value);
            case Linux.SO_LINGER -> linger = OptionBytes.linger(value);
            case Linux.SO_SNDBUF, Linux.SO_SNDBUFFORCE ->
                sendBuffer = Math.max(LEAST_SEND / 2, Math.min(OptionBytes.integer(value), 1 << 30));
            case Linux.SO_RCVBUF, Linux.SO_RCVBUFFORCE ->
                receiveBuffer = Math.max(LEAST_RECEIVE / 2, Math.min(OptionBytes.integer(value), 1 << 30));
            case Linux.SO_RCVTIMEO -> receiveTimeout = OptionBytes.time(value);
            case Linux.SO_SNDTIMEO -> sendTimeout = OptionBytes.time(value);
            default -> {
                return false;
            }
        }
        return true;
    }

    /** The value of an option of SOL_SOCKET; null if there is none of the name. */
    byte @Nullable [] getSocket(int option) {
        return switch (option) {
            case Linux.SO_REUSEADDR -> OptionBytes.of(reuseAddress);
            case Linux.SO_REUSEPORT -> OptionBytes.of(reusePort);
            case Linux.SO_BROADCAST -> OptionBytes.of(broadcast);
            case Linux.SO_KEEPALIVE -> OptionBytes.of(keepAlive);
            case Linux.SO_LINGER -> OptionBytes.ofLinger(linger);
            // Linux tells twice what was set: as much again is for what the bytes lie in.
            case Linux.SO_SNDBUF -> OptionBytes.of(2 * (sendBuffer == UNSET ? defaults.sendBuffer() : sendBuffer));
            case Linux.SO_RCVBUF ->
                OptionBytes.of(2 * (receiveBuffer == UNSET ? defaults.receiveBuffer() : receiveBuffer));
            case Linux.SO_RCVTIMEO -> OptionBytes.ofTime(receiveTimeout);
            case Linux.SO_SNDTIMEO -> OptionBytes.ofTime(sendTimeout);
            default -> null;
        };
    }

    /** As {@link #setSocket}, of IPPROTO_TCP. */
    boolean setTcp(int option, byte[] value) throws ErrnoException {
        switch (option) {
            case Linux.TCP_NODELAY -> noDelay = OptionBytes.flag(value);
            case Linux.TCP_CORK -> cork = OptionBytes.flag(value);
            case Linux.TCP_QUICKACK -> quickAck = OptionBytes.flag(value) ? 1 : 0;
            case Linux.TCP_MAXSEG ->
                maxSegment = OptionBytes.integer(value) == 0 ? UNSET : OptionBytes.inRange(value, LEAST_MSS, MOST_MSS);
            case Linux.TCP_KEEPIDLE -> keepIdle = OptionBytes.inRange(value, 1, MAX_KEEP_SECONDS);
            case Linux.TCP_KEEPINTVL -> keepInterval = OptionBytes.inRange(value, 1, MAX_KEEP_SECONDS);
            case Linux.TCP_KEEPCNT -> keepProbes = OptionBytes.inRange(value, 1, MAX_KEEP_PROBES);
            case Linux.TCP_USER_TIMEOUT -> userTimeout = OptionBytes.inRange(value, 0, Integer.MAX_VALUE);
            case Linux.TCP_CONGESTION -> congestion = algorithm(value);
            default -> {
                return false;
            }
        }
        return true;
    }

    /** As {@link #getSocket}, of IPPROTO_TCP. */
    byte @Nullable [] getTcp(int option) {
        return switch (option) {
            case Linux.TCP_NODELAY -> OptionBytes.of(noDelay);
            case Linux.TCP_CORK -> OptionBytes.of(cork);
            case Linux.TCP_MAXSEG -> OptionBytes.of(maxSegment == UNSET ? DEFAULT_MSS : maxSegment);
            case Linux.TCP_QUICKACK -> OptionBytes.of(quickAck != 0);
            case Linux.TCP_KEEPIDLE -> OptionBytes.of(keepIdle);
            case Linux.TCP_KEEPINTVL -> OptionBytes.of(keepInterval);
            case Linux.TCP_KEEPCNT -> OptionBytes.of(keepProbes);
            case Linux.TCP_USER_TIMEOUT -> OptionBytes.of(userTimeout);
            case Linux.TCP_CONGESTION ->
                Arrays.copyOf(
                        congestion.name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII),
                        Linux.CONGESTION_NAME);
            default -> null;
        };
    }

    /** As {@link #setSocket}, of IPPROTO_IP. */
    boolean setIp(int option, byte[] value) throws ErrnoException {
        switch (option) {
            case Linux.IP_TOS -> trafficClass = OptionBytes.byteOrInteger(value) & 0xFF;
            case Linux.IP_TTL -> hopLimit = hopLimit(OptionBytes.byteOrInteger(value));
            case Linux.IP_MTU_DISCOVER -> discovery = OptionBytes.inRange(value, 0, Linux.PMTUDISC_PROBE);
            default -> {
                return false;
            }
        }
        return true;
    }

    /** As {@link #getSocket}, of IPPROTO_IP. */
    byte @Nullable [] getIp(int option) {
        return switch (option) {
            case Linux.IP_TOS -> OptionBytes.of(trafficClass);
            case Linux.IP_TTL -> OptionBytes.of(hopLimit);
            case Linux.IP_MTU_DISCOVER -> OptionBytes.of(discovery);
            default -> null;
        };
    }

    /** As {@link #setSocket}, of IPPROTO_IPV6. */
    boolean setIpv6(int option, byte[] value) throws ErrnoException {
        switch (option) {
            case Linux.IPV6_TCLASS -> trafficClass = Math.max(0, OptionBytes.inRange(value, -1, 255));
            case Linux.IPV6_UNICAST_HOPS -> hopLimit = hopLimit(OptionBytes.integer(value));
            case Linux.IPV6_MTU_DISCOVER -> discovery = OptionBytes.inRange(value, 0, Linux.PMTUDISC_PROBE);
            case Linux.IPV6_V6ONLY -> v6Only = OptionBytes.flag(value);
            default -> {
                return false;
            }
        }
        return true;
    }

    /** As {@link #getSocket}, of IPPROTO_IPV6. */
    byte @Nullable [] getIpv6(int option) {
        return switch (option) {
            case Linux.IPV6_TCLASS -> OptionBytes.of(trafficClass);
            case Linux.IPV6_UNICAST_HOPS -> OptionBytes.of(hopLimit);
            case Linux.IPV6_MTU_DISCOVER -> OptionBytes.of(discovery);
            case Linux.IPV6_V6ONLY -> OptionBytes.of(v6Only);
            default -> null;
        };
    }

    private int hopLimit(int value) throws ErrnoException {
        if (value == -1) {
            return defaults.hopLimit();
        }
        if (value < 1 || value > 255) {
            throw new ErrnoException(Linux.EINVAL);
        }
        return value;
    }

    private static CongestionAlgorithm algorithm(byte[] value) throws ErrnoException {
        int length = 0;
        while (length < value.length && value[length] != 0) {
            length++;
        }
        final String name = new String(value, 0, length, StandardCharsets.US_ASCII);
        for (final CongestionAlgorithm algorithm : CongestionAlgorithm.values()) {
            if (algorithm.name().toLowerCase(Locale.ROOT).equals(name)) {
                return algorithm;
            }
        }
        throw new ErrnoException(Linux.ENOENT);
    }
}

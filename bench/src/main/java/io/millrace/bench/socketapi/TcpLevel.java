package io.millrace.bench.socketapi;

import io.millrace.stack.socket.tcp.FastOpenQueue;
import io.millrace.stack.socket.tcp.TcpOptions;
import io.millrace.stack.socket.tcp.config.FastOpenKeys;
import io.millrace.stack.socket.tcp.config.SavedSyn;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpTimeouts;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a program set of the options of IPPROTO_TCP. Not thread-safe. */
final class TcpLevel {
    private static final int UNSET = Settings.UNSET;
    private static final long MICROS = 1_000_000;

    /** Linux's limits for times in seconds, and for counts. */
    private static final int MAX_SECONDS = 32_767;

    private static final int MAX_COUNT = 127;

    /** Seconds of silence before a probe where the configuration says none: RFC 9293 section 3.8.4. */
    private static final int DEFAULT_IDLE = 7_200;

    /** What TCP_MAXSEG tells before there is a connection (RFC 9293 section 3.7.1). */
    private static final int DEFAULT_MSS = 536;

    private static final int LEAST_MSS = 88;
    private static final int MOST_MSS = 32_767;

    private final TcpConfig defaults;
    private final TimerLevel timers;
    final OpeningLevel opening;
    private final KeyOptions keys;
    private boolean noDelay;
    /** TCP_NODELAY was switched on, perhaps again: what waits is to be sent. */
    private boolean push;

    private boolean cork;
    private boolean quickAck = true;
    /** TCP_QUICKACK was set: it holds once, not with every other option that is set later. */
    private boolean quickAckSet;

    private int maxSegment = UNSET;
    private int keepIdle;
    private int keepInterval;
    private int keepProbes;
    private int userTimeout;
    private int synRetries = UNSET;
    /** Seconds; negative for none. */
    private int finWait2 = UNSET;

    private boolean finWait2Off;
    /** Retransmissions of a SYN-ACK that the time covers, as Linux keeps it. */
    private int deferRetries;

    private int windowClamp;
    private int notSentLowWater;
    private CongestionAlgorithm congestion;
    private int fastOpenQueue = UNSET;
    private @Nullable FastOpenKeys fastOpenKeys;
    private boolean fastOpenConnect;
    private boolean fastOpenNoCookie;
    private int saveSyn;

    TcpLevel(TcpConfig defaults, int domain) {
        this(defaults, new TimerLevel(defaults.timeouts()), new OpeningLevel(), new KeyOptions(domain));
    }

    private TcpLevel(TcpConfig defaults, TimerLevel timers, OpeningLevel opening, KeyOptions keys) {
        this.defaults = defaults;
        this.timers = timers;
        this.opening = opening;
        this.keys = keys;
        final TcpTimeouts timeouts = defaults.timeouts();
        this.keepIdle = timeouts.keepAliveIdle() == 0 ? DEFAULT_IDLE : seconds(timeouts.keepAliveIdle());
        this.keepInterval = seconds(timeouts.keepAliveInterval());
        this.keepProbes = timeouts.keepAliveProbes();
        this.congestion = defaults.features().congestionControl();
    }

    TcpLevel(TcpLevel from) {
        this(from.defaults, new TimerLevel(from.timers), new OpeningLevel(from.opening), new KeyOptions(from.keys));
        noDelay = from.noDelay;
        push = from.push;
        cork = from.cork;
        quickAck = from.quickAck;
        quickAckSet = from.quickAckSet;
        maxSegment = from.maxSegment;
        keepIdle = from.keepIdle;
        keepInterval = from.keepInterval;
        keepProbes = from.keepProbes;
        userTimeout = from.userTimeout;
        synRetries = from.synRetries;
        finWait2 = from.finWait2;
        finWait2Off = from.finWait2Off;
        deferRetries = from.deferRetries;
        windowClamp = from.windowClamp;
        notSentLowWater = from.notSentLowWater;
        congestion = from.congestion;
        fastOpenQueue = from.fastOpenQueue;
        fastOpenKeys = from.fastOpenKeys;
        fastOpenConnect = from.fastOpenConnect;
        fastOpenNoCookie = from.fastOpenNoCookie;
        saveSyn = from.saveSyn;
    }

    /** TCP_FASTOPEN_KEY; null if it was not set. */
    @Nullable
    FastOpenKeys fastOpenKeys() {
        return fastOpenKeys;
    }

    /** Whether {@code connect} waits for something to send: TCP_FASTOPEN_CONNECT. */
    boolean connectsFast() {
        return fastOpenConnect;
    }

    /** Whether sending to an address connects, as on FreeBSD: TCP_FASTOPEN was set, and it does not listen. */
    boolean sendingConnects() {
        return fastOpenQueue > 0;
    }

    /** Makes a listener what was set. On the shard's thread, on a copy. */
    void apply(FastOpenQueue queue) {
        if (fastOpenQueue != UNSET) {
            queue.limit(fastOpenQueue);
        }
        if (fastOpenKeys != null) {
            queue.keys(fastOpenKeys);
        }
        if (fastOpenNoCookie) {
            queue.withoutCookie(true);
        }
    }

    /** Makes a connection what was set. On the shard's thread, on a copy. */
    void apply(TcpOptions options, boolean keepAlive) {
        keys.apply(options);
        options.keepAlive(keepAlive ? keepIdle * MICROS : 0, keepInterval * MICROS, keepProbes);
        timers.apply(options);
        opening.apply(options);
        if (maxSegment != UNSET) {
            options.maxSegment(maxSegment);
        }
        if (quickAckSet) {
            options.quickAck(quickAck);
        }
        if (options.congestion() != congestion) {
            options.congestion(congestion);
        }
        if (synRetries != UNSET) {
            options.synRetries(synRetries);
        }
        if (finWait2Off || finWait2 != UNSET) {
            options.finWait2(finWait2Off ? 1 : finWait2 * MICROS); // Linux keeps none then; 0 is for ever here
        }
        if (windowClamp != 0) {
            options.windowClamp(windowClamp);
        }
        options.notSentLowWater(
                notSentLowWater == 0
                        ? defaults.buffers().notSentLowWater()
                        : notSentLowWater < 0 ? Integer.MAX_VALUE : notSentLowWater);
        options.userTimeout(userTimeout == 0 ? defaults.timeouts().userTimeout() : userTimeout * 1_000L);
        if (fastOpenConnect) {
            options.fastOpenConnect(true);
        }
        if (fastOpenNoCookie) {
            options.fastOpenNoCookie(true);
        }
        // Last, for they may send what has waited.
        if (options.cork() != cork) {
            options.cork(cork);
        }
        if (push || options.noDelay() != noDelay) {
            options.noDelay(noDelay);
        }
    }

    /** What signs segments. */
    KeyOptions keys() {
        return keys;
    }

    /** What was set is applied from now on. */
    void applied() {
        push = false;
        quickAckSet = false;
    }

    /** TCP_SAVE_SYN. */
    SavedSyn saveSyn() {
        return SavedSyn.values()[saveSyn];
    }

    /** TCP_DEFER_ACCEPT in microseconds. */
    long deferAccept() {
        return deferSeconds() * MICROS;
    }

    /**
     * Sets an option.
     *
     * @param standing how far the socket is
     * @return false if there is none of the name
     */
    boolean set(int option, byte[] value, Standing standing) throws ErrnoException {
        if (value.length < (option == Linux.TCP_CONGESTION ? 1 : Integer.BYTES)) {
            throw new ErrnoException(Linux.EINVAL);
        }
        switch (option) {
            case Linux.TCP_NODELAY -> {
                noDelay = OptionBytes.flag(value);
                push = noDelay;
            }
            case Linux.TCP_CORK -> cork = OptionBytes.flag(value);
            case Linux.TCP_QUICKACK -> {
                quickAck = OptionBytes.flag(value);
                quickAckSet = true;
            }
            // Without a meaning, as on Linux since it forgot what the option was for.
            case Linux.TCP_THIN_DUPACK -> OptionBytes.inRange(value, 0, 1);
            case Linux.TCP_MAXSEG ->
                maxSegment = OptionBytes.integer(value) == 0 ? UNSET : OptionBytes.inRange(value, LEAST_MSS, MOST_MSS);
            case Linux.TCP_KEEPIDLE -> keepIdle = OptionBytes.inRange(value, 1, MAX_SECONDS);
            case Linux.TCP_KEEPINTVL -> keepInterval = OptionBytes.inRange(value, 1, MAX_SECONDS);
            case Linux.TCP_KEEPCNT -> keepProbes = OptionBytes.inRange(value, 1, MAX_COUNT);
            case Linux.TCP_USER_TIMEOUT -> userTimeout = OptionBytes.inRange(value, 0, Integer.MAX_VALUE);
            case Linux.TCP_CONGESTION -> congestion = algorithm(value);
            case Linux.TCP_SYNCNT -> synRetries = OptionBytes.inRange(value, 1, MAX_COUNT);
            case Linux.TCP_LINGER2 -> {
                final int seconds = OptionBytes.integer(value);
                finWait2Off = seconds < 0;
                finWait2 = seconds <= 0 ? UNSET : Math.min(seconds, Linux.TCP_FIN_TIMEOUT_MAX);
            }
            case Linux.TCP_DEFER_ACCEPT -> deferRetries = retries(OptionBytes.integer(value));
            case Linux.TCP_WINDOW_CLAMP -> windowClamp = clamp(OptionBytes.integer(value), standing);
            case Linux.TCP_NOTSENT_LOWAT -> notSentLowWater = OptionBytes.integer(value);
            case Linux.TCP_FASTOPEN -> {
                final int queue = Math.min(OptionBytes.inRange(value, 0, Integer.MAX_VALUE), Linux.SOMAXCONN);
                refuse(standing == Standing.CONNECTED);
                fastOpenQueue = queue;
            }
            case Linux.TCP_FASTOPEN_CONNECT -> {
                final boolean connect = OptionBytes.inRange(value, 0, 1) == 1;
                refuse(standing != Standing.CLOSED);
                fastOpenConnect = connect;
            }
            case Linux.TCP_FASTOPEN_NO_COOKIE -> {
                final boolean noCookie = OptionBytes.inRange(value, 0, 1) == 1;
                refuse(standing == Standing.CONNECTED);
                fastOpenNoCookie = noCookie;
            }
            case Linux.TCP_SAVE_SYN -> saveSyn = OptionBytes.inRange(value, 0, 2);
            case Linux.TCP_FASTOPEN_KEY -> {
                if (value.length != FastOpenKeys.LENGTH && value.length != 2 * FastOpenKeys.LENGTH) {
                    throw new ErrnoException(Linux.EINVAL);
                }
                fastOpenKeys = FastOpenKeys.of(value);
            }
            case Linux.TCP_MD5SIG -> keys.setMd5(value, false);
            case Linux.TCP_MD5SIG_EXT -> keys.setMd5(value, true);
            default -> {
                return timers.set(option, value) || opening.set(option, value, standing);
            }
        }
        return true;
    }

    /** The value of an option; null if there is none of the name. */
    byte @Nullable [] get(int option) {
        return switch (option) {
            case Linux.TCP_NODELAY -> OptionBytes.of(noDelay);
            case Linux.TCP_CORK -> OptionBytes.of(cork);
            case Linux.TCP_MAXSEG -> OptionBytes.of(maxSegment == UNSET ? DEFAULT_MSS : maxSegment);
            case Linux.TCP_QUICKACK -> OptionBytes.of(quickAck);
            case Linux.TCP_KEEPIDLE -> OptionBytes.of(keepIdle);
            case Linux.TCP_KEEPINTVL -> OptionBytes.of(keepInterval);
            case Linux.TCP_KEEPCNT -> OptionBytes.of(keepProbes);
            case Linux.TCP_USER_TIMEOUT -> OptionBytes.of(userTimeout);
            case Linux.TCP_SYNCNT ->
                OptionBytes.of(synRetries == UNSET ? defaults.timeouts().synRetries() : synRetries);
            case Linux.TCP_LINGER2 ->
                OptionBytes.of(
                        finWait2Off
                                ? -1
                                : finWait2 == UNSET ? (int) (defaults.timeouts().finWait2() / MICROS) : finWait2);
            case Linux.TCP_DEFER_ACCEPT -> OptionBytes.of(deferSeconds());
            case Linux.TCP_WINDOW_CLAMP -> OptionBytes.of(windowClamp);
            case Linux.TCP_NOTSENT_LOWAT -> OptionBytes.of(notSentLowWater);
            case Linux.TCP_FASTOPEN ->
                OptionBytes.of(fastOpenQueue == UNSET ? defaults.fastOpen().queue() : fastOpenQueue);
            case Linux.TCP_FASTOPEN_CONNECT -> OptionBytes.of(fastOpenConnect);
            case Linux.TCP_FASTOPEN_NO_COOKIE -> OptionBytes.of(fastOpenNoCookie);
            case Linux.TCP_SAVE_SYN -> OptionBytes.of(saveSyn);
            case Linux.TCP_SAVED_SYN -> new byte[0];
            case Linux.TCP_FASTOPEN_KEY -> fastOpenKeys == null ? null : fastOpenKeys.bytes();
            case Linux.TCP_THIN_DUPACK, Linux.TCP_IS_MPTCP -> OptionBytes.of(false);
            case Linux.TCP_CONGESTION ->
                Arrays.copyOf(
                        congestion.name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII),
                        Linux.CONGESTION_NAME);
            default -> {
                final byte[] time = timers.get(option);
                yield time == null ? opening.get(option) : time;
            }
        };
    }

    private static int seconds(long micros) {
        return Math.clamp(micros / MICROS, 1, MAX_SECONDS);
    }

    private static void refuse(boolean tooLate) throws ErrnoException {
        if (tooLate) {
            throw new ErrnoException(Linux.EINVAL);
        }
    }

    private static int clamp(int value, Standing standing) throws ErrnoException {
        if (value == 0) {
            refuse(standing != Standing.CLOSED);
            return 0;
        }
        return Math.max(Linux.SOCK_MIN_RCVBUF / 2, value);
    }

    /** How many retransmissions of a SYN-ACK, after 1 s, 2 s, 4 s and so on, a time covers. */
    private static int retries(int seconds) {
        int retries = 0;
        for (int covered = 0; covered < seconds && retries < 255; retries++) {
            covered += Math.min(1 << Math.min(retries, 30), Linux.TCP_FIN_TIMEOUT_MAX);
        }
        return retries;
    }

    private int deferSeconds() {
        int covered = 0;
        for (int i = 0; i < deferRetries; i++) {
            covered += Math.min(1 << Math.min(i, 30), Linux.TCP_FIN_TIMEOUT_MAX);
        }
        return covered;
    }

    private static CongestionAlgorithm algorithm(byte[] value) throws ErrnoException {
        final CongestionAlgorithm algorithm = CongestionAlgorithm.named(OptionBytes.text(value));
        if (algorithm == null) {
            throw new ErrnoException(Linux.ENOENT);
        }
        return algorithm;
    }
}

package io.millrace.bench.socketapi;

import io.millrace.stack.socket.tcp.TcpOptions;
import io.millrace.stack.socket.tcp.TcpTimerOptions;
import io.millrace.stack.socket.tcp.config.TcpTimeouts;
import org.jspecify.annotations.Nullable;

/** What a program set of those options of IPPROTO_TCP that are timeouts. Not thread-safe. */
final class TimerLevel {
    /** Least of what Linux takes, whose clock ticks each millisecond: two ticks. */
    private static final int LEAST_MICROS = 1_001;

    /** TCP_RTO_MIN, TCP_DELACK_MAX: the defaults, and the most that may be set. */
    private static final int MOST_MICROS = 200_000;

    private static final int LEAST_RTO_MAX = 1_000;
    private static final int MOST_RTO_MAX = 120_000;

    private static final int MOST_CONNECT = 32_767;

    private final TcpTimeouts defaults;
    private boolean set;
    private int minRto;
    private int maxRto;
    private int delayedAck;
    private boolean thinLinear;
    /** TCP_KEEPINIT, seconds; 0 for no such limit. */
    private int connect;

    TimerLevel(TcpTimeouts defaults) {
        this.defaults = defaults;
        minRto = defaults.minRto();
        maxRto = defaults.maxRto() / 1_000;
        delayedAck = defaults.delayedAck();
        connect = (int) (defaults.connect() / 1_000_000);
    }

    TimerLevel(TimerLevel from) {
        this(from.defaults);
        set = from.set;
        minRto = from.minRto;
        maxRto = from.maxRto;
        delayedAck = from.delayedAck;
        thinLinear = from.thinLinear;
        connect = from.connect;
    }

    /** Makes a connection what was set. */
    void apply(TcpOptions options) {
        if (!set) {
            return;
        }
        final TcpTimerOptions timers = options.timers();
        timers.minRto(minRto);
        timers.delayedAck(delayedAck);
        timers.thinLinearTimeouts(thinLinear);
        timers.connect(connect * 1_000_000L);
        if (maxRto != defaults.maxRto() / 1_000) {
            timers.maxRto(maxRto * 1_000);
        }
    }

    /** Sets an option. Returns false if it is none of these. */
    boolean set(int option, byte[] value) throws ErrnoException {
        switch (option) {
            case Linux.TCP_RTO_MIN_US -> minRto = OptionBytes.inRange(value, LEAST_MICROS, MOST_MICROS);
            case Linux.TCP_RTO_MAX_MS -> maxRto = OptionBytes.inRange(value, LEAST_RTO_MAX, MOST_RTO_MAX);
            case Linux.TCP_DELACK_MAX_US -> delayedAck = OptionBytes.inRange(value, LEAST_MICROS, MOST_MICROS);
            case Linux.TCP_KEEPINIT -> connect = OptionBytes.inRange(value, 1, MOST_CONNECT);
            case Linux.TCP_THIN_LINEAR_TIMEOUTS -> thinLinear = OptionBytes.inRange(value, 0, 1) == 1;
            default -> {
                return false;
            }
        }
        set = true;
        return true;
    }

    /** The value of an option; null if it is none of these. */
    byte @Nullable [] get(int option) {
        return switch (option) {
            case Linux.TCP_RTO_MIN_US -> OptionBytes.of(minRto);
            case Linux.TCP_RTO_MAX_MS -> OptionBytes.of(maxRto);
            case Linux.TCP_DELACK_MAX_US -> OptionBytes.of(delayedAck);
            case Linux.TCP_KEEPINIT -> OptionBytes.of(connect);
            case Linux.TCP_THIN_LINEAR_TIMEOUTS -> OptionBytes.of(thinLinear);
            default -> null;
        };
    }
}

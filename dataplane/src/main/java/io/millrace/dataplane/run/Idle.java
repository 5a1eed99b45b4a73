package io.millrace.dataplane.run;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.SleepingIdleStrategy;
import org.agrona.concurrent.YieldingIdleStrategy;

/** What a shard's thread does when a poll found nothing to do, from the least latency to the least use of the CPU. */
public enum Idle {
    /** Polls again at once; takes a whole CPU. */
    BUSY_SPIN(false),
    /** Lets other threads run first. */
    YIELD(false),
    /** Spins, yields, then sleeps ever longer, up to 100 microseconds. */
    BACK_OFF(true),
    /** Sleeps for 500 microseconds at a time. */
    SLEEP(true);

    private static final int SPINS = 100;
    private static final int YIELDS = 20;
    private static final long SHORTEST_SLEEP_NANOS = TimeUnit.MICROSECONDS.toNanos(5);
    private static final long LONGEST_SLEEP_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final long SLEEP_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    private final boolean sleeps;

    Idle(final boolean sleeps) {
        this.sleeps = sleeps;
    }

    /** The strategy's name in configuration: {@code busy-spin}, {@code yield}, {@code back-off}, {@code sleep}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The strategy of a name.
     *
     * @throws IllegalArgumentException if there is none; the message lists those that there are
     */
    public static Idle of(final String key) {
        for (final Idle idle : values()) {
            if (idle.key().equals(key)) {
                return idle;
            }
        }
        throw new IllegalArgumentException("no idle strategy '" + key + "'; use "
                + Arrays.stream(values()).map(Idle::key).collect(Collectors.joining(", ")));
    }

    /** Whether the thread may sleep, so that a timer could be late. */
    public boolean sleeps() {
        return sleeps;
    }

    /** A fresh strategy, for one thread. */
    public IdleStrategy create() {
        return switch (this) {
            case BUSY_SPIN -> new BusySpinIdleStrategy();
            case YIELD -> new YieldingIdleStrategy();
            case BACK_OFF -> new BackoffIdleStrategy(SPINS, YIELDS, SHORTEST_SLEEP_NANOS, LONGEST_SLEEP_NANOS);
            case SLEEP -> new SleepingIdleStrategy(SLEEP_NANOS);
        };
    }
}

package io.millrace.testkit;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongUnaryOperator;

/**
 * What the calling thread allocates once its code is compiled. Until then objects are real that the compiler takes away;
 * on a busy machine it may need seconds for that, which rounds that follow on one another would not give it.
 */
public final class Allocations {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 60;
    private static final long LONGEST_PAUSE_MILLIS = 400;

    private Allocations() {}

    /**
     * Does the same again, sixty times at most, until it allocates no more than {@code enough} bytes.
     *
     * @return the fewest bytes that it allocated in one round
     */
    public static long least(final long enough, final Runnable round) {
        return least(enough, 0, now -> {
            round.run();
            return now;
        });
    }

    /**
     * The same for rounds in virtual time.
     *
     * @param from when the first round begins
     * @param round from its beginning to its end
     */
    public static long least(final long enough, final long from, final LongUnaryOperator round) {
        long least = Long.MAX_VALUE;
        long now = from;
        for (int i = 0; i < ROUNDS && least > enough; i++) {
            // The first rounds go on, so that the compiler sees that there is something to do.
            LockSupport.parkNanos(
                    TimeUnit.MILLISECONDS.toNanos(Math.min(10L * Math.max(0, i - 3), LONGEST_PAUSE_MILLIS)));
            final long before = THREADS.getCurrentThreadAllocatedBytes();
            now = round.applyAsLong(now);
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }
}

package io.millrace.dataplane.run;

import java.util.function.LongSupplier;
import org.agrona.ErrorHandler;

/**
 * How a shard runs. Immutable; start from {@link #named}.
 *
 * @param name of its thread
 * @param cpu number of the CPU that it is pinned to, or {@link #ANY_CPU}
 * @param idle what it does when there is nothing to do
 * @param clock its time in microseconds, from any start, never going back
 * @param setup what its thread needs around the task, for instance DPDK's registration
 * @param errorHandler told of each exception that comes out of the task, on the shard's thread
 */
public record ShardOptions(
        String name, int cpu, Idle idle, LongSupplier clock, ThreadSetup setup, ErrorHandler errorHandler) {
    /** Not pinned. */
    public static final int ANY_CPU = -1;

    private static final System.Logger LOGGER = System.getLogger(ShardRunner.class.getName());

    /** Enters a state that the shard's thread needs for as long as it runs. */
    @FunctionalInterface
    public interface ThreadSetup {
        /** Nothing to set up. */
        ThreadSetup NONE = () -> () -> {};

        /** Called on the shard's thread, after it was pinned; what it returns is closed there when the shard ends. */
        AutoCloseable enter();
    }

    /** Not pinned, backing off when idle, on the machine's monotonic clock, errors to the log. */
    public static ShardOptions named(final String name) {
        return new ShardOptions(
                name,
                ANY_CPU,
                Idle.BACK_OFF,
                ShardOptions::monotonicMicros,
                ThreadSetup.NONE,
                e -> LOGGER.log(System.Logger.Level.ERROR, name + " failed", e));
    }

    /** Pinned to a CPU. */
    public ShardOptions withCpu(final int newCpu) {
        return new ShardOptions(name, newCpu, idle, clock, setup, errorHandler);
    }

    /** With this idle strategy. */
    public ShardOptions withIdle(final Idle newIdle) {
        return new ShardOptions(name, cpu, newIdle, clock, setup, errorHandler);
    }

    /** With this clock. */
    public ShardOptions withClock(final LongSupplier newClock) {
        return new ShardOptions(name, cpu, idle, newClock, setup, errorHandler);
    }

    /** With this set-up of the thread. */
    public ShardOptions withSetup(final ThreadSetup newSetup) {
        return new ShardOptions(name, cpu, idle, clock, newSetup, errorHandler);
    }

    /** With this handler of exceptions. */
    public ShardOptions withErrorHandler(final ErrorHandler newErrorHandler) {
        return new ShardOptions(name, cpu, idle, clock, setup, newErrorHandler);
    }

    /** The machine's monotonic clock in microseconds, the same for all threads. */
    public static long monotonicMicros() {
        return System.nanoTime() / 1000;
    }
}

package io.millrace.bench.control;

import io.millrace.dataplane.run.OnThread;
import io.millrace.dataplane.run.UnansweredException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Carries requests to the thread that owns what they are about, and says in a client's words why there is no answer. */
public final class ControlThread {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final String ENDS = "the server ends";

    private ControlThread() {}

    /**
     * As {@link OnThread#ask}, for five seconds at most.
     *
     * @throws ControlException if the question throws something, or there is no answer in time
     */
    public static <T> T ask(Predicate<Runnable> thread, Supplier<T> question) {
        return ask(thread, question, PATIENCE);
    }

    /**
     * Waits until something is so, or for so long.
     *
     * @param condition asked every few milliseconds
     * @throws ControlException if this thread is interrupted, which it then still is
     */
    public static void await(BooleanSupplier condition, Duration patience) {
        final long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() - deadline < 0) {
            if (Thread.currentThread().isInterrupted()) {
                throw new ControlException(ENDS);
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    static <T> T ask(Predicate<Runnable> thread, Supplier<T> question, Duration patience) {
        try {
            return OnThread.ask(thread, question, patience);
        } catch (UnansweredException e) {
            throw new ControlException(
                    switch (e.reason()) {
                        case REFUSED -> "the server is busy or about to end; try again";
                        case LATE -> "a shard of the server did not answer within " + patience.toSeconds() + " s";
                        case UNFINISHED -> "a shard of the server is still at it after " + patience.toSeconds() + " s";
                        case INTERRUPTED -> ENDS;
                    });
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new ControlException(String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            throw new ControlException("unexpected " + e);
        }
    }
}

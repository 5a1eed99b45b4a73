package io.millrace.testkit;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Waits until what another process, the kernel or another thread does in its own time is done. What is waited for is a
 * state that stays once it is there; how long it takes is nobody's business: the limit only ends a test that would never
 * end.
 */
public final class Await {
    /** Long enough for a slow machine that is busy with something else, in seconds. */
    public static final int SECONDS = 120;

    private static final long PAUSE_MILLIS = 20;

    private Await() {}

    /** Something that may not hold yet, and that may fail. */
    @FunctionalInterface
    public interface Condition {
        /** Whether it holds. */
        boolean holds() throws Exception;
    }

    /** Waits until a condition holds; fails with the name of what is missing when it does not. */
    public static void until(final String what, final Condition condition) throws Exception {
        until(() -> what, condition);
    }

    /** The same, with a text that is made when it is needed. */
    public static void until(final Supplier<String> what, final Condition condition) throws Exception {
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!condition.holds()) {
            if (System.nanoTime() - deadline > 0) {
                fail("not within " + SECONDS + " s: " + what.get());
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }
}

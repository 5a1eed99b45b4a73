package io.millrace.bench.control;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Carries requests to the thread that owns what they are about, and answers back. */
public final class OnThread {
    private static final long PATIENCE_SECONDS = 5;

    private OnThread() {}

    /**
     * Asks on another thread and waits for the answer. A question that was given up is not asked later.
     *
     * @param thread runs something on the thread, between two polls, or says that it cannot
     * @throws ControlException if the question throws something, or there is no answer in time
     */
    public static <T> T ask(Predicate<Runnable> thread, Supplier<T> question) {
        return ask(thread, question, Duration.ofSeconds(PATIENCE_SECONDS));
    }

    static <T> T ask(Predicate<Runnable> thread, Supplier<T> question, Duration patience) {
        final CompletableFuture<T> answer = new CompletableFuture<>();
        final AtomicBoolean begun = new AtomicBoolean(); // or given up
        final boolean taken = thread.test(() -> {
            if (begun.compareAndSet(false, true)) {
                answer(question, answer);
            }
        });
        if (!taken) {
            throw new ControlException("the server is busy or about to end; try again");
        }
        try {
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            final Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new ControlException(isExpected(cause) ? String.valueOf(cause.getMessage()) : "unexpected " + cause);
        } catch (TimeoutException e) {
            throw new ControlException(
                    begun.compareAndSet(false, true)
                            ? "a shard of the server did not answer within " + patience.toSeconds() + " s"
                            : "a shard of the server is still at it after " + patience.toSeconds() + " s");
        } catch (InterruptedException e) {
            begun.set(true);
            Thread.currentThread().interrupt();
            throw new ControlException("the server ends");
        }
    }

    /** What nobody expects goes to the thread's own error handler, too. */
    private static <T> void answer(Supplier<T> question, CompletableFuture<T> answer) {
        try {
            answer.complete(question.get());
        } catch (RuntimeException | Error e) {
            answer.completeExceptionally(e);
            if (!isExpected(e)) {
                throw e;
            }
        }
    }

    private static boolean isExpected(Throwable e) {
        return e instanceof ControlException
                || e instanceof IllegalArgumentException
                || e instanceof IllegalStateException;
    }
}

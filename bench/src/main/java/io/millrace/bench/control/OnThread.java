package io.millrace.bench.control;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Carries requests to the thread that owns what they are about, and answers back. */
public final class OnThread {
    private static final long PATIENCE_SECONDS = 5;

    private OnThread() {}

    /**
     * Asks on another thread and waits for the answer.
     *
     * @param thread runs something on the thread, between two polls, or says that it cannot
     * @throws ControlException if the question throws one, or an IllegalArgument- or IllegalStateException, or there is
     *     no answer in time
     */
    public static <T> T ask(Predicate<Runnable> thread, Supplier<T> question) {
        final CompletableFuture<T> answer = new CompletableFuture<>();
        final boolean taken = thread.test(() -> {
            try {
                answer.complete(question.get());
            } catch (ControlException | IllegalArgumentException | IllegalStateException e) {
                answer.completeExceptionally(e);
            }
        });
        if (!taken) {
            throw new ControlException("the server is busy or about to end; try again");
        }
        try {
            return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            final Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new ControlException(String.valueOf(cause.getMessage()));
        } catch (TimeoutException e) {
            throw new ControlException("a shard of the server did not answer within " + PATIENCE_SECONDS + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlException("the server ends");
        }
    }
}

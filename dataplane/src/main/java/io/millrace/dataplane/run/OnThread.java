package io.millrace.dataplane.run;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Carries questions to the thread that owns what they are about, and answers back. */
public final class OnThread {
    private OnThread() {}

    /**
     * Asks on another thread and waits for the answer. A question that was given up is not asked later.
     *
     * <p>What the question throws is thrown here. Unless it is an {@link IllegalArgumentException} or {@link
     * IllegalStateException}, which are answers like others, it goes to the thread as well, whose error handler hears of
     * it.
     *
     * @param thread runs something on the thread, between two polls, or says that it cannot; {@link
     *     ShardRunner#execute}, for instance
     * @param patience how long to wait
     * @throws UnansweredException if there is no answer in time, or this thread is interrupted, which it then still is
     */
    public static <T> T ask(final Predicate<Runnable> thread, final Supplier<T> question, final Duration patience) {
        final CompletableFuture<T> answer = new CompletableFuture<>();
        final AtomicBoolean begun = new AtomicBoolean(); // or given up
        final boolean taken = thread.test(() -> {
            if (begun.compareAndSet(false, true)) {
                answer(question, answer);
            }
        });
        if (!taken) {
            throw new UnansweredException(
                    UnansweredException.Reason.REFUSED, "a shard has ended, or has too much to do already");
        }
        try {
            return answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (final ExecutionException e) {
            throw thrown(e);
        } catch (final TimeoutException e) {
            throw begun.compareAndSet(false, true)
                    ? new UnansweredException(
                            UnansweredException.Reason.LATE,
                            "a shard did not answer within " + patience.toSeconds() + " s")
                    : new UnansweredException(
                            UnansweredException.Reason.UNFINISHED,
                            "a shard is still at it after " + patience.toSeconds() + " s");
        } catch (final InterruptedException e) {
            begun.set(true);
            Thread.currentThread().interrupt();
            throw new UnansweredException(
                    UnansweredException.Reason.INTERRUPTED, "interrupted while waiting for a shard's answer");
        }
    }

    private static <T> void answer(final Supplier<T> question, final CompletableFuture<T> answer) {
        try {
            answer.complete(question.get());
        } catch (final IllegalArgumentException | IllegalStateException e) {
            answer.completeExceptionally(e);
        } catch (final RuntimeException | Error e) {
            answer.completeExceptionally(e);
            throw e;
        }
    }

    private static RuntimeException thrown(final ExecutionException e) {
        return switch (e.getCause()) {
            case RuntimeException cause -> cause;
            case Error cause -> throw cause;
            case null, default -> new IllegalStateException(e);
        };
    }
}

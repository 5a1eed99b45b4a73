package io.millrace.dataplane.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** A thread is a list of what it was given here, which the test runs when it likes. */
final class OnThreadTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final List<Runnable> given = new ArrayList<>();
    private final List<String> done = new ArrayList<>();

    private static boolean atOnce(final Runnable command) {
        command.run();
        return true;
    }

    private UnansweredException unanswered(final Predicate<Runnable> thread, final Duration patience) {
        return assertThrows(
                UnansweredException.class, () -> OnThread.ask(thread, () -> done.add("asked too late"), patience));
    }

    @Test
    void shouldBringTheAnswer() {
        assertEquals(7, OnThread.ask(OnThreadTest::atOnce, () -> 7, LONG));
    }

    @Test
    void shouldAskNoMoreWhatWasGivenUp() {
        assertEquals(
                UnansweredException.Reason.LATE,
                unanswered(given::add, Duration.ofMillis(1)).reason());
        given.forEach(Runnable::run);
        assertEquals(List.of(), done);
    }

    @Test
    void shouldSayThatTheThreadTakesNothing() {
        assertEquals(
                UnansweredException.Reason.REFUSED,
                unanswered(command -> false, LONG).reason());
        assertEquals(List.of(), done);
    }

    @Test
    void shouldSayThatTheThreadIsAtItWhenItHasBegun() {
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch end = new CountDownLatch(1);
        final UnansweredException e = assertThrows(
                UnansweredException.class,
                () -> OnThread.ask(
                        command -> {
                            Thread.ofVirtual().start(command);
                            await(begun);
                            return true;
                        },
                        () -> {
                            begun.countDown();
                            await(end);
                            return 0;
                        },
                        Duration.ofMillis(1)));
        end.countDown();
        assertEquals(UnansweredException.Reason.UNFINISHED, e.reason());
    }

    private static void await(final CountDownLatch latch) {
        try {
            latch.await();
        } catch (final InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldGiveUpAndStayInterruptedWhenItIsInterrupted() {
        Thread.currentThread().interrupt();
        assertEquals(
                UnansweredException.Reason.INTERRUPTED,
                unanswered(given::add, LONG).reason());
        assertTrue(Thread.interrupted(), "the interrupt is lost");
        given.forEach(Runnable::run);
        assertEquals(List.of(), done);
    }

    /** The thread hears of what is no answer as well, for its own counters. */
    @Test
    void shouldThrowWhatTheQuestionThrowsOnBothSidesUnlessItIsAnAnswer() {
        for (final RuntimeException thrown :
                List.of(new IllegalArgumentException("a"), new IllegalStateException("b"), new ArithmeticException())) {
            final List<RuntimeException> heard = new ArrayList<>();
            final Supplier<Integer> question = () -> {
                throw thrown;
            };
            assertSame(
                    thrown,
                    assertThrows(
                            RuntimeException.class,
                            () -> OnThread.ask(command -> heardBy(heard, command), question, LONG)));
            assertEquals(thrown instanceof ArithmeticException ? List.of(thrown) : List.of(), heard);
        }
    }

    private static boolean heardBy(final List<RuntimeException> heard, final Runnable command) {
        try {
            command.run();
        } catch (final RuntimeException e) {
            heard.add(e);
        }
        return true;
    }
}

package io.millrace.bench.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** A thread is a list of what it was given here, which the test runs when it likes. */
final class ControlThreadTest {
    private final List<Runnable> given = new ArrayList<>();
    private final List<String> done = new ArrayList<>();

    private boolean later(Runnable command) {
        return given.add(command);
    }

    private static boolean atOnce(Runnable command) {
        command.run();
        return true;
    }

    @Test
    void shouldAskNoMoreWhatWasGivenUp() {
        final ControlException e = assertThrows(
                ControlException.class,
                () -> ControlThread.ask(this::later, () -> done.add("too late"), Duration.ofMillis(1)));
        assertTrue(String.valueOf(e.getMessage()).contains("did not answer"), e::getMessage);
        given.forEach(Runnable::run);
        assertEquals(List.of(), done);
    }

    @Test
    void shouldSayThatTheServerIsBusyWhenItTakesNothing() {
        assertThrows(ControlException.class, () -> ControlThread.ask(command -> false, () -> done.add("never")));
        assertEquals(List.of(), done);
    }

    /** The thread hears of it as well, for its own counters; nobody waits for an answer that does not come. */
    @Test
    void shouldTellOfWhatNobodyExpected() {
        final Supplier<Integer> wrong = () -> List.of(1).get(1);
        final List<RuntimeException> heard = new ArrayList<>();
        final ControlException e = assertThrows(
                ControlException.class,
                () -> ControlThread.ask(
                        command -> {
                            try {
                                command.run();
                            } catch (RuntimeException thrown) {
                                heard.add(thrown);
                            }
                            return true;
                        },
                        wrong));
        assertTrue(String.valueOf(e.getMessage()).startsWith("unexpected java.lang.IndexOutOf"), e::getMessage);
        assertEquals(1, heard.size());
    }

    @Test
    void shouldPassOnWhatTheQuestionSays() {
        assertEquals(7, ControlThread.ask(ControlThreadTest::atOnce, () -> 7));
        final Supplier<Integer> refused = () -> {
            throw new IllegalArgumentException("no");
        };
        assertEquals(
                "no",
                assertThrows(ControlException.class, () -> ControlThread.ask(ControlThreadTest::atOnce, refused))
                        .getMessage());
    }

    /** Whoever waits for what does not come ends with the server, and does not spin until then. */
    @Test
    void shouldWaitUntilItIsSoOrSomebodyInterrupts() {
        final AtomicInteger looks = new AtomicInteger();
        ControlThread.await(() -> looks.incrementAndGet() == 3, Duration.ofDays(1));
        assertEquals(3, looks.get());
        ControlThread.await(() -> false, Duration.ofMillis(1));
        Thread.currentThread().interrupt();
        final ControlException e =
                assertThrows(ControlException.class, () -> ControlThread.await(() -> false, Duration.ofDays(1)));
        assertTrue(Thread.interrupted());
        assertEquals("the server ends", e.getMessage());
    }
}

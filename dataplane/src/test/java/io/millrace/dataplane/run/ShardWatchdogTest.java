package io.millrace.dataplane.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
final class ShardWatchdogTest {
    private static final long LIMIT = 1_000_000;

    /** Says that it works while {@code busy}, and hangs in a poll when told to. */
    private static final class Task implements ShardTask {
        final CountDownLatch hangs = new CountDownLatch(1);
        final CountDownLatch release = new CountDownLatch(1);
        volatile boolean hang;
        volatile boolean busy;

        @Override
        public int poll(final long nowMicros) {
            if (hang) {
                hang = false;
                hangs.countDown();
                try {
                    release.await();
                } catch (final InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return busy ? 1 : 0;
        }

        @Override
        public long pollAt(final long nowMicros) {
            return Long.MAX_VALUE;
        }
    }

    @Test
    void shouldTellOnceOfAShardThatDoesNotComeBackFromAPoll() throws InterruptedException {
        final Task task = new Task();
        try (ShardRunner good = ShardRunner.start(ShardOptions.named("good"), new Task());
                ShardRunner bad = ShardRunner.start(ShardOptions.named("bad"), task)) {
            final ShardWatchdog watchdog = new ShardWatchdog(LIMIT);
            watchdog.watch(good, 0);
            watchdog.watch(bad, 0);
            awaitPoll(good);
            awaitPoll(bad);
            assertEquals(List.of(), watchdog.check(0));
            task.hang = true;
            task.hangs.await();
            awaitPoll(good);
            watchdog.check(1);
            awaitPoll(good);
            assertEquals(List.of(), watchdog.check(LIMIT - 1), "not yet");
            awaitPoll(good);
            assertEquals(List.of(bad), watchdog.check(LIMIT + 1));
            assertTrue(watchdog.isStuck(bad));
            assertEquals(1, watchdog.found());
            awaitPoll(good);
            assertEquals(List.of(), watchdog.check(3 * LIMIT), "told once");
            task.release.countDown();
            awaitPoll(bad);
            awaitPoll(good);
            assertEquals(List.of(), watchdog.check(4 * LIMIT), "it has moved");
            assertFalse(watchdog.isStuck(bad));
            watchdog.forget(good);
            watchdog.forget(bad);
            assertEquals(List.of(), watchdog.check(9 * LIMIT), "it is not watched");
        }
    }

    @Test
    void shouldKnowWhatShareOfTheTimeFoundWork() throws InterruptedException {
        final AtomicLong clock = new AtomicLong();
        final Task task = new Task();
        // Each look at the clock is a microsecond, so that every cycle takes as long as any other.
        final ShardOptions options =
                ShardOptions.named("share").withIdle(Idle.YIELD).withClock(clock::incrementAndGet);
        try (ShardRunner runner = ShardRunner.start(options, task)) {
            awaitPoll(runner);
            assertEquals(0, runner.busyShare());
            task.busy = true;
            while (runner.busyShare() < 0.5) {
                awaitPoll(runner);
            }
            task.busy = false;
            final double peak = runner.busyShare();
            while (runner.busyShare() >= peak) {
                awaitPoll(runner);
            }
            assertTrue(runner.busyShare() > 0);
        }
    }

    private static void awaitPoll(final ShardRunner runner) {
        final long before = runner.counters().get(RunCounter.POLLS);
        while (runner.counters().get(RunCounter.POLLS) < before + 2) {
            Thread.onSpinWait();
        }
    }
}

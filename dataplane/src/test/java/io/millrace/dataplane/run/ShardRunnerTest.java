package io.millrace.dataplane.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dpdk.CpuAffinity;
import io.millrace.testkit.Await;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(300)
final class ShardRunnerTest {
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private final CountDownLatch polled = new CountDownLatch(5);

    private ShardOptions options() {
        return ShardOptions.named("shard-test").withErrorHandler(errors::add);
    }

    /** A task that notes what happens to it, and works in each second poll. */
    private class Recorder implements ShardTask {
        private int polls;

        @Override
        public void onStart(final long nowMicros) {
            events.add("start on " + Thread.currentThread().getName());
        }

        @Override
        public int poll(final long nowMicros) {
            polled.countDown();
            return polls++ % 2;
        }

        @Override
        public long pollAt(final long nowMicros) {
            return Long.MAX_VALUE;
        }

        @Override
        public void onClose(final long nowMicros) {
            events.add("close on " + Thread.currentThread().getName());
        }
    }

    @ParameterizedTest
    @EnumSource(Idle.class)
    void shouldPollUntilClosedWhateverItDoesWhenIdle(final Idle idle) throws Exception {
        final ShardRunner runner = ShardRunner.start(options().withIdle(idle), new Recorder());
        assertEquals(List.of("start on shard-test"), events);
        polled.await();
        runner.close();
        assertEquals(List.of("start on shard-test", "close on shard-test"), events);
        assertFalse(runner.alive());
        assertNull(runner.failure());
        final long polls = runner.counters().get(RunCounter.POLLS);
        assertTrue(polls >= 5);
        assertEquals(polls / 2, runner.counters().get(RunCounter.BUSY_POLLS));
        assertEquals(polls / 2, runner.counters().get(RunCounter.WORK));
        assertEquals(polls - polls / 2, runner.counters().get(RunCounter.IDLES));
        assertEquals(0, runner.counters().get(RunCounter.ERRORS));
    }

    @Test
    void shouldGoOnAfterAnException() throws Exception {
        final AtomicInteger polls = new AtomicInteger();
        final RuntimeException expected = new IllegalStateException("from poll");
        final ShardTask task = new Recorder() {
            @Override
            public int poll(final long nowMicros) {
                super.poll(nowMicros);
                if (polls.incrementAndGet() == 2) {
                    throw expected;
                }
                return 0;
            }
        };
        try (ShardRunner runner = ShardRunner.start(options(), task)) {
            polled.await();
            assertTrue(runner.alive());
            assertEquals(1, runner.counters().get(RunCounter.ERRORS));
            assertEquals(List.of(expected), errors);
        }
    }

    @Test
    void shouldEndAfterAnErrorAndStillCloseItsTask() throws Exception {
        final ShardTask task = new Recorder() {
            @Override
            public int poll(final long nowMicros) {
                throw new StackOverflowError("from poll");
            }
        };
        final ShardRunner runner = ShardRunner.start(options(), task);
        assertTrue(runner.awaitEnd(Await.SECONDS, TimeUnit.SECONDS));
        assertInstanceOf(StackOverflowError.class, runner.failure());
        assertEquals(List.of("start on shard-test", "close on shard-test"), events);
        assertFalse(runner.execute(() -> {}));
    }

    @Test
    void shouldThrowFromStartWhatOnStartThrew() {
        final RuntimeException expected = new IllegalStateException("from onStart");
        final ShardTask task = new Recorder() {
            @Override
            public void onStart(final long nowMicros) {
                throw expected;
            }
        };
        assertSame(expected, assertThrows(IllegalStateException.class, () -> ShardRunner.start(options(), task)));
        assertTrue(events.isEmpty(), "a task that did not start is not closed");
        assertTrue(errors.isEmpty(), "thrown once is told once");
    }

    @Test
    void shouldSurviveAnErrorHandlerThatFails() throws Exception {
        final ShardTask task = new Recorder() {
            @Override
            public int poll(final long nowMicros) {
                super.poll(nowMicros);
                throw new IllegalStateException("from poll");
            }
        };
        final ShardOptions options = options().withErrorHandler(e -> {
            throw new IllegalArgumentException("from the handler");
        });
        try (ShardRunner runner = ShardRunner.start(options.withIdle(Idle.SLEEP), task)) {
            polled.await();
            assertTrue(runner.alive());
        }
    }

    @Test
    void shouldRunOnTheCpuItIsPinnedTo() {
        final AtomicReference<BitSet> cpus = new AtomicReference<>();
        final int cpu = CpuAffinity.current().nextSetBit(0);
        final ShardTask task = new Recorder() {
            @Override
            public void onStart(final long nowMicros) {
                cpus.set(CpuAffinity.current());
            }
        };
        ShardRunner.start(options().withCpu(cpu), task).close();
        final BitSet expected = new BitSet();
        expected.set(cpu);
        assertEquals(expected, cpus.get());
        assertNotEquals(0, CpuAffinity.current().cardinality());
    }

    @Test
    void shouldRefuseACpuThatDoesNotExist() {
        assertThrows(
                IllegalArgumentException.class,
                () -> ShardRunner.start(options().withCpu(8000), new Recorder()));
    }

    @Test
    void shouldSetUpItsThreadAroundTheTask() {
        final ShardOptions options = options().withSetup(() -> {
            events.add("enter");
            return () -> events.add("leave");
        });
        ShardRunner.start(options, new Recorder()).close();
        assertEquals(List.of("enter", "start on shard-test", "close on shard-test", "leave"), events);
    }

    @Test
    void shouldRunCommandsOnItsThread() throws Exception {
        final CountDownLatch done = new CountDownLatch(1);
        try (ShardRunner runner = ShardRunner.start(options(), new Recorder())) {
            assertTrue(runner.execute(() -> {
                throw new IllegalStateException("from a command");
            }));
            assertTrue(runner.execute(() -> {
                events.add("command on " + Thread.currentThread().getName());
                done.countDown();
            }));
            done.await();
            assertTrue(events.contains("command on shard-test"));
            assertEquals(1, errors.size());
        }
    }

    @Test
    void shouldRunEveryCommandThatItTookWhenItIsStoppedMeanwhile() throws Exception {
        for (int i = 0; i < 100; i++) {
            final AtomicInteger ran = new AtomicInteger();
            final AtomicInteger taken = new AtomicInteger();
            final ShardRunner runner = ShardRunner.start(options().withIdle(Idle.BUSY_SPIN), new Recorder());
            final Thread asking = Thread.ofPlatform().start(() -> {
                while (runner.alive()) {
                    taken.addAndGet(runner.execute(ran::incrementAndGet) ? 1 : 0);
                }
            });
            runner.close();
            asking.join();
            assertEquals(taken.get(), ran.get());
        }
    }

    @Test
    void shouldCloseItsTaskWhenItsLastCommandFails() throws Exception {
        final AtomicReference<ShardRunner> runner = new AtomicReference<>();
        final ShardTask task = new Recorder() {
            @Override
            public long pollAt(final long nowMicros) {
                final ShardRunner own = runner.get();
                if (own != null) {
                    own.execute(() -> {
                        throw new StackOverflowError("from the last command");
                    });
                    own.stop();
                }
                return nowMicros;
            }
        };
        final ShardRunner started = ShardRunner.start(options().withIdle(Idle.SLEEP), task);
        runner.set(started);
        assertTrue(started.awaitEnd(Await.SECONDS, TimeUnit.SECONDS));
        assertInstanceOf(StackOverflowError.class, started.failure());
        assertEquals(List.of("start on shard-test", "close on shard-test"), events);
    }

    /** What was taken is run, and somebody may wait for it. */
    @Test
    void shouldRunEveryCommandThatItTookWhenOthersEndIt() throws Exception {
        final CountDownLatch taken = new CountDownLatch(1);
        final ShardRunner runner = ShardRunner.start(options(), new Recorder());
        runner.execute(() -> {
            try {
                taken.await();
            } catch (final InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        for (int i = 0; i < 3; i++) {
            assertTrue(runner.execute(() -> {
                throw new StackOverflowError("from a command");
            }));
        }
        assertTrue(runner.execute(() -> events.add("the last command")));
        taken.countDown();
        assertTrue(runner.awaitEnd(Await.SECONDS, TimeUnit.SECONDS));
        assertInstanceOf(StackOverflowError.class, runner.failure());
        assertEquals(List.of("start on shard-test", "the last command", "close on shard-test"), events);
    }

    @Test
    void shouldWaitForItsEndWhoeverInterrupts() {
        final CountDownLatch closing = new CountDownLatch(1);
        final ShardTask task = new Recorder() {
            @Override
            public void onClose(final long nowMicros) {
                closing.countDown();
                super.onClose(nowMicros);
            }
        };
        final ShardRunner runner = ShardRunner.start(options(), task);
        Thread.currentThread().interrupt();
        runner.close();
        assertTrue(Thread.interrupted(), "the interrupt is not forgotten");
        assertFalse(runner.alive());
        assertEquals(0, closing.getCount());
    }

    @Test
    void shouldStopItselfWithoutWaitingForItself() throws Exception {
        final AtomicReference<ShardRunner> runner = new AtomicReference<>();
        final ShardRunner started = ShardRunner.start(options(), new Recorder());
        runner.set(started);
        assertTrue(started.execute(() -> runner.get().close()));
        assertTrue(started.awaitEnd(Await.SECONDS, TimeUnit.SECONDS));
        assertTrue(errors.isEmpty());
    }

    @Test
    void shouldNotSleepWhileTheTaskIsDue() throws Exception {
        final ShardTask due = new Recorder() {
            @Override
            public int poll(final long nowMicros) {
                super.poll(nowMicros);
                return 0;
            }

            @Override
            public long pollAt(final long nowMicros) {
                return nowMicros;
            }
        };
        try (ShardRunner runner = ShardRunner.start(options().withIdle(Idle.SLEEP), due)) {
            polled.await();
            assertEquals(0, runner.counters().get(RunCounter.IDLES));
        }
    }

    @Test
    void shouldKnowItsIdleStrategiesByName() {
        assertEquals(Idle.BACK_OFF, Idle.of("back-off"));
        assertEquals(Idle.BUSY_SPIN, Idle.of("busy-spin"));
        final IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Idle.of("nap"));
        assertEquals("no idle strategy 'nap'; use busy-spin, yield, back-off, sleep", e.getMessage());
        for (final Idle idle : Idle.values()) {
            assertNotNull(idle.create());
        }
    }
}

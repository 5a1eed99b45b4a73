package io.millrace.dataplane.run;

import io.millrace.dataplane.counter.Counters;
import io.millrace.dpdk.CpuAffinity;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * A shard that runs: one thread that polls one task until it is stopped. The thread is no daemon, so a running shard
 * keeps the JVM alive.
 *
 * <p>An exception out of a poll is counted and handed to the error handler, and the shard goes on; an {@link Error} ends
 * it. Any thread may call the methods here.
 */
public final class ShardRunner implements AutoCloseable {
    private static final int COMMAND_QUEUE = 64;
    private static final long STOP_SECONDS = 10;

    private final ShardOptions options;
    private final ShardTask task;
    private final Counters<RunCounter> counters = new Counters<>(RunCounter.class);
    private final ManyToOneConcurrentArrayQueue<Runnable> commands = new ManyToOneConcurrentArrayQueue<>(COMMAND_QUEUE);
    private final CountDownLatch started = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean running = true;
    private volatile @Nullable Throwable failure;

    /** Written before {@link #started} is counted down, read after. */
    private @Nullable Throwable startFailure;

    private ShardRunner(final ShardOptions options, final ShardTask task) {
        this.options = options;
        this.task = task;
        this.thread = Thread.ofPlatform().name(options.name()).daemon(false).unstarted(this::run);
    }

    /**
     * Starts a shard and waits until its task has started.
     *
     * @throws IllegalArgumentException if the CPU does not exist or may not be used
     * @throws RuntimeException what the set-up of the thread or the task's {@code onStart} threw
     */
    public static ShardRunner start(final ShardOptions options, final ShardTask task) {
        final ShardRunner runner = new ShardRunner(options, task);
        runner.thread.start();
        boolean interrupted = false;
        while (true) {
            try {
                runner.started.await();
                break;
            } catch (final InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (runner.startFailure != null) {
            rethrow(runner.startFailure);
        }
        return runner;
    }

    /** How this shard was started. */
    public ShardOptions options() {
        return options;
    }

    /** What its loop counted. */
    public Counters<RunCounter> counters() {
        return counters;
    }

    /** Share of the time since its start in which polls found work, 0 to 1: how busy its core is. */
    public double busyShare() {
        return (double) counters.get(RunCounter.BUSY_MICROS) / Math.max(1, counters.get(RunCounter.RUN_MICROS));
    }

    /** Whether its thread is alive. */
    public boolean alive() {
        return thread.isAlive();
    }

    /** What ended this shard; null if nothing did but {@link #stop}. */
    public @Nullable Throwable failure() {
        return failure;
    }

    /**
     * Has {@code command} run on the shard's thread, between two polls or, if it is stopped meanwhile, at its end.
     *
     * @return whether the shard took it, and so runs it; false if it was stopped, or has too many already
     */
    public boolean execute(final Runnable command) {
        synchronized (commands) { // so that what is taken is there before the last look
            return running && commands.offer(command);
        }
    }

    /** Asks the shard to end, and does not wait for it. */
    public void stop() {
        running = false;
    }

    /**
     * Waits until the shard has ended.
     *
     * @return whether it did within the time
     */
    public boolean awaitEnd(final long timeout, final TimeUnit unit) throws InterruptedException {
        return thread.join(Duration.of(timeout, unit.toChronoUnit()));
    }

    /**
     * Stops the shard and waits until it has ended, whoever interrupts: what it used may be closed after that. On the
     * shard's own thread it only stops.
     *
     * @throws IllegalStateException if it does not end within ten seconds
     */
    @Override
    public void close() {
        if (!end(System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS))) {
            throw new IllegalStateException(
                    options.name() + " does not stop; its task has been in one poll for " + STOP_SECONDS + " s");
        }
    }

    /**
     * As {@link #close}, but for a shard that may not end.
     *
     * @param deadline how long to wait for it, in {@link System#nanoTime}
     * @return whether it has ended, so that what it used may be closed; true on the shard's own thread
     */
    public boolean end(final long deadline) {
        stop();
        if (Thread.currentThread() == thread) {
            return true;
        }
        boolean interrupted = false;
        boolean ended = false;
        while (!ended && System.nanoTime() - deadline < 0) {
            try {
                ended = awaitEnd(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (final InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return ended || !alive();
    }

    private void run() {
        AutoCloseable setup = null;
        boolean taskStarted = false;
        try {
            if (options.cpu() != ShardOptions.ANY_CPU) {
                CpuAffinity.pin(options.cpu());
            }
            setup = options.setup().enter();
            task.onStart(options.clock().getAsLong());
            taskStarted = true;
            started.countDown();
            loop();
        } catch (final Throwable t) {
            end(t);
        } finally {
            synchronized (commands) {
                running = false;
            }
            if (taskStarted) {
                runLastCommands();
                closeTask();
            }
            closeSetup(setup);
            started.countDown();
        }
    }

    private void loop() {
        final IdleStrategy idle = options.idle().create();
        final boolean sleeps = options.idle().sleeps();
        long last = options.clock().getAsLong();
        boolean busy = false;
        while (running) {
            final long now = options.clock().getAsLong();
            counters.add(RunCounter.RUN_MICROS, now - last);
            if (busy) {
                counters.add(RunCounter.BUSY_MICROS, now - last);
            }
            if (now - last > counters.get(RunCounter.LONGEST_CYCLE_MICROS)) {
                counters.add(
                        RunCounter.LONGEST_CYCLE_MICROS, now - last - counters.get(RunCounter.LONGEST_CYCLE_MICROS));
            }
            last = now;
            final int work = poll(now) + runCommands();
            busy = work > 0;
            counters.increment(RunCounter.POLLS);
            if (busy) {
                counters.increment(RunCounter.BUSY_POLLS);
                counters.add(RunCounter.WORK, work);
                idle.reset();
            } else if (!sleeps || task.pollAt(now) > now) {
                counters.increment(RunCounter.IDLES);
                idle.idle();
            }
        }
    }

    private int poll(final long now) {
        try {
            return task.poll(now);
        } catch (final RuntimeException e) {
            report(e);
            return 0;
        }
    }

    private int runCommands() {
        int count = 0;
        for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
            try {
                command.run();
            } catch (final RuntimeException e) {
                report(e);
            }
            count++;
        }
        if (count > 0) {
            counters.add(RunCounter.COMMANDS, count);
        }
        return count;
    }

    /** All of them, whatever becomes of one: somebody may wait for what it does. */
    private void runLastCommands() {
        while (!commands.isEmpty()) {
            try {
                runCommands();
            } catch (final Throwable t) {
                end(t);
            }
        }
    }

    private void closeTask() {
        try {
            task.onClose(options.clock().getAsLong());
        } catch (final Throwable t) {
            end(t);
        }
    }

    private void closeSetup(final @Nullable AutoCloseable setup) {
        try {
            if (setup != null) {
                setup.close();
            }
        } catch (final Throwable t) {
            end(t);
        }
    }

    /** Notes what ended the shard. Before it has started, that is for {@link #start} to throw. */
    private void end(final Throwable t) {
        if (failure == null) {
            failure = t;
        }
        if (started.getCount() == 0) {
            report(t);
        } else if (startFailure == null) {
            startFailure = t;
        }
    }

    private void report(final Throwable t) {
        counters.increment(RunCounter.ERRORS);
        try {
            options.errorHandler().onError(t);
        } catch (final RuntimeException e) {
            // A handler that fails must not end the shard; what it should have handled goes to the log with it.
            e.addSuppressed(t);
            System.getLogger(ShardRunner.class.getName())
                    .log(System.Logger.Level.ERROR, options.name() + ": the error handler failed", e);
        }
    }

    private static void rethrow(final Throwable t) {
        switch (t) {
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(t);
        }
    }
}

package io.millrace.bench.tcp;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.reference.Turns;
import io.millrace.dpdk.CpuAffinity;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpConfigBuilder;
import io.millrace.stack.socket.tcp.config.TcpRuns;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures TCP in bulk through two of our stacks in one thread and, in turns on the same CPU, through Linux's own stack
 * from one network namespace to another (see {@link LinuxTcp}). Rates are of payload in a second of the thread's CPU
 * time, so that what else runs there does not count.
 */
final class TcpBulkBench {
    /** Turns' worth of CPU time that does not count, for the compiler. */
    private static final int WARM_UP_TURNS = 7;

    /** Where others leave us little of the CPU, this many turns have to do. */
    private static final int MOST_WARM_UP_TURNS = 50;

    private TcpBulkBench() {}

    /**
     * What was measured.
     *
     * @param turns Gbit/s of both
     * @param median the turn of ours with the median rate
     */
    public record Result(Turns turns, TcpBulk.Result median) {}

    /**
     * Measures, on a thread of its own.
     *
     * @param mtu largest IP packet in bytes
     * @param family 4 or 6
     * @param tcp what both stacks are made with
     * @param rounds number of turns
     * @param turn length of each
     * @param progress is told why there is no reference, if there is none
     */
    public static Result run(
            final int mtu,
            final int family,
            final TcpConfigBuilder tcp,
            final int rounds,
            final Duration turn,
            final Consumer<String> progress)
            throws InterruptedException {
        final TcpConfig config = tcp.build();
        final int cpu = CpuAffinity.current().length() - 1;
        final FutureTask<Result> task = new FutureTask<>(() -> {
            CpuAffinity.pin(cpu);
            try (LinuxTcp linux = reference(mtu, family, cpu, progress);
                    TcpBulk bulk = new TcpBulk(mtu, family, 0, config)) {
                return measure(bulk, linux, rounds, turn.toNanos());
            }
        });
        final Thread thread = new Thread(task, "tcp-bulk");
        thread.start();
        try {
            return task.get();
        } catch (final ExecutionException e) {
            throw new IllegalStateException("the transfer failed: " + e.getCause(), e);
        }
    }

    /**
     * Measures what idle listeners and connections cost: in turns with two stacks that have none.
     *
     * @param mtu largest IP packet in bytes
     * @param family 4 or 6
     * @param tcp what both stacks are made with
     * @param idle listeners, and established connections, that have nothing to do; 1 to {@value Bystanders#MAX}
     * @param rounds number of turns
     * @param turn length of each
     * @return rates with them, and as the reference those without
     */
    public static Result besideIdle(
            final int mtu,
            final int family,
            final TcpConfigBuilder tcp,
            final int idle,
            final int rounds,
            final Duration turn) {
        final TcpConfig config = tcp.build();
        try (TcpBulk crowded = new TcpBulk(mtu, family, idle, config);
                TcpBulk alone = new TcpBulk(mtu, family, 0, config)) {
            return compare(crowded, alone, rounds, turn.toNanos());
        }
    }

    /**
     * Measures what it brings to handle segments in runs: in turns with two stacks that handle each by itself.
     *
     * @param mtu largest IP packet in bytes
     * @param family 4 or 6
     * @param tcp what both stacks are made with
     * @param rounds number of turns
     * @param turn length of each
     * @return rates with runs, and as the reference those without
     */
    public static Result besideSingle(
            final int mtu, final int family, final TcpConfigBuilder tcp, final int rounds, final Duration turn) {
        try (TcpBulk together = new TcpBulk(mtu, family, 0, tcp.runs(TcpRuns.ON).build());
                TcpBulk single =
                        new TcpBulk(mtu, family, 0, tcp.runs(TcpRuns.OFF).build())) {
            return compare(together, single, rounds, turn.toNanos());
        }
    }

    private static Result compare(final TcpBulk one, final TcpBulk other, final int rounds, final long nanos) {
        warmUp(one, nanos);
        warmUp(other, nanos);
        final TcpBulk.Result[] results = new TcpBulk.Result[rounds];
        final double[] ours = new double[rounds];
        final double[] theirs = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            results[round] = one.run(nanos);
            ours[round] = results[round].gigabitsPerCpuSecond();
            theirs[round] = other.run(nanos).gigabitsPerCpuSecond();
        }
        Arrays.sort(results, Comparator.comparingDouble(TcpBulk.Result::gigabitsPerCpuSecond));
        return new Result(Turns.of(ours, theirs), results[rounds / 2]);
    }

    private static @Nullable LinuxTcp reference(
            final int mtu, final int family, final int cpu, final Consumer<String> progress)
            throws InterruptedException {
        try {
            return LinuxTcp.start(mtu, family, cpu);
        } catch (final IOException | CommandException e) {
            progress.accept("no reference, which needs network namespaces, ip, ethtool and gcc: " + e.getMessage());
            return null;
        }
    }

    private static void warmUp(final TcpBulk bulk, final long nanos) {
        long cpuNanos = 0;
        for (int turn = 0; turn < MOST_WARM_UP_TURNS && cpuNanos < WARM_UP_TURNS * nanos; turn++) {
            cpuNanos += bulk.run(nanos).cpuNanos();
        }
    }

    private static Result measure(
            final TcpBulk bulk, final @Nullable LinuxTcp linux, final int rounds, final long nanos) throws IOException {
        warmUp(bulk, nanos);
        if (linux != null) {
            linux.turn(nanos);
        }
        final TcpBulk.Result[] results = new TcpBulk.Result[rounds];
        final double[] ours = new double[rounds];
        final double[] theirs = new double[linux == null ? 0 : rounds];
        for (int round = 0; round < rounds; round++) {
            results[round] = bulk.run(nanos);
            ours[round] = results[round].gigabitsPerCpuSecond();
            if (linux != null) {
                theirs[round] = linux.turn(nanos);
            }
        }
        Arrays.sort(results, Comparator.comparingDouble(TcpBulk.Result::gigabitsPerCpuSecond));
        return new Result(Turns.of(ours, theirs), results[rounds / 2]);
    }
}

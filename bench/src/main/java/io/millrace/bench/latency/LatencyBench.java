package io.millrace.bench.latency;

import io.millrace.bench.reference.EalArguments;
import io.millrace.bench.reference.PinnedThread;
import io.millrace.bench.reference.TestpmdProcess;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.dpdk.DpdkPool;
import io.millrace.dpdk.CpuAffinity;
import io.millrace.dpdk.Eal;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures how long packets take through {@code millrace forward} and through {@code dpdk-testpmd}: out over one memif
 * link, through a process on another CPU, and back over a second link. Both are started once and then take short turns on
 * that CPU; whose turn it is not, is stopped.
 *
 * <p>EAL must not run yet in this process; it has been started and stopped when {@link #run} returns.
 */
final class LatencyBench {
    private static final Duration WARM_UP = Duration.ofSeconds(3);
    private static final int BUFFERS = 16_383;
    private static final int CACHE = 512;

    private final LatencyOptions options;
    private final DpdkPool pool;
    private final PoolCache cache;
    private final int probeCpu;
    private final int forwarderCpu;
    private final Consumer<String> progress;

    private LatencyBench(
            final LatencyOptions options,
            final DpdkPool pool,
            final int probeCpu,
            final int forwarderCpu,
            final Consumer<String> progress) {
        this.options = options;
        this.pool = pool;
        this.cache = new PoolCache(pool, CACHE);
        this.probeCpu = probeCpu;
        this.forwarderCpu = forwarderCpu;
        this.progress = progress;
    }

    /**
     * What was seen of both.
     *
     * @param millrace of Millrace
     * @param testpmd of the reference; null if it is not installed
     * @param outstanding buffers that did not come home
     */
    public record Result(LatencySide millrace, @Nullable LatencySide testpmd, int outstanding) {}

    /**
     * Measures.
     *
     * @param progress is told what goes on, one line each time
     * @throws IllegalArgumentException if there is one CPU only
     * @throws IOException if a forwarder does not start
     */
    public static Result run(final LatencyOptions options, final Consumer<String> progress)
            throws IOException, InterruptedException {
        final BitSet cpus = CpuAffinity.current();
        if (cpus.cardinality() < 2) {
            throw new IllegalArgumentException("sender and forwarder need a CPU each; this process may use one");
        }
        try (Eal _ = Eal.start(EalArguments.of(EalArguments.filePrefix("millrace"), false));
                DpdkPool pool = DpdkPool.create("latency", BUFFERS, options.packetSize())) {
            final LatencyBench bench = new LatencyBench(options, pool, cpus.nextSetBit(0), cpus.length() - 1, progress);
            final Result result = bench.onProbeCpu();
            return new Result(result.millrace(), result.testpmd(), pool.capacity() - pool.available());
        }
    }

    private Result onProbeCpu() throws IOException, InterruptedException {
        return PinnedThread.call("latency-probe", probeCpu, () -> {
            try {
                return measure();
            } finally {
                cache.flush();
            }
        });
    }

    private Result measure() throws IOException, InterruptedException {
        try (LatencyCourse course = course(true)) {
            course.start(WARM_UP); // the probe's own code
        }
        try (LatencyCourse millrace = course(true)) {
            final LatencyRun millraceStart = millrace.start(options.start());
            if (!TestpmdProcess.isInstalled()) {
                realTime();
                for (int round = 0; round < options.rounds(); round++) {
                    report("millrace", millrace.turn());
                }
                return new Result(millrace.side(millraceStart), null, 0);
            }
            try (LatencyCourse testpmd = course(false)) {
                final LatencyRun testpmdStart = testpmd.start(options.start());
                realTime();
                for (int round = 0; round < options.rounds(); round++) {
                    report("millrace", millrace.turn());
                    report("testpmd", testpmd.turn());
                }
                return new Result(millrace.side(millraceStart), testpmd.side(testpmdStart), 0);
            }
        }
    }

    /** Not before the forwarders' starts: their compilers need a CPU, too. */
    private void realTime() throws IOException, InterruptedException {
        if (options.realTime()) {
            RealTime.letCaller();
        }
    }

    private LatencyCourse course(final boolean millrace) throws IOException, InterruptedException {
        return new LatencyCourse(millrace, options, pool, cache, forwarderCpu, probeCpu);
    }

    private void report(final String who, final LatencyRun run) {
        progress.accept(String.format(
                Locale.ROOT,
                "%-8s p50 %.1f us, p99.9 %.1f us, undisturbed %.1f us; sender stalled %d times, %.1f ms; forwarder"
                        + " waited for its CPU %.1f ms; %,d lost",
                who,
                run.all().getValueAtPercentile(50) / 1e3,
                run.all().getValueAtPercentile(99.9) / 1e3,
                run.undisturbed().getValueAtPercentile(99.9) / 1e3,
                run.stalls(),
                run.stalledNanos() / 1e6,
                run.waitedNanos() / 1e6,
                run.lost()));
    }
}

package io.millrace.bench.latency;

import io.millrace.bench.memif.ForwardingProcess;
import io.millrace.bench.memif.MemifLinks;
import io.millrace.bench.reference.EalArguments;
import io.millrace.bench.reference.TestpmdProcess;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.dpdk.DpdkPool;
import io.millrace.dataplane.port.dpdk.DpdkPort;
import io.millrace.dataplane.port.dpdk.DpdkPortConfig;
import io.millrace.dpdk.CpuAffinity;
import io.millrace.dpdk.Eal;
import io.millrace.dpdk.ThreadRegistration;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures how long packets take through {@code millrace forward} and, in turns, through {@code dpdk-testpmd}: out over
 * one memif link, through a process on another CPU, and back over a second link. Each turn starts the forwarder anew.
 *
 * <p>EAL must not run yet in this process; it has been started and stopped when {@link #run} returns.
 */
public final class LatencyBench {
    private static final Duration WARM_UP = Duration.ofSeconds(3);
    private static final Duration LINK_UP = Duration.ofSeconds(20);
    private static final int BUFFERS = 16_383;
    private static final int CACHE = 512;
    private static final int LINKS = 2;

    private final LatencyOptions options;
    private final DpdkPool pool;
    private final int probeCpu;
    private final int forwarderCpu;

    private LatencyBench(
            final LatencyOptions options, final DpdkPool pool, final int probeCpu, final int forwarderCpu) {
        this.options = options;
        this.pool = pool;
        this.probeCpu = probeCpu;
        this.forwarderCpu = forwarderCpu;
    }

    /**
     * All runs of each side together.
     *
     * @param millrace of Millrace
     * @param testpmd of the reference; null if it is not installed
     * @param outstanding buffers that did not come home
     */
    public record Result(LatencyRun millrace, @Nullable LatencyRun testpmd, int outstanding) {}

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
        final boolean reference = TestpmdProcess.isInstalled();
        try (Eal _ = Eal.start(EalArguments.of(EalArguments.filePrefix("millrace"), false));
                DpdkPool pool = DpdkPool.create("latency", BUFFERS, options.packetSize())) {
            final LatencyBench bench = new LatencyBench(options, pool, cpus.nextSetBit(0), cpus.length() - 1);
            bench.turn(true, Duration.ZERO, WARM_UP);
            final LatencyRun millrace = new LatencyRun();
            final LatencyRun testpmd = reference ? new LatencyRun() : null;
            for (int round = 0; round < options.rounds(); round++) {
                report(progress, "millrace", bench.turn(true, options.start(), options.steady()), millrace);
                if (testpmd != null) {
                    report(progress, "testpmd", bench.turn(false, options.start(), options.steady()), testpmd);
                }
            }
            return new Result(millrace, testpmd, pool.capacity() - pool.available());
        }
    }

    private static void report(
            final Consumer<String> progress, final String who, final LatencyRun run, final LatencyRun all) {
        progress.accept(String.format(
                Locale.ROOT,
                "%s: %,d packets, p50 %.1f us, p99.9 %.1f us, %,d lost",
                who,
                run.sent(),
                run.steady().getValueAtPercentile(50) / 1e3,
                run.steady().getValueAtPercentile(99.9) / 1e3,
                run.lost()));
        all.add(run);
    }

    private LatencyRun turn(final boolean millrace, final Duration start, final Duration steady)
            throws IOException, InterruptedException {
        final FutureTask<LatencyRun> task = new FutureTask<>(() -> {
            CpuAffinity.pin(probeCpu);
            try (ThreadRegistration _ = ThreadRegistration.register()) {
                return measure(millrace, start, steady);
            }
        });
        final Thread thread = new Thread(task, "latency-probe");
        thread.start();
        try {
            return task.get();
        } catch (final ExecutionException e) {
            if (e.getCause() instanceof final IOException problem) {
                throw problem;
            }
            throw new IllegalStateException("the measurement failed: " + e.getCause(), e);
        }
    }

    private LatencyRun measure(final boolean millrace, final Duration start, final Duration steady)
            throws IOException, InterruptedException {
        final PoolCache cache = new PoolCache(pool, CACHE);
        try (MemifLinks links = MemifLinks.create();
                DpdkPort out = DpdkPort.open(DpdkPortConfig.of(links.server(0)), pool);
                DpdkPort in = DpdkPort.open(DpdkPortConfig.of(links.server(1)), pool);
                ForwardingProcess forwarder = millrace
                        ? ForwardingProcess.millrace(links, LINKS, options.mode(), forwarderCpu)
                        : ForwardingProcess.testpmd(links, LINKS, options.mode(), forwarderCpu, probeCpu)) {
            final LatencyProbe probe =
                    new LatencyProbe(out.queue(0, cache), in.queue(0, cache), cache, options.packetSize());
            links.awaitUp(out, LINK_UP);
            links.awaitUp(in, LINK_UP);
            final LatencyRun run = probe.run(options.rate(), start.toNanos(), steady.toNanos());
            run.collections(forwarder.collections());
            return run;
        } finally {
            cache.flush();
        }
    }
}

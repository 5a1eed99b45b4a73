package io.millrace.bench.latency;

import io.millrace.bench.memif.ForwardingProcess;
import io.millrace.bench.memif.MemifLinks;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.dpdk.DpdkPool;
import io.millrace.dataplane.port.dpdk.DpdkPort;
import io.millrace.dataplane.port.dpdk.DpdkPortConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A forwarder between two links, and the probe at their other ends. The forwarder runs while it is measured, and is
 * stopped otherwise. Used by one thread.
 */
final class LatencyCourse implements AutoCloseable {
    /** After the forwarder was stopped and goes on, before anything counts. */
    private static final Duration SETTLING = Duration.ofMillis(200);

    /** Linux lets real-time threads have most of each second only, and lets the others have the rest at a bad time. */
    private static final Duration REST = Duration.ofMillis(600);

    private static final Duration LINK_UP = Duration.ofSeconds(20);
    private static final int LINKS = 2;

    private final LatencyOptions options;
    private final MemifLinks links;
    private final List<LatencyRun> turns = new ArrayList<>();
    private @Nullable DpdkPort out;
    private @Nullable DpdkPort in;
    private final ForwardingProcess forwarder;
    private final LatencyProbe probe;
    private @Nullable String thread;

    /**
     * Starts a forwarder, which then runs.
     *
     * @param millrace or the reference
     * @param cache of the calling thread
     * @param forwarderCpu where it forwards
     * @param probeCpu the calling thread's
     * @throws IOException if it does not start
     */
    LatencyCourse(
            final boolean millrace,
            final LatencyOptions options,
            final DpdkPool pool,
            final PoolCache cache,
            final int forwarderCpu,
            final int probeCpu)
            throws IOException, InterruptedException {
        this.options = options;
        links = MemifLinks.from(millrace ? 0 : LINKS);
        ForwardingProcess started = null;
        try {
            final DpdkPort first = DpdkPort.open(DpdkPortConfig.of(links.server(0)), pool);
            out = first;
            final DpdkPort second = DpdkPort.open(DpdkPortConfig.of(links.server(1)), pool);
            in = second;
            started = millrace
                    ? ForwardingProcess.millrace(links, LINKS, options.mode(), forwarderCpu)
                    : ForwardingProcess.testpmd(links, LINKS, options.mode(), forwarderCpu, probeCpu);
            links.awaitUp(first, LINK_UP);
            links.awaitUp(second, LINK_UP);
            probe = new LatencyProbe(first.queue(0, cache), second.queue(0, cache), cache, options.packetSize());
        } catch (final IOException | InterruptedException | RuntimeException e) {
            close(started);
            throw e;
        }
        forwarder = started;
    }

    /** Measures the forwarder as it is, for so long, and stops it. */
    LatencyRun start(final Duration duration) throws IOException, InterruptedException {
        final LatencyRun run = probe.run(options.rate(), duration.toNanos());
        forwarder.pause(true);
        return run;
    }

    /** Lets the forwarder go on for a turn. */
    LatencyRun turn() throws IOException, InterruptedException {
        final String forwarding = thread();
        if (options.realTime()) {
            Thread.sleep(REST);
        }
        forwarder.pause(false);
        probe.run(options.rate(), SETTLING.toNanos());
        final long waited = forwarder.waitedNanos(forwarding);
        final LatencyRun run = probe.run(options.rate(), options.steady().toNanos());
        run.waited(forwarder.waitedNanos(forwarding) - waited);
        forwarder.pause(true);
        turns.add(run);
        return run;
    }

    /** The thread that forwards, which by now has run longest. */
    private String thread() throws IOException, InterruptedException {
        if (thread == null) {
            thread = forwarder.thread();
            if (options.realTime()) {
                RealTime.let(thread);
            }
        }
        return thread;
    }

    /** All turns. */
    LatencySide side(final LatencyRun start) throws IOException {
        return new LatencySide(start, List.copyOf(turns), forwarder.collections());
    }

    @Override
    public void close() throws IOException {
        try {
            forwarder.pause(false);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close(forwarder);
        }
    }

    private void close(final @Nullable ForwardingProcess process) throws IOException {
        if (process != null) {
            process.close();
        }
        if (in != null) {
            in.close();
        }
        if (out != null) {
            out.close();
        }
        links.close();
    }
}

package io.millrace.bench.memif;

import io.millrace.bench.forward.ForwardMode;
import io.millrace.bench.forward.Forwarder;
import io.millrace.bench.reference.EalArguments;
import io.millrace.bench.reference.PinnedThread;
import io.millrace.bench.reference.TestpmdProcess;
import io.millrace.bench.reference.Turns;
import io.millrace.dataplane.buffer.Packet;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.dpdk.DpdkPool;
import io.millrace.dataplane.port.dpdk.DpdkPort;
import io.millrace.dataplane.port.dpdk.DpdkPortConfig;
import io.millrace.dpdk.CpuAffinity;
import io.millrace.dpdk.Eal;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;

/**
 * Lets two processes on two CPUs throw the same packets back and forth over one memif link as fast as they can: two of
 * Millrace and, in turns, two of {@code dpdk-testpmd}. Counted are packets that came back to the first process, in
 * seconds by the clock: both CPUs should be idle otherwise.
 *
 * <p>EAL must not run yet in this process; it has been started and stopped when {@link #run} returns.
 */
final class MemifBench {
    /** Packets under way, a fraction of the ring, so that no side ever finds it full. */
    private static final int BURSTS = 8;

    private static final int BURST = 32;
    private static final int BUFFERS = 16_383;
    private static final int CACHE = 512;
    private static final int POLLS_BETWEEN_CLOCKS = 64;
    private static final Duration WARM_UP = Duration.ofSeconds(2);
    private static final Duration LINK_UP = Duration.ofSeconds(20);

    private final int packetSize;
    private final Duration duration;
    private final DpdkPool pool;
    private final int nearCpu;
    private final int farCpu;

    private MemifBench(
            final int packetSize, final Duration duration, final DpdkPool pool, final int nearCpu, final int farCpu) {
        this.packetSize = packetSize;
        this.duration = duration;
        this.pool = pool;
        this.nearCpu = nearCpu;
        this.farCpu = farCpu;
    }

    /**
     * Measures.
     *
     * @param packetSize bytes of each packet, 64 to 1518
     * @param duration of each turn
     * @param rounds turns of each side, at least 1
     * @param progress is told what goes on, one line each time
     * @return million packets a second; without a reference if {@code dpdk-testpmd} is not installed
     */
    public static Turns run(
            final int packetSize, final Duration duration, final int rounds, final Consumer<String> progress)
            throws IOException, InterruptedException {
        final BitSet cpus = CpuAffinity.current();
        if (cpus.cardinality() < 2) {
            throw new IllegalArgumentException("two processes need a CPU each; this process may use one");
        }
        if (packetSize < 64 || packetSize > 1518 || rounds < 1 || duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException(rounds + " rounds of " + duration + " with packets of " + packetSize
                    + " bytes; packets have 64 to 1518, and there must be something to measure");
        }
        final boolean reference = TestpmdProcess.isInstalled();
        final double[] ours = new double[rounds];
        final double[] theirs = new double[reference ? rounds : 0];
        try (Eal _ = Eal.start(EalArguments.of(EalArguments.filePrefix("millrace"), false));
                DpdkPool pool = DpdkPool.create("memif", BUFFERS, packetSize)) {
            final MemifBench bench = new MemifBench(packetSize, duration, pool, cpus.nextSetBit(0), cpus.length() - 1);
            for (int round = 0; round < rounds; round++) {
                ours[round] = bench.millrace();
                progress.accept("millrace %.2f Mpps".formatted(ours[round]));
                if (reference) {
                    theirs[round] = bench.testpmd();
                    progress.accept("testpmd %.2f Mpps".formatted(theirs[round]));
                }
            }
        }
        return Turns.of(ours, theirs);
    }

    private double millrace() throws IOException, InterruptedException {
        return PinnedThread.call("memif", nearCpu, this::throwAndCatch);
    }

    private double throwAndCatch() throws IOException, InterruptedException {
        final PoolCache cache = new PoolCache(pool, CACHE);
        try (MemifLinks links = MemifLinks.create();
                DpdkPort near = DpdkPort.open(DpdkPortConfig.of(links.server(0)), pool);
                ForwardingProcess _ = ForwardingProcess.millrace(links, 1, ForwardMode.IO, farCpu)) {
            links.awaitUp(near, LINK_UP);
            final PortQueue queue = near.queue(0, cache);
            serve(queue, cache);
            final Forwarder forwarder = new Forwarder(queue, queue, cache, ForwardMode.IO, BURST);
            forward(forwarder, WARM_UP.toNanos());
            return forward(forwarder, duration.toNanos());
        } finally {
            cache.flush();
        }
    }

    private void serve(final PortQueue queue, final PoolCache cache) {
        final long[] handles = new long[BURST];
        final Packet packet = new Packet(pool);
        for (int burst = 0; burst < BURSTS; burst++) {
            final int count = cache.allocate(handles, 0, BURST);
            for (int i = 0; i < count; i++) {
                packet.wrap(handles[i]).length(packetSize);
            }
            final int sent = queue.transmit(handles, 0, count, 0);
            cache.free(handles, sent, count - sent);
        }
    }

    /** Forwards for about so long; million packets a second. */
    private static double forward(final Forwarder forwarder, final long nanos) {
        final long begin = System.nanoTime();
        long now = begin;
        long packets = 0;
        while (now - begin < nanos) {
            for (int i = 0; i < POLLS_BETWEEN_CLOCKS; i++) {
                packets += forwarder.poll();
            }
            now = System.nanoTime();
        }
        return packets * 1e3 / (now - begin);
    }

    private double testpmd() throws IOException, InterruptedException {
        final String prefix = EalArguments.filePrefix("testpmd-near");
        try (MemifLinks links = MemifLinks.create()) {
            final List<String> eal = new ArrayList<>(EalArguments.of(prefix, false));
            eal.addAll(List.of("--lcores=0@" + farCpu + ",1@" + nearCpu, "--vdev=" + links.server(0)));
            final List<String> arguments = List.of(
                    "--forward-mode=io",
                    "--burst=" + BURST,
                    "--total-num-mbufs=" + BUFFERS,
                    "--txpkts=" + packetSize,
                    "--disable-link-check");
            try (TestpmdProcess near = TestpmdProcess.start(prefix, eal, arguments);
                    ForwardingProcess _ = ForwardingProcess.testpmd(links, 1, ForwardMode.IO, farCpu, nearCpu)) {
                near.listen();
                near.command("start tx_first " + BURSTS);
                Thread.sleep(WARM_UP);
                final long begin = System.nanoTime();
                near.command("show port stats all");
                Thread.sleep(duration);
                final long nanos = System.nanoTime() - begin;
                near.command("show port stats all");
                near.command("stop");
                final List<Long> totals = near.end();
                if (totals.size() != 2) {
                    throw new IOException(TestpmdProcess.PROGRAM + " showed " + totals.size() + " totals, not two");
                }
                return (totals.get(1) - totals.get(0)) * 1e3 / nanos;
            }
        }
    }
}

package io.millrace.bench.forward;

import io.millrace.bench.reference.PinnedThread;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.pipeline.Graph;
import io.millrace.dataplane.pipeline.GraphBuilder;
import io.millrace.dataplane.pipeline.Node;
import io.millrace.dataplane.pipeline.PortInput;
import io.millrace.dataplane.pipeline.PortOutput;
import io.millrace.dataplane.pipeline.node.MacSwap;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.dpdk.DpdkPool;
import io.millrace.dataplane.port.dpdk.DpdkPort;
import io.millrace.dataplane.port.dpdk.DpdkPortConfig;
import io.millrace.dpdk.CpuAffinity;
import io.millrace.dpdk.Eal;
import io.millrace.stack.node.ChecksumWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;

/**
 * Measures forwarding between two {@code net_null} ports on one CPU, both ways, as {@code dpdk-testpmd} does it, and that
 * program in turns on the same CPU. A null port makes packets out of nothing and swallows them, so that what is measured
 * is the way of a packet through the program: allocate, receive, send, free. Time is that of the forwarding thread on its
 * CPU, so that what else runs there does not count. What that time cannot leave out is a neighbour on the other hardware
 * thread of the same core, which nearly halves the rate while it is busy, ours and the reference's alike. Turns are short
 * for that reason: both meet the neighbour about as often, and what counts is the median of the ratios.
 *
 * <p>Each mode is measured three ways: as a loop over two ports, as a {@link Graph} of nodes that do the same, and by the
 * reference. What lies between the first two is the cost of the pipeline.
 *
 * <p>EAL must not run yet in this process; it has been started and stopped when {@link #run} returns.
 */
final class ForwardBench {
    private static final Duration WARM_UP = Duration.ofMillis(50);

    /** In all modes together, before anything counts: the compiler's time. */
    private static final int WARM_UP_TURNS = 12;

    private static final int POLLS_BETWEEN_CLOCKS = 1024;
    private static final int CACHE = 256;

    private ForwardBench() {}

    /** Whether {@code dpdk-testpmd} is there to compare with. */
    public static boolean hasReference() {
        return Testpmd.isInstalled();
    }

    /**
     * Measures.
     *
     * @param progress is told what goes on, one line each time
     * @return one result for each mode
     */
    public static List<ForwardResult> run(
            final List<ForwardMode> modes, final ForwardOptions options, final Consumer<String> progress)
            throws IOException, InterruptedException {
        final BitSet cpus = CpuAffinity.current();
        final int cpu = cpus.length() - 1;
        final int control = cpus.nextSetBit(0);
        final boolean reference = hasReference() && control != cpu;
        final List<ForwardResult> results = new ArrayList<>();
        try (Eal eal = Eal.start(options.ealArguments("millrace"));
                DpdkPool pool = DpdkPool.create("forward", options.buffers(), options.packetSize())) {
            Packets.fill(pool, options.packetSize());
            for (int turn = 0; turn < WARM_UP_TURNS; turn++) {
                for (final ForwardMode mode : modes) {
                    onCpu(cpu, mode, false, options, pool);
                    onCpu(cpu, mode, true, options, pool);
                }
            }
            progress.accept(Eal.version() + (eal.hasHugepages() ? " with" : " without") + " hugepages, CPU " + cpu);
            for (final ForwardMode mode : modes) {
                final double[] ours = new double[options.rounds()];
                final double[] nodes = new double[options.rounds()];
                double[] theirs = {};
                if (reference) {
                    try (Testpmd testpmd = Testpmd.start(mode, options, cpu, control)) {
                        for (int round = 0; round < options.rounds(); round++) {
                            nodes[round] = onCpu(cpu, mode, true, options, pool);
                            ours[round] = onCpu(cpu, mode, false, options, pool);
                            testpmd.turn(WARM_UP, options.duration());
                        }
                        theirs = testpmd.end();
                    }
                } else {
                    for (int round = 0; round < options.rounds(); round++) {
                        nodes[round] = onCpu(cpu, mode, true, options, pool);
                        ours[round] = onCpu(cpu, mode, false, options, pool);
                    }
                }
                report(mode, ours, nodes, theirs, progress);
                results.add(ForwardResult.of(mode, ours, nodes, theirs));
            }
            progress.accept(PinnedThread.call("forward", cpu, () -> BareCalls.measure(options)));
        }
        return results;
    }

    private static double onCpu(
            final int cpu,
            final ForwardMode mode,
            final boolean pipeline,
            final ForwardOptions options,
            final DpdkPool pool)
            throws IOException, InterruptedException {
        return PinnedThread.call("forward", cpu, () -> measure(mode, pipeline, options, pool));
    }

    private static double measure(
            final ForwardMode mode, final boolean pipeline, final ForwardOptions options, final DpdkPool pool) {
        final PoolCache cache = new PoolCache(pool, CACHE);
        try (DpdkPort left = open(0, options, pool);
                DpdkPort right = open(1, options, pool)) {
            final var leftQueue = left.queue(0, cache);
            final var rightQueue = right.queue(0, cache);
            Packets.check(leftQueue, cache);
            if (pipeline) {
                try (Graph graph = graph(mode, leftQueue, rightQueue, options.burst(), cache)) {
                    final Batch batch = () -> batch(graph);
                    forward(batch, WARM_UP.toNanos());
                    return forward(batch, options.duration().toNanos());
                }
            }
            final Forwarder there = new Forwarder(leftQueue, rightQueue, cache, mode, options.burst());
            final Forwarder back = new Forwarder(rightQueue, leftQueue, cache, mode, options.burst());
            final Batch batch = () -> batch(there, back);
            forward(batch, WARM_UP.toNanos());
            return forward(batch, options.duration().toNanos());
        } finally {
            cache.flush();
        }
    }

    private static Graph graph(
            final ForwardMode mode,
            final PortQueue left,
            final PortQueue right,
            final int burst,
            final PoolCache cache) {
        final PortInput leftIn = PortInput.of("in0", left, burst);
        final PortInput rightIn = PortInput.of("in1", right, burst);
        final PortOutput leftOut = new PortOutput("out0", left);
        final PortOutput rightOut = new PortOutput("out1", right);
        final GraphBuilder builder = Graph.builder();
        switch (mode) {
            case IO -> builder.connect(leftIn, rightOut).connect(rightIn, leftOut);
            case MACSWAP -> {
                between(builder, leftIn, new MacSwap("macswap0"), rightOut);
                between(builder, rightIn, new MacSwap("macswap1"), leftOut);
            }
            case CSUM -> {
                between(builder, leftIn, new ChecksumWriter("csum0"), rightOut);
                between(builder, rightIn, new ChecksumWriter("csum1"), leftOut);
            }
        }
        return builder.build(cache);
    }

    private static void between(final GraphBuilder builder, final PortInput in, final Node node, final PortOutput out) {
        builder.connect(in, node).connect(node, out);
    }

    private static DpdkPort open(final int number, final ForwardOptions options, final DpdkPool pool) {
        return DpdkPort.open(DpdkPortConfig.of("net_null" + number + ",size=" + options.packetSize()), pool);
    }

    /** Forwards for about so long; million packets a second of CPU time. */
    private static double forward(final Batch batch, final long nanos) {
        final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        final long cpuStart = threads.getCurrentThreadCpuTime();
        final long start = System.nanoTime();
        long packets = 0;
        while (System.nanoTime() - start < nanos) {
            packets += batch.run();
        }
        return packets * 1e3 / (threads.getCurrentThreadCpuTime() - cpuStart);
    }

    /** Some polls of both directions. */
    private interface Batch {
        /** Returns how many packets were forwarded. */
        int run();
    }

    private static int batch(final Graph graph) {
        int packets = 0;
        for (int i = 0; i < POLLS_BETWEEN_CLOCKS; i++) {
            packets += graph.poll(0);
        }
        return packets;
    }

    private static int batch(final Forwarder there, final Forwarder back) {
        int packets = 0;
        for (int i = 0; i < POLLS_BETWEEN_CLOCKS; i++) {
            packets += there.poll();
            packets += back.poll();
        }
        return packets;
    }

    private static void report(
            final ForwardMode mode,
            final double[] ours,
            final double[] nodes,
            final double[] theirs,
            final Consumer<String> progress) {
        for (int round = 0; round < ours.length; round++) {
            progress.accept("%s: millrace %.1f Mpps, as a pipeline %.1f Mpps%s"
                    .formatted(
                            mode.label(),
                            ours[round],
                            nodes[round],
                            round < theirs.length ? ", testpmd %.1f Mpps".formatted(theirs[round]) : ""));
        }
    }
}

package io.millrace.dataplane.pipeline;

import io.millrace.dataplane.run.ShardTask;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Nodes, connected and checked, that one thread runs. A poll fills the vectors of the sources and then runs each node
 * whose vector holds packets, those in front before those behind, so that all packets have left the graph when it ends,
 * but for those that nodes keep.
 *
 * <pre>{@code
 * PortInput in = PortInput.of("in", left.queue(0, cache), 32);
 * MacSwap swap = new MacSwap("swap");
 * PortOutput out = new PortOutput("out", right.queue(0, cache));
 * Graph graph = Graph.builder().connect(in, swap).connect(swap, out).build(cache);
 * ShardRunner.start(ShardOptions.named("pipeline"), graph);
 * }</pre>
 *
 * <p>Only {@link #stats} and {@link #drops} may be called by other threads; the rest they have run by the {@link
 * io.millrace.dataplane.run.ShardRunner}.
 */
public final class Graph implements ShardTask, AutoCloseable {
    /** Packets that every vector has room for at least. */
    static final int VECTOR = 256;

    /** Packets that no vector has room for more of. */
    public static final int MAX_VECTOR = 4096;

    private final Node[] nodes;
    private final int timeEvery;
    private final LongSupplier nanoClock;
    private int untilTimed;
    private @Nullable PacketTrace trace;
    private boolean closed;

    Graph(final List<Node> nodes, final int timeEvery, final LongSupplier nanoClock) {
        this.nodes = nodes.toArray(Node[]::new);
        this.timeEvery = timeEvery;
        this.nanoClock = nanoClock;
        this.untilTimed = timeEvery - 1; // the first poll would mostly measure the loading of classes
    }

    /** Begins a graph. */
    public static GraphBuilder builder() {
        return new GraphBuilder();
    }

    /**
     * Lets packets come in and go all the way.
     *
     * @param nowMicros the time in microseconds, never less than before
     * @return how many packets came in, and how many nodes had something else to do
     */
    @Override
    public int poll(final long nowMicros) {
        final boolean timed = untilTimed == 0;
        final int work = timed ? runTimed(nowMicros) : run(nowMicros);
        if (work > 0) {
            untilTimed = timed ? timeEvery - 1 : untilTimed - 1;
        }
        if (trace != null && trace.isDone()) {
            trace = null;
        }
        return work;
    }

    private int run(final long nowMicros) {
        int work = 0;
        for (final Node node : nodes) {
            work += prepare(node, nowMicros);
            if (node.burst().count() > 0 || node.wakeAt() <= nowMicros) {
                node.run(nowMicros, trace);
            }
        }
        return work;
    }

    private int runTimed(final long nowMicros) {
        int work = 0;
        for (final Node node : nodes) {
            final long before = nanoClock.getAsLong();
            work += prepare(node, nowMicros);
            final int count = node.burst().count();
            if (count > 0 || node.wakeAt() <= nowMicros) {
                node.run(nowMicros, trace);
            }
            if (count > 0) {
                node.timed(count, nanoClock.getAsLong() - before);
            }
        }
        return work;
    }

    /** Fills a source's vector. Returns what a node adds to the work done. */
    private static int prepare(final Node node, final long nowMicros) {
        if (node instanceof Source source) {
            source.fill(nowMicros);
            return source.burst().count();
        }
        return node.wakeAt() <= nowMicros ? 1 : 0;
    }

    /** The earliest time at which a node wants to be called without packets. */
    @Override
    public long pollAt(final long nowMicros) {
        long at = Long.MAX_VALUE;
        for (final Node node : nodes) {
            at = Math.min(at, node.wakeAt());
        }
        return at;
    }

    /** From now on follows the next packets that come in, until there are as many as the trace wants; null ends that. */
    public void trace(final @Nullable PacketTrace newTrace) {
        trace = newTrace;
    }

    /** What each node did, in the order in which they are run. Any thread. */
    public List<NodeStats> stats() {
        return List.of(nodes).stream().map(Node::stats).toList();
    }

    /** Packets that nodes dropped, all together. Any thread. */
    public long drops() {
        long sum = 0;
        for (final Node node : nodes) {
            for (final Reason reason : node.reasons()) {
                sum += reason.count();
            }
        }
        return sum;
    }

    @Override
    public void onClose(final long nowMicros) {
        close();
    }

    /** Frees every packet that is in a vector or kept by a node. Harmless when called again. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            for (final Node node : nodes) {
                node.stop();
            }
            for (final Node node : nodes) {
                node.discard();
            }
        }
    }
}

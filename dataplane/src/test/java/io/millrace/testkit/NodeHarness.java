package io.millrace.testkit;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.pipeline.Burst;
import io.millrace.dataplane.pipeline.Edge;
import io.millrace.dataplane.pipeline.Graph;
import io.millrace.dataplane.pipeline.GraphBuilder;
import io.millrace.dataplane.pipeline.Node;
import io.millrace.dataplane.pipeline.NodeCounter;
import io.millrace.dataplane.pipeline.Reason;
import io.millrace.dataplane.pipeline.Source;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A node alone in a graph: frames go in with the number of a port, and each edge collects what comes out.
 *
 * <pre>{@code
 * try (NodeHarness node = NodeHarness.of(new MacSwap("swap"), cache)) {
 *     node.frame(0, "020000000001 020000000002 0800").poll(0);
 *     assertEquals(List.of("0200000000020200000000010800"), node.out("out"));
 * }
 * }</pre>
 */
public final class NodeHarness implements AutoCloseable {
    private final PoolCache cache;
    private final Node node;
    private final Graph graph;
    private final Deque<Long> waiting = new ArrayDeque<>();
    private final Map<String, List<String>> out = new HashMap<>();

    private NodeHarness(final Node node, final PoolCache cache) {
        this.cache = cache;
        this.node = node;
        final GraphBuilder builder = Graph.builder().connect(new Feed(), node);
        for (final Edge edge : node.edges()) {
            builder.connect(node, edge.name(), new Collector(edge.name()));
        }
        this.graph = builder.build(cache);
    }

    /** A node in a graph of its own. */
    public static NodeHarness of(final Node node, final PoolCache cache) {
        return new NodeHarness(node, cache);
    }

    /** Lets a frame, in hexadecimal digits, come in by a port with the next poll. */
    public NodeHarness frame(final int port, final String hex) {
        final long handle = Frames.packet(cache, hex);
        BufferHeader.port(cache.pool().memory(), handle, port);
        waiting.add(handle);
        return this;
    }

    /** Polls the graph. */
    public int poll(final long nowMicros) {
        return graph.poll(nowMicros);
    }

    /** When the node wants to be called without packets. */
    public long pollAt(final long nowMicros) {
        return graph.pollAt(nowMicros);
    }

    /** What came out by an edge since the last call, in hexadecimal digits. */
    public List<String> out(final String edge) {
        final List<String> frames = out.remove(edge);
        return frames == null ? List.of() : frames;
    }

    /** How many packets the node dropped for a reason. */
    public long dropped(final String reason) {
        return node.reasons().stream()
                .filter(each -> each.key().equals(reason))
                .mapToLong(Reason::count)
                .sum();
    }

    /** The value of one of the node's counters. */
    public long counted(final String counter) {
        return node.stats().counters().stream()
                .filter(each -> each.key().equals(counter))
                .mapToLong(NodeCounter::count)
                .sum();
    }

    @Override
    public void close() {
        graph.close();
    }

    private final class Feed extends Source {
        Feed() {
            super("feed", 64);
        }

        @Override
        protected int fill(final long[] handles, final int max, final long nowMicros) {
            int count = 0;
            while (count < max && !waiting.isEmpty()) {
                handles[count++] = waiting.remove();
            }
            return count;
        }
    }

    private final class Collector extends Node {
        private final String edge;

        Collector(final String edge) {
            super("collector of " + edge);
            this.edge = edge;
        }

        @Override
        protected void process(final Burst burst, final long nowMicros) {
            for (int i = 0; i < burst.count(); i++) {
                out.computeIfAbsent(edge, _ -> new ArrayList<>()).add(Frames.hex(cache.pool(), burst.handle(i)));
                cache().free(burst.handle(i));
                burst.keep(i);
            }
        }
    }
}

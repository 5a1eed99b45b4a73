package io.millrace.dataplane.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.testkit.PoolWatch;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class GraphBuilderTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PoolCache cache = pools.cache(16);
    private final Feed feed = new Feed("feed", cache);
    private final Sink sink = new Sink("sink");

    private static Node node(final String name, final String... edges) {
        return new Node(name) {
            {
                for (final String edge : edges) {
                    edge(edge);
                }
            }

            @Override
            protected void process(final Burst burst, final long nowMicros) {
                burst.sendAll(edges().getFirst());
            }
        };
    }

    private List<String> mistakes(final GraphBuilder builder) {
        return assertThrows(GraphException.class, () -> builder.build(cache)).lines();
    }

    @Test
    void shouldNameTheEdgeWhenItLeadsNowhere() {
        final Node fork = node("fork", "left", "right");
        assertEquals(
                List.of("fork.right leads nowhere; connect it to a node"),
                mistakes(Graph.builder().connect(feed, fork).connect(fork, "left", sink)));
    }

    @Test
    void shouldListTheNodesWhenThereIsACycle() {
        final Node a = node("a", "out");
        final Node b = node("b", "on", "back");
        assertEquals(
                List.of("a -> b -> a is a cycle; a packet might never leave it"),
                mistakes(Graph.builder()
                        .connect(feed, a)
                        .connect(a, b)
                        .connect(b, "back", a)
                        .connect(b, "on", sink)));
    }

    @Test
    void shouldTellEveryMistakeWhenThereAreSeveral() {
        final Node fork = node("fork", "left", "right");
        final Node twin = node("sink", "out");
        assertEquals(
                List.of(
                        "fork has no edge middle; it has left, right",
                        "fork has several edges; say which leads to sink: left, right",
                        "fork.left leads back to fork; a packet would never leave it",
                        "sink has no edges, so nothing can follow it; leave fork out",
                        "feed.out leads to fork already, so it cannot lead to sink; give the node one edge for each",
                        "sink.out leads to feed, where packets begin; connect it to a node behind that",
                        "fork.left leads nowhere; connect it to a node",
                        "fork.right leads nowhere; connect it to a node",
                        "two nodes are called sink; give each a name of its own",
                        "sink.out leads nowhere; connect it to a node",
                        "no packet can reach sink; connect an edge to it, or leave it out",
                        "no packet can reach sink; connect an edge to it, or leave it out"),
                mistakes(Graph.builder()
                        .connect(feed, fork)
                        .connect(fork, "middle", sink)
                        .connect(fork, sink)
                        .connect(fork, "left", fork)
                        .connect(sink, fork)
                        .connect(feed, sink)
                        .connect(twin, feed)));
    }

    @Test
    void shouldAskForASourceWhenThereIsNone() {
        final Node a = node("a", "out");
        assertEquals(
                List.of("no packet can come in; connect a PortInput, or another Source, to the first node"),
                mistakes(Graph.builder().connect(a, sink)));
    }

    @Test
    void shouldRefuseNodesWhenAnotherGraphHasThem() {
        Graph.builder().connect(feed, sink).build(cache).close();
        final Feed second = new Feed("second", cache);
        assertEquals(
                List.of("sink is part of another graph; make one of its own for this"),
                mistakes(Graph.builder().connect(second, sink)));
    }

    @Test
    void shouldRunNodesInTheOrderOfTheirNamingWhenNothingElseOrdersThem() {
        final Node a = node("a", "out");
        final Node b = node("b", "out");
        final Node c = node("c", "left", "right");
        try (Graph graph = Graph.builder()
                .connect(feed, c)
                .connect(c, "left", a)
                .connect(c, "right", b)
                .connect(a, sink)
                .connect(b, sink)
                .build(cache)) {
            assertEquals(
                    List.of("feed", "c", "a", "b", "sink"),
                    graph.stats().stream().map(NodeStats::name).toList());
        }
    }

    @Test
    void shouldNotLetANodeChangeWhenItIsPartOfAGraph() {
        Graph.builder().connect(feed, sink).build(cache).close();
        assertThrows(IllegalStateException.class, () -> sink.edge("late"));
    }
}

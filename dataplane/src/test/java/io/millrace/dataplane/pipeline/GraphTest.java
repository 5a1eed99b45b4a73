package io.millrace.dataplane.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.BufferLedger;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.filter.PacketFilter;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import io.millrace.testkit.PoolWatch;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class GraphTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(1024);
    private final PoolCache cache = pools.cache(pool);
    private final Feed feed = new Feed("feed", cache);
    private final Sink sink = new Sink("sink");
    private final Sink other = new Sink("other");

    /** Sends even numbers to one edge and odd ones to another, drops 4, forgets 5, throws at 6, keeps 7. */
    private static final class Sorter extends Node {
        private final Edge even = edge("even");
        private final Edge odd = edge("odd");
        private final Reason four = reason("four", "packets that hold a four");
        private long kept = PacketPool.NONE;

        Sorter() {
            super("sorter");
        }

        @Override
        protected void process(final Burst burst, final long nowMicros) {
            if (burst.count() == 0) {
                emit(odd, kept);
                kept = PacketPool.NONE;
                wakeAt(Long.MAX_VALUE);
            }
            for (int i = 0; i < burst.count(); i++) {
                final int number = Net.u8(burst.memory(), burst.offset(i));
                switch (number) {
                    case 4 -> burst.drop(i, four);
                    case 5 -> {}
                    case 6 -> throw new IllegalStateException("six");
                    case 7 -> {
                        kept = burst.handle(i);
                        burst.keep(i);
                        wakeAt(nowMicros + 10);
                    }
                    default -> burst.send(i, number % 2 == 0 ? even : odd);
                }
            }
        }

        @Override
        protected void stop() {
            if (kept != PacketPool.NONE) {
                cache().free(kept);
            }
        }
    }

    private Graph sorting(final Sorter sorter) {
        return Graph.builder()
                .connect(feed, sorter)
                .connect(sorter, "even", sink)
                .connect(sorter, "odd", other)
                .build(cache);
    }

    private static long count(final Node node, final String reason) {
        return node.reasons().stream()
                .filter(known -> known.key().equals(reason))
                .mapToLong(Reason::count)
                .sum();
    }

    @Test
    void shouldKeepTheOrderOnEachEdgeWhenABurstIsSorted() {
        try (Graph graph = sorting(new Sorter())) {
            feed.with(2, 1, 3, 8, 10, 9);
            assertEquals(6, graph.poll(0));
            assertEquals(List.of(2, 8, 10), sink.packets);
            assertEquals(List.of(1, 3, 9), other.packets);
            assertEquals(0, graph.drops());
        }
    }

    @Test
    void shouldCountTheReasonWhenANodeDrops() {
        final Sorter sorter = new Sorter();
        try (Graph graph = sorting(sorter)) {
            feed.with(4, 1, 4);
            graph.poll(0);
            assertEquals(2, count(sorter, "four"));
            assertEquals(2, graph.drops());
            assertEquals(List.of(1), other.packets);
        }
    }

    @Test
    void shouldFreeAndCountWhenANodeForgetsAPacket() {
        final Sorter sorter = new Sorter();
        try (Graph graph = sorting(sorter)) {
            feed.with(2, 5, 8);
            graph.poll(0);
            assertEquals(1, count(sorter, "notTaken"));
            assertEquals(List.of(2, 8), sink.packets);
        }
    }

    @Test
    void shouldLoseOnlyWhatIsNotDecidedWhenANodeThrows() {
        final Sorter sorter = new Sorter();
        try (Graph graph = sorting(sorter)) {
            feed.with(2, 6, 8);
            assertThrows(IllegalStateException.class, () -> graph.poll(0));
            assertEquals(2, count(sorter, "notTaken"));
            feed.with(10);
            graph.poll(1);
            assertEquals(List.of(2, 10), sink.packets);
        }
    }

    @Test
    void shouldEmitWhatItKeptWhenItsTimeComes() {
        try (Graph graph = sorting(new Sorter())) {
            feed.with(7, 1);
            graph.poll(100);
            assertEquals(110, graph.pollAt(100));
            assertEquals(0, graph.poll(109));
            assertEquals(List.of(1), other.packets);
            assertEquals(1, graph.poll(110));
            assertEquals(List.of(1, 7), other.packets);
            assertEquals(Long.MAX_VALUE, graph.pollAt(110));
        }
    }

    @Test
    void shouldFreeWhatIsKeptWhenItCloses() {
        final Graph graph = sorting(new Sorter());
        feed.with(7);
        graph.poll(0);
        graph.close();
        graph.close();
        pools.assertFull();
    }

    @Test
    void shouldFreeAndCountWhenThePortTakesNoMore() {
        try (Port left = LoopbackPort.open(Medium.IP, 1500, pool, 1, 4)) {
            final PortOutput out = new PortOutput("out", left.queue(0, cache));
            try (Graph graph = Graph.builder().connect(feed, out).build(cache)) {
                feed.with(1, 2, 3, 4, 5, 6);
                graph.poll(0);
                assertEquals(2, count(out, "portFull"));
            }
        }
    }

    @Test
    void shouldTellWhereAPacketCameInWhenTheInputHasANumber() {
        try (Port left = LoopbackPort.open(Medium.IP, 1500, pool, 1, 8);
                Port right = LoopbackPort.open(Medium.IP, 1500, pool, 1, 8)) {
            final var leftQueue = left.queue(0, cache);
            final var rightQueue = right.queue(0, cache);
            final Node source = PortInput.numbered("right", rightQueue, 32, 7);
            final Node plain = PortInput.of("left", leftQueue, 32);
            try (Graph graph =
                    Graph.builder().connect(plain, sink).connect(source, sink).build(cache)) {
                final long[] handles = new long[2];
                feed.with(1, 2).fill(handles, 2, 0);
                leftQueue.transmit(handles, 0, 1, 0);
                rightQueue.transmit(handles, 1, 1, 0);
                graph.poll(0);
                assertEquals(List.of(1, 2), sink.packets);
                assertEquals(7, sink.ports.getLast());
            }
        }
    }

    @Test
    void shouldFreeAndCountWhenAVectorIsFull() {
        final Node copier = new Node("copier") {
            private final Edge out = edge("out");

            @Override
            protected void process(final Burst burst, final long nowMicros) {
                for (int i = 0; i < 300; i++) {
                    emit(out, cache().allocate());
                }
                burst.sendAll(out);
            }
        };
        try (Graph graph =
                Graph.builder().connect(feed, copier).connect(copier, sink).build(cache)) {
            feed.with(1, 2);
            graph.poll(0);
            assertEquals(Graph.VECTOR, sink.packets.size());
            assertEquals(300 + 2 - Graph.VECTOR, count(copier, "noRoom"));
        }
    }

    @Test
    void shouldHaveRoomForAllWhenManySourcesMeet() {
        final GraphBuilder builder = Graph.builder();
        final Feed[] feeds = new Feed[20];
        for (int i = 0; i < feeds.length; i++) {
            feeds[i] = new Feed("feed" + i, cache);
            builder.connect(feeds[i], sink);
        }
        try (Graph graph = builder.build(cache)) {
            for (final Feed each : feeds) {
                each.with(IntStream.range(0, 32).toArray());
            }
            graph.poll(0);
            assertEquals(20 * 32, sink.packets.size());
            assertEquals(0, graph.drops());
        }
    }

    @Test
    void shouldMeasureTheChosenPollsWhenPacketsComeIn() {
        final long[] clock = {0};
        final Graph graph = Graph.builder()
                .connect(feed, sink)
                .timeEvery(2)
                .nanoClock(() -> clock[0] += 50)
                .build(cache);
        try (graph) {
            graph.poll(0); // nothing to measure
            for (int i = 0; i < 4; i++) {
                feed.with(1, 2);
                graph.poll(i);
            }
        }
        final NodeStats stats = graph.stats().getLast();
        assertEquals("sink", stats.name());
        assertEquals(8, stats.packets());
        assertEquals(4, stats.bursts());
        assertEquals(2, stats.timedBursts());
        assertEquals(50, stats.nanosPerBurst());
        assertEquals(25, stats.nanosPerPacket());
        assertEquals(2, stats.packetsPerBurst());
    }

    @Test
    void shouldRefuseAForeignEdgeWhenInDebugMode() {
        Assumptions.assumeTrue(BufferLedger.ENABLED);
        final Edge foreign = new Sorter().edges().getFirst();
        final Node node = new Node("careless") {
            private final Edge out = edge("out");

            @Override
            protected void process(final Burst burst, final long nowMicros) {
                burst.sendAll(nowMicros == 0 ? foreign : out);
            }
        };
        try (Graph graph =
                Graph.builder().connect(feed, node).connect(node, sink).build(cache)) {
            feed.with(1);
            assertEquals(
                    "careless sends along even, which is an edge of another node",
                    assertThrows(IllegalArgumentException.class, () -> graph.poll(0))
                            .getMessage());
        }
    }

    @Test
    void shouldFollowThePacketsWhenTraced() {
        try (Graph graph = sorting(new Sorter())) {
            final PacketTrace trace = new PacketTrace(4);
            graph.trace(trace);
            feed.with(2, 4, 7);
            graph.poll(0);
            assertFalse(trace.isDone());
            graph.poll(20); // 7 goes on
            feed.with(5, 1); // 1 comes too late to be followed
            graph.poll(30);
            assertTrue(trace.isDone());
            assertEquals(
                    List.of(
                            "[Hop[node=feed, verdict=out to sorter], Hop[node=sorter, verdict=even to sink],"
                                    + " Hop[node=sink, verdict=gone]]",
                            "[Hop[node=feed, verdict=out to sorter], Hop[node=sorter, verdict=dropped: four]]",
                            "[Hop[node=feed, verdict=out to sorter], Hop[node=sorter, verdict=kept],"
                                    + " Hop[node=other, verdict=gone]]",
                            "[Hop[node=feed, verdict=out to sorter], Hop[node=sorter, verdict=dropped: notTaken]]"),
                    trace.paths().stream().map(path -> path.hops().toString()).toList());
        }
    }

    @Test
    void shouldKeepThePacketAsItCameInWhenTraced() {
        try (Graph graph = sorting(new Sorter())) {
            final PacketTrace trace = new PacketTrace(1);
            graph.trace(trace);
            feed.with(9);
            graph.poll(33);
            final PacketTrace.Path path = trace.paths().getFirst();
            assertEquals(1, path.length());
            assertEquals(33, path.micros());
            assertEquals(9, Net.u8(path.memory(), path.offset()));
        }
    }

    @Test
    void shouldFollowOnlyThePacketsThatAFilterLetsThroughWhenTraced() {
        try (Graph graph = sorting(new Sorter())) {
            final PacketTrace trace = new PacketTrace(2, PacketFilter.compile("ether[0] = 9", Medium.ETHERNET));
            graph.trace(trace);
            feed.with(2, 9, 3, 9, 9);
            graph.poll(0);
            assertTrue(trace.isDone());
            final List<Integer> firsts = trace.paths().stream()
                    .map(path -> Net.u8(path.memory(), path.offset()))
                    .toList();
            assertEquals(List.of(9, 9), firsts);
        }
    }
}

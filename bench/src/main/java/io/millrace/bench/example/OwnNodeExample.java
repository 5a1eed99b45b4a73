package io.millrace.bench.example;

import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.pipeline.Burst;
import io.millrace.dataplane.pipeline.Edge;
import io.millrace.dataplane.pipeline.Graph;
import io.millrace.dataplane.pipeline.Node;
import io.millrace.dataplane.pipeline.NodeStats;
import io.millrace.dataplane.pipeline.PacketTrace;
import io.millrace.dataplane.pipeline.PortInput;
import io.millrace.dataplane.pipeline.PortOutput;
import io.millrace.dataplane.pipeline.Reason;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import java.io.PrintWriter;
import java.util.Locale;

/**
 * An appliance with a node of one's own: IPv4 leaves by one port, IPv6 by another, everything else is dropped and
 * counted. Ports that lead back to themselves stand for devices; with those of a network card nothing else would be
 * different.
 */
final class OwnNodeExample implements Example {
    private static final int[] TYPES = {0x0800, 0x86DD, 0x0806, 0x0800, 0x0800, 0x86DD};
    private static final int FRAME = 60;

    /** The node: a page of Java, its documentation included. */
    private static final class FamilySplitter extends Node {
        private static final int TYPE_OFFSET = 12;
        private static final int HEADER = 14;

        private final Edge v4 = edge("v4");
        private final Edge v6 = edge("v6");
        private final Reason otherType = reason("otherType", "frames that are neither IPv4 nor IPv6");
        private final Reason tooShort = reason("tooShort", "frames shorter than an Ethernet header");

        FamilySplitter() {
            super("splitter");
        }

        @Override
        protected void process(Burst burst, long nowMicros) {
            for (int i = 0; i < burst.count(); i++) {
                if (burst.length(i) < HEADER) {
                    burst.drop(i, tooShort);
                    continue;
                }
                switch (Net.u16(burst.memory(), burst.offset(i) + TYPE_OFFSET)) {
                    case 0x0800 -> burst.send(i, v4);
                    case 0x86DD -> burst.send(i, v6);
                    default -> burst.drop(i, otherType);
                }
            }
        }
    }

    OwnNodeExample() {}

    @Override
    public String name() {
        return "own-node";
    }

    @Override
    public String summary() {
        return "a packet appliance with a node of one's own, its counters and a trace";
    }

    @Override
    public void run(PrintWriter out) {
        try (PacketPool pool = ArenaPool.create(256, 1_518);
                Port wire = open(pool);
                Port left = open(pool);
                Port right = open(pool)) {
            final PoolCache cache = new PoolCache(pool, 32);
            final PortQueue in = wire.queue(0, cache);
            final FamilySplitter splitter = new FamilySplitter();
            try (Graph graph = Graph.builder()
                    .connect(PortInput.of("in", in, 32), splitter)
                    .connect(splitter, "v4", new PortOutput("left", left.queue(0, cache)))
                    .connect(splitter, "v6", new PortOutput("right", right.queue(0, cache)))
                    .build(cache)) {
                final PacketTrace trace = new PacketTrace(TYPES.length);
                graph.trace(trace);
                arrive(in, cache);
                graph.poll(0);
                trace.paths().forEach(path -> tell(path, out));
                graph.stats().forEach(stats -> tell(stats, out));
            }
            cache.flush();
        }
    }

    private static Port open(PacketPool pool) {
        return LoopbackPort.open(Medium.ETHERNET, 1_500, pool, 1, 32);
    }

    /** Puts a frame of each type on the wire. */
    private static void arrive(PortQueue wire, PoolCache cache) {
        final PacketPool pool = cache.pool();
        for (final int type : TYPES) {
            final long[] handle = {cache.allocate()};
            BufferHeader.length(pool.memory(), handle[0], FRAME);
            Net.put16(pool.memory(), pool.dataOffset(handle[0]) + FamilySplitter.TYPE_OFFSET, type);
            wire.transmit(handle, 0, 1, 0);
        }
    }

    private static void tell(PacketTrace.Path path, PrintWriter out) {
        out.printf("0x%04x", Net.u16(path.memory(), path.offset() + FamilySplitter.TYPE_OFFSET));
        path.hops().forEach(hop -> out.printf("  %s: %s", hop.node(), hop.verdict()));
        out.println();
    }

    private static void tell(NodeStats stats, PrintWriter out) {
        out.printf(Locale.ROOT, "%-10s %d packets, %d dropped%n", stats.name(), stats.packets(), stats.drops());
        for (final Reason reason : stats.reasons()) {
            if (reason.count() > 0) {
                out.printf(Locale.ROOT, "%12d %s%n", reason.count(), reason.description());
            }
        }
    }
}

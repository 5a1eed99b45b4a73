package io.millrace.dataplane.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.pipeline.node.MacSwap;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import io.millrace.testkit.Allocations;
import io.millrace.testkit.PoolWatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** That packets go round in a graph without a byte of garbage. */
final class GraphAllocationTest {
    private static final int POLLS = 2_000;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    /** Sends every third packet another way, so that runs are short. */
    private static final class Every3rd extends Node {
        private final Edge left = edge("left");
        private final Edge right = edge("right");

        Every3rd() {
            super("every-3rd");
        }

        @Override
        protected void process(final Burst burst, final long nowMicros) {
            for (int i = 0; i < burst.count(); i++) {
                burst.send(i, i % 3 == 0 ? right : left);
            }
        }
    }

    @Test
    void shouldAllocateNothingWhenPacketsGoRound() {
        final PacketPool pool = pools.pool(256);
        final PoolCache cache = pools.cache(pool);
        try (Port port = LoopbackPort.open(Medium.ETHERNET, 1500, pool, 1, 64)) {
            final PortQueue queue = port.queue(0, cache);
            final Every3rd fork = new Every3rd();
            final MacSwap swap = new MacSwap("swap");
            final PortOutput out = new PortOutput("out", queue);
            final Graph graph = Graph.builder()
                    .connect(PortInput.numbered("in", queue, 32, 1), fork)
                    .connect(fork, "left", out)
                    .connect(fork, "right", swap)
                    .connect(swap, out)
                    .timeEvery(4)
                    .build(cache);
            try (graph) {
                final long[] handles = new long[48];
                cache.allocate(handles, 0, handles.length);
                for (int i = 0; i < handles.length; i++) {
                    BufferHeader.length(pool.memory(), handles[i], 60);
                    Net.put16(pool.memory(), pool.dataOffset(handles[i]) + 12, 0x0800);
                }
                queue.transmit(handles, 0, handles.length, 0);
                final long least = Allocations.least(0, 0, from -> {
                    for (int i = 0; i < POLLS; i++) {
                        graph.poll(from + i);
                    }
                    return from + POLLS;
                });
                assertEquals(0, least, "bytes allocated in " + POLLS + " polls");
                assertEquals(0, graph.drops());
            }
        }
    }
}

package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.iface.LinkLimits;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpRuns;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.testkit.FakeClock;
import io.millrace.testkit.PoolWatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole stacks that handle segments in runs, on virtual time. */
class TcpRunTransferTest {
    private static final long BYTES = 1 << 20;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @ParameterizedTest
    @CsvSource({"192.0.2.2:7, 0, 0", "[2001:db8::2]:7, 0, 0", "192.0.2.2:7, 0.01, 0", "[2001:db8::2]:7, 0.02, 0.05"})
    void shouldTransferTheSameBytesWhetherSegmentsAreHandledInRunsOrNot(
            final String remote, final double loss, final double reorder) {
        final WireConditions conditions =
                WireConditions.PERFECT.withLatency(1_000).withLoss(loss).withReorder(reorder, 3_000);
        assertEquals(transfer(remote, conditions, TcpRuns.OFF, false), transfer(remote, conditions, TcpRuns.ON, true));
    }

    private String transfer(
            final String remote, final WireConditions conditions, final TcpRuns runs, final boolean together) {
        final StackConfig config =
                StackConfig.defaults().withTcp(TcpConfig.builder().runs(runs).build());
        try (TwoStacks stacks = new TwoStacks(pools, Medium.ETHERNET, SimulatedWire.ETHERNET_MTU, conditions, config)) {
            final TcpPeer server = new TcpPeer(0, 1);
            final TcpPeer client = new TcpPeer(BYTES, 2);
            stacks.b.listen(Endpoint.parse(remote), 4, server);
            stacks.a.connect(Endpoint.parse(remote), client);
            stacks.runUntil(() -> server.closedCalls + client.closedCalls == 2, 600);
            assertEquals(BYTES, server.received);
            assertEquals(CloseReason.NORMAL, server.reason);
            assertEquals(together, stacks.a.counters().get(StackCounter.TCP_SEGMENTS_IN_RUNS) > 0);
            assertEquals(together, stacks.b.counters().get(StackCounter.TCP_SEGMENTS_COALESCED) > 0);
            assertEquals(client.sent(), server.received());
            return server.received();
        }
    }

    @Test
    void shouldLoseNothingWhenTheLinkTakesOnlyAPartOfARun() {
        final PacketPool pool = pools.pool(2048, SimulatedWire.ETHERNET_MTU + 18);
        final PoolCache cache = pools.cache(pool);
        final FakeClock clock = new FakeClock(1_000_000);
        final StackConfig config = StackConfig.defaults()
                .withLimits(new LinkLimits(16, 16, 64, 64))
                .withTcp(TcpConfig.builder().burst(TcpRuns.MOST).build());
        try (SimulatedWire wire = SimulatedWire.create(
                        Medium.ETHERNET, SimulatedWire.ETHERNET_MTU, pool, pool, WireConditions.PERFECT, 7);
                Stack sender = Stack.create(config, cache);
                Stack receiver = Stack.create(config, cache)) {
            final PortQueue queue = wire.a().queue(0, cache);
            sender.addInterface(
                    InterfaceConfig.of("192.0.2.1/24").withDuplicateDetection(DuplicateDetection.OFF),
                    wire.a().info(),
                    new Reluctant(queue));
            receiver.addInterface(
                    InterfaceConfig.of("192.0.2.2/24").withDuplicateDetection(DuplicateDetection.OFF),
                    wire.b().info(),
                    wire.b().queue(0, cache));
            final TcpPeer server = new TcpPeer(0, 1);
            final TcpPeer client = new TcpPeer(BYTES, 2);
            receiver.listen(Endpoint.parse("192.0.2.2:7"), 4, server);
            sender.connect(Endpoint.parse("192.0.2.2:7"), client);
            for (int i = 0; i < 100_000 && server.closedCalls + client.closedCalls < 2; i++) {
                sender.poll(clock.now());
                receiver.poll(clock.now());
                clock.advance(20);
            }
            assertEquals(BYTES, server.received);
            assertEquals(client.sent(), server.received());
            assertTrue(sender.counters().get(StackCounter.TX_QUEUE_FULL) > 0, "the link took everything");
            assertEquals(0, sender.counters().get(StackCounter.TCP_RETRANSMITS));
        }
    }

    /** Takes seven packets at most, and every other time none. */
    private static final class Reluctant implements PortQueue {
        private final PortQueue queue;
        private boolean takes;

        Reluctant(final PortQueue queue) {
            this.queue = queue;
        }

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            return queue.receive(handles, max, nowMicros);
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            takes = !takes;
            return takes ? queue.transmit(handles, from, Math.min(count, 7), nowMicros) : 0;
        }
    }
}

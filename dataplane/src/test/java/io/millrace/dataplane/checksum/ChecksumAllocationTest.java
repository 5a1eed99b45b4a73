package io.millrace.dataplane.checksum;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.testkit.Allocations;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** That packets of all lengths go through checksums and ports without a byte of garbage. */
final class ChecksumAllocationTest {
    private static final int[] LENGTHS = {20, 28, 40, 60, 64, 65, 200, 256, 576, 1400, 1499, 1500};
    private static final int BURST = 32;
    private static final int POLLS = 2_000;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(1024);
    private final PoolCache cache = pools.cache(pool);
    private final long[] sent = new long[BURST];
    private final long[] received = new long[BURST];
    private long packets;

    @Test
    void shouldAllocateNothingOverLoopback() {
        try (Port port = LoopbackPort.open(Medium.IP, 1500, pool, 1, 64)) {
            final PortQueue queue = port.queue(0, cache);
            assertAllocatesNothing(queue, queue);
        }
    }

    @Test
    void shouldAllocateNothingOverASimulatedWire() {
        final WireConditions rough =
                WireConditions.PERFECT.withLoss(0.01).withDuplication(0.01).withReorder(0.01, 100);
        try (SimulatedWire wire = SimulatedWire.create(Medium.IP, 1500, pool, pool, rough, 1)) {
            assertAllocatesNothing(wire.a().queue(0, cache), wire.b().queue(0, cache));
        }
    }

    private void assertAllocatesNothing(final PortQueue out, final PortQueue in) {
        final long least = Allocations.least(0, 0, now -> run(out, in, now));
        assertEquals(0, least, "bytes allocated for " + POLLS * BURST + " packets");
        assertTrue(packets >= POLLS * BURST / 2);
    }

    private long run(final PortQueue out, final PortQueue in, final long from) {
        final MemorySegment memory = pool.memory();
        long now = from;
        for (int i = 0; i < POLLS; i++, now += 10) {
            final int count = cache.allocate(sent, 0, BURST);
            for (int j = 0; j < count; j++) {
                final int length = LENGTHS[(i + j) % LENGTHS.length];
                final long offset = pool.dataOffset(sent[j]);
                BufferHeader.length(memory, sent[j], length);
                Net.put32(memory, offset, i);
                Net.put16(memory, offset + 10, 0);
                Net.put16(
                        memory, offset + 10, InternetChecksum.finish(InternetChecksum.partial(memory, offset, length)));
            }
            final int taken = out.transmit(sent, 0, count, now);
            cache.free(sent, taken, count - taken);
            final int arrived = in.receive(received, BURST, now);
            for (int j = 0; j < arrived; j++) {
                final long offset = pool.dataOffset(received[j]);
                final int length = BufferHeader.length(memory, received[j]);
                if (InternetChecksum.verifies(InternetChecksum.partial(memory, offset, length))) {
                    packets++;
                }
            }
            cache.free(received, 0, arrived);
        }
        return now;
    }
}

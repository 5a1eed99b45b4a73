package io.millrace.dataplane.port.loopback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class LoopbackPortTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PoolCache cache = pools.cache(16);
    private final long[] burst = new long[8];

    @Test
    void shouldHandBackTheSameBuffersInOrder() {
        try (LoopbackPort port = LoopbackPort.open(Medium.ETHERNET, 1500, cache.pool(), 1, 4)) {
            final PortQueue queue = port.queue(0, cache);
            final long[] sent = {Frames.packet(cache, "01"), Frames.packet(cache, "0203")};
            assertEquals(2, queue.transmit(sent, 0, 2, 0));
            assertEquals(1, queue.receive(burst, 1, 0));
            assertEquals(sent[0], burst[0]);
            assertEquals(1, queue.receive(burst, 8, 0));
            assertEquals(sent[1], burst[0]);
            assertEquals(0, queue.receive(burst, 8, 0));
            assertEquals(2, port.stats().txPackets());
            assertEquals(3, port.stats().rxBytes());
            cache.free(sent, 0, 2);
        }
    }

    @Test
    void shouldTakeNoMoreThanItHolds() {
        try (LoopbackPort port = LoopbackPort.open(Medium.IP, 1500, cache.pool(), 1, 4)) {
            final PortQueue queue = port.queue(0, cache);
            assertEquals(6, cache.allocate(burst, 0, 6));
            assertEquals(4, queue.transmit(burst, 0, 6, 0));
            assertEquals(0, queue.transmit(burst, 4, 2, 0));
            cache.free(burst, 4, 2);
            // Closing frees the four that are on their way.
        }
    }

    @Test
    void shouldKeepItsQueuesApart() {
        try (LoopbackPort port = LoopbackPort.open(Medium.IP, 1500, cache.pool(), 2, 4)) {
            final PortQueue first = port.queue(0, cache);
            final PortQueue second = port.queue(1, cache);
            cache.allocate(burst, 0, 1);
            first.transmit(burst, 0, 1, 0);
            assertEquals(0, second.receive(new long[1], 1, 0));
            assertThrows(IllegalStateException.class, () -> port.queue(1, cache));
            assertThrows(IllegalStateException.class, () -> port.queue(2, cache));
        }
    }

    @Test
    void shouldRefuseACacheOfAnotherPool() {
        final PoolCache other = pools.cache(4);
        try (LoopbackPort port = LoopbackPort.open(Medium.IP, 1500, cache.pool(), 1, 4)) {
            assertThrows(IllegalArgumentException.class, () -> port.queue(0, other));
        }
    }
}

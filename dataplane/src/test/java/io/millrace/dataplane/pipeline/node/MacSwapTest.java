package io.millrace.dataplane.pipeline.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.pipeline.Graph;
import io.millrace.dataplane.pipeline.PortInput;
import io.millrace.dataplane.pipeline.PortOutput;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MacSwapTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(32);
    private final PoolCache cache = pools.cache(pool);
    private final MemorySegment memory = pool.memory();

    @ParameterizedTest
    @ValueSource(ints = {14, 15, 16, 64})
    void shouldLetAddressesChangePlacesAndLeaveTheRest(final int length) {
        final long handle = frame(length);
        final long offset = pool.dataOffset(handle);
        Net.put64(memory, offset + 14, 0x0123_4567_89AB_CDEFL);
        MacSwap.swap(memory, offset, length);
        assertEquals(0x0000_5E00_5302L, Net.u48(memory, offset));
        assertEquals(0x0200_0000_0001L, Net.u48(memory, offset + 6));
        assertEquals(0x86DD, Net.u16(memory, offset + 12));
        assertEquals(0x0123_4567_89AB_CDEFL, Net.i64(memory, offset + 14));
        cache.free(handle);
    }

    @Test
    void shouldDropWhatIsNoFrameWhenItIsTooShort() {
        try (Port port = LoopbackPort.open(Medium.ETHERNET, 1500, pool, 1, 8)) {
            final PortQueue queue = port.queue(0, cache);
            final MacSwap swap = new MacSwap("swap");
            try (Graph graph = Graph.builder()
                    .connect(PortInput.of("in", queue, 8), swap)
                    .connect(swap, new PortOutput("out", queue))
                    .build(cache)) {
                queue.transmit(new long[] {frame(13), frame(14)}, 0, 2, 0);
                graph.poll(0);
                assertEquals(1, graph.drops());
                assertEquals(1, graph.poll(0));
            }
        }
    }

    private long frame(final int length) {
        final long handle = cache.allocate();
        final long offset = pool.dataOffset(handle);
        BufferHeader.length(memory, handle, length);
        Net.put48(memory, offset, 0x0200_0000_0001L);
        Net.put48(memory, offset + 6, 0x0000_5E00_5302L);
        Net.put16(memory, offset + 12, 0x86DD);
        return handle;
    }
}

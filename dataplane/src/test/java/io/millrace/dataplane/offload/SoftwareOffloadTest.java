package io.millrace.dataplane.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.testkit.Frames;
import io.millrace.testkit.LongPackets;
import io.millrace.testkit.PoolWatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SoftwareOffloadTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(64, 600);
    private final PoolCache cache = pools.cache(pool);
    private final SoftwareOffload offload = new SoftwareOffload(cache);

    @ParameterizedTest
    @CsvSource({
        "true, 5000, 500",
        "false, 5000, 500",
        "true, 501, 500",
        "false, 4999, 500",
        "true, 20000, 480",
        "true, 77, 500"
    })
    void shouldMakeTheSegmentsThatTheWireSees(final boolean v4, final int payload, final int segment) {
        final long handle = LongPackets.create(cache, v4, payload, segment);
        assertTrue(offload.isLong(handle));
        assertTrue(offload.isPending(handle));
        final int packets = offload.packets(handle);
        assertEquals((payload + segment - 1) / segment, packets);
        for (int i = 0; i < packets; i++) {
            final long made = offload.finished(handle, i);
            final int from = i * segment;
            final int length = Math.min(segment, payload - from);
            assertEquals("", LongPackets.judge(Frames.bytes(pool, made), v4, from, length, i == packets - 1));
            assertFalse(offload.isPending(made));
            cache.free(made);
        }
        cache.free(handle);
    }

    @Test
    void shouldCountTheIdentificationUpWhenItCutsIpv4() {
        final long handle = LongPackets.create(cache, true, 1500, 500);
        final long second = offload.finished(handle, 1);
        assertEquals("0000", Frames.hex(pool.memory(), pool.dataOffset(second) + 18, 2)); // 0xFFFF + 1
        cache.free(second);
        cache.free(handle);
    }

    @Test
    void shouldSayThatThereIsNoBufferWhenThereIsNone() {
        final long handle = LongPackets.create(cache, true, 1500, 500);
        final long[] rest = new long[pool.capacity()];
        final int taken = cache.allocate(rest, 0, rest.length);
        assertEquals(PacketPool.NONE, offload.finished(handle, 0));
        cache.free(rest, 0, taken);
        cache.free(handle);
    }

    @Test
    void shouldFreeAllBuffersOfAPacketAsSingleOnes() {
        final long handle = LongPackets.create(cache, true, 5000, 500);
        assertEquals(8, BufferHeader.buffers(pool.memory(), handle));
        cache.free(handle);
        final long[] all = new long[pool.capacity()];
        assertEquals(all.length, cache.allocate(all, 0, all.length));
        for (final long one : all) {
            assertEquals(1, BufferHeader.buffers(pool.memory(), one));
        }
        cache.free(all, 0, all.length);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldCopyAPacketWithWhatItLeavesToTheDevice(final boolean v4) {
        final long handle = LongPackets.create(cache, v4, 300, 500);
        final long copy = cache.copy(handle);
        cache.free(handle);
        final long made = offload.finished(copy, 0);
        assertEquals("", LongPackets.judge(Frames.bytes(pool, made), v4, 0, 300, true));
        cache.free(made);
        cache.free(copy);
    }
}

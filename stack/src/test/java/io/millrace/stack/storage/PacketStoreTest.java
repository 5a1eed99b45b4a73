package io.millrace.stack.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.testkit.PoolWatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Packets of either kind: in a buffer of the pool, and large. */
class PacketStoreTest {
    private static final int HEADER = 20;
    /** A payload that no buffer holds, its length with more than 16 bits once a header is in front. */
    private static final int LARGE = 0xFFFF;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @Test
    void shouldLetPacketsBeginEarlierAsFarAsTheRoomInFrontGoes() {
        final PoolCache cache = pools.cache(16);
        try (PacketStore store = new PacketStore(cache, 2)) {
            for (final int length : new int[] {0, 100, LARGE}) {
                final long handle = store.allocate(length);
                assertEquals(length == LARGE, PacketStore.isLarge(handle));
                store.length(handle, length);
                final long first = store.dataOffset(handle);
                int headers = 0;
                for (long at = store.prepend(handle, HEADER); at >= 0; at = store.prepend(handle, HEADER)) {
                    headers += HEADER;
                    assertEquals(first - headers, at);
                    assertEquals(at, store.dataOffset(handle));
                    assertEquals(length + headers, store.length(handle));
                }
                assertTrue(headers >= HEADER);
                assertEquals(first - headers, store.dataOffset(handle), "a packet without room stays as it is");
                assertEquals(length + headers, store.length(handle));
                store.free(handle);
            }
        }
    }

    @Test
    void shouldCountInBothLengthsOfABufferAndNothingElse() {
        final PoolCache cache = pools.cache(16);
        try (PacketStore store = new PacketStore(cache, 0)) {
            final long handle = store.allocate();
            store.length(handle, 0xFF);
            final int port = BufferHeader.port(cache.pool().memory(), handle);
            assertFalse(store.prepend(handle, 3) < 0);
            assertEquals(0x102, BufferHeader.length(cache.pool().memory(), handle));
            assertEquals(0x102, BufferHeader.packetLength(cache.pool().memory(), handle));
            assertEquals(1, BufferHeader.buffers(cache.pool().memory(), handle));
            assertEquals(port, BufferHeader.port(cache.pool().memory(), handle));
            store.free(handle);
        }
    }
}

package io.millrace.dataplane.buffer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PoolCacheTest {
    @Test
    void shouldHandOutEveryBufferOnceAndThenNone() {
        try (ArenaPool pool = ArenaPool.create(13, 256)) {
            final PoolCache cache = new PoolCache(pool, 8);
            final Set<Long> handles = new HashSet<>();
            for (int i = 0; i < 13; i++) {
                assertTrue(handles.add(cache.allocate()));
            }
            assertFalse(handles.contains(PacketPool.NONE));
            assertEquals(PacketPool.NONE, cache.allocate());

            handles.forEach(cache::free);
            cache.flush();
            assertEquals(13, pool.available());
        }
    }

    @Test
    void shouldGrantWhatIsLeftWhenMoreIsAskedFor() {
        try (ArenaPool pool = ArenaPool.create(5, 256)) {
            final PoolCache cache = new PoolCache(pool, 4);
            final long[] handles = new long[8];
            assertEquals(5, cache.allocate(handles, 1, 7));
            cache.free(handles, 1, 5);
            cache.flush();
            assertEquals(5, pool.available());
        }
    }

    @Test
    void shouldGiveBuffersFreedByOneThreadToAnother() {
        try (ArenaPool pool = ArenaPool.create(64, 256)) {
            final PoolCache producer = new PoolCache(pool, 8);
            final PoolCache consumer = new PoolCache(pool, 8);
            for (int i = 0; i < 1_000; i++) {
                consumer.free(producer.allocate());
            }
            producer.flush();
            consumer.flush();
            assertEquals(64, pool.available());
        }
    }

    @Test
    void shouldResetTheHeaderOfAReusedBuffer() {
        try (ArenaPool pool = ArenaPool.create(1, 256)) {
            final PoolCache cache = new PoolCache(pool, 2);
            final Packet packet = new Packet(pool);
            packet.wrap(cache.allocate()).length(100).stripFront(20);
            BufferHeader.offloadFlags(pool.memory(), packet.handle(), 0xFFL);
            cache.free(packet.handle());

            packet.wrap(cache.allocate());
            assertEquals(0, packet.length());
            assertEquals(ArenaPool.DEFAULT_HEADROOM, packet.headroom());
            assertEquals(0, BufferHeader.offloadFlags(pool.memory(), packet.handle()));
            cache.free(packet.handle());
            cache.flush();
            assertEquals(1, pool.available());
        }
    }

    @Test
    void shouldRefuseASecondFreeInDebugMode() {
        assumeTrue(BufferLedger.ENABLED, "debug mode is off");
        try (ArenaPool pool = ArenaPool.create(2, 256)) {
            final PoolCache cache = new PoolCache(pool, 2);
            final long handle = cache.allocate();
            cache.free(handle);
            assertThrows(IllegalStateException.class, () -> cache.free(handle));
            assertThrows(IllegalStateException.class, () -> new Packet(pool).wrap(handle));
            cache.flush();
            assertEquals(2, pool.available());
        }
    }

    @Test
    void shouldRefuseSizesThatCannotWork() {
        assertThrows(IllegalArgumentException.class, () -> ArenaPool.create(0, 256));
        assertThrows(IllegalArgumentException.class, () -> ArenaPool.create(1, 65_500));
        try (ArenaPool pool = ArenaPool.create(2, 256)) {
            assertThrows(IllegalArgumentException.class, () -> new PoolCache(pool, 1));
        }
    }
}

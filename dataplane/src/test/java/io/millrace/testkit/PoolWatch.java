package io.millrace.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The pools and caches of a test. After each test every pool must be as full as it was made; then they are closed.
 *
 * <pre>{@code
 * @RegisterExtension
 * final PoolWatch pools = new PoolWatch();
 * final PoolCache cache = pools.cache(64);
 * }</pre>
 */
public final class PoolWatch implements AfterEachCallback, AutoCloseable {
    /** Largest packet of {@link #pool(int)}: a full Ethernet frame with a VLAN tag, in bytes. */
    public static final int PACKET_SIZE = 1518;

    private final List<PacketPool> pools = new ArrayList<>();
    private final List<PoolCache> caches = new ArrayList<>();

    /** A pool of {@code capacity} buffers for packets of {@value #PACKET_SIZE} bytes. */
    public PacketPool pool(final int capacity) {
        return pool(capacity, PACKET_SIZE);
    }

    /** A pool of {@code capacity} buffers for packets of {@code packetSize} bytes. */
    public PacketPool pool(final int capacity, final int packetSize) {
        final PacketPool pool = ArenaPool.create(capacity, packetSize);
        pools.add(pool);
        return pool;
    }

    /** A cache of a pool. */
    public PoolCache cache(final PacketPool pool) {
        final PoolCache cache = new PoolCache(pool, Math.max(2, Math.min(64, pool.capacity() / 2)));
        caches.add(cache);
        return cache;
    }

    /** A cache of a new pool of {@code capacity} buffers. */
    public PoolCache cache(final int capacity) {
        return cache(pool(capacity));
    }

    /** Asserts that every buffer is back. */
    public void assertFull() {
        for (final PoolCache cache : caches) {
            cache.flush();
        }
        for (final PacketPool pool : pools) {
            assertEquals(pool.capacity(), pool.available(), "buffers that came back to their pool");
        }
    }

    @Override
    public void afterEach(final ExtensionContext context) {
        try {
            // A test that failed half-way has an excuse for what it did not free, and its own message is the one to
            // see.
            if (context.getExecutionException().isEmpty()) {
                assertFull();
            }
        } finally {
            close();
        }
    }

    /** Closes the pools, for who does not register it. */
    @Override
    public void close() {
        pools.forEach(PacketPool::close);
    }
}

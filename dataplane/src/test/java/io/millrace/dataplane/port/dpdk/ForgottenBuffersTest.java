package io.millrace.dataplane.port.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dpdk.DpdkExtension;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DpdkExtension.class)
final class ForgottenBuffersTest {
    private static final int CAPACITY = 255;
    private static final int NO_PORT = 0xFFFF;

    private DpdkPool pool;

    @BeforeEach
    void makePool() {
        pool = DpdkPool.create("forget-test", CAPACITY, 1518);
    }

    @AfterEach
    void poolIsFull() {
        assertEquals(CAPACITY, pool.available());
        pool.close();
    }

    /** Takes buffers as a driver does, past our caches. */
    private long[] takeAsDriver(final int count, final int port) {
        final long[] handles = new long[count];
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment addresses = arena.allocate(ValueLayout.JAVA_LONG, count);
            pool.mempool().get(addresses.address(), count);
            for (int i = 0; i < count; i++) {
                handles[i] = addresses.getAtIndex(ValueLayout.JAVA_LONG, i)
                        - pool.memory().address();
                BufferHeader.port(pool.memory(), handles[i], port);
            }
        }
        return handles;
    }

    @Test
    void shouldTakeBackWhatADriverHoldsInItsRings() {
        takeAsDriver(100, NO_PORT);
        takeAsDriver(7, ForgottenBuffers.SENT_PORT);
        pool.forgotten();
        assertEquals(CAPACITY - 107, pool.available());
        assertEquals(107, pool.reclaim());
        assertEquals(0, pool.reclaim(), "they are taken back once");
    }

    @Test
    void shouldLeaveABufferThatWeLostOutstanding() {
        final PoolCache cache = new PoolCache(pool, 16);
        final long fresh = cache.allocate();
        final long received = takeAsDriver(1, NO_PORT)[0];
        // As a queue of such a driver does when it receives.
        BufferHeader.port(pool.memory(), received, BufferHeader.OWN_PORT);
        takeAsDriver(50, NO_PORT);
        pool.forgotten();
        cache.flush();
        assertEquals(50, pool.reclaim());
        assertEquals(CAPACITY - 2, pool.available());
        cache.free(fresh);
        cache.free(received);
        cache.flush();
    }

    @Test
    void shouldTakeNothingBackWhileAPortIsOpenOrNoDriverForgets() {
        final long[] held = takeAsDriver(10, NO_PORT);
        assertEquals(0, pool.reclaim(), "no driver forgets");
        pool.forgotten();
        try (DpdkPort port = DpdkPort.open(DpdkPortConfig.of("net_null8,size=64"), pool)) {
            assertEquals("net_null", port.info().driver());
            assertEquals(0, pool.reclaim(), "the port may hold them");
        }
        assertEquals(held.length, pool.reclaim());
    }

    @Test
    void shouldFindBuffersInTheCachesOfThreads() {
        try (DpdkPort port = DpdkPort.open(DpdkPortConfig.of("net_null8,size=64"), pool)) {
            final PoolCache cache = new PoolCache(pool, 16);
            final var queue = port.queue(0, cache);
            final long[] handles = new long[16];
            // The driver takes and frees through the cache of this thread, which is registered by now.
            queue.transmit(handles, 0, queue.receive(handles, 16, 0), 0);
            cache.flush();
        }
        pool.forgotten();
        assertEquals(CAPACITY, pool.available());
        assertEquals(0, pool.reclaim());
    }
}

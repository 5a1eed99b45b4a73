package io.millrace.dataplane.port.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Packet;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.PortException;
import io.millrace.dpdk.DpdkExtension;
import io.millrace.dpdk.MbufLayout;
import io.millrace.dpdk.ThreadRegistration;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DpdkExtension.class)
final class DpdkPoolTest {
    private static final int CAPACITY = 1023;

    private DpdkPool pool;

    @BeforeEach
    void makePool() {
        pool = DpdkPool.create("pool-test", CAPACITY, 1518);
    }

    @AfterEach
    void poolIsFull() {
        assertEquals(CAPACITY, pool.available());
        pool.close();
        pool.close();
    }

    @Test
    void shouldHandOutEveryBufferOnce() {
        final PoolCache cache = new PoolCache(pool, 64);
        final long[] handles = new long[CAPACITY + 10];
        assertEquals(CAPACITY, cache.allocate(handles, 0, handles.length));
        final Set<Long> distinct = new HashSet<>();
        for (int i = 0; i < CAPACITY; i++) {
            final long handle = handles[i];
            assertTrue(distinct.add(handle));
            assertEquals(0, handle % 64);
            assertTrue(handle >= 0
                    && handle + BufferHeader.SIZE + pool.dataRoom()
                            <= pool.memory().byteSize());
            assertEquals(
                    pool.memory().address() + handle + pool.dataRoomOffset(),
                    pool.memory().get(ValueLayout.JAVA_LONG, handle + MbufLayout.BUF_ADDR));
            assertEquals(pool.dataRoom(), BufferHeader.bufferLength(pool.memory(), handle));
        }
        assertEquals(PacketPool.NONE, cache.allocate());
        cache.free(handles, 0, CAPACITY);
        cache.flush();
    }

    @Test
    void shouldResetABufferAsDpdkDoes() {
        final PoolCache cache = new PoolCache(pool, 8);
        final long handle = cache.allocate();
        final Packet packet = new Packet(pool).wrap(handle);
        assertEquals(MbufLayout.HEADROOM, packet.headroom());
        assertEquals(0, packet.length());
        assertEquals(1, pool.memory().get(ValueLayout.JAVA_SHORT, handle + MbufLayout.REFCNT));
        assertEquals(1, pool.memory().get(ValueLayout.JAVA_SHORT, handle + MbufLayout.NB_SEGS));
        assertEquals(pool.mempool().address(), pool.memory().get(ValueLayout.JAVA_LONG, handle + MbufLayout.POOL));
        cache.free(handle);
        cache.flush();
    }

    @Test
    void shouldPackBuffersDenselyWithoutHugepages() {
        // One buffer on each 4 KiB page would be 4 MiB.
        assertTrue(
                pool.memory().byteSize() < CAPACITY * 2600L,
                () -> "bytes: " + pool.memory().byteSize());
    }

    @Test
    void shouldServeSeveralThreadsAtOnce() throws InterruptedException, ExecutionException {
        final List<FutureTask<Integer>> tasks = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            final FutureTask<Integer> task = new FutureTask<>(this::hammer);
            tasks.add(task);
            new Thread(task).start();
        }
        for (final FutureTask<Integer> task : tasks) {
            assertTrue(task.get() > 0);
        }
    }

    private int hammer() {
        try (ThreadRegistration registration = ThreadRegistration.register()) {
            assertTrue(registration.lcoreId() >= 0);
            final PoolCache cache = new PoolCache(pool, 32);
            final long[] handles = new long[100];
            int total = 0;
            for (int round = 0; round < 2000; round++) {
                final int count = cache.allocate(handles, 0, 1 + round % handles.length);
                for (int i = 0; i < count; i++) {
                    pool.memory().set(ValueLayout.JAVA_LONG, pool.dataOffset(handles[i]), handles[i] ^ round);
                }
                for (int i = 0; i < count; i++) {
                    assertEquals(
                            handles[i] ^ round, pool.memory().get(ValueLayout.JAVA_LONG, pool.dataOffset(handles[i])));
                }
                cache.free(handles, 0, count);
                total += count;
            }
            cache.flush();
            return total;
        }
    }

    @Test
    void shouldThrowInsteadOfReadingFreedMemoryWhenClosed() {
        final DpdkPool other = DpdkPool.create("pool-test-2", 63, 1518);
        final var memory = other.memory();
        other.close();
        assertThrows(IllegalStateException.class, () -> memory.get(ValueLayout.JAVA_BYTE, 0));
    }

    @Test
    void shouldRefuseWhatCannotBe() {
        assertThrows(IllegalArgumentException.class, () -> DpdkPool.create("p", 0, 1518));
        assertThrows(IllegalArgumentException.class, () -> DpdkPool.create("p", 10, 0));
        assertThrows(IllegalArgumentException.class, () -> DpdkPool.create("p", 10, 65_500));
        final PortException twice =
                assertThrows(PortException.class, () -> DpdkPool.create("pool-test", CAPACITY, 1518));
        assertTrue(String.valueOf(twice.getMessage()).contains("File exists"), String.valueOf(twice.getMessage()));
    }
}

package io.millrace.dataplane.port.dpdk;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.port.PortException;
import io.millrace.dpdk.EalException;
import io.millrace.dpdk.LcoreId;
import io.millrace.dpdk.MbufLayout;
import io.millrace.dpdk.Mempool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A pool of DPDK's mbufs. Its memory is the pool's own chunk, so that a handle plus the chunk's address is the mbuf that
 * drivers deal in.
 *
 * <p>Besides the shared ring DPDK keeps a cache for each registered thread, where drivers put what they have sent. They
 * count as {@link #available()}. Each may hold {@value #THREAD_CACHE} buffers and a half more while other threads find
 * the ring empty, so a pool should have that many to spare for each thread.
 */
public final class DpdkPool extends PacketPool {
    /** Size of DPDK's cache of each registered thread, in buffers. */
    public static final int THREAD_CACHE = 256;

    /** What drivers expect of a data room at least, headroom not counted. */
    private static final int MIN_PACKET_SIZE = 2048;

    private static final int ANY_SOCKET = -1;
    private static final int FIRST_SCRATCH = 512;

    private final Mempool mempool;
    private final long base;
    private final AtomicInteger openPorts = new AtomicInteger();
    private volatile boolean forgotten;

    /** Where each thread exchanges addresses with the pool. Reached once a bulk. */
    private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

    private DpdkPool(final Mempool mempool) {
        super(mempool.memory(), mempool.capacity(), 0, MbufLayout.HEADROOM, mempool.dataRoom());
        this.mempool = mempool;
        this.base = mempool.memory().address();
    }

    /**
     * Makes a pool. EAL must run.
     *
     * @param name unique within the process, at most 25 characters
     * @param capacity number of buffers, at least 1; one less than a power of two wastes least memory
     * @param packetSize largest packet in bytes, link header included, 1 to 65,407; buffers hold 2048 bytes at
     *     least
     * @throws PortException if there is not enough memory
     * @throws IllegalArgumentException if a number is out of its range
     */
    public static DpdkPool create(final String name, final int capacity, final int packetSize) {
        return create(name, capacity, packetSize, ANY_SOCKET);
    }

    /**
     * Makes a pool on a memory node of the machine; otherwise as the one on any.
     *
     * @param node NUMA node of the devices that write the packets, -1 for any
     */
    public static DpdkPool create(final String name, final int capacity, final int packetSize, final int node) {
        final int dataRoom = Math.max(packetSize, MIN_PACKET_SIZE) + MbufLayout.HEADROOM;
        if (packetSize < 1 || dataRoom > 0xFFFF) {
            throw new IllegalArgumentException("packet size " + packetSize + "; it is 1 to 65407 bytes");
        }
        if (capacity < 1) {
            throw new IllegalArgumentException("pool of " + capacity + " buffers; at least 1 is needed");
        }
        try {
            // A small pool must not end up in one thread's cache.
            final int cache = Math.min(THREAD_CACHE, capacity / 8);
            final Mempool mempool = Mempool.create(name, capacity, cache, dataRoom, node);
            ForgottenBuffers.disown(mempool);
            return new DpdkPool(mempool);
        } catch (final EalException e) {
            throw new PortException(String.valueOf(e.getMessage()), e);
        }
    }

    Mempool mempool() {
        return mempool;
    }

    /** A port of this pool was opened. */
    void opened() {
        openPorts.incrementAndGet();
    }

    /** A port of this pool was closed. */
    void closed() {
        openPorts.decrementAndGet();
    }

    /** A driver was closed that keeps buffers. */
    void forgotten() {
        forgotten = true;
    }

    @Override
    public int reclaim() {
        if (!forgotten || openPorts.get() > 0) {
            return 0;
        }
        forgotten = false;
        return ForgottenBuffers.reclaim(mempool);
    }

    @Override
    protected boolean take(final long[] handles, final int from, final int wanted) {
        final Scratch mine = scratch.get();
        final MemorySegment addresses = mine.addresses(wanted);
        if (!mempool.get(addresses.address(), wanted)) {
            // The driver may have put buffers into this thread's cache that the ring lacks.
            mempool.drainThreadCache(mine.lcore);
            if (!mempool.get(addresses.address(), wanted)) {
                return false;
            }
        }
        for (int i = 0; i < wanted; i++) {
            handles[from + i] = addresses.getAtIndex(ValueLayout.JAVA_LONG, i) - base;
        }
        return true;
    }

    @Override
    protected void give(final long[] handles, final int from, final int number) {
        if (number == 0) {
            return;
        }
        final MemorySegment addresses = scratch.get().addresses(number);
        for (int i = 0; i < number; i++) {
            addresses.setAtIndex(ValueLayout.JAVA_LONG, i, handles[from + i] + base);
        }
        mempool.put(addresses.address(), number);
    }

    /** Buffers in the pool, those in DPDK's caches of threads included. Exact when no other thread is at work. */
    @Override
    public int available() {
        return mempool.available();
    }

    @Override
    public void close() {
        mempool.close();
    }

    /** One thread's native memory for addresses. */
    private static final class Scratch {
        final LcoreId lcore = LcoreId.ofCallingThread();
        private MemorySegment memory = allocate(FIRST_SCRATCH);

        MemorySegment addresses(final int count) {
            if (count > memory.byteSize() / Long.BYTES) {
                memory = allocate(count);
            }
            return memory;
        }

        private static MemorySegment allocate(final int count) {
            // Freed some time after the thread has ended.
            return Arena.ofAuto().allocate(ValueLayout.JAVA_LONG, count);
        }
    }
}

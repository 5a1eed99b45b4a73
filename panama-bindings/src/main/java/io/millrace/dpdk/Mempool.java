package io.millrace.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.millrace.dpdk.ffi.Dpdk;
import io.millrace.dpdk.ffi.rte_mempool;
import io.millrace.dpdk.ffi.rte_mempool_cache;
import io.millrace.dpdk.ffi.rte_mempool_mem_cb_t;
import io.millrace.dpdk.ffi.rte_mempool_memhdr;
import io.millrace.dpdk.ffi.rte_mempool_obj_cb_t;
import io.millrace.dpdk.ffi.rte_mempool_ops;
import io.millrace.dpdk.ffi.rte_mempool_ops_table;
import io.millrace.dpdk.ffi.rte_pktmbuf_pool_private;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * A pool of packet buffers (mbufs). Buffers are known by absolute address here.
 *
 * <p>{@link #get} and {@link #put} go to the pool's ring and past the cache that DPDK keeps for each registered thread,
 * where drivers put what they have sent; {@link #drainThreadCache} brings those back. Both may be called by any thread.
 */
public final class Mempool implements AutoCloseable {
    private static final FunctionDescriptor OPS = FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);

    /** Not critical: with several threads the ring's functions wait for one another. */
    private static final MethodHandle CALL = linkOps();

    /** A thread's cache holds up to this many times its size before it is flushed. */
    private static final double FLUSH_FACTOR = 1.5;

    private static final int ANY_SOCKET = -1;
    private static final long CACHE_BYTES = rte_mempool_cache.layout().byteSize();
    private static final long CACHE_LEN = rte_mempool_cache.len$offset();
    private static final long CACHE_OBJECTS = rte_mempool_cache.objs$offset();

    private final String name;
    private final MemorySegment pool;
    private final long poolAddress;
    private final MemorySegment dequeue;
    private final MemorySegment enqueue;
    private final int capacity;
    private final int dataRoom;
    private final int cacheSize;
    private final MemorySegment caches;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private boolean closed;

    private Mempool(final String name, final MemorySegment pool, final int capacity, final int dataRoom) {
        this.name = name;
        this.pool = pool;
        this.poolAddress = pool.address();
        this.capacity = capacity;
        this.dataRoom = dataRoom;
        this.cacheSize = rte_mempool.cache_size(pool);
        this.caches = caches(pool, cacheSize);
        final MemorySegment ops = ops(rte_mempool.ops_index(pool));
        this.dequeue = rte_mempool_ops.dequeue(ops);
        this.enqueue = rte_mempool_ops.enqueue(ops);
        this.memory = range(name, pool, arena);
    }

    /**
     * Makes a pool of mbufs.
     *
     * @param name unique within the process, at most 25 characters
     * @param capacity number of buffers; one less than a power of two wastes least
     * @param cacheSize buffers that DPDK caches for each registered thread, 0 to 512; at most {@code capacity / 1.5}
     * @param dataRoom bytes of each data room, headroom included, 128 to 65,535
     * @param socket NUMA node, or -1 for any
     * @throws EalException if there is not enough memory, or the memory is not in one piece
     */
    public static Mempool create(
            final String name, final int capacity, final int cacheSize, final int dataRoom, final int socket) {
        final Eal eal = Eal.running();
        if (eal == null) {
            throw new IllegalStateException("pool " + name + " needs a running EAL");
        }
        if (dataRoom < MbufLayout.HEADROOM || dataRoom > 0xFFFF) {
            throw new IllegalArgumentException(
                    "data room of " + dataRoom + " bytes; it is " + MbufLayout.HEADROOM + " to 65535");
        }
        if (cacheSize < 0 || cacheSize * FLUSH_FACTOR > capacity || cacheSize > Dpdk.RTE_MEMPOOL_CACHE_MAX_SIZE()) {
            throw new IllegalArgumentException("cache of " + cacheSize + " for a pool of " + capacity + "; it is 0 to "
                    + Dpdk.RTE_MEMPOOL_CACHE_MAX_SIZE() + " and at most 2/3 of the pool");
        }
        EalLog.clear();
        final String what = "make pool " + name + " of " + capacity + " buffers of " + dataRoom + " bytes";
        // Where devices see virtual addresses every piece of memory is contiguous for them. Saying so keeps DPDK from
        // placing buffers so that none crosses a page, which without hugepages spends a 4 KiB page on each.
        final int flags = eal.usesVirtualAddresses() ? Dpdk.RTE_MEMPOOL_F_NO_IOVA_CONTIG() : 0;
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment pool = Dpdk.rte_mempool_create_empty(
                    scratch.allocateFrom(name),
                    capacity,
                    Math.toIntExact(MbufLayout.SIZE) + dataRoom,
                    cacheSize,
                    Math.toIntExact(rte_pktmbuf_pool_private.layout().byteSize()),
                    socket < 0 ? ANY_SOCKET : socket,
                    flags);
            if (pool.address() == 0) {
                throw EalException.of(EalThreadLocals.errno(), what);
            }
            try {
                final MemorySegment settings = rte_pktmbuf_pool_private.allocate(scratch);
                settings.fill((byte) 0);
                rte_pktmbuf_pool_private.mbuf_data_room_size(settings, (short) dataRoom);
                EalException.check(
                        Dpdk.rte_mempool_set_ops_byname(pool, Dpdk.rte_mbuf_best_mempool_ops(), MemorySegment.NULL),
                        what);
                Dpdk.rte_pktmbuf_pool_init(pool, settings);
                EalException.check(Dpdk.rte_mempool_populate_default(pool), what);
                Dpdk.rte_mempool_obj_iter(pool, Dpdk.rte_pktmbuf_init$address(), MemorySegment.NULL);
                return new Mempool(name, pool, capacity, dataRoom);
            } catch (final RuntimeException e) {
                Dpdk.rte_mempool_free(pool);
                throw e;
            }
        }
    }

    /** The pool's name. */
    public String name() {
        return name;
    }

    /** Number of buffers. */
    public int capacity() {
        return capacity;
    }

    /** Bytes of a data room, headroom included. */
    public int dataRoom() {
        return dataRoom;
    }

    /** Address of the {@code struct rte_mempool}, as mbufs name it. */
    public long address() {
        return poolAddress;
    }

    /** All memory that the pool's buffers lie in, headers included, and nothing else. Valid until {@link #close()}. */
    public MemorySegment memory() {
        return memory;
    }

    /**
     * Takes buffers, all that are asked for or none. Their headers are as the last owner left them.
     *
     * @param addresses address of native memory that receives {@code count} addresses of mbufs
     * @return whether there were enough
     */
    public boolean get(final long addresses, final int count) {
        return call(dequeue, addresses, count) == 0;
    }

    /**
     * Gives buffers back.
     *
     * @param addresses address of native memory that holds {@code count} addresses of mbufs. They must be this pool's,
     *     with one segment, a reference count of 1 and no next segment.
     */
    public void put(final long addresses, final int count) {
        if (call(enqueue, addresses, count) != 0) {
            // The ring has room for every buffer of the pool, so one was given back twice.
            throw new IllegalStateException("pool " + name + " is given more buffers than it has");
        }
    }

    private int call(final MemorySegment function, final long addresses, final int count) {
        try {
            return (int) CALL.invokeExact(function, poolAddress, addresses, count);
        } catch (final Throwable t) {
            throw new AssertionError(t);
        }
    }

    /**
     * Moves what DPDK caches for the calling thread, if it is registered, back to the ring where all can get it.
     *
     * @param lcore of the calling thread
     */
    public void drainThreadCache(final LcoreId lcore) {
        final int id = lcore.value();
        if (cacheSize == 0 || id < 0) {
            return;
        }
        final long cache = id * CACHE_BYTES;
        final int cached = caches.get(JAVA_INT, cache + CACHE_LEN);
        if (cached > 0) {
            put(caches.address() + cache + CACHE_OBJECTS, cached);
            caches.set(JAVA_INT, cache + CACHE_LEN, 0);
        }
    }

    /**
     * Hands over the address of each buffer of the pool, wherever it is. Not for the path of packets: each is a call from
     * C.
     */
    public void forEach(final LongConsumer consumer) {
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment callback = rte_mempool_obj_cb_t.allocate(
                    (mp, opaque, mbuf, index) -> consumer.accept(mbuf.address()), scratch);
            Dpdk.rte_mempool_obj_iter(pool, callback, MemorySegment.NULL);
        }
    }

    /**
     * Hands over the address of each buffer that is in the pool now, DPDK's caches of threads included. No other thread
     * may be at work on the pool.
     */
    public void forEachAvailable(final LongConsumer consumer) {
        int cached = 0;
        for (int lcore = 0; cacheSize > 0 && lcore < Dpdk.RTE_MAX_LCORE(); lcore++) {
            final long cache = lcore * CACHE_BYTES;
            final int count = caches.get(JAVA_INT, cache + CACHE_LEN);
            for (int i = 0; i < count; i++) {
                consumer.accept(caches.get(JAVA_LONG, cache + CACHE_OBJECTS + (long) i * Long.BYTES));
            }
            cached += count;
        }
        final int inRing = available() - cached;
        if (inRing > 0) {
            try (Arena scratch = Arena.ofConfined()) {
                final MemorySegment addresses = scratch.allocate(JAVA_LONG, inRing);
                if (!get(addresses.address(), inRing)) {
                    throw new IllegalStateException("pool " + name + " is in use by another thread");
                }
                put(addresses.address(), inRing);
                for (int i = 0; i < inRing; i++) {
                    consumer.accept(addresses.getAtIndex(JAVA_LONG, i));
                }
            }
        }
    }

    /** Buffers in the pool, DPDK's caches of threads included. Exact when no other thread is at work. */
    public int available() {
        return Dpdk.rte_mempool_avail_count(pool);
    }

    /** Frees the pool. No port may use it any more. Harmless when called again. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            // From here on a late access through the segment throws instead of reading freed memory.
            arena.close();
            Dpdk.rte_mempool_free(pool);
        }
    }

    /** One cache for each lcore id, none if the pool has no caches. */
    @SuppressWarnings("restricted")
    private static MemorySegment caches(final MemorySegment pool, final int cacheSize) {
        return cacheSize == 0
                ? MemorySegment.NULL
                : rte_mempool.local_cache(pool).reinterpret(Dpdk.RTE_MAX_LCORE() * CACHE_BYTES);
    }

    private static MemorySegment ops(final int index) {
        return rte_mempool_ops_table
                .ops(Dpdk.rte_mempool_ops_table())
                .asSlice(index * rte_mempool_ops.layout().byteSize(), rte_mempool_ops.layout());
    }

    private record Chunk(long address, long length) {}

    @SuppressWarnings("restricted")
    private static MemorySegment range(final String name, final MemorySegment pool, final Arena arena) {
        final List<Chunk> chunks = new ArrayList<>();
        try (Arena scratch = Arena.ofConfined()) {
            final MemorySegment callback = rte_mempool_mem_cb_t.allocate(
                    (mp, opaque, header, index) -> {
                        final MemorySegment chunk =
                                header.reinterpret(rte_mempool_memhdr.layout().byteSize());
                        chunks.add(new Chunk(rte_mempool_memhdr.addr(chunk).address(), rte_mempool_memhdr.len(chunk)));
                    },
                    scratch);
            Dpdk.rte_mempool_mem_iter(pool, callback, MemorySegment.NULL);
        }
        chunks.sort(Comparator.comparingLong(Chunk::address));
        final long start = chunks.getFirst().address;
        long end = start;
        for (final Chunk chunk : chunks) {
            // Pieces are separate where physical addresses jump; what counts is that nothing else lies between them.
            if (chunk.address != end) {
                arena.close();
                throw new EalException(
                        "cannot make pool " + name
                                + " in one piece: memory is scattered; reserve hugepages of 1 GiB, make"
                                + " the pool smaller, or start with --iova-mode=va",
                        0);
            }
            end += chunk.length;
        }
        return MemorySegment.ofAddress(start).reinterpret(end - start, arena, null);
    }

    @SuppressWarnings("restricted")
    private static MethodHandle linkOps() {
        return Linker.nativeLinker().downcallHandle(OPS);
    }
}

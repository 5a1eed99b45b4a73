package io.millrace.dataplane.buffer;

import java.lang.foreign.MemorySegment;

/**
 * One thread's way into a {@link PacketPool}: a stack of free handles that is filled from and emptied into the pool in
 * bulk. Whoever allocates a buffer owns it until it frees it or hands it to a port or another owner.
 *
 * <p>Not thread-safe. {@link #flush()} gives everything back to the pool.
 */
public final class PoolCache {
    private final PacketPool pool;
    private final MemorySegment memory;
    private final BufferLedger ledger;
    private final int headroom;
    private final int bulk;
    private final long[] free;
    private int count;

    /**
     * Makes an empty cache.
     *
     * @param pool the pool behind it
     * @param size how many handles it holds at most, at least 2; half of it moves to or from the pool at once
     * @throws IllegalArgumentException if it is less
     */
    public PoolCache(final PacketPool pool, final int size) {
        if (size < 2) {
            throw new IllegalArgumentException("pool cache of " + size + " buffers; at least 2 are needed");
        }
        this.pool = pool;
        this.memory = pool.memory();
        this.ledger = BufferLedger.of(pool);
        this.headroom = pool.headroom();
        this.bulk = Math.max(1, size / 2);
        this.free = new long[size];
    }

    /** The pool behind this cache. */
    public PacketPool pool() {
        return pool;
    }

    /**
     * Allocates an empty packet that begins behind the headroom.
     *
     * @return its handle, or {@link PacketPool#NONE} if the pool is empty
     */
    public long allocate() {
        if (count == 0 && !refill()) {
            return PacketPool.NONE;
        }
        final long handle = free[--count];
        BufferHeader.reset(memory, handle, headroom);
        ledger.taken(handle);
        return handle;
    }

    /**
     * Allocates up to {@code wanted} empty packets.
     *
     * @return how many handles were written to {@code handles} from index {@code from} on
     */
    public int allocate(final long[] handles, final int from, final int wanted) {
        for (int i = 0; i < wanted; i++) {
            final long handle = allocate();
            if (handle == PacketPool.NONE) {
                return i;
            }
            handles[from + i] = handle;
        }
        return wanted;
    }

    /**
     * Allocates a packet with the bytes of another one of the pool, as far behind its headroom as that, so that what fits
     * there fits here, too, and with what is left to a device. What claims to be longer than a buffer is cut off, and
     * of a {@link BufferChain} the first buffer is copied.
     *
     * @param handle of the other one, which stays as it is
     * @return its handle, or {@link PacketPool#NONE} if the pool is empty
     */
    public long copy(final long handle) {
        final long copy = allocate();
        if (copy != PacketPool.NONE) {
            final int length = Math.min(BufferHeader.length(memory, handle), pool.dataRoom());
            BufferHeader.dataOff(
                    memory, copy, Math.min(BufferHeader.dataOff(memory, handle), pool.dataRoom() - length));
            MemorySegment.copy(memory, pool.dataOffset(handle), memory, pool.dataOffset(copy), length);
            BufferHeader.length(memory, copy, length);
            BufferHeader.offloadFlags(memory, copy, BufferHeader.offloadFlags(memory, handle));
            BufferHeader.transmitOffload(memory, copy, BufferHeader.transmitOffload(memory, handle));
        }
        return copy;
    }

    /** Frees a packet that the caller owns, with all its buffers. */
    public void free(final long handle) {
        if (BufferHeader.buffers(memory, handle) > 1) {
            freeChain(handle);
        } else {
            freeBuffer(handle);
        }
    }

    /** DPDK expects of the buffers in its pool that they are single. */
    private void freeChain(final long first) {
        long next = first;
        while (next != PacketPool.NONE) {
            final long handle = next;
            next = BufferChain.next(memory, handle);
            BufferHeader.next(memory, handle, 0);
            BufferHeader.buffers(memory, handle, 1);
            freeBuffer(handle);
        }
    }

    private void freeBuffer(final long handle) {
        ledger.given(handle);
        if (count == free.length) {
            count -= bulk;
            pool.give(free, count, bulk);
        }
        free[count++] = handle;
    }

    /**
     * Frees {@code number} packets that the caller owns, each in a buffer by itself: none is a {@link BufferChain}, which
     * only somebody who sends TCP meets.
     *
     * @throws IllegalStateException in debug mode, if one is
     */
    public void free(final long[] handles, final int from, final int number) {
        for (int i = 0; i < number; i++) {
            final long handle = handles[from + i];
            if (BufferLedger.ENABLED && BufferHeader.buffers(memory, handle) > 1) {
                throw new IllegalStateException("a packet of several buffers is freed as one of a single buffer");
            }
            freeBuffer(handle);
        }
    }

    /** Handles in the cache. */
    public int count() {
        return count;
    }

    /** Gives all handles in the cache back to the pool. */
    public void flush() {
        pool.give(free, 0, count);
        count = 0;
    }

    private boolean refill() {
        if (pool.take(free, 0, bulk)) {
            count = bulk;
            return true;
        }
        // Fewer than a bulk are left: the last ones count too.
        while (count < bulk && pool.take(free, count, 1)) {
            count++;
        }
        return count > 0;
    }
}

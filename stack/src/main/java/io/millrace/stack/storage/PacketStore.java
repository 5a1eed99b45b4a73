package io.millrace.stack.storage;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.BufferLedger;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.dataplane.memory.HugePages;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * All packets of a stack under one kind of handle: those in buffers of the ports' pool, and <em>large</em> ones that no
 * such buffer holds, up to the longest datagram that IP knows. A large packet lies in one piece in memory of the stack's
 * own, so that whoever reads or writes it needs not care: {@link #memory(long)} says where it is, {@link #dataOffset}
 * where it begins, and everything that holds for the handle of a pool's buffer holds for it. It never reaches a port:
 * what sends it splits it into fragments.
 *
 * <p>The number of large packets is bounded, and their memory is taken when the first one is needed. Not thread-safe: one
 * shard, one store.
 */
public final class PacketStore implements AutoCloseable {
    /** Longest packet in bytes: the fixed header of IPv6 and 65,535 bytes behind it. */
    public static final int MAX_PACKET = 40 + 0xFFFF;

    private static final long LARGE = 1L << 62;
    private static final int ALIGNMENT = 64;

    /** Room in front of a fresh large packet for its IP header. */
    private static final int LARGE_HEADROOM = ALIGNMENT;

    private static final int LARGE_ROOM = (LARGE_HEADROOM + MAX_PACKET + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;

    private final PoolCache cache;
    private final PacketPool pool;
    private final MemorySegment memory;
    private final int[] begins;
    private final int[] lengths;
    private final boolean[] taken;
    private final int[] free;
    private int freeCount;
    private @Nullable Arena arena;
    private MemorySegment large;

    /**
     * Makes a store.
     *
     * @param cache the polling thread's way into the pool
     * @param largePackets most large packets at the same time, about 64 KiB each
     */
    public PacketStore(final PoolCache cache, final int largePackets) {
        this.cache = cache;
        this.pool = cache.pool();
        this.memory = pool.memory();
        this.large = memory;
        this.begins = new int[largePackets];
        this.lengths = new int[largePackets];
        this.taken = new boolean[largePackets];
        this.free = new int[largePackets];
        for (int i = largePackets - 1; i >= 0; i--) {
            free[freeCount++] = i;
        }
    }

    /** Whether a handle, not {@link PacketPool#NONE}, is that of a large packet. */
    public static boolean isLarge(final long handle) {
        return handle >= LARGE;
    }

    /** The pool of those packets that are not large. */
    public PacketPool pool() {
        return pool;
    }

    /** Memory that holds a packet, and others beside it. */
    public MemorySegment memory(final long handle) {
        return isLarge(handle) ? large : memory;
    }

    /**
     * Allocates an empty packet in a buffer of the pool, as {@link PoolCache#allocate}.
     *
     * @return its handle, or {@link PacketPool#NONE} if there is none
     */
    public long allocate() {
        return cache.allocate();
    }

    /**
     * Allocates an empty packet with room for bytes behind its {@link #dataOffset}, and for an IP header in front of
     * it: a buffer of the pool if that holds them, else a large packet.
     *
     * @param length bytes, 0 to {@link #MAX_PACKET}
     * @return its handle, or {@link PacketPool#NONE} if there is none
     */
    public long allocate(final int length) {
        return length <= bufferRoom() ? cache.allocate() : allocateLarge();
    }

    /** Most bytes of a fresh packet in a buffer of the pool. */
    public int bufferRoom() {
        return pool.dataRoom() - pool.headroom();
    }

    /** Large packets that can still be allocated. */
    public int largeAvailable() {
        return freeCount;
    }

    /** Large packets that there are, allocated or not. */
    public int largeCapacity() {
        return free.length;
    }

    /**
     * Frees a packet that the caller owns.
     *
     * @throws IllegalStateException if a large packet was freed before
     */
    public void free(final long handle) {
        if (!isLarge(handle)) {
            cache.free(handle);
            return;
        }
        final int slot = slot(handle);
        if (!taken[slot]) {
            throw new IllegalStateException("large packet " + slot + " is freed twice");
        }
        taken[slot] = false;
        free[freeCount++] = slot;
    }

    /**
     * Copies an application's bytes into a packet.
     *
     * @param at where they go, in bytes from the beginning of the packet's data
     * @throws IndexOutOfBoundsException if they are not all in {@code source}, or do not fit; the packet is freed then
     */
    public void copyIn(final long handle, final int at, final MemorySegment source, final long from, final int length) {
        try {
            MemorySegment.copy(source, from, memory(handle), dataOffset(handle) + at, length);
        } catch (final RuntimeException e) {
            free(handle);
            throw e;
        }
    }

    /**
     * Copies an application's bytes into a packet as {@link #copyIn} does, and sums them on their way.
     *
     * @param source native memory
     * @return their partial sum, as by {@link InternetChecksum#copy}
     */
    public long copyAndSum(
            final long handle, final int at, final MemorySegment source, final long from, final int length) {
        try {
            return InternetChecksum.copy(source, from, memory(handle), dataOffset(handle) + at, length);
        } catch (final RuntimeException e) {
            free(handle);
            throw e;
        }
    }

    /** Frees {@code number} packets that the caller owns. */
    public void free(final long[] handles, final int from, final int number) {
        for (int i = from; i < from + number; i++) {
            free(handles[i]);
        }
    }

    /** Offset of the packet's first byte within {@link #memory(long)}. */
    public long dataOffset(final long handle) {
        return isLarge(handle) ? base(handle) + begins[slot(handle)] : pool.dataOffset(handle);
    }

    /** Bytes of the packet. */
    public int length(final long handle) {
        return isLarge(handle) ? lengths[slot(handle)] : BufferHeader.packetLength(memory, handle);
    }

    /** Sets the bytes of the packet; its first one stays where it is. */
    public void length(final long handle, final int length) {
        if (isLarge(handle)) {
            lengths[slot(handle)] = length;
        } else {
            BufferHeader.length(memory, handle, length);
        }
    }

    /**
     * Sets what a packet consists of.
     *
     * @param offset of its first byte within {@link #memory(long)}, in its own buffer
     * @param length bytes, not beyond the end of the buffer
     */
    public void bounds(final long handle, final long offset, final int length) {
        if (isLarge(handle)) {
            begins[slot(handle)] = (int) (offset - base(handle));
            lengths[slot(handle)] = length;
        } else {
            BufferHeader.dataOff(memory, handle, (int) (offset - handle - pool.dataRoomOffset()));
            BufferHeader.length(memory, handle, length);
        }
    }

    /**
     * Lets a packet begin earlier, over the bytes in front of it that are for headers.
     *
     * @return {@link #dataOffset} from now on; -1 if there is no room for so many, and then nothing has changed
     */
    public long prepend(final long handle, final int bytes) {
        if (isLarge(handle)) {
            return prependLarge(handle, bytes);
        }
        final int begin = BufferHeader.prepend(memory, handle, bytes);
        return begin < 0 ? -1 : handle + pool.dataRoomOffset() + begin;
    }

    private long prependLarge(final long handle, final int bytes) {
        final int slot = slot(handle);
        if (begins[slot] < bytes) {
            return -1;
        }
        begins[slot] -= bytes;
        lengths[slot] += bytes;
        return base(handle) + begins[slot];
    }

    /** Bytes from a place in a packet's buffer to the buffer's end. */
    public int roomFrom(final long handle, final long offset) {
        return isLarge(handle)
                ? (int) (base(handle) + LARGE_ROOM - offset)
                : (int) (handle + pool.dataRoomOffset() + pool.dataRoom() - offset);
    }

    /**
     * Frees the memory of large packets; none may be used any more. Harmless when called again.
     *
     * @throws IllegalStateException in debug mode, if large packets were not freed
     */
    @Override
    public void close() {
        final Arena owned = arena;
        if (owned != null) {
            arena = null;
            large = memory;
            owned.close();
            if (BufferLedger.ENABLED && freeCount < free.length) {
                throw new IllegalStateException((free.length - freeCount) + " large packets were not freed");
            }
        }
    }

    @SuppressWarnings("MustBeClosed") // the store owns the arena and closes it
    private long allocateLarge() {
        if (freeCount == 0) {
            return PacketPool.NONE;
        }
        if (arena == null) {
            arena = Arena.ofShared();
            large = HugePages.allocate(arena, (long) free.length * LARGE_ROOM, ALIGNMENT);
        }
        final int slot = free[--freeCount];
        taken[slot] = true;
        begins[slot] = LARGE_HEADROOM;
        lengths[slot] = 0;
        return LARGE | slot;
    }

    private static int slot(final long handle) {
        return (int) handle;
    }

    private static long base(final long handle) {
        return (long) slot(handle) * LARGE_ROOM;
    }
}

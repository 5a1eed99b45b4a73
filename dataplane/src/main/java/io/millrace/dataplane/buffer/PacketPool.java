package io.millrace.dataplane.buffer;

import java.lang.foreign.MemorySegment;

/**
 * A fixed number of equal packet buffers in one bounded segment of native memory. The pool is shared by all threads and
 * reached in bulk; a thread that allocates or frees single packets does so through a {@link PoolCache} of its own.
 *
 * <p>A <em>handle</em> is the byte offset of a buffer's {@linkplain BufferHeader header} within {@link #memory()}.
 */
public abstract class PacketPool implements AutoCloseable {
    /** The handle that is no buffer. */
    public static final long NONE = -1L;

    private final MemorySegment memory;
    private final int capacity;
    private final int privateSize;
    private final int headroom;
    private final int dataRoom;

    /**
     * Describes a pool.
     *
     * @param memory all of the pool's buffers, and nothing else
     * @param capacity number of buffers
     * @param privateSize bytes between the header and the data room
     * @param headroom bytes kept free in front of a fresh packet, for the headers of the layers below
     * @param dataRoom bytes of the data room, headroom included, at most 65,535
     */
    protected PacketPool(
            final MemorySegment memory,
            final int capacity,
            final int privateSize,
            final int headroom,
            final int dataRoom) {
        this.memory = memory;
        this.capacity = capacity;
        this.privateSize = privateSize;
        this.headroom = headroom;
        this.dataRoom = dataRoom;
    }

    /** All of the pool's memory. A handle is an offset into it. */
    public final MemorySegment memory() {
        return memory;
    }

    /** Number of buffers. */
    public final int capacity() {
        return capacity;
    }

    /** Bytes kept free in front of a fresh packet. */
    public final int headroom() {
        return headroom;
    }

    /** Bytes of the data room, headroom included. */
    public final int dataRoom() {
        return dataRoom;
    }

    /** Bytes from a handle to its data room. */
    public final int dataRoomOffset() {
        return BufferHeader.SIZE + privateSize;
    }

    /** Offset of the packet's first byte within {@link #memory()}. */
    public final long dataOffset(final long handle) {
        return handle + dataRoomOffset() + BufferHeader.dataOff(memory, handle);
    }

    /**
     * Takes buffers out of the pool, all of those asked for or none. Their headers are as the last owner left them.
     * Any thread.
     *
     * @return whether {@code count} handles were written to {@code handles} from index {@code from} on
     */
    protected abstract boolean take(long[] handles, int from, int count);

    /** Gives buffers back. Any thread. */
    protected abstract void give(long[] handles, int from, int count);

    /** Buffers in the pool, not counting those in the caches of threads. Exact when no other thread is at work. */
    public abstract int available();

    /**
     * Takes back the buffers that drivers kept for ever when their ports were closed, a flaw of some. To be called when
     * all ports of the pool are closed and all caches are {@linkplain PoolCache#flush flushed}; while a port is open it
     * does nothing. A buffer that somebody else still has is left to him, so that {@link #available()} still tells of it.
     *
     * @return how many there were
     */
    public int reclaim() {
        return 0;
    }

    /** Frees the pool's memory; no buffer may be used any more. Harmless when called again. */
    @Override
    public abstract void close();
}

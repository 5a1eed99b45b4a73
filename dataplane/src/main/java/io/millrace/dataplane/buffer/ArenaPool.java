package io.millrace.dataplane.buffer;

import io.millrace.dataplane.memory.HugePages;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A pool in plain native memory, for ports without DPDK and for tests. Buffers have the same header as DPDK's.
 *
 * <p>Free handles are a stack under a lock; threads come here in bulk only, through their {@link PoolCache}.
 */
public final class ArenaPool extends PacketPool {
    /** Headroom of a fresh packet, as DPDK's {@code RTE_PKTMBUF_HEADROOM}: 128 bytes. */
    public static final int DEFAULT_HEADROOM = 128;

    private static final int ALIGNMENT = 64;

    private final Arena arena;
    private final Object lock = new Object();
    private final long[] free;
    private int count;

    private ArenaPool(
            final Arena arena,
            final MemorySegment memory,
            final long stride,
            final int capacity,
            final int headroom,
            final int dataRoom) {
        super(memory, capacity, 0, headroom, dataRoom);
        this.arena = arena;
        this.free = new long[capacity];
        for (int i = capacity - 1; i >= 0; i--) {
            final long handle = i * stride;
            memory.set(
                    ValueLayout.JAVA_LONG,
                    handle + BufferHeader.BUF_ADDR_OFFSET,
                    memory.address() + handle + BufferHeader.SIZE);
            memory.set(ValueLayout.JAVA_SHORT, handle + BufferHeader.BUF_LEN_OFFSET, (short) dataRoom);
            BufferHeader.reset(memory, handle, headroom);
            free[count++] = handle;
        }
    }

    /**
     * Makes a pool.
     *
     * @param capacity number of buffers, at least 1
     * @param packetSize largest packet in bytes, link header included
     */
    public static ArenaPool create(final int capacity, final int packetSize) {
        return create(capacity, packetSize, DEFAULT_HEADROOM);
    }

    /**
     * Makes a pool.
     *
     * @param capacity number of buffers, at least 1
     * @param packetSize largest packet in bytes, link header included; with the headroom at most 65,535
     * @param headroom bytes kept free in front of a fresh packet
     */
    @SuppressWarnings("MustBeClosed") // the pool owns its arena and closes it
    public static ArenaPool create(final int capacity, final int packetSize, final int headroom) {
        final int dataRoom = packetSize + headroom;
        if (capacity < 1) {
            throw new IllegalArgumentException("pool of " + capacity + " buffers; at least 1 is needed");
        }
        if (packetSize < 1 || headroom < 0 || dataRoom > 0xFFFF) {
            throw new IllegalArgumentException("packet size " + packetSize + " with headroom " + headroom
                    + "; both together are 1 to 65535 bytes");
        }
        final long stride = (BufferHeader.SIZE + dataRoom + ALIGNMENT - 1L) / ALIGNMENT * ALIGNMENT;
        final Arena arena = Arena.ofShared();
        final MemorySegment memory = HugePages.allocate(arena, capacity * stride, ALIGNMENT);
        return new ArenaPool(arena, memory, stride, capacity, headroom, dataRoom);
    }

    @Override
    protected boolean take(final long[] handles, final int from, final int wanted) {
        synchronized (lock) {
            if (count < wanted) {
                return false;
            }
            count -= wanted;
            System.arraycopy(free, count, handles, from, wanted);
            return true;
        }
    }

    @Override
    protected void give(final long[] handles, final int from, final int number) {
        synchronized (lock) {
            System.arraycopy(handles, from, free, count, number);
            count += number;
        }
    }

    @Override
    public int available() {
        synchronized (lock) {
            return count;
        }
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}

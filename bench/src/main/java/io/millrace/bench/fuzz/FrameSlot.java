package io.millrace.bench.fuzz;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** One frame of a conversation as a packet, on its way to the queue that receives it. */
final class FrameSlot {
    private final PoolCache cache;
    private long handle = PacketPool.NONE;

    FrameSlot(final PoolCache cache) {
        this.cache = cache;
    }

    /** Makes a packet of the frame, to be received next. Returns it; {@link PacketPool#NONE} if there is no buffer. */
    long put(final Conversation frames) {
        handle = cache.allocate();
        if (handle != PacketPool.NONE) {
            final MemorySegment memory = cache.pool().memory();
            final long offset = cache.pool().dataOffset(handle);
            MemorySegment.copy(frames.bytes(), frames.offset(), memory, ValueLayout.JAVA_BYTE, offset, frames.length());
            BufferHeader.length(memory, handle, frames.length());
        }
        return handle;
    }

    /** Hands the packet out, once; returns how many there were. */
    int receive(final long[] handles) {
        if (handle == PacketPool.NONE) {
            return 0;
        }
        handles[0] = handle;
        handle = PacketPool.NONE;
        return 1;
    }
}

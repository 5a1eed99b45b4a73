package io.millrace.dataplane.run;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import java.lang.foreign.MemorySegment;

/** Copies of packets that several shards must hear of. */
final class Copies {
    private Copies() {}

    /** A copy of a packet; {@link PacketPool#NONE} if no buffer is free. */
    static long copy(final PoolCache cache, final long handle) {
        final long copy = cache.allocate();
        if (copy == PacketPool.NONE) {
            return PacketPool.NONE;
        }
        final PacketPool pool = cache.pool();
        final MemorySegment memory = pool.memory();
        final int length = BufferHeader.length(memory, handle);
        // A packet that came in with less headroom than a fresh one has still fits, for it keeps its place.
        BufferHeader.dataOff(memory, copy, BufferHeader.dataOff(memory, handle));
        MemorySegment.copy(memory, pool.dataOffset(handle), memory, pool.dataOffset(copy), length);
        BufferHeader.length(memory, copy, length);
        return copy;
    }
}

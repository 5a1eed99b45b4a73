package io.millrace.dataplane.port.middleware;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Copies of packets that are about to be sent. A port may free a packet as soon as it takes it, and how many it takes is
 * known afterwards only; so whoever wants to look at just what was taken needs a copy made before.
 */
final class SentCopies {
    /** Most packets at a time. */
    static final int BURST = 32;

    private final PacketPool pool;
    private final MemorySegment copies;
    private final int[] lengths = new int[BURST];
    private final int stride;

    SentCopies(final PacketPool pool) {
        this.pool = pool;
        this.stride = pool.dataRoom();
        this.copies = Arena.ofAuto().allocate((long) BURST * stride, Long.BYTES);
    }

    /** Copies up to {@link #BURST} packets. */
    void take(final long[] handles, final int from, final int count) {
        final MemorySegment memory = pool.memory();
        for (int i = 0; i < count; i++) {
            final long handle = handles[from + i];
            // What claims to be longer than a buffer is for the port to refuse.
            final int length = Math.min(stride, BufferHeader.length(memory, handle));
            MemorySegment.copy(memory, pool.dataOffset(handle), copies, offset(i), length);
            lengths[i] = length;
        }
    }

    MemorySegment memory() {
        return copies;
    }

    long offset(final int index) {
        return (long) index * stride;
    }

    int length(final int index) {
        return lengths[index];
    }
}

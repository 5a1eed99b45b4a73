package io.millrace.dataplane.port.middleware;

import io.millrace.dataplane.buffer.BufferChain;
import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Copies of packets that are about to be sent. A port may free a packet as soon as it takes it, and how many it takes is
 * known afterwards only; so whoever wants to look at just what was taken needs a copy made before.
 */
final class SentCopies {
    private static final int BURST = 32;

    /** The longest packet that there is, with its link header. */
    private static final int LONGEST = 0xFFFF + 64;

    private final PacketPool pool;
    private final MemorySegment copies;
    private final long[] offsets = new long[BURST];
    private final int[] lengths = new int[BURST];

    SentCopies(final PacketPool pool) {
        this.pool = pool;
        this.copies = Arena.ofAuto().allocate(Math.max(LONGEST, (long) BURST * pool.dataRoom()), Long.BYTES);
    }

    /**
     * Copies packets, the first ones, as many as there is room for.
     *
     * @return how many, at least 1 if {@code count} is
     */
    int take(final long[] handles, final int from, final int count) {
        final MemorySegment memory = pool.memory();
        long used = 0;
        int taken = 0;
        while (taken < Math.min(count, BURST)) {
            final long handle = handles[from + taken];
            final boolean chain = BufferHeader.buffers(memory, handle) > 1;
            // What claims to be longer than a buffer, or than a packet can be, is for the port to refuse.
            final int length = Math.min(BufferHeader.packetLength(memory, handle), chain ? LONGEST : pool.dataRoom());
            if (used + length > copies.byteSize()) {
                break;
            }
            BufferChain.copyTo(pool, handle, 0, copies, used, length);
            offsets[taken] = used;
            lengths[taken++] = length;
            used += length;
        }
        return taken;
    }

    MemorySegment memory() {
        return copies;
    }

    long offset(final int index) {
        return offsets[index];
    }

    int length(final int index) {
        return lengths[index];
    }
}

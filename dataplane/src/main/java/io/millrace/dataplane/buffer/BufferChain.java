package io.millrace.dataplane.buffer;

import java.lang.foreign.MemorySegment;

/**
 * A packet in several buffers of one pool, linked as DPDK links mbufs: only what TCP sends at once for a device to cut
 * into segments is so long ({@link OffloadFlags#TX_SEGMENT}). Its handle is that of the first buffer, which holds all
 * its headers and says how many buffers there are and how many bytes in all. Who owns the handle owns them all; {@link
 * PoolCache#free} frees them all.
 *
 * <p>Only ports whose {@link io.millrace.dataplane.port.PortOffloads} promise segmentation are given such packets, and
 * none hands them to the application: whoever only receives never meets one.
 */
public final class BufferChain {
    private BufferChain() {}

    /**
     * Appends a buffer, which was a packet by itself, to a packet.
     *
     * @param memory of the pool that all buffers are of
     * @param first handle of the packet
     * @param last its last buffer, which is {@code first} while there is only that
     * @param next the buffer to append, with its data
     */
    public static void append(final MemorySegment memory, final long first, final long last, final long next) {
        BufferHeader.next(memory, last, memory.address() + next);
        BufferHeader.buffers(memory, first, BufferHeader.buffers(memory, first) + 1);
        BufferHeader.packetLength(
                memory, first, BufferHeader.packetLength(memory, first) + BufferHeader.length(memory, next));
    }

    /** The buffer behind one; {@link PacketPool#NONE} if that is the last. */
    public static long next(final MemorySegment memory, final long handle) {
        final long address = BufferHeader.next(memory, handle);
        return address == 0 ? PacketPool.NONE : address - memory.address();
    }

    /**
     * Copies bytes of a packet, in however many buffers it is.
     *
     * @param skip bytes of the packet to leave out
     * @param length how many bytes; the packet has them
     */
    public static void copyTo(
            final PacketPool pool,
            final long handle,
            final int skip,
            final MemorySegment target,
            final long offset,
            final int length) {
        final MemorySegment memory = pool.memory();
        int before = skip;
        int done = 0;
        for (long at = handle; done < length && at != PacketPool.NONE; at = next(memory, at)) {
            final int here = BufferHeader.length(memory, at);
            if (before < here) {
                final int piece = Math.min(here - before, length - done);
                MemorySegment.copy(memory, pool.dataOffset(at) + before, target, offset + done, piece);
                done += piece;
            }
            before = Math.max(0, before - here);
        }
    }
}

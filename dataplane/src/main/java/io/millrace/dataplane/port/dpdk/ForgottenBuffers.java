package io.millrace.dataplane.port.dpdk;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dpdk.MbufLayout;
import io.millrace.dpdk.Mempool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;

/**
 * Finds the buffers that a driver kept for ever. The driver for XDP sockets takes 2,048 for each queue, puts them into
 * the ring from which the kernel fills them, and frees none of them when it is closed; nor what it has sent and not yet
 * heard of. Once its sockets are closed nobody knows these buffers any more, and nobody writes to them.
 *
 * <p>Which they are, the port number in the header tells: DPDK's allocation, from which the driver has them, writes
 * {@code 0xFFFF}, and a queue of such a driver writes another number when a packet is handed to us or by us. So a buffer
 * that our side has lost is never among them.
 */
final class ForgottenBuffers {
    /** Port number of a packet that was handed to a driver that may forget it. */
    static final int SENT_PORT = 0xFFFD;

    private static final int NO_PORT = 0xFFFF;

    /** Buffers begin on cache lines. */
    private static final int LINE = 64;

    private ForgottenBuffers() {}

    /** Says of each buffer of a new pool that no driver took it. */
    static void disown(final Mempool mempool) {
        final MemorySegment memory = mempool.memory();
        mempool.forEach(address -> BufferHeader.port(memory, address - memory.address(), BufferHeader.OWN_PORT));
    }

    /** Gives back what drivers kept, and tells how many buffers that were. No port of the pool is open. */
    static int reclaim(final Mempool mempool) {
        final MemorySegment memory = mempool.memory();
        final long base = memory.address();
        final BitSet inside = new BitSet();
        mempool.forEachAvailable(address -> inside.set((int) ((address - base) / LINE)));
        final BitSet kept = new BitSet();
        mempool.forEach(address -> {
            final int line = (int) ((address - base) / LINE);
            final int port = BufferHeader.port(memory, address - base);
            if (!inside.get(line) && (port == NO_PORT || port == SENT_PORT)) {
                kept.set(line);
            }
        });
        try (Arena arena = Arena.ofConfined()) {
            final int count = kept.cardinality();
            final MemorySegment addresses = arena.allocate(ValueLayout.JAVA_LONG, Math.max(1, count));
            int next = 0;
            for (int line = kept.nextSetBit(0); line >= 0; line = kept.nextSetBit(line + 1)) {
                final long handle = (long) line * LINE;
                BufferHeader.reset(memory, handle, MbufLayout.HEADROOM);
                addresses.setAtIndex(ValueLayout.JAVA_LONG, next++, base + handle);
            }
            if (count > 0) {
                mempool.put(addresses.address(), count);
            }
            return count;
        }
    }
}

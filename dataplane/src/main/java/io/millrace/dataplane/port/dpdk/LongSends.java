package io.millrace.dataplane.port.dpdk;

import io.millrace.dataplane.buffer.BufferChain;
import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.OffloadFlags;
import io.millrace.dataplane.buffer.PacketPool;
import java.lang.foreign.MemorySegment;

/**
 * Looks at packets that the device is to cut before the driver gets them: whether they are sound, and as DPDK wants
 * them.
 */
final class LongSends {
    private static final int IPV4_CHECKSUM = 10;

    private final PacketPool pool;
    private final MemorySegment memory;
    private final boolean ipv4Checksums;
    private boolean any;

    /**
     * Makes one.
     *
     * @param ipv4Checksums whether the device writes the checksums of IPv4 headers
     */
    LongSends(final PacketPool pool, final boolean ipv4Checksums) {
        this.pool = pool;
        this.memory = pool.memory();
        this.ipv4Checksums = ipv4Checksums;
    }

    /** A new burst begins. */
    void begin() {
        any = false;
    }

    /** Whether there was a long packet in this burst, so that the driver must prepare it. */
    boolean any() {
        return any;
    }

    /** Whether the driver may have a packet whose first buffer is sound; of a long one all buffers must be. */
    boolean admits(final long handle, final DpdkQueue queue) {
        final long flags = BufferHeader.offloadFlags(memory, handle);
        final int buffers = BufferHeader.buffers(memory, handle);
        if ((flags & OffloadFlags.TX_SEGMENT) == 0) {
            return buffers == 1;
        }
        any = true;
        int bytes = 0;
        long at = handle;
        for (int i = 0; i < buffers; i++) {
            if (!queue.isBuffer(at) || !queue.fits(at)) {
                return false;
            }
            bytes += BufferHeader.length(memory, at);
            at = BufferChain.next(memory, at);
        }
        if (at != PacketPool.NONE || bytes != BufferHeader.packetLength(memory, handle)) {
            return false;
        }
        if (ipv4Checksums && (flags & OffloadFlags.TX_IPV4) != 0) {
            Net.put16(memory, pool.dataOffset(handle) + OffloadFlags.linkLength(memory, handle) + IPV4_CHECKSUM, 0);
            BufferHeader.offloadFlags(memory, handle, flags | OffloadFlags.TX_IP_CHECKSUM);
        }
        return true;
    }
}

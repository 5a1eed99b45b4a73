package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.OffloadFlags;
import io.millrace.dataplane.port.PortOffloads;
import io.millrace.stack.wire.IpRepr;
import java.lang.foreign.MemorySegment;

/**
 * Checksums of received packets that need not be checked, as {@link IpRepr#trusted} holds them: those that the
 * interface's policy leaves out, and those that the device found right. What the device found wrong is checked again, and
 * counted.
 */
final class ReceiveChecksums {
    private final MemorySegment memory;
    private final int unchecked;
    private final boolean offload;

    /**
     * Makes one.
     *
     * @param memory of the packets' pool
     * @param unchecked bits of {@link IpRepr#CHECKSUM_IPV4} and the like
     * @param offloads what the port does
     */
    ReceiveChecksums(final MemorySegment memory, final int unchecked, final PortOffloads offloads) {
        this.memory = memory;
        this.unchecked = unchecked;
        this.offload = offloads.receiveChecksums();
    }

    /** Those that are not checked whatever the device says. */
    int trusted() {
        return unchecked;
    }

    /** Those of a packet. */
    int trusted(final long handle) {
        if (!offload) {
            return unchecked;
        }
        final long flags = BufferHeader.offloadFlags(memory, handle);
        return unchecked
                | ((flags & OffloadFlags.RX_IP_GOOD) != 0 ? IpRepr.CHECKSUM_IPV4 : 0)
                | ((flags & OffloadFlags.RX_L4_GOOD) != 0 ? IpRepr.CHECKSUM_TCP | IpRepr.CHECKSUM_UDP : 0);
    }
}

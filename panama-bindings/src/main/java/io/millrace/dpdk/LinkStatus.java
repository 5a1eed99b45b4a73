package io.millrace.dpdk;

import io.millrace.dpdk.ffi.rte_eth_link;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * State of a link.
 *
 * @param up whether it is up
 * @param megabits speed in Mbit/s; 0 if there is none or it is unknown
 * @param fullDuplex whether both directions work at once
 */
public record LinkStatus(boolean up, long megabits, boolean fullDuplex) {
    /** The bit-fields link_duplex, link_autoneg and link_status, from bit 0 on, follow the speed. */
    private static final long FLAGS_OFFSET = Integer.BYTES;

    private static final int DUPLEX_BIT = 1;
    private static final int STATUS_BIT = 1 << 2;
    private static final long UNKNOWN_SPEED = 0xFFFF_FFFFL; // RTE_ETH_SPEED_NUM_UNKNOWN

    static LinkStatus of(final MemorySegment link) {
        final int flags = link.get(ValueLayout.JAVA_SHORT, FLAGS_OFFSET);
        final long speed = Integer.toUnsignedLong(rte_eth_link.link_speed(link));
        return new LinkStatus((flags & STATUS_BIT) != 0, speed == UNKNOWN_SPEED ? 0 : speed, (flags & DUPLEX_BIT) != 0);
    }
}

package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;

/**
 * The router advertisement in place (RFC 4861 section 4.2). All methods take the memory and the offset of the ICMPv6
 * header's first byte; the caller has checked that {@link #LENGTH} bytes are there. Options follow: {@link
 * NdpOptionView}.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |  Type (134)   |   Code (0)    |           Checksum            |
 * +---------------+-+-+-+---+-----+-------------------------------+
 * |   Hop limit   |M|O|H|Prf|     |      Router lifetime (s)      |
 * +---------------+-+-+-+---+-----+-------------------------------+
 * |                     Reachable time (ms)                       |
 * +---------------------------------------------------------------+
 * |                 Retransmission timer (ms)                     |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class RouterAdvertisementView {
    /** Bytes of the message without options. */
    public static final int LENGTH = 16;

    /** Flag: addresses come from DHCPv6. */
    public static final int MANAGED = 0x80;

    /** Flag: other configuration comes from DHCPv6. */
    public static final int OTHER = 0x40;

    private static final int HOP_LIMIT_OFFSET = 4;
    private static final int FLAGS_OFFSET = 5;
    private static final int LIFETIME_OFFSET = 6;
    private static final int REACHABLE_OFFSET = 8;
    private static final int RETRANS_OFFSET = 12;

    private RouterAdvertisementView() {}

    /** Hop limit for packets that hosts send; 0 says nothing. */
    public static int hopLimit(final MemorySegment memory, final long offset) {
        return Net.u8(memory, offset + HOP_LIMIT_OFFSET);
    }

    /** Flags; bits 3 and 4 are the router's {@linkplain NdpOptionView#preference preference}. */
    public static int flags(final MemorySegment memory, final long offset) {
        return Net.u8(memory, offset + FLAGS_OFFSET);
    }

    /** Seconds for which the sender is a default router; 0 if it is none. */
    public static int routerLifetime(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + LIFETIME_OFFSET);
    }

    /** Milliseconds for which a neighbour stays reachable; 0 says nothing. */
    public static long reachableTime(final MemorySegment memory, final long offset) {
        return Net.u32(memory, offset + REACHABLE_OFFSET);
    }

    /** Milliseconds between solicitations; 0 says nothing. */
    public static long retransTimer(final MemorySegment memory, final long offset) {
        return Net.u32(memory, offset + RETRANS_OFFSET);
    }

    /** Writes a message without options and with a checksum of 0. */
    public static void write(
            final MemorySegment memory,
            final long offset,
            final int hopLimit,
            final int flags,
            final int routerLifetime,
            final long reachableTime,
            final long retransTimer) {
        Net.put32(memory, offset, NdpView.ROUTER_ADVERTISEMENT << 24);
        Net.put32(memory, offset + HOP_LIMIT_OFFSET, hopLimit << 24 | flags << 16 | routerLifetime);
        Net.put32(memory, offset + REACHABLE_OFFSET, (int) reachableTime);
        Net.put32(memory, offset + RETRANS_OFFSET, (int) retransTimer);
    }
}

package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;

/**
 * The Ethernet II header in place (IEEE 802.3 clause 3, RFC 894, RFC 2464), without VLAN tags ({@link VlanView}). All methods take the memory and the offset of the header's first
 * byte; the caller has checked that {@link #LENGTH} bytes are there.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------------------------------------------------------+
 * |                      Destination address                      |
 * +                               +-------------------------------+
 * |                               |                               |
 * +-------------------------------+                               +
 * |                        Source address                         |
 * +-------------------------------+-------------------------------+
 * |           EtherType           |
 * +-------------------------------+
 * </pre>
 */
public final class EthernetView {
    /** Bytes of the header. */
    public static final int LENGTH = 14;

    /** Destination address, 6 bytes. */
    public static final int DST_OFFSET = 0;

    /** Source address, 6 bytes. */
    public static final int SRC_OFFSET = 6;

    /** EtherType, 2 bytes. */
    public static final int TYPE_OFFSET = 12;

    /** EtherType of IPv4. */
    public static final int TYPE_IPV4 = 0x0800;

    /** EtherType of ARP. */
    public static final int TYPE_ARP = 0x0806;

    /** EtherType of a customer VLAN tag (IEEE 802.1Q). */
    public static final int TYPE_VLAN = 0x8100;

    /** EtherType of IPv6. */
    public static final int TYPE_IPV6 = 0x86DD;

    /** EtherType of a service VLAN tag (IEEE 802.1ad). */
    public static final int TYPE_SERVICE_VLAN = 0x88A8;

    /** Smallest EtherType; a smaller value is the length of an IEEE 802.3 frame, 0 to 1500, or means nothing. */
    public static final int MIN_TYPE = 0x0600;

    private EthernetView() {}

    /** Destination address in the low 48 bits. */
    public static long dst(final MemorySegment memory, final long offset) {
        return Net.i64(memory, offset + DST_OFFSET) >>> 16;
    }

    /** Source address in the low 48 bits. */
    public static long src(final MemorySegment memory, final long offset) {
        return Net.i64(memory, offset + SRC_OFFSET) >>> 16;
    }

    /** Source address in the high 48 bits and {@link #type} in the low 16, by one load. */
    public static long srcAndType(final MemorySegment memory, final long offset) {
        return Net.i64(memory, offset + SRC_OFFSET);
    }

    /** EtherType, or the length of an IEEE 802.3 frame. */
    public static int type(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + TYPE_OFFSET);
    }

    /**
     * Writes a header.
     *
     * @param dst destination address, of which the low 48 bits count
     * @param src source address, of which the low 48 bits count
     * @param type EtherType of the payload, or of the first VLAN tag
     */
    public static void write(
            final MemorySegment memory, final long offset, final long dst, final long src, final int type) {
        Net.put64(memory, offset + DST_OFFSET, dst << 16 | (src >>> 32 & 0xFFFF));
        Net.put32(memory, offset + SRC_OFFSET + 2, (int) src);
        Net.put16(memory, offset + TYPE_OFFSET, type);
    }
}

package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;

/**
 * The IPv6 header in place (RFC 8200 section 3). All methods take the memory and the offset of the header's first byte;
 * the caller has checked that {@link #LENGTH} bytes are there, with {@link #check} if they came from outside.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------+---------------+---------------------------------------+
 * |Version| Traffic class |              Flow label               |
 * +-------+---------------+-------+---------------+---------------+
 * |        Payload length         |  Next header  |   Hop limit   |
 * +-------------------------------+---------------+---------------+
 * |                                                               |
 * +                                                               +
 * |                        Source address                         |
 * +                                                               +
 * |                                                               |
 * +                                                               +
 * |                                                               |
 * +---------------------------------------------------------------+
 * |                                                               |
 * +                                                               +
 * |                      Destination address                      |
 * +                                                               +
 * |                                                               |
 * +                                                               +
 * |                                                               |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class Ipv6View {
    /** Bytes of the header. */
    public static final int LENGTH = 40;

    /** Version, traffic class and flow label, 4 bytes. */
    public static final int VERSION_OFFSET = 0;

    /** Bytes behind the header, 2 bytes. */
    public static final int PAYLOAD_LENGTH_OFFSET = 4;

    /** Type of what follows, 1 byte. */
    public static final int NEXT_HEADER_OFFSET = 6;

    /** Hop limit, 1 byte. */
    public static final int HOP_LIMIT_OFFSET = 7;

    /** Source address, 16 bytes. */
    public static final int SRC_OFFSET = 8;

    /** Destination address, 16 bytes. */
    public static final int DST_OFFSET = 24;

    /** Every link carries packets of this many bytes (RFC 8200 section 5). */
    public static final int MIN_MTU = 1280;

    /** Result of {@link #check}: nothing is wrong with the lengths. */
    public static final int VALID = 0;

    /** Result of {@link #check}: fewer bytes than the header, or than it says. */
    public static final int TRUNCATED = 1;

    /** Result of {@link #check}: the version is not 6. */
    public static final int BAD_VERSION = 2;

    private Ipv6View() {}

    /**
     * Checks version and lengths.
     *
     * @param length bytes that are there, padding of the link included
     * @return {@link #VALID} or why not
     */
    public static int check(final MemorySegment memory, final long offset, final int length) {
        return length < LENGTH ? TRUNCATED : check(Net.i64(memory, offset), length);
    }

    /**
     * As {@link #check(MemorySegment, long, int)}, of a header whose first eight bytes are at hand and that is all
     * there.
     */
    static int check(final long first, final int length) {
        if (first >>> 60 != 6) {
            return BAD_VERSION;
        }
        return LENGTH + ((int) (first >>> 16) & 0xFFFF) <= length ? VALID : TRUNCATED;
    }

    /** Version, 6 in every valid packet. */
    public static int version(final MemorySegment memory, final long offset) {
        return Net.u8(memory, offset + VERSION_OFFSET) >>> 4;
    }

    /** DSCP and ECN, 0 to 255. */
    public static int trafficClass(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + VERSION_OFFSET) >>> 4 & 0xFF;
    }

    /** Flow label, 0 to 1,048,575. */
    public static int flowLabel(final MemorySegment memory, final long offset) {
        return Net.i32(memory, offset + VERSION_OFFSET) & 0xF_FFFF;
    }

    /** Bytes behind the header, extension headers included, 0 to 65,535. */
    public static int payloadLength(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + PAYLOAD_LENGTH_OFFSET);
    }

    /** Type of what follows (IANA). */
    public static int nextHeader(final MemorySegment memory, final long offset) {
        return Net.u8(memory, offset + NEXT_HEADER_OFFSET);
    }

    /** Hop limit, 0 to 255. */
    public static int hopLimit(final MemorySegment memory, final long offset) {
        return Net.u8(memory, offset + HOP_LIMIT_OFFSET);
    }

    /** Upper half of the source address. */
    public static long srcHi(final MemorySegment memory, final long offset) {
        return Net.i64(memory, offset + SRC_OFFSET);
    }

    /** Lower half of the source address. */
    public static long srcLo(final MemorySegment memory, final long offset) {
        return Net.i64(memory, offset + SRC_OFFSET + 8);
    }

    /** Upper half of the destination address. */
    public static long dstHi(final MemorySegment memory, final long offset) {
        return Net.i64(memory, offset + DST_OFFSET);
    }

    /** Lower half of the destination address. */
    public static long dstLo(final MemorySegment memory, final long offset) {
        return Net.i64(memory, offset + DST_OFFSET + 8);
    }

    /** Sets the source address. */
    public static void src(final MemorySegment memory, final long offset, final long hi, final long lo) {
        Net.put64(memory, offset + SRC_OFFSET, hi);
        Net.put64(memory, offset + SRC_OFFSET + 8, lo);
    }

    /** Sets the bytes behind the header. */
    public static void payloadLength(final MemorySegment memory, final long offset, final int length) {
        Net.put16(memory, offset + PAYLOAD_LENGTH_OFFSET, length);
    }

    /**
     * Writes a header.
     *
     * @param flowLabel 0 to 1,048,575
     * @param payloadLength bytes behind the header
     */
    public static void write(
            final MemorySegment memory,
            final long offset,
            final int trafficClass,
            final int flowLabel,
            final int payloadLength,
            final int nextHeader,
            final int hopLimit,
            final long srcHi,
            final long srcLo,
            final long dstHi,
            final long dstLo) {
        final int versionClassLabel = 6 << 28 | trafficClass << 20 | flowLabel;
        final int lengthNextHop = payloadLength << 16 | nextHeader << 8 | hopLimit;
        Net.put64(memory, offset, (long) versionClassLabel << 32 | (lengthNextHop & 0xFFFF_FFFFL));
        Net.put64(memory, offset + SRC_OFFSET, srcHi);
        Net.put64(memory, offset + SRC_OFFSET + 8, srcLo);
        Net.put64(memory, offset + DST_OFFSET, dstHi);
        Net.put64(memory, offset + DST_OFFSET + 8, dstLo);
    }
}

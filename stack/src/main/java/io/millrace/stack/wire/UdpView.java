package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.checksum.InternetChecksum;
import java.lang.foreign.MemorySegment;

/**
 * The UDP header in place (RFC 768). All methods take the memory and the offset of the header's first byte; the caller
 * has checked that {@link #LENGTH} bytes are there.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+-------------------------------+
 * |          Source port          |       Destination port        |
 * +-------------------------------+-------------------------------+
 * |            Length             |           Checksum            |
 * +-------------------------------+-------------------------------+
 * </pre>
 */
public final class UdpView {
    /** IANA protocol number of UDP. */
    public static final int PROTOCOL = 17;

    /** Bytes of the header. */
    public static final int LENGTH = 8;

    /** Most bytes behind the header; over IPv4, whose header counts too, 20 less. */
    public static final int MAX_PAYLOAD = 0xFFFF - LENGTH;

    /** Source port, 2 bytes; 0 if no answer is wanted. */
    public static final int SRC_PORT_OFFSET = 0;

    /** Destination port, 2 bytes. */
    public static final int DST_PORT_OFFSET = 2;

    /** Bytes of header and payload, 2 bytes. */
    public static final int LENGTH_OFFSET = 4;

    /** Checksum, 2 bytes; 0 if there is none. */
    public static final int CHECKSUM_OFFSET = 6;

    private UdpView() {}

    /** Source port, 0 to 65,535. */
    public static int srcPort(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + SRC_PORT_OFFSET);
    }

    /** Destination port, 0 to 65,535. */
    public static int dstPort(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + DST_PORT_OFFSET);
    }

    /** Bytes of header and payload, 0 to 65,535: unchecked. */
    public static int length(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + LENGTH_OFFSET);
    }

    /** Checksum; 0 if there is none. */
    public static int checksum(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + CHECKSUM_OFFSET);
    }

    /**
     * Whether the checksum is right. It must be there: 0 is for the caller to judge, since IPv4 allows it and IPv6 does
     * not (RFC 8200 section 8.1).
     *
     * @param length bytes of header and payload
     */
    public static boolean verifies(final IpRepr ip, final MemorySegment memory, final long offset, final int length) {
        return InternetChecksum.verifies(sum(ip, memory, offset, length));
    }

    /**
     * Writes a header in front of a payload that is in place, checksum included.
     *
     * @param length bytes of header and payload, at least {@link #LENGTH}
     */
    public static void write(
            final IpRepr ip,
            final MemorySegment memory,
            final long offset,
            final int srcPort,
            final int dstPort,
            final int length) {
        final long payload = InternetChecksum.partial(memory, offset + LENGTH, length - LENGTH);
        writeHeader(ip, memory, offset, srcPort, dstPort, length, payload);
    }

    /**
     * Writes a header whose payload is summed already, checksum included.
     *
     * @param length bytes of header and payload, at least {@link #LENGTH}
     * @param payload partial sum of the payload, as by {@link InternetChecksum#partial} or {@link InternetChecksum#copy}
     */
    public static void writeHeader(
            final IpRepr ip,
            final MemorySegment memory,
            final long offset,
            final int srcPort,
            final int dstPort,
            final int length,
            final long payload) {
        final long header = (long) srcPort << 48 | (long) dstPort << 32 | (long) length << 16;
        // The sum is made of the values in hand: reading them back would wait for the stores.
        final int checksum =
                InternetChecksum.finish(pseudoHeader(ip, length) + InternetChecksum.words(header) + payload);
        // 0 means "none", so a sum that happens to be 0 is sent as its other representation.
        Net.put64(memory, offset, header | (checksum == 0 ? 0xFFFF : checksum));
    }

    private static long sum(final IpRepr ip, final MemorySegment memory, final long offset, final int length) {
        return pseudoHeader(ip, length) + InternetChecksum.partial(memory, offset, length);
    }

    private static long pseudoHeader(final IpRepr ip, final int length) {
        return InternetChecksum.pseudoHeader(ip.srcHi, ip.srcLo, ip.dstHi, ip.dstLo, PROTOCOL, length);
    }
}

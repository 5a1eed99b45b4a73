package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.checksum.InternetChecksum;
import java.lang.foreign.MemorySegment;

/**
 * What ICMP for IPv4 (RFC 792) and for IPv6 (RFC 4443) have in common, in place. All methods take the memory and the
 * offset of the header's first byte; the caller has checked that {@link #LENGTH} bytes are there.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+-------------------------------+
 * |     Type      |     Code      |           Checksum            |
 * +---------------+---------------+-------------------------------+
 * |   echo: Identifier            |   echo: Sequence number       |
 * |   error: depends on the type, for instance MTU or pointer     |
 * +-------------------------------+-------------------------------+
 * |   echo: data; error: the packet in question, as much as fits  |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class IcmpView {
    /** Bytes of the header. */
    public static final int LENGTH = 8;

    /** Type, 1 byte. */
    public static final int TYPE_OFFSET = 0;

    /** Code, 1 byte. */
    public static final int CODE_OFFSET = 1;

    /** Checksum, 2 bytes. */
    public static final int CHECKSUM_OFFSET = 2;

    /** Identifier of an echo, 2 bytes. */
    public static final int IDENTIFIER_OFFSET = 4;

    /** Sequence number of an echo, 2 bytes. */
    public static final int SEQUENCE_OFFSET = 6;

    /** Parameter of an error, 4 bytes. */
    public static final int PARAMETER_OFFSET = 4;

    /** Data of an echo, or packet in question of an error. */
    public static final int DATA_OFFSET = 8;

    private IcmpView() {}

    /** Type. */
    public static int type(final MemorySegment memory, final long offset) {
        return Net.u8(memory, offset + TYPE_OFFSET);
    }

    /** Code. */
    public static int code(final MemorySegment memory, final long offset) {
        return Net.u8(memory, offset + CODE_OFFSET);
    }

    /** Checksum. */
    public static int checksum(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + CHECKSUM_OFFSET);
    }

    /** Sets the checksum. */
    public static void checksum(final MemorySegment memory, final long offset, final int value) {
        Net.put16(memory, offset + CHECKSUM_OFFSET, value);
    }

    /** Sets type and code, and nothing else. */
    public static void typeAndCode(final MemorySegment memory, final long offset, final int type, final int code) {
        Net.put16(memory, offset + TYPE_OFFSET, type << 8 | code);
    }

    /**
     * Gives a message another type, and code 0; its checksum is kept right by the difference (RFC 1624). A checksum that
     * comes to 0 is written as 65,535: both say the same, but for a message of zeros only, which verifies with the latter.
     */
    public static void retype(final MemorySegment memory, final long offset, final int type) {
        final int updated =
                InternetChecksum.update16(checksum(memory, offset), Net.u16(memory, offset + TYPE_OFFSET), type << 8);
        typeAndCode(memory, offset, type, 0);
        checksum(memory, offset, updated == 0 ? 0xFFFF : updated);
    }

    /** Identifier of an echo, 0 to 65,535. */
    public static int identifier(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + IDENTIFIER_OFFSET);
    }

    /** Sequence number of an echo, 0 to 65,535. */
    public static int sequence(final MemorySegment memory, final long offset) {
        return Net.u16(memory, offset + SEQUENCE_OFFSET);
    }

    /** Parameter of an error: the MTU, the pointer, or nothing. */
    public static int parameter(final MemorySegment memory, final long offset) {
        return Net.i32(memory, offset + PARAMETER_OFFSET);
    }

    /** Writes the header of an echo with a checksum of 0. */
    public static void writeEcho(
            final MemorySegment memory, final long offset, final int type, final int identifier, final int sequence) {
        Net.put32(memory, offset, type << 24);
        Net.put32(memory, offset + IDENTIFIER_OFFSET, identifier << 16 | sequence);
    }

    /** Writes the header of an error with a checksum of 0. */
    public static void writeError(
            final MemorySegment memory, final long offset, final int type, final int code, final int parameter) {
        Net.put32(memory, offset, type << 24 | code << 16);
        Net.put32(memory, offset + PARAMETER_OFFSET, parameter);
    }
}

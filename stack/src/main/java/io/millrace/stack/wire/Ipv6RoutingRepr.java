package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A routing header (RFC 8200 section 4.4): type 2 with a home address (RFC 6275 section 6.4), type 3 with the compressed
 * addresses of RPL source routing (RFC 6554 section 3), type 4 with segments (RFC 8754 section 2), or another type whose
 * data is kept as it is. Reused from header to header.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------+---------------+---------------+---------------+
 * |  Next header  |  Length in 8  |     Type      | Segments left |
 * +---------------+---------------+---------------+---------------+
 * |  type 2: reserved; type 3: CmprI, CmprE, Pad; type 4: last    |
 * |  entry, flags, tag                                            |
 * +---------------------------------------------------------------+
 * |  addresses                                                    |
 * +---------------------------------------------------------------+
 * </pre>
 *
 * <p>Not thread-safe.
 */
public final class Ipv6RoutingRepr {
    /** Type: the home address of a mobile node. */
    public static final int HOME_ADDRESS = 2;

    /** Type: RPL source route. */
    public static final int RPL_SOURCE_ROUTE = 3;

    /** Type: segment routing. */
    public static final int SEGMENT_ROUTING = 4;

    /** Bytes in front of the addresses. */
    public static final int DATA_OFFSET = 8;

    private static final int WORD_OFFSET = 4;

    /** Type of what follows. */
    public int nextHeader;
    /** Routing type. */
    public int type;
    /** Nodes that the header still leads to. */
    public int segmentsLeft;
    /** The four bytes in front of the addresses. */
    public int word;
    /** Bytes of addresses and what follows them, a multiple of 8. */
    public int dataLength;
    /** The addresses as they stand there, and TLVs behind those of type 4. */
    public final byte[] data = new byte[2040];

    /**
     * Reads a header.
     *
     * @param length bytes of the packet from the header on
     * @return bytes of the header; -1 if it is longer than {@code length}, or shorter than its type needs
     */
    public int parse(final MemorySegment memory, final long offset, final int length) {
        final int headerLength = Ipv6ExtensionView.checkLength(memory, offset, length);
        if (headerLength < 0) {
            return -1;
        }
        nextHeader = Ipv6ExtensionView.nextHeader(memory, offset);
        type = Ipv6ExtensionView.routingType(memory, offset);
        segmentsLeft = Ipv6ExtensionView.segmentsLeft(memory, offset);
        word = Net.i32(memory, offset + WORD_OFFSET);
        dataLength = headerLength - DATA_OFFSET;
        if (!isWellFormed()) {
            return -1;
        }
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset + DATA_OFFSET, data, 0, dataLength);
        return headerLength;
    }

    /** Bytes of the header, a multiple of 8. */
    public int headerLength() {
        return DATA_OFFSET + dataLength;
    }

    /** Writes {@link #headerLength()} bytes. */
    public void emit(final MemorySegment memory, final long offset) {
        final int units = headerLength() / Ipv6ExtensionView.UNIT - 1;
        Net.put32(memory, offset, nextHeader << 24 | units << 16 | type << 8 | segmentsLeft);
        Net.put32(memory, offset + WORD_OFFSET, word);
        MemorySegment.copy(data, 0, memory, ValueLayout.JAVA_BYTE, offset + DATA_OFFSET, dataLength);
    }

    /** Octets of the destination that all addresses of a type 3 header but the last leave out, 0 to 15. */
    public int elidedOctets() {
        return word >>> 28;
    }

    /** Octets of the destination that the last address of a type 3 header leaves out, 0 to 15. */
    public int elidedOctetsOfLast() {
        return word >>> 24 & 0xF;
    }

    /** Octets of padding at the end of a type 3 header, 0 to 7. */
    public int padding() {
        return word >>> 20 & 0xF;
    }

    /** Number of addresses; of a type that is not known, 0. */
    public int addresses() {
        return switch (type) {
            case HOME_ADDRESS -> dataLength / 16;
            case SEGMENT_ROUTING -> (word >>> 24) + 1;
            case RPL_SOURCE_ROUTE -> {
                final int last = 16 - elidedOctetsOfLast();
                final int others = dataLength - padding() - last;
                yield others < 0 ? 0 : others / (16 - elidedOctets()) + 1;
            }
            default -> 0;
        };
    }

    private boolean isWellFormed() {
        return switch (type) {
            case HOME_ADDRESS -> dataLength == 16 && segmentsLeft <= 1;
            case RPL_SOURCE_ROUTE -> segmentsLeft <= addresses();
            case SEGMENT_ROUTING -> addresses() <= dataLength / 16 && segmentsLeft <= addresses();
            default -> true;
        };
    }
}

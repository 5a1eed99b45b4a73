package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;

/**
 * An ICMP message of either family (RFC 792, RFC 4443) and where its data is: an echo's, or the packet that an error
 * quotes. Reused from message to message. Neighbour discovery is {@link NdpRepr}'s.
 *
 * <p>Not thread-safe.
 */
public final class IcmpRepr {
    /** Result of {@link #parse}: nothing is wrong. */
    public static final int VALID = 0;

    /** Result of {@link #parse}: the message is shorter than its type needs. */
    public static final int TRUNCATED = 1;

    /** Result of {@link #parse}: the checksum is wrong. */
    public static final int BAD_CHECKSUM = 2;

    /** Result of {@link #parse}: an error quotes less than an IP header, or one of another family. */
    public static final int BAD_QUOTE = 3;

    private static final int TIMES_OFFSET = 8;

    /** Type. */
    public int type;
    /** Code. */
    public int code;
    /** Identifier of an echo or a timestamp. */
    public int identifier;
    /** Sequence number of an echo or a timestamp. */
    public int sequence;
    /** The other reading of the same four bytes: MTU, pointer (for IPv4 in the upper 8 bits), or gateway. */
    public int parameter;
    /** When a timestamp was sent, in milliseconds since midnight UT. */
    public int originated;
    /** When a timestamp request came in. */
    public int received;
    /** When a timestamp reply was sent. */
    public int transmitted;
    /** Bytes of data. */
    public int dataLength;
    /** Offset of the data within the memory that was parsed. */
    public long dataOffset;

    /**
     * Reads a message.
     *
     * @param ip addresses and family of its packet
     * @param length bytes of the message
     * @param verify whether to check the checksum
     * @return {@link #VALID} or why not; the fields are then meaningless
     */
    public int parse(
            final IpRepr ip, final MemorySegment memory, final long offset, final int length, final boolean verify) {
        if (length < IcmpView.LENGTH) {
            return TRUNCATED;
        }
        final boolean v4 = ip.family == IpFamily.V4;
        if (verify
                && !(v4
                        ? Icmpv4View.verifies(memory, offset, length)
                        : Icmpv6View.verifies(ip, memory, offset, length))) {
            return BAD_CHECKSUM;
        }
        type = IcmpView.type(memory, offset);
        code = IcmpView.code(memory, offset);
        identifier = IcmpView.identifier(memory, offset);
        sequence = IcmpView.sequence(memory, offset);
        parameter = IcmpView.parameter(memory, offset);
        dataOffset = offset + IcmpView.DATA_OFFSET;
        dataLength = length - IcmpView.DATA_OFFSET;
        if (v4 && isTimestamp()) {
            return parseTimes(memory, offset, length);
        }
        if (v4 ? Icmpv4View.isError(type) : Icmpv6View.isError(type)) {
            return quotesA(ip.family, memory) ? VALID : BAD_QUOTE;
        }
        return VALID;
    }

    /** Bytes of the message. */
    public int length(final IpRepr ip) {
        return ip.family == IpFamily.V4 && isTimestamp() ? Icmpv4View.TIMESTAMP_LENGTH : IcmpView.LENGTH + dataLength;
    }

    /**
     * Writes the message in front of {@link #dataLength} bytes of data that are in place, checksum included. The second
     * four bytes are identifier and sequence number, or the parameter if the type is an error's.
     */
    public void emit(final IpRepr ip, final MemorySegment memory, final long offset) {
        final boolean v4 = ip.family == IpFamily.V4;
        if (v4 ? Icmpv4View.isError(type) : Icmpv6View.isError(type)) {
            IcmpView.writeError(memory, offset, type, code, parameter);
        } else {
            IcmpView.writeEcho(memory, offset, type, identifier, sequence);
            IcmpView.typeAndCode(memory, offset, type, code);
        }
        if (v4) {
            if (isTimestamp()) {
                Net.put32(memory, offset + TIMES_OFFSET, originated);
                Net.put32(memory, offset + TIMES_OFFSET + 4, received);
                Net.put32(memory, offset + TIMES_OFFSET + 8, transmitted);
            }
            Icmpv4View.seal(memory, offset, length(ip));
        } else {
            Icmpv6View.seal(ip, memory, offset, length(ip));
        }
    }

    /**
     * Most bytes that an error may quote: the whole packet that carries it fits into what every path takes, 576 bytes
     * for IPv4 (RFC 1812 section 4.3.2.3) and 1,280 for IPv6 (RFC 4443 section 2.4).
     */
    public static int maxQuote(final int family) {
        final int most = family == IpFamily.V4 ? Ipv4View.MIN_REASSEMBLY : Ipv6View.MIN_MTU;
        return most - IpFamily.headerLength(family) - IcmpView.LENGTH;
    }

    private boolean isTimestamp() {
        return type == Icmpv4View.TIMESTAMP || type == Icmpv4View.TIMESTAMP_REPLY;
    }

    private int parseTimes(final MemorySegment memory, final long offset, final int length) {
        if (length < Icmpv4View.TIMESTAMP_LENGTH) {
            return TRUNCATED;
        }
        originated = Net.i32(memory, offset + TIMES_OFFSET);
        received = Net.i32(memory, offset + TIMES_OFFSET + 4);
        transmitted = Net.i32(memory, offset + TIMES_OFFSET + 8);
        dataLength = 0;
        return VALID;
    }

    private boolean quotesA(final int family, final MemorySegment memory) {
        return dataLength >= IpFamily.headerLength(family) && Ipv4View.version(memory, dataOffset) == family;
    }
}

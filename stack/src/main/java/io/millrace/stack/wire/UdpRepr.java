package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.checksum.InternetChecksum;
import java.lang.foreign.MemorySegment;

/**
 * A UDP header and where the payload is; reused from datagram to datagram.
 *
 * <p>Not thread-safe.
 */
public final class UdpRepr {
    /** Result of {@link #parse}: nothing is wrong. */
    public static final int VALID = 0;

    /** Result of {@link #parse}: fewer bytes than the header, or than it says. */
    public static final int TRUNCATED = 1;

    /** Result of {@link #parse}: the length is less than the header's. */
    public static final int BAD_LENGTH = 2;

    /** Result of {@link #parse}: the destination port is 0. */
    public static final int PORT_ZERO = 3;

    /** Result of {@link #parse}: the checksum is wrong. */
    public static final int BAD_CHECKSUM = 4;

    /** Result of {@link #parse}: there is no checksum although IPv6 needs one (RFC 8200 section 8.1). */
    public static final int NO_CHECKSUM = 5;

    /** Source port; 0 if no answer is wanted. */
    public int srcPort;
    /** Destination port. */
    public int dstPort;
    /** Bytes of payload. */
    public int payloadLength;
    /** Offset of the payload within the memory that was parsed. */
    public long payloadOffset;

    /**
     * Reads a datagram.
     *
     * @param ip addresses and family of its packet
     * @param length bytes of the packet's payload
     * @param verify whether to check the checksum
     * @return {@link #VALID} or why not; the fields are then meaningless
     */
    public int parse(
            final IpRepr ip, final MemorySegment memory, final long offset, final int length, final boolean verify) {
        if (length < UdpView.LENGTH) {
            return TRUNCATED;
        }
        final long header = Net.i64(memory, offset);
        final int said = (int) (header >>> 16) & 0xFFFF;
        if (said < UdpView.LENGTH) {
            return BAD_LENGTH;
        }
        if (said > length) {
            return TRUNCATED;
        }
        srcPort = (int) (header >>> 48);
        dstPort = (int) (header >>> 32) & 0xFFFF;
        if (dstPort == 0) {
            return PORT_ZERO;
        }
        payloadLength = said - UdpView.LENGTH;
        payloadOffset = offset + UdpView.LENGTH;
        if (!verify) {
            return VALID;
        }
        if ((header & 0xFFFF) == 0) {
            return ip.family == IpFamily.V6 ? NO_CHECKSUM : VALID;
        }
        return UdpView.verifies(ip, memory, offset, said) ? VALID : BAD_CHECKSUM;
    }

    /** Writes the header in front of {@link #payloadLength} bytes that are in place, checksum included. */
    public void emit(final IpRepr ip, final MemorySegment memory, final long offset) {
        UdpView.write(ip, memory, offset, srcPort, dstPort, UdpView.LENGTH + payloadLength);
    }

    /** Writes the header and behind it a copy of {@link #payloadLength} bytes, which it sums on their way. */
    public void emit(
            final IpRepr ip,
            final MemorySegment memory,
            final long offset,
            final MemorySegment payload,
            final long payloadAt) {
        final long sum = InternetChecksum.copy(payload, payloadAt, memory, offset + UdpView.LENGTH, payloadLength);
        UdpView.writeHeader(ip, memory, offset, srcPort, dstPort, UdpView.LENGTH + payloadLength, sum);
    }
}

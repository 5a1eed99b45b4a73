package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.checksum.InternetChecksum;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A whole IPv4 header with its options; reused from packet to packet. The stack itself carries only what {@link IpRepr}
 * holds; this is for routers, tools and tests.
 *
 * <p>Not thread-safe.
 */
public final class Ipv4Repr {
    /** Most bytes of options. */
    public static final int MAX_OPTIONS = 40;

    /** Result of {@link #parse}: the header checksum is wrong. */
    public static final int BAD_CHECKSUM = 6;

    /** DSCP and ECN, 0 to 255. */
    public int trafficClass;
    /** Identification, 0 to 65,535. */
    public int id;
    /** Whether routers must not fragment it. */
    public boolean dontFragment;
    /** Whether fragments follow this one. */
    public boolean moreFragments;
    /** Place of the payload within the datagram in bytes, a multiple of 8, 0 to 65,528. */
    public int fragmentOffset;
    /** Time to live, 0 to 255. */
    public int ttl;
    /** Protocol of the payload (IANA). */
    public int protocol;
    /** Source address, zero-extended. */
    public long src;
    /** Destination address, zero-extended. */
    public long dst;
    /** Bytes of options, 0 to {@link #MAX_OPTIONS}, a multiple of 4. */
    public int optionsLength;
    /** The options. */
    public final byte[] options = new byte[MAX_OPTIONS];
    /** Bytes of payload. */
    public int payloadLength;
    /** Offset of the payload within the memory that was parsed. */
    public long payloadOffset;

    /** Bytes of the header. */
    public int headerLength() {
        return Ipv4View.MIN_LENGTH + optionsLength;
    }

    /**
     * Reads a header.
     *
     * @param length bytes that are there, padding of the link included
     * @param verify whether to check the checksum
     * @return {@link Ipv4View#VALID}, a result of {@link Ipv4View#check} or {@link Ipv4View#checkOptions}, or {@link
     *     #BAD_CHECKSUM}; the fields are meaningless unless it is the first, or {@link Ipv4View#SOURCE_ROUTE}
     */
    public int parse(final MemorySegment memory, final long offset, final int length, final boolean verify) {
        if (length < Ipv4View.MIN_LENGTH) {
            return Ipv4View.TRUNCATED;
        }
        final long first = Net.i64(memory, offset);
        final int check = Ipv4View.check((int) (first >>> 32), length);
        if (check != Ipv4View.VALID) {
            return check;
        }
        final int headerLength = Ipv4View.headerLength((int) (first >>> 32));
        final int ttlProtocol = Net.i32(memory, offset + Ipv4View.TTL_OFFSET);
        final long addresses = Net.i64(memory, offset + Ipv4View.SRC_OFFSET);
        if (verify) {
            long sum = InternetChecksum.words(first) + (ttlProtocol & 0xFFFF_FFFFL) + InternetChecksum.words(addresses);
            if (headerLength > Ipv4View.MIN_LENGTH) {
                sum += InternetChecksum.partial(
                        memory, offset + Ipv4View.MIN_LENGTH, headerLength - Ipv4View.MIN_LENGTH);
            }
            if (!InternetChecksum.verifies(sum)) {
                return BAD_CHECKSUM;
            }
        }
        trafficClass = (int) (first >>> 48) & 0xFF;
        id = (int) (first >>> 16) & 0xFFFF;
        dontFragment = (first & Ipv4View.DONT_FRAGMENT) != 0;
        moreFragments = (first & Ipv4View.MORE_FRAGMENTS) != 0;
        fragmentOffset = (int) (first & Ipv4View.OFFSET_MASK) << 3;
        ttl = ttlProtocol >>> 24;
        protocol = ttlProtocol >>> 16 & 0xFF;
        src = addresses >>> 32;
        dst = addresses & 0xFFFF_FFFFL;
        optionsLength = headerLength - Ipv4View.MIN_LENGTH;
        payloadLength = ((int) (first >>> 32) & 0xFFFF) - headerLength;
        payloadOffset = offset + headerLength;
        if (optionsLength == 0) {
            return Ipv4View.VALID;
        }
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset + Ipv4View.OPTIONS_OFFSET, options, 0, optionsLength);
        return Ipv4View.checkOptions(memory, offset);
    }

    /** Writes {@link #headerLength()} bytes, checksum included. */
    public void emit(final MemorySegment memory, final long offset) {
        final int flags = (dontFragment ? Ipv4View.DONT_FRAGMENT : 0)
                | (moreFragments ? Ipv4View.MORE_FRAGMENTS : 0)
                | fragmentOffset >>> 3;
        final int headerLength = headerLength();
        Ipv4View.write(memory, offset, trafficClass, headerLength + payloadLength, id, flags, ttl, protocol, src, dst);
        if (optionsLength == 0) {
            return;
        }
        Ipv4View.headerLength(memory, offset, headerLength);
        MemorySegment.copy(options, 0, memory, ValueLayout.JAVA_BYTE, offset + Ipv4View.OPTIONS_OFFSET, optionsLength);
        Net.put16(memory, offset + Ipv4View.CHECKSUM_OFFSET, 0);
        final long sum = InternetChecksum.partial(memory, offset, headerLength);
        Net.put16(memory, offset + Ipv4View.CHECKSUM_OFFSET, InternetChecksum.finish(sum));
    }
}

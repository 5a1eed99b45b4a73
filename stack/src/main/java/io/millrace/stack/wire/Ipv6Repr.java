package io.millrace.stack.wire;

import io.millrace.dataplane.buffer.Net;
import java.lang.foreign.MemorySegment;

/**
 * A whole IPv6 header; reused from packet to packet. The stack itself carries only what {@link IpRepr} holds; this is for
 * routers, tools and tests.
 *
 * <p>Not thread-safe.
 */
public final class Ipv6Repr {
    /** DSCP and ECN, 0 to 255. */
    public int trafficClass;
    /** Flow label, 0 to 1,048,575. */
    public int flowLabel;
    /** Type of what follows (IANA). */
    public int nextHeader;
    /** Hop limit, 0 to 255. */
    public int hopLimit;
    /** Upper half of the source address. */
    public long srcHi;
    /** Lower half of the source address. */
    public long srcLo;
    /** Upper half of the destination address. */
    public long dstHi;
    /** Lower half of the destination address. */
    public long dstLo;
    /** Bytes behind the header, extension headers included. */
    public int payloadLength;

    /**
     * Reads a header.
     *
     * @param length bytes that are there, padding of the link included
     * @return a result of {@link Ipv6View#check}; the fields are meaningless unless it is {@link Ipv6View#VALID}
     */
    public int parse(final MemorySegment memory, final long offset, final int length) {
        if (length < Ipv6View.LENGTH) {
            return Ipv6View.TRUNCATED;
        }
        final long first = Net.i64(memory, offset);
        final int check = Ipv6View.check(first, length);
        if (check != Ipv6View.VALID) {
            return check;
        }
        trafficClass = (int) (first >>> 52) & 0xFF;
        flowLabel = (int) (first >>> 32) & 0xF_FFFF;
        payloadLength = (int) (first >>> 16) & 0xFFFF;
        nextHeader = (int) (first >>> 8) & 0xFF;
        hopLimit = (int) first & 0xFF;
        srcHi = Ipv6View.srcHi(memory, offset);
        srcLo = Ipv6View.srcLo(memory, offset);
        dstHi = Ipv6View.dstHi(memory, offset);
        dstLo = Ipv6View.dstLo(memory, offset);
        return Ipv6View.VALID;
    }

    /** Writes {@link Ipv6View#LENGTH} bytes. */
    public void emit(final MemorySegment memory, final long offset) {
        Ipv6View.write(
                memory,
                offset,
                trafficClass,
                flowLabel,
                payloadLength,
                nextHeader,
                hopLimit,
                srcHi,
                srcLo,
                dstHi,
                dstLo);
    }
}

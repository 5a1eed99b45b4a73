package io.millrace.stack.iface.fragment;

import java.lang.foreign.MemorySegment;

/** A received fragment of either family; reused. Plain fields, since it is filled and read within one poll. */
public final class FragmentRepr {
    /** {@link io.millrace.stack.wire.IpFamily#V4} or {@link io.millrace.stack.wire.IpFamily#V6}. */
    public int family;

    /** Upper half of the source address; 0 for IPv4. */
    public long srcHi;

    /** Lower half of the source address. */
    public long srcLo;

    /** Upper half of the destination address; 0 for IPv4. */
    public long dstHi;

    /** Lower half of the destination address. */
    public long dstLo;

    /** Protocol of the datagram (IPv4); 0 for IPv6, whose identifications do not depend on it. */
    public int protocol;

    /** Identification, 16 or 32 bits. */
    public int id;

    /** Index of the interface that it came in by. */
    public int interfaceIndex;

    /** DSCP and ECN of its IP header. */
    public int trafficClass;

    /** Memory that holds it. */
    public MemorySegment memory = MemorySegment.NULL;

    /** Offset of its IP header. */
    public long ipOffset;

    /** Bytes from its IP header to its payload; for IPv6 the last 8 of them are the fragment header. */
    public int headerLength;

    /** Where in the headers the type of the fragment header stands, in bytes from the IP header (IPv6). */
    public int typeAt;

    /** Place of its payload in the datagram's, in bytes, a multiple of 8. */
    public int place;

    /** Bytes of its payload, at least 1; a multiple of 8 if {@link #more}. */
    public int length;

    /** Whether it is not the last one. */
    public boolean more;

    /** Makes an empty one. */
    public FragmentRepr() {}
}

package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.stack.iface.fragment.FragmentRepr;
import io.millrace.stack.wire.IpRepr;
import java.lang.foreign.MemorySegment;

/** The packet that is being received: what the layers on its way up found out. Used again for the next one. */
final class Inbound {
    /** Its IP header. */
    final IpRepr ip = new IpRepr();

    /** Its buffer, or the large packet that it is. */
    long handle = PacketPool.NONE;

    /** Memory that holds it: the pool's, or that of large packets. */
    MemorySegment memory = MemorySegment.NULL;

    /** Offset of its link's header within that memory; of its IP header if there is none. */
    long linkOffset;

    /** Offset of its IP header within that memory. */
    long ipOffset;

    /** Bytes of the packet, IP header included, padding not. */
    int ipLength;

    /** MAC address that its frame came from; means nothing on mediums without frames. */
    long linkSource;

    /** Whether it comes from outside with one of our addresses as source, which only a conflict about it may. */
    boolean ownSource;

    /** Whether its frame was sent to a group of stations or to all. */
    boolean linkGroup;

    /** Whether its IP destination is a group or everyone. */
    boolean group;

    /** Whether it is for others and to be forwarded. */
    boolean transit;

    /** Whether it comes from this stack itself. */
    boolean local;

    /** The packet that it made whole as its last fragment, to be received next; {@link PacketPool#NONE} mostly. */
    long whole = PacketPool.NONE;

    /** Whether it was put together from fragments. */
    boolean reassembled;

    /** Whether it came with a fragment header (IPv6), as an atomic fragment or in several. */
    boolean fragmentHeader;

    /** Whether a raw socket wants such packets. */
    boolean raw;

    /** Time of the poll. */
    long now;

    /** Tells a fragment what it has in common with every packet. */
    void copyTo(final FragmentRepr fragment) {
        fragment.family = ip.family;
        fragment.srcHi = ip.srcHi;
        fragment.srcLo = ip.srcLo;
        fragment.dstHi = ip.dstHi;
        fragment.dstLo = ip.dstLo;
        fragment.interfaceIndex = ip.interfaceIndex;
        fragment.trafficClass = ip.trafficClass;
        fragment.memory = memory;
        fragment.ipOffset = ipOffset;
    }
}

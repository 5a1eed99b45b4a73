package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.stack.wire.IpRepr;

/** The packet that is being received: what the layers on its way up found out. Used again for the next one. */
final class Inbound {
    /** Its IP header. */
    final IpRepr ip = new IpRepr();

    /** Its buffer. */
    long handle = PacketPool.NONE;

    /** Offset of its IP header within the pool's memory. */
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

    /** Whether it comes from this stack itself. */
    boolean local;

    /** Whether there is a fragment header, although it is no fragment. */
    boolean atomicFragment;

    /** Time of the poll. */
    long now;
}

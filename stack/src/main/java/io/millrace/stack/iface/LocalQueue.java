package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.OffloadFlags;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6View;
import java.lang.foreign.MemorySegment;

/**
 * Packets that this stack sent to itself, whole, until the next poll receives them, with the interface by which each
 * seems to come in.
 */
final class LocalQueue {
    /** In place of an interface's index: the one that has the destination address. */
    static final int ANY_LINK = -1;

    private static final int CAPACITY = 256;

    private final PacketStore packets;
    private final Routing routing;
    private final long[] handles = new long[CAPACITY];
    private final int[] links = new int[CAPACITY];
    private int polledLink;
    private int head;
    private int count;

    LocalQueue(final PacketStore packets, final Routing routing) {
        this.packets = packets;
        this.routing = routing;
    }

    /** Number of packets. */
    int size() {
        return count;
    }

    /** Whether no packet more fits in. */
    boolean full() {
        return count == CAPACITY;
    }

    /** Adds a packet, which begins with its IP header, to a queue that is not full. */
    void add(final long handle, final int link) {
        final int place = (head + count) % CAPACITY;
        handles[place] = handle;
        links[place] = link;
        count++;
    }

    /** The next packet, which there must be; the caller owns it. */
    long poll() {
        final long handle = handles[head];
        polledLink = links[head];
        head = (head + 1) % CAPACITY;
        count--;
        return handle;
    }

    /** The interface by which the packet that was polled last comes in. */
    Link link(final long handle) {
        if (polledLink != ANY_LINK) {
            return routing.link(polledLink);
        }
        final MemorySegment at = packets.memory(handle);
        final long offset = packets.dataOffset(handle);
        final boolean v4 = Ipv4View.version(at, offset) == IpFamily.V4;
        final int family = v4 ? IpFamily.V4 : IpFamily.V6;
        final long hi = v4 ? 0 : Ipv6View.dstHi(at, offset);
        final long lo = v4 ? Ipv4View.dst(at, offset) : Ipv6View.dstLo(at, offset);
        return routing.owner(family, hi, lo);
    }

    /** Checksums of a packet to ourselves that nobody filled in, as {@link IpRepr#trusted} holds them. */
    int trusted(final long handle) {
        final boolean partial = !PacketStore.isLarge(handle)
                && OffloadFlags.pending(packets.memory(handle), handle) == OffloadFlags.TX_TCP;
        return partial ? IpRepr.CHECKSUM_TCP : 0;
    }

    /** Frees what waits. */
    void close() {
        while (count > 0) {
            packets.free(poll());
        }
    }
}

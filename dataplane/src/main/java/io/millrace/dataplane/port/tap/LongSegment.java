package io.millrace.dataplane.port.tap;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.offload.SoftwareOffload;
import java.lang.foreign.MemorySegment;

/**
 * A TCP segment longer than the MTU that the kernel shows in one piece, since its sender left it to a device to cut or
 * the kernel has joined it from what came (GRO), or many datagrams of UDP so (UDP_SEGMENT): gives the packets that it is on
 * a wire, one after the other.
 */
final class LongSegment {
    private static final int ETHERTYPE = 12;
    private static final int ETHERTYPE_V4 = 0x0800;
    private static final int ETHERTYPE_V6 = 0x86DD;
    private static final int IPV4_HEADER = 20;
    private static final int IPV4_PROTOCOL = 9;
    private static final int IPV6_HEADER = 40;
    private static final int IPV6_NEXT_HEADER = 6;
    private static final int TCP = 6;
    private static final int TCP_HEADER = 20;
    private static final int TCP_OFFSET = 12;
    private static final int UDP = 17;
    private static final int UDP_HEADER = 8;

    private final PoolCache cache;
    private final MemorySegment memory;
    private final int room;
    private final int link;

    private long frame;
    private MemorySegment overflow = MemorySegment.NULL;
    private long overflowAt;
    private int here;
    private int ipLength;
    private int headers;
    private int size;
    private int payload;
    private int skip;
    private boolean datagrams;

    /**
     * Makes one without a segment.
     *
     * @param link length of the link layer's header, 0 for none
     */
    LongSegment(final PoolCache cache, final int link) {
        this.cache = cache;
        this.memory = cache.pool().memory();
        this.room = cache.pool().dataRoom() - cache.pool().headroom();
        this.link = link;
    }

    /**
     * Begins with a segment, which must stay where it is until the last packet has been taken.
     *
     * @param at offset of its first bytes in the pool, which hold all headers
     * @param length of it in all
     * @param first how many of its bytes are there
     * @param rest where the others are
     * @param restAt offset of these
     * @param segmentSize bytes of payload of each packet but the last
     * @return false if it is nothing that can be cut, and no packet can be taken
     */
    boolean begin(
            final long at,
            final int length,
            final int first,
            final MemorySegment rest,
            final long restAt,
            final int segmentSize) {
        frame = at;
        here = first;
        overflow = rest;
        overflowAt = restAt;
        size = segmentSize;
        skip = 0;
        payload = 0;
        if (first < link + IPV4_HEADER + UDP_HEADER) {
            return false;
        }
        final long ip = at + link;
        final boolean v4 = Net.u8(memory, ip) >>> 4 == 4;
        if (link > 0 && Net.u16(memory, at + ETHERTYPE) != (v4 ? ETHERTYPE_V4 : ETHERTYPE_V6)) {
            return false;
        }
        ipLength = v4 ? (Net.u8(memory, ip) & 0xF) << 2 : IPV6_HEADER;
        final int protocol = Net.u8(memory, ip + (v4 ? IPV4_PROTOCOL : IPV6_NEXT_HEADER));
        datagrams = protocol == UDP;
        final int least = datagrams ? UDP_HEADER : TCP_HEADER;
        if (ipLength < IPV4_HEADER || !(datagrams || protocol == TCP) || first < link + ipLength + least) {
            return false;
        }
        final int transport = datagrams ? UDP_HEADER : Net.u8(memory, ip + ipLength + TCP_OFFSET) >>> 4 << 2;
        headers = link + ipLength + transport;
        if (transport < least || headers > first || headers + size > room) {
            return false;
        }
        payload = length - headers;
        return payload > 0;
    }

    /** Whether there is another packet. */
    boolean hasNext() {
        return skip < payload;
    }

    /** The next packet, the caller's; {@link PacketPool#NONE} if no buffer is free, and it can be asked for again. */
    long next() {
        final long segment = cache.allocate();
        if (segment == PacketPool.NONE) {
            return segment;
        }
        final int length = Math.min(size, payload - skip);
        final long at = cache.pool().dataOffset(segment);
        MemorySegment.copy(memory, frame, memory, at, headers);
        copyPayload(headers + skip, length, at + headers);
        BufferHeader.length(memory, segment, headers + length);
        final int whole = headers - link - ipLength + length;
        final boolean last = skip + length == payload;
        if (datagrams) {
            SoftwareOffload.finishDatagram(memory, at + link, ipLength, whole, skip / size);
        } else {
            SoftwareOffload.finishSegment(memory, at + link, ipLength, whole, skip / size, skip, last);
        }
        skip += length;
        return segment;
    }

    private void copyPayload(final int from, final int length, final long to) {
        final int near = Math.clamp(here - from, 0, length);
        MemorySegment.copy(memory, frame + from, memory, to, near);
        if (near < length) {
            final long far = overflowAt + from + near - here;
            MemorySegment.copy(overflow, far, memory, to + near, length - near);
        }
    }
}

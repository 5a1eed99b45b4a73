package io.millrace.dataplane.offload;

import io.millrace.dataplane.buffer.BufferChain;
import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.OffloadFlags;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.checksum.InternetChecksum;
import java.lang.foreign.MemorySegment;

/**
 * Does in software what a packet that is sent leaves to the device: completes its checksum, cuts a long TCP segment. For
 * whoever stands between the stack and a device and wants packets as they are on the wire, and for simulated devices.
 * What packets ask for says {@link OffloadFlags}.
 *
 * <p>Not thread-safe: it allocates by one thread's cache.
 */
public final class SoftwareOffload {
    private static final int UDP_LENGTH = 4;
    private static final int UDP_CHECKSUM = 6;
    private static final int TCP_SEQUENCE = 4;
    private static final int TCP_FLAGS = 13;
    private static final int TCP_CHECKSUM = 16;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int FIN = 0x01;
    private static final int PSH = 0x08;
    private static final int CWR = 0x80;
    private static final int IPV4_LENGTH = 2;
    private static final int IPV4_ID = 4;
    private static final int IPV4_CHECKSUM = 10;
    private static final int IPV6_LENGTH = 4;
    private static final int IPV6_HEADER = 40;

    private final PoolCache cache;
    private final PacketPool pool;
    private final MemorySegment memory;

    /** Makes one for packets of the cache's pool. */
    public SoftwareOffload(final PoolCache cache) {
        this.cache = cache;
        this.pool = cache.pool();
        this.memory = pool.memory();
    }

    /** Whether a packet leaves anything to the device. */
    public boolean isPending(final long handle) {
        return OffloadFlags.pending(memory, handle) != 0 || isLong(handle);
    }

    /** Whether a packet is to be cut. */
    public boolean isLong(final long handle) {
        return (BufferHeader.offloadFlags(memory, handle) & OffloadFlags.TX_SEGMENT) != 0;
    }

    /** Number of packets that the wire sees of one that is sent. */
    public int packets(final long handle) {
        final int size = OffloadFlags.segmentSize(memory, handle);
        if (!isLong(handle) || size == 0) {
            return 1;
        }
        final int payload = BufferHeader.packetLength(memory, handle) - headers(handle);
        return Math.max(1, (payload + size - 1) / size);
    }

    /** Completes the checksum of a packet that is not cut, if it asks for that. */
    public void complete(final long handle) {
        final long pending = OffloadFlags.pending(memory, handle);
        if (pending != 0) {
            final int before = OffloadFlags.linkLength(memory, handle) + OffloadFlags.ipLength(memory, handle);
            final long segment = pool.dataOffset(handle) + before;
            final int length = BufferHeader.length(memory, handle) - before;
            final boolean udp = pending == OffloadFlags.TX_UDP;
            final int checksum = InternetChecksum.finish(InternetChecksum.partial(memory, segment, length));
            Net.put16(memory, segment + (udp ? UDP_CHECKSUM : TCP_CHECKSUM), udp && checksum == 0 ? 0xFFFF : checksum);
            BufferHeader.offloadFlags(memory, handle, 0);
        }
    }

    /**
     * Makes one of the packets that the wire sees of one that is sent, which stays as it is and the caller's.
     *
     * @param index 0 to {@link #packets} - 1
     * @return a packet that leaves nothing to the device, the caller's; {@link PacketPool#NONE} if no buffer is free
     */
    public long finished(final long handle, final int index) {
        if (!isLong(handle)) {
            final long copy = cache.copy(handle);
            if (copy != PacketPool.NONE) {
                complete(copy);
            }
            return copy;
        }
        final int headers = headers(handle);
        final int size = OffloadFlags.segmentSize(memory, handle);
        final int payload = BufferHeader.packetLength(memory, handle) - headers;
        final int skip = index * size;
        final int length = Math.min(size, payload - skip);
        final long segment = cache.allocate();
        if (segment != PacketPool.NONE) {
            final int dataOff = BufferHeader.dataOff(memory, handle);
            BufferHeader.dataOff(memory, segment, dataOff + headers + length <= pool.dataRoom() ? dataOff : 0);
            final long at = pool.dataOffset(segment);
            MemorySegment.copy(memory, pool.dataOffset(handle), memory, at, headers);
            BufferChain.copyTo(pool, handle, headers + skip, memory, at + headers, length);
            BufferHeader.length(memory, segment, headers + length);
            final long ip = at + OffloadFlags.linkLength(memory, handle);
            final int ipLength = OffloadFlags.ipLength(memory, handle);
            final int transport = OffloadFlags.transportLength(memory, handle);
            finishSegment(memory, ip, ipLength, transport + length, index, skip, skip + length == payload);
        }
        return segment;
    }

    /**
     * Makes a segment of a copy of the long one's headers with its own payload behind them: lengths, identification,
     * sequence number, flags and checksums.
     *
     * @param ip offset of the IP header
     * @param ipLength its length
     * @param length of the TCP header and the payload
     * @param index of the segment, from 0 on
     * @param skip bytes of payload in front of its own
     * @param last whether it is the last one
     */
    public static void finishSegment(
            final MemorySegment memory,
            final long ip,
            final int ipLength,
            final int length,
            final int index,
            final int skip,
            final boolean last) {
        tcp(memory, ip + ipLength, skip, index > 0, !last);
        finish(memory, ip, ipLength, length, index, TCP, TCP_CHECKSUM);
    }

    /**
     * Makes a datagram of a copy of the headers of a long one that stands for many, with its own payload behind them:
     * lengths, identification and checksums.
     *
     * @param ip offset of the IP header
     * @param ipLength its length
     * @param length of the UDP header and the payload
     * @param index of the datagram, from 0 on
     */
    public static void finishDatagram(
            final MemorySegment memory, final long ip, final int ipLength, final int length, final int index) {
        final long udp = ip + ipLength;
        Net.put16(memory, udp + UDP_LENGTH, length);
        Net.put16(memory, udp + UDP_CHECKSUM, 0);
        finish(memory, ip, ipLength, length, index, UDP, UDP_CHECKSUM);
        if (Net.u16(memory, udp + UDP_CHECKSUM) == 0) {
            Net.put16(memory, udp + UDP_CHECKSUM, 0xFFFF); // 0 is for none
        }
    }

    private int headers(final long handle) {
        return OffloadFlags.linkLength(memory, handle)
                + OffloadFlags.ipLength(memory, handle)
                + OffloadFlags.transportLength(memory, handle);
    }

    private static void tcp(
            final MemorySegment memory, final long at, final int skip, final boolean later, final boolean more) {
        Net.put32(memory, at + TCP_SEQUENCE, Net.i32(memory, at + TCP_SEQUENCE) + skip);
        final int cleared = (later ? CWR : 0) | (more ? FIN | PSH : 0);
        Net.put8(memory, at + TCP_FLAGS, Net.u8(memory, at + TCP_FLAGS) & ~cleared);
        Net.put16(memory, at + TCP_CHECKSUM, 0);
    }

    /** Writes what depends on the length of one segment: the IP header's length and the checksums. */
    private static void finish(
            final MemorySegment memory,
            final long ip,
            final int ipLength,
            final int length,
            final int index,
            final int protocol,
            final int checksum) {
        final long segment = ip + ipLength;
        if (Net.u8(memory, ip) >>> 4 == 4) {
            Net.put16(memory, ip + IPV4_LENGTH, ipLength + length);
            Net.put16(memory, ip + IPV4_ID, Net.u16(memory, ip + IPV4_ID) + index);
            Net.put16(memory, ip + IPV4_CHECKSUM, 0);
            Net.put16(
                    memory,
                    ip + IPV4_CHECKSUM,
                    InternetChecksum.finish(InternetChecksum.partial(memory, ip, ipLength)));
        } else {
            Net.put16(memory, ip + IPV6_LENGTH, ipLength - IPV6_HEADER + length);
        }
        final long sum = InternetChecksum.pseudoHeader(memory, ip, protocol, length)
                + InternetChecksum.partial(memory, segment, length);
        Net.put16(memory, segment + checksum, InternetChecksum.finish(sum));
    }
}

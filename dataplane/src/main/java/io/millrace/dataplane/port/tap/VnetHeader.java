package io.millrace.dataplane.port.tap;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.OffloadFlags;
import io.millrace.dataplane.checksum.InternetChecksum;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What stands in front of each packet on a packet socket, and on a TAP interface that cuts TCP segments: {@code struct
 * virtio_net_hdr} of linux/virtio_net.h, in host byte order, the same as virtio 1.2 section 5.1.6 without the last field.
 *
 * <pre>
 *  0 flags | 1 gso_type | 2 hdr_len | 4 gso_size | 6 csum_start | 8 csum_offset
 * </pre>
 */
final class VnetHeader {
    /** Bytes of the header. */
    static final int LENGTH = 10;

    /** The device was to cut something else than TCP and UDP. */
    static final int UNKNOWN = -1;

    private static final int NEEDS_CHECKSUM = 1;
    private static final int TCP_V4 = 1;
    private static final int TCP_V6 = 4;
    private static final int UDP_DATAGRAMS = 5;
    private static final int ECN = 0x80;
    private static final int TCP = 6;
    private static final int TCP_FLAGS = 13;
    private static final int TCP_CWR = 0x80;
    private static final int TCP_CHECKSUM = 16;
    private static final int UDP_CHECKSUM = 6;
    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT;
    private static final ValueLayout.OfShort U16_ANYWHERE = ValueLayout.JAVA_SHORT_UNALIGNED;

    private VnetHeader() {}

    /**
     * Describes a packet that is sent, and prepares it: DPDK wants the sum of a long segment's pseudo header without a
     * length, Linux with it. May be called again for the same packet.
     *
     * @param header where to write
     * @param memory of the packet's pool
     * @param offset of its first byte
     */
    static void describe(final MemorySegment header, final MemorySegment memory, final long handle, final long offset) {
        header.fill((byte) 0);
        final long flags = BufferHeader.offloadFlags(memory, handle);
        final long pending = flags & OffloadFlags.TX_L4_MASK;
        if (pending == 0) {
            return;
        }
        final int before = OffloadFlags.linkLength(memory, handle) + OffloadFlags.ipLength(memory, handle);
        header.set(U8, 0, (byte) NEEDS_CHECKSUM);
        header.set(U16, 6, (short) before);
        header.set(U16, 8, (short) (pending == OffloadFlags.TX_TCP ? TCP_CHECKSUM : UDP_CHECKSUM));
        if ((flags & OffloadFlags.TX_SEGMENT) != 0) {
            final long tcp = offset + before;
            final boolean slowed = (Net.u8(memory, tcp + TCP_FLAGS) & TCP_CWR) != 0;
            final int type = (flags & OffloadFlags.TX_IPV4) != 0 ? TCP_V4 : TCP_V6;
            header.set(U8, 1, (byte) (type | (slowed ? ECN : 0)));
            header.set(U16, 2, (short) (before + OffloadFlags.transportLength(memory, handle)));
            header.set(U16, 4, (short) OffloadFlags.segmentSize(memory, handle));
            final long ip = offset + OffloadFlags.linkLength(memory, handle);
            final int length = BufferHeader.packetLength(memory, handle) - before;
            final long sum = InternetChecksum.pseudoHeader(memory, ip, TCP, length);
            Net.put16(memory, tcp + TCP_CHECKSUM, InternetChecksum.fold(sum));
        }
    }

    /**
     * Bytes of payload for each segment, or datagram, of a long packet that was received.
     *
     * @param header offset of the header within {@code memory}
     * @return 0 if it is not a long one, {@link #UNKNOWN} if it is of another kind
     */
    static int segmentSize(final MemorySegment memory, final long header) {
        final int type = memory.get(U8, header + 1) & 0xFF & ~ECN;
        if (type == 0) {
            return 0;
        }
        final int size = memory.get(U16_ANYWHERE, header + 4) & 0xFFFF;
        return (type == TCP_V4 || type == TCP_V6 || type == UDP_DATAGRAMS) && size > 0 ? size : UNKNOWN;
    }

    /**
     * Finishes a packet that was received: its sender may have left its checksum to a device that is not there.
     *
     * @param header offset of the header within {@code memory}
     * @param offset of the packet's first byte
     * @param length of the packet
     * @return false if its header makes no sense
     */
    static boolean finish(final MemorySegment memory, final long header, final long offset, final int length) {
        final int flags = memory.get(U8, header);
        if ((flags & NEEDS_CHECKSUM) == 0) {
            return true;
        }
        final int start = memory.get(U16_ANYWHERE, header + 6) & 0xFFFF;
        final int field = start + (memory.get(U16_ANYWHERE, header + 8) & 0xFFFF);
        if (field + 2 > length) {
            return false;
        }
        final int checksum = InternetChecksum.finish(InternetChecksum.partial(memory, offset + start, length - start));
        // 0xFFFF is 0 to TCP, and to UDP a checksum where 0 is none.
        Net.put16(memory, offset + field, checksum == 0 ? 0xFFFF : checksum);
        return true;
    }
}

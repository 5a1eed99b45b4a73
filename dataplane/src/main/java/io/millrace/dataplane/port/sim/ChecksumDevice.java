package io.millrace.dataplane.port.sim;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.OffloadFlags;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.dataplane.port.Medium;
import java.lang.foreign.MemorySegment;

/** Judges the checksums of received packets as a network card with offloads does. */
final class ChecksumDevice {
    private static final int ETHERNET_TYPE_OFFSET = 12;
    private static final int TYPE_IPV4 = 0x0800;
    private static final int TYPE_IPV6 = 0x86DD;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int UDP_CHECKSUM = 6;

    private final PacketPool pool;
    private final MemorySegment memory;
    private final Medium medium;

    ChecksumDevice(final PacketPool pool, final Medium medium) {
        this.pool = pool;
        this.memory = pool.memory();
        this.medium = medium;
    }

    /** Says of a received packet whether its checksums are right, as far as it is IP without options or tags. */
    void receive(final long handle) {
        final long frame = pool.dataOffset(handle);
        final int length = BufferHeader.length(memory, handle);
        final int header = medium.headerLength();
        long flags = 0;
        if (length >= header + 20) {
            final int version = Net.u8(memory, frame + header) >>> 4;
            final int type = header == 0 ? 0 : Net.u16(memory, frame + ETHERNET_TYPE_OFFSET);
            if (version == 4 && (header == 0 || type == TYPE_IPV4)) {
                flags = ipv4(frame + header, length - header);
            } else if (version == 6 && (header == 0 || type == TYPE_IPV6) && length >= header + 40) {
                flags = ipv6(frame + header, length - header);
            }
        }
        BufferHeader.offloadFlags(memory, handle, flags);
    }

    private long ipv4(final long ip, final int length) {
        final int total = Net.u16(memory, ip + 2);
        if (Net.u8(memory, ip) != 0x45 || total < 20 || total > length || (Net.u16(memory, ip + 6) & 0x3FFF) != 0) {
            return 0;
        }
        final boolean intact = InternetChecksum.verifies(InternetChecksum.partial(memory, ip, 20));
        final int protocol = Net.u8(memory, ip + 9);
        final long pseudo = InternetChecksum.pseudoHeader(memory, ip, protocol, total - 20);
        return (intact ? OffloadFlags.RX_IP_GOOD : OffloadFlags.RX_IP_BAD)
                | segment(protocol, ip + 20, total - 20, pseudo);
    }

    private long ipv6(final long ip, final int length) {
        final int payload = Net.u16(memory, ip + 4);
        if (payload + 40 > length) {
            return 0;
        }
        final int protocol = Net.u8(memory, ip + 6);
        final long pseudo = InternetChecksum.pseudoHeader(memory, ip, protocol, payload);
        return segment(protocol, ip + 40, payload, pseudo);
    }

    private long segment(final int protocol, final long at, final int length, final long pseudo) {
        final boolean known = (protocol == TCP && length >= 20)
                || (protocol == UDP && length >= 8 && Net.u16(memory, at + UDP_CHECKSUM) != 0);
        if (!known) {
            return 0;
        }
        return InternetChecksum.verifies(pseudo + InternetChecksum.partial(memory, at, length))
                ? OffloadFlags.RX_L4_GOOD
                : OffloadFlags.RX_L4_BAD;
    }
}

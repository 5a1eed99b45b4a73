package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.stack.wire.EthernetView;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Icmpv4View;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.UdpView;
import java.lang.foreign.MemorySegment;

/**
 * The last look at checksums before a packet goes to the port, for interfaces that do not write all of them: puts 0 where
 * the device is to fill one in. Interfaces with the usual policy have none of this.
 */
final class TransmitChecksums {
    private final PacketPool pool;
    private final MemorySegment memory;
    private final int linkHeaderLength;
    private final int unwritten;

    /**
     * Makes one.
     *
     * @param linkHeaderLength bytes in front of the IP header; 0 on a medium without
     * @param unwritten bits of {@link IpRepr#CHECKSUM_IPV4} and the like
     */
    TransmitChecksums(final PacketPool pool, final int linkHeaderLength, final int unwritten) {
        this.pool = pool;
        this.memory = pool.memory();
        this.linkHeaderLength = linkHeaderLength;
        this.unwritten = unwritten;
    }

    /** Prepares a packet that is complete, its link header included. */
    void prepare(final long handle) {
        final long offset = pool.dataOffset(handle) + linkHeaderLength;
        final int version = Ipv4View.version(memory, offset);
        if (linkHeaderLength > 0 && Net.u16(memory, offset - 2) == EthernetView.TYPE_ARP) {
            return;
        }
        if (version == IpFamily.V4) {
            ipv4(offset);
        } else {
            clear(Ipv6View.nextHeader(memory, offset), offset + Ipv6View.LENGTH);
        }
    }

    private void ipv4(final long offset) {
        if ((unwritten & IpRepr.CHECKSUM_IPV4) != 0) {
            Net.put16(memory, offset + Ipv4View.CHECKSUM_OFFSET, 0);
        }
        if (!Ipv4View.isFragment(memory, offset)) {
            clear(Ipv4View.protocol(memory, offset), offset + Ipv4View.headerLength(memory, offset));
        }
    }

    private void clear(final int protocol, final long offset) {
        switch (protocol) {
            case UdpView.PROTOCOL -> clear(IpRepr.CHECKSUM_UDP, offset, UdpView.CHECKSUM_OFFSET);
            case TcpView.PROTOCOL -> clear(IpRepr.CHECKSUM_TCP, offset, TcpView.CHECKSUM_OFFSET);
            case Icmpv4View.PROTOCOL -> clear(IpRepr.CHECKSUM_ICMPV4, offset, IcmpView.CHECKSUM_OFFSET);
            case Icmpv6View.PROTOCOL -> clear(IpRepr.CHECKSUM_ICMPV6, offset, IcmpView.CHECKSUM_OFFSET);
            default -> {}
        }
    }

    private void clear(final int which, final long offset, final int field) {
        if ((unwritten & which) != 0) {
            Net.put16(memory, offset + field, 0);
        }
    }
}

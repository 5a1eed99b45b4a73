package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.OffloadFlags;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.checksum.InternetChecksum;
import io.millrace.dataplane.port.PortOffloads;
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
 * The last look at checksums before a packet goes to the port. Whoever wrote a segment may have left its checksum to
 * those below, with the sum of the pseudo header in its place; here the device is told to complete it, or that is done
 * for a device that cannot. And where the interface's policy leaves a protocol's checksum to the device in another way,
 * its field is cleared. Stacks whose interfaces all write their checksums themselves never come here.
 */
final class TransmitChecksums {
    private final PacketPool pool;
    private final MemorySegment memory;
    private final int linkHeaderLength;
    private final int unwritten;
    private final boolean offload;
    private boolean needed;

    /**
     * Makes one.
     *
     * @param linkHeaderLength bytes in front of the IP header; 0 on a medium without
     * @param unwritten bits of {@link IpRepr#CHECKSUM_IPV4} and the like
     * @param offloads what the port does
     */
    TransmitChecksums(
            final PacketPool pool, final int linkHeaderLength, final int unwritten, final PortOffloads offloads) {
        this.pool = pool;
        this.memory = pool.memory();
        this.linkHeaderLength = linkHeaderLength;
        this.unwritten = unwritten;
        this.offload = offloads.transmitChecksums();
        this.needed = unwritten != 0 || offload;
    }

    /** Whether packets must be {@linkplain #prepare prepared}. */
    boolean isNeeded() {
        return needed;
    }

    /** From now on packets may come whose checksum was left to those below. */
    void expectPartial() {
        needed = true;
    }

    /** Whether the policy has a checksum cleared. */
    boolean clears(final int checksum) {
        return (unwritten & checksum) != 0;
    }

    /** Prepares a packet that is complete, its link header included. */
    void prepare(final long handle) {
        final long offset = pool.dataOffset(handle) + linkHeaderLength;
        if (linkHeaderLength > 0 && Net.u16(memory, offset - 2) == EthernetView.TYPE_ARP) {
            return;
        }
        final boolean v4 = Ipv4View.version(memory, offset) == IpFamily.V4;
        final int headerLength = v4 ? Ipv4View.headerLength(memory, offset) : Ipv6View.LENGTH;
        final boolean pending = OffloadFlags.pending(memory, handle) != 0;
        if (pending) {
            complete(handle, v4, headerLength);
        }
        if (unwritten != 0 && !(pending && offload)) {
            if (v4 && clears(IpRepr.CHECKSUM_IPV4)) {
                Net.put16(memory, offset + Ipv4View.CHECKSUM_OFFSET, 0);
            }
            if (!v4 || !Ipv4View.isFragment(memory, offset)) {
                final int protocol = v4 ? Ipv4View.protocol(memory, offset) : Ipv6View.nextHeader(memory, offset);
                clear(protocol, offset + headerLength);
            }
        }
    }

    /** Only TCP leaves its checksum to those below, and in front of it there are no extension headers. */
    private void complete(final long handle, final boolean v4, final int headerLength) {
        if (offload) {
            OffloadFlags.lengths(memory, handle, linkHeaderLength, headerLength);
            final long asked = BufferHeader.offloadFlags(memory, handle);
            BufferHeader.offloadFlags(memory, handle, asked | (v4 ? OffloadFlags.TX_IPV4 : OffloadFlags.TX_IPV6));
            return;
        }
        if (!clears(IpRepr.CHECKSUM_TCP)) {
            final int before = linkHeaderLength + headerLength;
            final long segment = pool.dataOffset(handle) + before;
            final int length = BufferHeader.length(memory, handle) - before;
            final long sum = InternetChecksum.partial(memory, segment, length);
            TcpView.checksum(memory, segment, InternetChecksum.finish(sum));
        }
        BufferHeader.offloadFlags(memory, handle, BufferHeader.offloadFlags(memory, handle) & OffloadFlags.TX_WATCHED);
    }

    private void clear(final int protocol, final long offset) {
        switch (protocol) {
            case UdpView.PROTOCOL -> clearField(IpRepr.CHECKSUM_UDP, offset + UdpView.CHECKSUM_OFFSET);
            case TcpView.PROTOCOL -> clearField(IpRepr.CHECKSUM_TCP, offset + TcpView.CHECKSUM_OFFSET);
            case Icmpv4View.PROTOCOL -> clearField(IpRepr.CHECKSUM_ICMPV4, offset + IcmpView.CHECKSUM_OFFSET);
            case Icmpv6View.PROTOCOL -> clearField(IpRepr.CHECKSUM_ICMPV6, offset + IcmpView.CHECKSUM_OFFSET);
            default -> {}
        }
    }

    private void clearField(final int which, final long field) {
        if (clears(which)) {
            Net.put16(memory, field, 0);
        }
    }
}

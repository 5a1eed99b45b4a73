package io.millrace.stack.iface;

import io.millrace.stack.iface.fragment.FragmentIds;
import io.millrace.stack.storage.PacketStore;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6View;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Writes IP headers in front of packets to send, or completes those that came with one. */
final class HeaderWriter {
    private final FragmentIds ids;
    private final PacketStore packets;
    private final @Nullable FlowLabels labels;

    /** Makes one; without {@code labels}, packets have the flow labels that sockets ask for, or none. */
    HeaderWriter(final PacketStore packets, final FragmentIds ids, final @Nullable FlowLabels labels) {
        this.ids = ids;
        this.packets = packets;
        this.labels = labels;
    }

    /** The flow label of a packet whose header is still to be written; 0 of IPv4. */
    int flowLabel(final long handle, final IpRepr ip) {
        return ip.family == IpFamily.V4 ? 0 : flowLabel(ip, packets.memory(handle), packets.dataOffset(handle));
    }

    /** The same of a packet of IPv6 that lies in {@code memory}, what follows its header from {@code transport} on. */
    private int flowLabel(final IpRepr ip, final MemorySegment memory, final long transport) {
        if (ip.flowLabel != IpRepr.AUTO_FLOW_LABEL) {
            return ip.flowLabel;
        }
        return labels == null ? 0 : labels.of(ip, memory, transport);
    }

    /**
     * Writes the IP header in front of a packet that is no fragment. An atomic datagram, with
     * {@link Ipv4View#DONT_FRAGMENT}, needs no identification (RFC 6864 section 4.1): 0 tells nothing.
     *
     * @param length bytes of the packet, header included
     * @return false if there is no room for it
     */
    boolean write(final long handle, final IpRepr ip, final int length) {
        if (ip.routersMayFragment && ip.family == IpFamily.V4) {
            return write(handle, ip, length, ids.nextV4(ip.srcLo, ip.dstLo, ip.protocol), 0);
        }
        return write(handle, ip, length, 0, Ipv4View.DONT_FRAGMENT);
    }

    /**
     * Writes the IP header in front of the packet.
     *
     * @param length bytes of the packet, header included
     * @param id identification of IPv4
     * @return false if there is no room for it
     */
    boolean write(final long handle, final IpRepr ip, final int length, final int id, final int flags) {
        if (ip.headerIncluded) {
            final MemorySegment in = packets.memory(handle);
            final long at = packets.dataOffset(handle);
            if (ip.family == IpFamily.V4) {
                Ipv4View.complete(in, at, length, id);
            } else {
                Ipv6View.payloadLength(in, at, length - Ipv6View.LENGTH);
            }
            return true;
        }
        final int headerLength = IpFamily.headerLength(ip.family);
        final long offset = packets.prepend(handle, headerLength);
        if (offset < 0) {
            return false;
        }
        final MemorySegment to = packets.memory(handle);
        if (ip.family == IpFamily.V4) {
            Ipv4View.write(
                    to, offset, ip.trafficClass, length, id, flags, ip.hopLimit, ip.protocol, ip.srcLo, ip.dstLo);
        } else {
            Ipv6View.write(
                    to,
                    offset,
                    ip.trafficClass,
                    flowLabel(ip, to, offset + headerLength),
                    length - headerLength,
                    ip.protocol,
                    ip.hopLimit,
                    ip.srcHi,
                    ip.srcLo,
                    ip.dstHi,
                    ip.dstLo);
        }
        return true;
    }
}

package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.stack.route.RouteTable;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6View;
import java.lang.foreign.MemorySegment;

/**
 * Tells the sources of packets whose next hop did not answer: host unreachable (RFC 1122 section 3.3.2, RFC 1812 section
 * 5.2.7.1) or address unreachable (RFC 4861 section 7.2.2). Our own sockets learn it in the same way: the error turns
 * round in the IP layer and reaches them as one from the network would.
 */
final class NextHopFailures {
    private final IpLayer ipLayer;
    private final IcmpErrors errors;
    private final MemorySegment memory;
    private final Inbound packet = new Inbound();

    NextHopFailures(final IpLayer ipLayer, final IcmpErrors errors) {
        this.ipLayer = ipLayer;
        this.errors = errors;
        this.memory = ipLayer.memory();
        packet.memory = memory;
    }

    /**
     * Tells the source of a packet and frees it.
     *
     * @param handle a packet that begins with its IP header, which was checked or written by us
     */
    void report(final long handle, final long now) {
        final long offset = ipLayer.pool().dataOffset(handle);
        final int family = Ipv4View.version(memory, offset);
        final IpRepr ip = packet.ip;
        ip.family = family;
        if (family == IpFamily.V4) {
            ip.srcHi = 0;
            ip.srcLo = Ipv4View.src(memory, offset);
            ip.dstHi = 0;
            ip.dstLo = Ipv4View.dst(memory, offset);
            ip.protocol = Ipv4View.protocol(memory, offset);
        } else {
            ip.srcHi = Ipv6View.srcHi(memory, offset);
            ip.srcLo = Ipv6View.srcLo(memory, offset);
            ip.dstHi = Ipv6View.dstHi(memory, offset);
            ip.dstLo = Ipv6View.dstLo(memory, offset);
            ip.protocol = Ipv6View.nextHeader(memory, offset);
        }
        ip.interfaceIndex = -1;
        packet.handle = PacketPool.NONE;
        packet.ipOffset = offset;
        packet.ipLength = BufferHeader.length(memory, handle);
        packet.now = now;
        // The router that taught the way is asked again (RFC 4861 section 7.3.3).
        ipLayer.forgetRedirect(family, ip.dstHi, ip.dstLo, RouteTable.ANY_INTERFACE);
        errors.hostUnreachable(packet);
        ipLayer.free(handle);
    }
}

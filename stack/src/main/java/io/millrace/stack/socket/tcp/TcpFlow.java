package io.millrace.stack.socket.tcp;

import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.socket.tcp.config.UdpEncapsulation;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;

/** A flow of TCP, and whether its segments travel within UDP (see {@link UdpEncapsulation}). */
abstract class TcpFlow extends FlowEntry {
    /** The peer's UDP port, which segments go to and come from; 0 if they are not within UDP. */
    char remoteUdpPort;

    /** Our UDP port, which they come to and go from; 0 if they are not within UDP. */
    char localUdpPort;

    TcpFlow(final FlowEntry other) {
        super(other);
        remoteUdpPort = other instanceof TcpFlow flow ? flow.remoteUdpPort : 0;
        localUdpPort = other instanceof TcpFlow flow ? flow.localUdpPort : 0;
    }

    /** The flow of a segment that came. */
    TcpFlow(final IpRepr ip, final TcpRepr segment) {
        super(ip.family, ip.dstHi, ip.dstLo, ip.srcHi, ip.srcLo, ports(segment.dstPort, segment.srcPort));
        remoteUdpPort = (char) segment.udpPort;
        localUdpPort = (char) segment.ownUdpPort;
    }

    /** A flow that we begin, not within UDP as yet. */
    TcpFlow(final IpRepr ip, final int localPort, final int remotePort) {
        super(ip.family, ip.srcHi, ip.srcLo, ip.dstHi, ip.dstLo, ports(localPort, remotePort));
    }

    /** Whether a segment came as this flow's do: within UDP from and to the same ports, or not. */
    final boolean carries(final TcpRepr segment) {
        return remoteUdpPort == segment.udpPort && localUdpPort == segment.ownUdpPort;
    }

    /** Bytes around the options and payload of its segments, in a packet that its path carries. */
    final int headers(final UdpEncapsulation encapsulation) {
        final int within = remoteUdpPort == 0 ? 0 : encapsulation.overhead();
        return IpFamily.headerLength(family) + TcpView.MIN_LENGTH + within;
    }
}

package io.millrace.stack.iface;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.icmp.IcmpEngine;
import io.millrace.stack.socket.tcp.TcpEngine;
import io.millrace.stack.socket.udp.UdpEngine;

/** Hands payloads of either family to the engine of their protocol. */
final class Transports {
    private final IpLayer ipLayer;
    private final IcmpErrors errors;
    private final UdpEngine udp;
    private final IcmpEngine icmp;
    private final TcpEngine tcp;
    private final Counters<StackCounter> counters;

    Transports(
            final IpLayer ipLayer,
            final IcmpErrors errors,
            final UdpEngine udp,
            final IcmpEngine icmp,
            final TcpEngine tcp,
            final Counters<StackCounter> counters) {
        this.ipLayer = ipLayer;
        this.errors = errors;
        this.udp = udp;
        this.icmp = icmp;
        this.tcp = tcp;
        this.counters = counters;
    }

    /** Takes a segment. Returns whether the buffer was taken over, as all these methods do. */
    boolean tcp(final Inbound packet, final long offset) {
        if (packet.group || packet.linkGroup) {
            counters.increment(StackCounter.TCP_BAD_ADDRESS); // RFC 9293 section 3.9.2.3, MUST-57
        } else {
            tcp.receive(packet.ip, ipLayer.memory(), offset, packet.ip.payloadLength, packet.now);
        }
        return false;
    }

    /** Takes a datagram. */
    boolean udp(final Inbound packet, final long offset) {
        final int result = udp.receive(packet.ip, packet.handle, offset, packet.ip.payloadLength);
        if (result == UdpEngine.NO_PORT) {
            errors.portUnreachable(packet);
        }
        return result == UdpEngine.TAKEN;
    }

    /** Takes an ICMP message whose checksum is right. */
    boolean icmp(final Inbound packet, final long offset) {
        icmp.receive(packet.ip, packet.handle, offset, packet.ip.payloadLength, packet.group, packet.now);
        return !ipLayer.stillReceived();
    }
}

package io.millrace.stack.iface;

import io.millrace.stack.socket.icmp.IcmpEngine;
import io.millrace.stack.socket.udp.UdpEngine;

/** Hands payloads of either family to the engine of their protocol. */
final class Transports {
    /** IANA protocol number of TCP. */
    static final int TCP = 6;

    private final IpLayer ipLayer;
    private final IcmpErrors errors;
    private final UdpEngine udp;
    private final IcmpEngine icmp;

    Transports(final IpLayer ipLayer, final IcmpErrors errors, final UdpEngine udp, final IcmpEngine icmp) {
        this.ipLayer = ipLayer;
        this.errors = errors;
        this.udp = udp;
        this.icmp = icmp;
    }

    /** Takes a segment. Returns whether the buffer was taken over, as all these methods do. */
    boolean tcp(final Inbound packet, final long offset) {
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

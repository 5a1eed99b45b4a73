package io.millrace.stack.iface;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.icmp.IcmpEngine;
import io.millrace.stack.socket.raw.RawEngine;
import io.millrace.stack.socket.tcp.TcpEngine;
import io.millrace.stack.socket.udp.UdpEngine;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Icmpv4View;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.UdpView;
import org.jspecify.annotations.Nullable;

/** Hands payloads of either family to the engine of their protocol. */
final class Transports {
    private final IpLayer ipLayer;
    private final IcmpErrors errors;
    private final UdpEngine udp;
    private final IcmpEngine icmp;
    private final TcpEngine tcp;
    private final RawEngine raw;
    private final Counters<StackCounter> counters;
    private final IcmpErrorRepr error = new IcmpErrorRepr();
    /** The same, about the TCP segment within a datagram. */
    private final IcmpErrorRepr inner = new IcmpErrorRepr();

    Transports(
            final IpLayer ipLayer,
            final IcmpErrors errors,
            final UdpEngine udp,
            final IcmpEngine icmp,
            final TcpEngine tcp,
            final RawEngine raw,
            final Counters<StackCounter> counters) {
        this.ipLayer = ipLayer;
        this.errors = errors;
        this.udp = udp;
        this.icmp = icmp;
        this.tcp = tcp;
        this.raw = raw;
        this.counters = counters;
    }

    /** Hands a packet to raw sockets before anyone else sees it; returns whether any wants it. */
    boolean raw(final Inbound packet) {
        return raw.receive(packet.ip, packet.memory, packet.ipOffset, packet.ipLength, packet.now);
    }

    /** Whether a raw socket takes packets to others with a router alert of a value. */
    boolean takesAlert(final Inbound packet, final int alert) {
        return raw.takesAlert(packet.ip, alert);
    }

    /** Hands a packet with a router alert to those who take it. */
    void alert(final Inbound packet, final int alert) {
        counters.increment(StackCounter.ROUTER_ALERTS);
        raw.alert(packet.ip, alert, packet.memory, packet.ipOffset, packet.ipLength, packet.now);
    }

    /** Takes a segment. Returns whether the buffer was taken over, as all these methods do. */
    boolean tcp(final Inbound packet, final long offset) {
        if (packet.group || packet.linkGroup) {
            counters.increment(StackCounter.TCP_BAD_ADDRESS); // RFC 9293 section 3.9.2.3, MUST-57
        } else if (!packet.raw || tcp.serves(packet.ip, packet.memory, offset, packet.ip.payloadLength)) {
            // Else a raw socket has it, and we must not reset what may be a connection of its own.
            tcp.receive(
                    packet.ip,
                    packet.memory,
                    packet.linkOffset,
                    packet.ipOffset,
                    offset,
                    packet.ip.payloadLength,
                    packet.now);
        }
        return false;
    }

    /** Takes a datagram. */
    boolean udp(final Inbound packet, final long offset) {
        final int result =
                udp.receive(packet.ip, packet.handle, offset, packet.ip.payloadLength, packet.group, packet.now);
        if (result == UdpEngine.ENCAPSULATED) {
            tcpWithinUdp(packet, offset);
        } else if (result == UdpEngine.NO_PORT && !packet.raw) {
            errors.portUnreachable(packet);
        }
        return result == UdpEngine.TAKEN;
    }

    private void tcpWithinUdp(final Inbound packet, final long offset) {
        if (packet.group || packet.linkGroup) {
            counters.increment(StackCounter.TCP_BAD_ADDRESS);
            return;
        }
        final int length = UdpView.length(packet.memory, offset);
        tcp.receiveWithinUdp(packet.ip, packet.memory, packet.linkOffset, packet.ipOffset, offset, length, packet.now);
    }

    /** Takes an ICMP message whose checksum is right. */
    boolean icmp(final Inbound packet, final long offset) {
        final int type = IcmpView.type(packet.memory, offset);
        if (packet.ip.family == IpFamily.V4 ? Icmpv4View.isError(type) : Icmpv6View.isError(type)) {
            counters.increment(StackCounter.ICMP_ERRORS_RECEIVED);
            final StackCounter dropped = icmpError(packet, offset);
            if (dropped != null) {
                counters.increment(dropped);
            }
            return false;
        }
        icmp.receive(packet.ip, packet.handle, offset, packet.ip.payloadLength, packet.group, packet.now);
        return !ipLayer.stillReceived();
    }

    private boolean isOfTcpWithin(final Inbound packet) {
        inner.set(error);
        return inner.enterUdp(packet.memory) && tcp.icmpError(inner, packet.now);
    }

    /** Tells whoever caused an error; returns why nobody was told, or null. */
    private @Nullable StackCounter icmpError(final Inbound packet, final long offset) {
        final boolean v4 = packet.ip.family == IpFamily.V4;
        if (v4 && IcmpView.type(packet.memory, offset) == Icmpv4View.REDIRECT) {
            return StackCounter.ICMP_UNHANDLED;
        }
        if (packet.group || packet.linkGroup) {
            return StackCounter.ICMP_ERROR_TO_GROUP;
        }
        if (!error.parse(packet.ip, packet.memory, offset, packet.ip.payloadLength)) {
            return StackCounter.ICMP_ERROR_MALFORMED;
        }
        if (error.kind == IcmpErrorRepr.SOURCE_QUENCH) {
            return StackCounter.ICMP_SOURCE_QUENCH;
        }
        if (!ipLayer.isLocalAddress(error.family, error.srcHi, error.srcLo)) {
            return StackCounter.ICMP_ERROR_FOREIGN;
        }
        final boolean ofTcp = error.protocol == TcpView.PROTOCOL
                ? tcp.icmpError(error, packet.now)
                : udp.isEncapsulation(error) && isOfTcpWithin(packet);
        final boolean ofUdp = error.protocol == UdpView.PROTOCOL && udp.sent(error, packet.ip);
        final boolean ofRaw = raw.sent(error, packet.ip);
        if (!ofTcp && !ofUdp && !ofRaw && !icmp.wants(error, packet.ip)) {
            return StackCounter.ICMP_ERROR_NO_SOCKET;
        }
        // Before anyone is told, who may send again at once.
        if (error.kind == IcmpErrorRepr.PACKET_TOO_BIG) {
            counters.increment(
                    ipLayer.tooBig(error) ? StackCounter.PATH_MTU_LOWERED : StackCounter.PATH_MTU_REPORT_IGNORED);
        }
        if (ofUdp) {
            udp.icmpError(error, packet.ip);
        }
        if (ofRaw) {
            raw.icmpError(error, packet.ip);
        }
        icmp.icmpError(error, packet.ip, packet.memory, offset, packet.ip.payloadLength, packet.now);
        return null;
    }
}

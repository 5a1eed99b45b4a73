package io.millrace.stack.iface;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.address.AddressSet;
import io.millrace.stack.iface.fragment.Reassembly;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv6ExtensionView;
import io.millrace.stack.wire.Ipv6HeaderChain;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.NdpView;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.UdpView;
import io.millrace.stack.wire.address.Ipv6Address;
import java.lang.foreign.MemorySegment;

/** Receives IPv6 (RFC 8200): checks every header field, walks extension headers, hands the payload to its protocol. */
final class IngressV6 {
    private final Counters<StackCounter> counters;
    private final IpLayer ipLayer;
    private final IcmpErrors errors;
    private final ExtensionChain extensions;
    private final Ndp ndp;
    private final Transports transports;
    private final Forwarding forwarding;
    private final Ipv6HeaderChain chain = new Ipv6HeaderChain();

    IngressV6(
            final IpLayer ipLayer,
            final Counters<StackCounter> counters,
            final IcmpErrors errors,
            final Ndp ndp,
            final Transports transports,
            final Forwarding forwarding,
            final Reassembly reassembly) {
        this.counters = counters;
        this.ipLayer = ipLayer;
        this.errors = errors;
        this.extensions = new ExtensionChain(counters, errors, reassembly);
        this.ndp = ndp;
        this.transports = transports;
        this.forwarding = forwarding;
    }

    /**
     * Takes a packet whose place is in {@code packet}; its length there may include padding of the link.
     *
     * @return whether the buffer was taken over
     */
    boolean receive(final Link link, final Inbound packet) {
        final MemorySegment memory = packet.memory;
        final long offset = packet.ipOffset;
        if (link.ipv6Disabled()) {
            return drop(StackCounter.IPV6_DISABLED);
        }
        final int check = Ipv6View.check(memory, offset, packet.ipLength);
        if (check != Ipv6View.VALID) {
            return drop(check == Ipv6View.BAD_VERSION ? StackCounter.RX_BAD_IP_VERSION : StackCounter.IPV6_TRUNCATED);
        }
        packet.ipLength = Ipv6View.LENGTH + Ipv6View.payloadLength(memory, offset);
        packet.fragmentHeader = packet.reassembled;
        final IpRepr ip = packet.ip;
        ip.readIpv6(memory, offset);
        ip.interfaceIndex = link.index();
        if (!checkAddresses(link, packet)) {
            return false;
        }
        if (packet.transit) {
            final boolean mayAlert =
                    Ipv6View.nextHeader(memory, offset) == Ipv6ExtensionView.HOP_BY_HOP && !packet.linkGroup;
            return !(mayAlert && alerted(packet)) && forwarding.forward(link, packet);
        }
        final int headers = extensions.walk(packet);
        if (headers == ExtensionChain.DROPPED) {
            return false;
        }
        ip.protocol = extensions.protocol();
        ip.payloadLength = packet.ipLength - headers;
        return dispatch(link, packet, offset + headers);
    }

    /** Hands over a packet for others that asks routers to look closer, if somebody here does (RFC 2711). */
    private boolean alerted(final Inbound packet) {
        final long offset = packet.ipOffset;
        if (!chain.walk(packet.memory, offset, packet.ipLength)) {
            return false;
        }
        final long options = offset + Ipv6View.LENGTH;
        final int length = Ipv6ExtensionView.length(packet.memory, options);
        final int alert = Ipv6ExtensionView.routerAlert(packet.memory, options, length);
        packet.ip.protocol = chain.protocol;
        packet.ip.payloadLength = packet.ipLength - chain.length;
        if (alert < 0 || !transports.takesAlert(packet, alert)) {
            return false;
        }
        transports.alert(packet, alert);
        return true;
    }

    private boolean checkAddresses(final Link link, final Inbound packet) {
        final IpRepr ip = packet.ip;
        final int kind = link.addresses(IpFamily.V6).kind(ip.dstHi, ip.dstLo);
        packet.group = kind != AddressSet.OWN;
        packet.ownSource = false;
        packet.transit = false;
        if (packet.local) {
            return true;
        }
        if (Ipv6Address.isMulticast(ip.srcHi)
                || Ipv6Address.isLoopback(ip.srcHi, ip.srcLo)
                || Ipv6Address.isIpv4Mapped(ip.srcHi, ip.srcLo)) {
            return drop(StackCounter.IPV6_MARTIAN_SOURCE);
        }
        if (ipLayer.routing().owns(IpFamily.V6, ip.srcHi, ip.srcLo, link)) {
            // Whoever has our address too says so from it; nothing else may come from there.
            packet.ownSource = Ipv6View.nextHeader(packet.memory, packet.ipOffset) == Icmpv6View.PROTOCOL;
            if (!packet.ownSource) {
                return drop(StackCounter.IP_SPOOFED_SOURCE);
            }
        }
        if (Ipv6Address.isLoopback(ip.dstHi, ip.dstLo)
                || Ipv6Address.isIpv4Mapped(ip.dstHi, ip.dstLo)
                || (ip.dstHi | ip.dstLo) == 0
                || (Ipv6Address.isMulticast(ip.dstHi) && Ipv6Address.scope(ip.dstHi, ip.dstLo) < 2)) {
            return drop(StackCounter.IPV6_MARTIAN_DESTINATION);
        }
        if (kind == AddressSet.NONE && forwarding.enabled() && !Ipv6Address.isMulticast(ip.dstHi)) {
            packet.group = false;
            packet.transit = !ipLayer.isLocalAddress(IpFamily.V6, ip.dstHi, ip.dstLo);
            if (packet.transit) {
                return !packet.ownSource || drop(StackCounter.IP_SPOOFED_SOURCE);
            }
            return !packet.linkGroup || drop(StackCounter.IP_UNICAST_IN_BROADCAST);
        }
        if (kind == AddressSet.NONE) {
            return drop(StackCounter.IPV6_NOT_OURS);
        }
        if (kind == AddressSet.OWN && packet.linkGroup) {
            return drop(StackCounter.IP_UNICAST_IN_BROADCAST);
        }
        return true;
    }

    private boolean dispatch(final Link link, final Inbound packet, final long offset) {
        final IpRepr ip = packet.ip;
        if ((ip.srcHi | ip.srcLo) == 0 && ip.protocol != Icmpv6View.PROTOCOL) {
            // Only duplicate address detection has nothing to put there (RFC 4291 section 2.5.2).
            return drop(StackCounter.IPV6_MARTIAN_SOURCE);
        }
        packet.raw = transports.raw(packet);
        return switch (ip.protocol) {
            case TcpView.PROTOCOL -> transports.tcp(packet, offset);
            case UdpView.PROTOCOL -> transports.udp(packet, offset);
            case Icmpv6View.PROTOCOL -> icmp(link, packet, offset);
            default -> {
                if (packet.raw) {
                    yield false;
                }
                errors.parameterProblem(packet, Icmpv6View.UNKNOWN_NEXT_HEADER, extensions.protocolAt(), false);
                yield drop(StackCounter.IPV6_UNKNOWN_PROTOCOL);
            }
        };
    }

    private boolean icmp(final Link link, final Inbound packet, final long offset) {
        final IpRepr ip = packet.ip;
        if (ip.payloadLength < IcmpView.LENGTH) {
            return drop(StackCounter.ICMP_TRUNCATED);
        }
        if (ip.distrusts(IpRepr.CHECKSUM_ICMPV6) && !Icmpv6View.verifies(ip, packet.memory, offset, ip.payloadLength)) {
            return drop(StackCounter.ICMP_BAD_CHECKSUM);
        }
        if (packet.ownSource && IcmpView.type(packet.memory, offset) != NdpView.NEIGHBOR_ADVERTISEMENT) {
            return drop(StackCounter.IP_SPOOFED_SOURCE);
        }
        if (Ndp.handles(IcmpView.type(packet.memory, offset))) {
            ndp.receive(link, packet, offset, ip.payloadLength);
            return false;
        }
        if ((ip.srcHi | ip.srcLo) == 0) {
            return drop(StackCounter.IPV6_MARTIAN_SOURCE);
        }
        return transports.icmp(packet, offset);
    }

    private boolean drop(final StackCounter reason) {
        counters.increment(reason);
        return false;
    }
}

package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.address.AddressSet;
import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteKind;
import io.millrace.stack.route.RouteOrigin;
import io.millrace.stack.route.RouteTable;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.NdpOptionView;
import io.millrace.stack.wire.NdpView;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.stack.wire.address.MacAddress;
import java.lang.foreign.MemorySegment;

/**
 * Follows routers that know a better next hop for a destination (RFC 1122 section 3.2.2.2, RFC 4861 section 8), where the
 * interface's {@link LinkRules} allow it and the stack is no router itself: only from the next hop that is used for that
 * destination now, only to a station of the same link, and only for packets that come from us. What is learned is a
 * route to the one host, which goes after ten minutes or when its next hop does not answer; the table of routes bounds
 * their number.
 */
final class Redirects {
    private static final long LIFETIME_MICROS = 600_000_000;

    private final IpLayer ipLayer;
    private final Routing routing;
    private final RouteTable table;
    private final Forwarding forwarding;
    private final Counters<StackCounter> counters;

    Redirects(final IpLayer ipLayer, final Forwarding forwarding, final Counters<StackCounter> counters) {
        this.ipLayer = ipLayer;
        this.routing = ipLayer.routing();
        this.table = routing.table();
        this.forwarding = forwarding;
        this.counters = counters;
    }

    /** Takes an ICMPv4 redirect whose checksum is right; it has {@code length} bytes at {@code offset}. */
    void receiveV4(final Link link, final Inbound packet, final long offset, final int length) {
        final MemorySegment memory = packet.memory;
        final long quoted = offset + IcmpView.DATA_OFFSET;
        final int quote = length - IcmpView.DATA_OFFSET;
        final long target = Net.u32(memory, offset + IcmpView.DATA_OFFSET - 4);
        if (!link.followsRedirects(IpFamily.V4)
                || packet.group
                || packet.linkGroup
                || IcmpView.code(memory, offset) > 3
                || quote < Ipv4View.MIN_LENGTH
                || Ipv4View.version(memory, quoted) != IpFamily.V4) {
            refuse();
            return;
        }
        final AddressSet own = link.addresses(IpFamily.V4);
        final boolean near = own.network(0, target) >= 0 && own.kind(0, target) == AddressSet.NONE;
        final boolean fromUs = own.kind(0, Ipv4View.src(memory, quoted)) == AddressSet.OWN;
        if (near && fromUs) {
            follow(link, packet, 0, Ipv4View.dst(memory, quoted), 0, target);
        } else {
            refuse();
        }
    }

    /** Takes a redirect of neighbour discovery, with hop limit 255, code 0 and well-formed options (section 8.1). */
    void receiveV6(final Link link, final Inbound packet, final long offset, final int length) {
        final MemorySegment memory = packet.memory;
        final IpRepr ip = packet.ip;
        final long targetHi = NdpView.targetHi(memory, offset);
        final long targetLo = NdpView.targetLo(memory, offset);
        final long dstHi = NdpView.destinationHi(memory, offset);
        final long dstLo = NdpView.destinationLo(memory, offset);
        final boolean onLink = targetHi == dstHi && targetLo == dstLo;
        if (!Ipv6Address.isLinkLocal(ip.srcHi)
                || Ipv6Address.isMulticast(dstHi)
                || (!onLink && !Ipv6Address.isLinkLocal(targetHi))) {
            counters.increment(StackCounter.NDP_MALFORMED);
            return;
        }
        final long mac =
                NdpView.linkAddress(memory, offset, NdpView.REDIRECT_LENGTH, length, NdpOptionView.TARGET_LINK_ADDRESS);
        if (!link.followsRedirects(IpFamily.V6)
                || link.addresses(IpFamily.V6).find(targetHi, targetLo) != null
                || (mac != NdpView.ABSENT && !MacAddress.isUnicast(mac))) {
            refuse();
            return;
        }
        if (follow(link, packet, dstHi, dstLo, targetHi, targetLo) && mac != NdpView.ABSENT) {
            link.neighbors().of(IpFamily.V6).hint(targetHi, targetLo, mac, true, packet.now);
        }
    }

    private boolean follow(
            final Link link,
            final Inbound packet,
            final long dstHi,
            final long dstLo,
            final long targetHi,
            final long targetLo) {
        final IpRepr ip = packet.ip;
        final int family = ip.family;
        final int hop = table.findHop(family, dstHi, dstLo, link.index());
        if (forwarding.enabled()
                || !IpAddress.isUnicast(family, dstHi, dstLo)
                || !IpAddress.isUnicast(family, targetHi, targetLo)
                || hop == RouteTable.NONE
                || table.interfaceIndex(hop) != link.index()
                || !table.hasGateway(hop)
                || table.nextHi(hop, dstHi) != ip.srcHi
                || table.nextLo(hop, dstLo) != ip.srcLo) {
            refuse();
            return false;
        }
        ipLayer.forgetRedirect(family, dstHi, dstLo, link.index());
        final IpAddress destination = IpAddress.of(family, dstHi, dstLo);
        final boolean onLink = targetHi == dstHi && targetLo == dstLo;
        final Route learned = Route.of(
                        new Cidr<>(destination, destination.bits()),
                        RouteKind.UNICAST,
                        onLink ? null : IpAddress.of(family, targetHi, targetLo),
                        link.index())
                .withOrigin(RouteOrigin.REDIRECT)
                .withExpiry(packet.now + LIFETIME_MICROS);
        if (!routing.add(learned)) {
            refuse();
            return false;
        }
        counters.increment(StackCounter.REDIRECTS_FOLLOWED);
        return true;
    }

    private void refuse() {
        counters.increment(StackCounter.REDIRECTS_REFUSED);
    }
}

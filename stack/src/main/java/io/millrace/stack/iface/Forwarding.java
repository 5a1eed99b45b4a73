package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.address.AddressSet;
import io.millrace.stack.iface.forward.ForwardingRules;
import io.millrace.stack.iface.forward.Hops;
import io.millrace.stack.iface.forward.ReversePath;
import io.millrace.stack.iface.fragment.Fragmenter;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.route.RouteKind;
import io.millrace.stack.route.RouteTable;
import io.millrace.stack.socket.TokenBucket;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv4View;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.NdpView;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Sends packets that are for others on their way (RFC 1812 section 5, RFC 8200): the buffer that came in goes out by
 * another interface with a new link header, nothing is copied. Groups, link-local addresses and frames to more than one
 * station are not forwarded. Options of IPv4 and of hop-by-hop headers pass unread (RFC 8200 section 4.3 lets routers
 * leave them alone) but for what happened before: source routes are dropped (RFC 7126), router alerts go to whom they
 * are for. An IPv4 packet that is too long for its next link goes on in fragments if it may be fragmented, which is the
 * one case that copies.
 */
final class Forwarding {
    /** Octets of a redirect before its options. */
    private static final int REDIRECT_LENGTH = 40;

    private static final int OPTION_REDIRECTED_HEADER = 4;

    private final IpLayer ipLayer;
    private final Routing routing;
    private final RouteTable table;
    private final MemorySegment memory;
    private final IcmpErrors errors;
    private final Entropy entropy;
    private final Counters<StackCounter> counters;
    private final IpRepr out = new IpRepr();

    private ForwardingRules rules = ForwardingRules.OFF;
    private @Nullable TokenBucket redirects;

    Forwarding(
            final IpLayer ipLayer,
            final IcmpErrors errors,
            final Entropy entropy,
            final Counters<StackCounter> counters) {
        this.ipLayer = ipLayer;
        this.routing = ipLayer.routing();
        this.table = routing.table();
        this.memory = ipLayer.memory();
        this.errors = errors;
        this.entropy = entropy;
        this.counters = counters;
    }

    /** Changes the rules. */
    void rules(final ForwardingRules newRules) {
        rules = newRules;
        final int limit = newRules.redirectsPerSecond();
        redirects = limit == 0 ? null : new TokenBucket(limit, limit, entropy);
    }

    /** Whether packets to others are forwarded. */
    boolean enabled() {
        return rules.enabled();
    }

    /**
     * Forwards a packet whose header and source were checked and which is for none of our addresses.
     *
     * @param link where it came in
     * @return whether the buffer was taken over
     */
    boolean forward(final Link link, final Inbound packet) {
        final IpRepr ip = packet.ip;
        if (!mayPass(packet)) {
            return drop(StackCounter.FORWARD_PROHIBITED);
        }
        if (ip.hopLimit <= 1) {
            errors.timeExceeded(packet);
            return drop(StackCounter.FORWARD_HOP_LIMIT);
        }
        if (!isPlausible(link, ip)) {
            return drop(StackCounter.FORWARD_REVERSE_PATH);
        }
        final int best = table.findHop(ip.family, ip.dstHi, ip.dstLo, RouteTable.ANY_INTERFACE);
        final int hop = best == RouteTable.NONE ? best : routing.way(best, ip);
        if (hop == RouteTable.NONE || table.kind(hop) != RouteKind.UNICAST) {
            final boolean silent = hop != RouteTable.NONE && table.kind(hop) == RouteKind.BLACKHOLE;
            if (!silent) {
                errors.noRoute(packet);
            }
            return drop(StackCounter.FORWARD_NO_ROUTE);
        }
        final Link next = routing.link(table.interfaceIndex(hop));
        if (next.addresses(ip.family).exactKind(ip.dstHi, ip.dstLo) == AddressSet.BROADCAST) {
            return drop(StackCounter.FORWARD_PROHIBITED); // RFC 2644
        }
        final long nextHi = table.nextHi(hop, ip.dstHi);
        final long nextLo = table.nextLo(hop, ip.dstLo);
        final int mtu = ipLayer.limits().mtu(next, hop);
        if (packet.ipLength > mtu) {
            return tooBig(packet, next, mtu, nextHi, nextLo);
        }
        if (next == link && redirects != null) {
            redirect(link, packet, nextHi, nextLo);
        }
        pass(packet, next, nextHi, nextLo);
        return true;
    }

    /** Hands the packet, without its old link header and padding, to its next link. */
    private void pass(final Inbound packet, final Link next, final long nextHi, final long nextLo) {
        final int family = packet.ip.family;
        if (family == IpFamily.V4) {
            Hops.decrementTtl(memory, packet.ipOffset);
        } else {
            Hops.decrementHopLimit(memory, packet.ipOffset);
        }
        final long handle = packet.handle;
        final int linkHeader = (int) (packet.ipOffset - ipLayer.pool().dataOffset(handle));
        BufferHeader.dataOff(memory, handle, BufferHeader.dataOff(memory, handle) + linkHeader);
        BufferHeader.length(memory, handle, packet.ipLength);
        BufferHeader.offloadFlags(memory, handle, 0); // what the device that received it said is not for the next one
        counters.increment(StackCounter.FORWARDED);
        next.output(handle, family, false, nextHi, nextLo);
    }

    /** Whether its addresses mean the same behind another interface (RFC 1812 section 5.3.7, RFC 4007 section 9). */
    private boolean mayPass(final Inbound packet) {
        final IpRepr ip = packet.ip;
        if (packet.linkGroup || !IpAddress.isUnicast(ip.family, ip.dstHi, ip.dstLo)) {
            return false;
        }
        if (ip.family == IpFamily.V4) {
            return !Ipv4Address.isLinkLocal(ip.srcLo)
                    && !Ipv4Address.isLinkLocal(ip.dstLo)
                    && !Ipv4Address.isReserved(ip.dstLo);
        }
        if ((ip.srcHi | ip.srcLo) == 0 || Ipv6Address.isLinkLocal(ip.dstHi)) {
            return false;
        }
        if (Ipv6Address.isLinkLocal(ip.srcHi)) {
            errors.beyondScope(packet);
            return false;
        }
        return true;
    }

    private boolean isPlausible(final Link link, final IpRepr ip) {
        if (rules.reversePath() == ReversePath.OFF) {
            return true;
        }
        final int hop = table.findHop(ip.family, ip.srcHi, ip.srcLo, RouteTable.ANY_INTERFACE);
        if (hop == RouteTable.NONE || table.kind(hop) != RouteKind.UNICAST) {
            return false;
        }
        return rules.reversePath() == ReversePath.LOOSE || table.leadsBy(hop, link.index());
    }

    private boolean tooBig(final Inbound packet, final Link next, final int mtu, final long nextHi, final long nextLo) {
        final boolean v4 = packet.ip.family == IpFamily.V4;
        if (v4 && (Ipv4View.flags(memory, packet.ipOffset) & Ipv4View.DONT_FRAGMENT) == 0) {
            return fragment(packet, next, mtu, nextHi, nextLo);
        }
        errors.tooBig(packet, mtu);
        return drop(StackCounter.FORWARD_TOO_BIG);
    }

    /** Sends a packet on in fragments (RFC 1812 section 4.2.2.7), all of it or nothing. The packet stays the caller's. */
    private boolean fragment(
            final Inbound packet, final Link next, final int mtu, final long nextHi, final long nextLo) {
        final Fragmenter fragmenter = ipLayer.fragmenter();
        final long offset = packet.ipOffset;
        final int count = fragmenter.count(memory, offset, packet.ipLength, mtu);
        if (count == 0) {
            return drop(StackCounter.FORWARD_UNFRAGMENTED);
        }
        if (!next.hasRoom(count)) {
            return drop(StackCounter.TX_QUEUE_FULL);
        }
        if (!next.admit(IpFamily.V4, nextHi, nextLo, count)) {
            return drop(StackCounter.NEIGHBOR_QUEUE_FULL);
        }
        Hops.decrementTtl(memory, offset);
        if (!fragmenter.splitV4(memory, offset, packet.ipLength, mtu, count)) {
            next.admitted(IpFamily.V4, nextHi);
            return drop(StackCounter.TX_NO_FRAGMENT_BUFFERS);
        }
        for (int i = 0; i < count; i++) {
            next.output(fragmenter.fragment(i), IpFamily.V4, false, nextHi, nextLo);
        }
        next.admitted(IpFamily.V4, nextHi);
        counters.add(StackCounter.TX_FRAGMENTS, count);
        counters.increment(StackCounter.FORWARDED);
        return false;
    }

    /** Tells a neighbour that the next hop is its neighbour too. */
    private void redirect(final Link link, final Inbound packet, final long nextHi, final long nextLo) {
        final IpRepr ip = packet.ip;
        final AddressSet own = link.addresses(ip.family);
        final int network = own.network(ip.srcHi, ip.srcLo);
        if (network < 0) {
            return;
        }
        if (ip.family == IpFamily.V4) {
            if (nextHi == 0 && own.sameNetwork(network, 0, nextLo) && takeRedirect(packet.now)) {
                errors.redirect(packet, (int) nextLo);
            }
            return;
        }
        // The target is the destination itself or a router's link-local address (RFC 4861 section 8.2).
        final boolean direct = nextHi == ip.dstHi && nextLo == ip.dstLo;
        final int source = linkLocal(own);
        if (source >= 0 && (direct || Ipv6Address.isLinkLocal(nextHi)) && takeRedirect(packet.now)) {
            out.srcHi = own.hi(source);
            out.srcLo = own.lo(source);
            redirectV6(link, packet, nextHi, nextLo);
        }
    }

    private void redirectV6(final Link link, final Inbound packet, final long targetHi, final long targetLo) {
        final long handle = ipLayer.allocate();
        if (handle == PacketPool.NONE) {
            return;
        }
        final IpRepr ip = packet.ip;
        final long offset = ipLayer.pool().dataOffset(handle);
        Net.put32(memory, offset, NdpView.REDIRECT << 24);
        Net.put32(memory, offset + NdpView.FLAGS_OFFSET, 0);
        Net.put64(memory, offset + NdpView.TARGET_OFFSET, targetHi);
        Net.put64(memory, offset + NdpView.TARGET_OFFSET + 8, targetLo);
        Net.put64(memory, offset + NdpView.TARGET_OFFSET + 16, ip.dstHi);
        Net.put64(memory, offset + NdpView.TARGET_OFFSET + 24, ip.dstLo);
        // As much of the packet as fits into the smallest MTU, in units of eight octets.
        final int room = ipLayer.pool().dataRoom() - ipLayer.pool().headroom();
        final int most = Math.min(Ipv6View.MIN_MTU - Ipv6View.LENGTH, room) - REDIRECT_LENGTH - 8;
        final int quote = Math.min(packet.ipLength, most) & ~7;
        final int option = REDIRECT_LENGTH;
        Net.put64(memory, offset + option, (long) OPTION_REDIRECTED_HEADER << 56 | (long) (quote / 8 + 1) << 48);
        MemorySegment.copy(memory, packet.ipOffset, memory, offset + option + 8, quote);
        final int length = option + 8 + quote;
        BufferHeader.length(memory, handle, length);
        out.family = IpFamily.V6;
        out.dstHi = ip.srcHi;
        out.dstLo = ip.srcLo;
        out.protocol = Icmpv6View.PROTOCOL;
        out.hopLimit = NdpView.HOP_LIMIT;
        out.trafficClass = 0;
        out.flowLabel = 0; // as all of neighbour discovery
        out.interfaceIndex = link.index();
        Icmpv6View.seal(out, memory, offset, length);
        counters.increment(StackCounter.REDIRECTS_SENT);
        ipLayer.send(handle, out);
    }

    private boolean takeRedirect(final long now) {
        return redirects != null && redirects.take(now);
    }

    private static int linkLocal(final AddressSet own) {
        for (int i = 0; i < own.count(); i++) {
            if (Ipv6Address.isLinkLocal(own.hi(i))) {
                return i;
            }
        }
        return -1;
    }

    private boolean drop(final StackCounter reason) {
        counters.increment(reason);
        return false;
    }
}

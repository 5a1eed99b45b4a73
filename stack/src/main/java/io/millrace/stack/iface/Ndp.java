package io.millrace.stack.iface;

import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.Medium;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.TokenBucket;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.NdpView;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.stack.wire.address.MacAddress;
import java.lang.foreign.MemorySegment;

/**
 * Receives neighbour discovery (RFC 4861): answers solicitations for own addresses, those of duplicate address detection
 * included, and tells the neighbour cache. Router discovery and redirects are counted and ignored.
 */
final class Ndp {
    private final MemorySegment memory;
    private final Counters<StackCounter> counters;
    private final TokenBucket replies;

    Ndp(final MemorySegment memory, final Counters<StackCounter> counters, final TokenBucket replies) {
        this.memory = memory;
        this.counters = counters;
        this.replies = replies;
    }

    /** Whether a message of ICMPv6 is one of neighbour discovery. */
    static boolean handles(final int type) {
        return type >= NdpView.ROUTER_SOLICITATION && type <= NdpView.REDIRECT;
    }

    /** Takes a message whose checksum is right. */
    void receive(final Link link, final Inbound packet, final long offset, final int length) {
        if (link.medium() != Medium.ETHERNET) {
            // Neighbours without link addresses have nothing to discover.
            counters.increment(StackCounter.NDP_UNHANDLED);
        } else if (packet.ip.hopLimit != NdpView.HOP_LIMIT) {
            counters.increment(StackCounter.NDP_BAD_HOP_LIMIT);
        } else if (packet.atomicFragment) {
            // RFC 6980 section 5.
            counters.increment(StackCounter.NDP_FRAGMENTED);
        } else {
            switch (IcmpView.type(memory, offset)) {
                case NdpView.NEIGHBOR_SOLICITATION -> solicitation(link, packet, offset, length);
                case NdpView.NEIGHBOR_ADVERTISEMENT -> advertisement(link, packet, offset, length);
                default -> counters.increment(StackCounter.NDP_UNHANDLED);
            }
        }
    }

    private void solicitation(final Link link, final Inbound packet, final long offset, final int length) {
        if (!valid(offset, length)) {
            counters.increment(StackCounter.NDP_MALFORMED);
            return;
        }
        final IpRepr ip = packet.ip;
        final long mac = NdpView.linkAddress(memory, offset, length, NdpView.OPTION_SOURCE_LINK_ADDRESS);
        final boolean probe = (ip.srcHi | ip.srcLo) == 0;
        if (mac == NdpView.MALFORMED
                || (probe && (mac != NdpView.ABSENT || !Ipv6Address.isSolicitedNode(ip.dstHi, ip.dstLo)))) {
            // RFC 4861 section 7.1.1.
            counters.increment(StackCounter.NDP_MALFORMED);
            return;
        }
        final long targetHi = NdpView.targetHi(memory, offset);
        final long targetLo = NdpView.targetLo(memory, offset);
        if (link.addresses(IpFamily.V6).kind(targetHi, targetLo) != AddressSet.OWN) {
            counters.increment(StackCounter.NDP_NOT_FOR_US);
            return;
        }
        if (!probe && (!believable(link, ip) || (mac != NdpView.ABSENT && !MacAddress.isUnicast(mac)))) {
            counters.increment(StackCounter.NDP_BAD_SENDER);
            return;
        }
        final NeighborCache neighbors = link.neighbors(IpFamily.V6);
        if (mac != NdpView.ABSENT) {
            neighbors.hint(ip.srcHi, ip.srcLo, mac, true, packet.now);
        }
        if (!replies.take(packet.now)) {
            counters.increment(StackCounter.NDP_RATE_LIMITED);
            return;
        }
        answer(link, ip, probe, mac, targetHi, targetLo);
    }

    private void answer(
            final Link link,
            final IpRepr ip,
            final boolean probe,
            final long mac,
            final long targetHi,
            final long targetLo) {
        if (probe) {
            final long all = Ipv6Address.ALL_NODES.lo();
            link.solicitation()
                    .advertise(
                            targetHi,
                            targetLo,
                            NdpView.OVERRIDE,
                            Ipv6Address.ALL_NODES.hi(),
                            all,
                            MacAddress.ofIpv6Group(all));
            return;
        }
        // Without the option a solicitation is unicast and its sender known, or not to be answered (section 7.2.4).
        final long where = mac == NdpView.ABSENT ? link.neighbors(IpFamily.V6).lookup(ip.srcHi, ip.srcLo) : mac;
        if (where == NeighborCache.PENDING) {
            counters.increment(StackCounter.NDP_BAD_SENDER);
            return;
        }
        link.solicitation()
                .advertise(targetHi, targetLo, NdpView.SOLICITED | NdpView.OVERRIDE, ip.srcHi, ip.srcLo, where);
    }

    private void advertisement(final Link link, final Inbound packet, final long offset, final int length) {
        final IpRepr ip = packet.ip;
        final long mac = length < NdpView.LENGTH
                ? NdpView.MALFORMED
                : NdpView.linkAddress(memory, offset, length, NdpView.OPTION_TARGET_LINK_ADDRESS);
        final boolean toGroup = Ipv6Address.isMulticast(ip.dstHi);
        if (mac == NdpView.MALFORMED || !valid(offset, length) || (toGroup && solicited(offset))) {
            // RFC 4861 section 7.1.2.
            counters.increment(StackCounter.NDP_MALFORMED);
            return;
        }
        final long targetHi = NdpView.targetHi(memory, offset);
        final long targetLo = NdpView.targetLo(memory, offset);
        if (link.addresses(IpFamily.V6).kind(targetHi, targetLo) == AddressSet.OWN) {
            counters.increment(StackCounter.NDP_CONFLICT);
            return;
        }
        if (mac != NdpView.ABSENT && !MacAddress.isUnicast(mac)) {
            counters.increment(StackCounter.NDP_BAD_SENDER);
            return;
        }
        // The target is what the advertisement is about, not its source.
        final int flags = NdpView.flags(memory, offset);
        if (!link.neighbors(IpFamily.V6).answer(targetHi, targetLo, mac, flags, packet.now)) {
            counters.increment(StackCounter.NDP_UNSOLICITED);
        }
    }

    private boolean solicited(final long offset) {
        return (NdpView.flags(memory, offset) & NdpView.SOLICITED) != 0;
    }

    private boolean valid(final long offset, final int length) {
        return length >= NdpView.LENGTH
                && IcmpView.code(memory, offset) == 0
                && !Ipv6Address.isMulticast(NdpView.targetHi(memory, offset));
    }

    /** Whether the source is that of a station of this link. */
    private static boolean believable(final Link link, final IpRepr ip) {
        return Ipv6Address.isLinkLocal(ip.srcHi) || IpLayer.onLink(link, IpFamily.V6, ip.srcHi, ip.srcLo);
    }
}

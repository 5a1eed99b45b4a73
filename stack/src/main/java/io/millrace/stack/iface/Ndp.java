package io.millrace.stack.iface;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.address.AddressSet;
import io.millrace.stack.iface.address.AddressState;
import io.millrace.stack.iface.address.OwnAddress;
import io.millrace.stack.iface.neighbor.NeighborCache;
import io.millrace.stack.socket.ReplyLimit;
import io.millrace.stack.wire.IcmpView;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.NdpOptionView;
import io.millrace.stack.wire.NdpView;
import io.millrace.stack.wire.RouterAdvertisementView;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.stack.wire.address.MacAddress;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Receives neighbour discovery (RFC 4861): answers solicitations for own addresses, those of duplicate address detection
 * included, tells the neighbour cache of what others say, and passes redirects on. Router discovery is counted and
 * ignored.
 */
final class Ndp {
    private final Counters<StackCounter> counters;
    private final ReplyLimit replies;
    private final Redirects redirects;

    Ndp(final Counters<StackCounter> counters, final ReplyLimit replies, final Redirects redirects) {
        this.redirects = redirects;
        this.counters = counters;
        this.replies = replies;
    }

    /** Whether a message of ICMPv6 is one of neighbour discovery. */
    static boolean handles(final int type) {
        return type >= NdpView.ROUTER_SOLICITATION && type <= NdpView.REDIRECT;
    }

    /** Takes a message whose checksum is right. */
    void receive(final Link link, final Inbound packet, final long offset, final int length) {
        if (!link.medium().hasLinkAddresses() || packet.local) {
            // Neighbours without link addresses have nothing to discover, nor has what an application here made up.
            counters.increment(StackCounter.NDP_UNHANDLED);
        } else if (packet.ip.hopLimit != NdpView.HOP_LIMIT) {
            counters.increment(StackCounter.NDP_BAD_HOP_LIMIT);
        } else if (packet.fragmentHeader) {
            // RFC 6980 section 5.
            counters.increment(StackCounter.NDP_FRAGMENTED);
        } else {
            dispatch(link, packet, offset, length);
        }
    }

    private void dispatch(final Link link, final Inbound packet, final long offset, final int length) {
        final MemorySegment memory = packet.memory;
        final int type = IcmpView.type(memory, offset);
        final int options = options(type);
        if (length < options
                || IcmpView.code(memory, offset) != 0
                || NdpView.linkAddress(memory, offset, options, length, NdpOptionView.NONCE) == NdpView.MALFORMED) {
            counters.increment(StackCounter.NDP_MALFORMED);
            return;
        }
        if (type == NdpView.REDIRECT) {
            redirects.receiveV6(link, packet, offset, length);
            return;
        }
        final StackCounter reason = switch (type) {
            case NdpView.NEIGHBOR_SOLICITATION -> solicitation(link, packet, offset, length);
            case NdpView.NEIGHBOR_ADVERTISEMENT -> advertisement(link, packet, offset, length);
            case NdpView.ROUTER_ADVERTISEMENT -> routerAdvertisement(packet);
            case NdpView.ROUTER_SOLICITATION -> routerSolicitation(packet, offset, length);
            default -> StackCounter.NDP_UNHANDLED;
        };
        if (reason != null) {
            counters.increment(reason);
        }
    }

    /** Where the options of a type of message begin; it is no shorter (RFC 4861 sections 6.1, 7.1 and 8.1). */
    private static int options(final int type) {
        return switch (type) {
            case NdpView.ROUTER_SOLICITATION -> NdpView.ROUTER_SOLICITATION_LENGTH;
            case NdpView.ROUTER_ADVERTISEMENT -> RouterAdvertisementView.LENGTH;
            case NdpView.REDIRECT -> NdpView.REDIRECT_LENGTH;
            default -> NdpView.LENGTH;
        };
    }

    /** Section 7.1.1. Returns why it was dropped, if it was; so do the other methods of this kind. */
    private @Nullable StackCounter solicitation(
            final Link link, final Inbound packet, final long offset, final int length) {
        final IpRepr ip = packet.ip;
        final MemorySegment memory = packet.memory;
        final long targetHi = NdpView.targetHi(memory, offset);
        final long targetLo = NdpView.targetLo(memory, offset);
        final long mac = NdpView.linkAddress(memory, offset, length, NdpOptionView.SOURCE_LINK_ADDRESS);
        final boolean probe = (ip.srcHi | ip.srcLo) == 0;
        if (Ipv6Address.isMulticast(targetHi)
                || (probe && (mac != NdpView.ABSENT || !Ipv6Address.isSolicitedNode(ip.dstHi, ip.dstLo)))) {
            return StackCounter.NDP_MALFORMED;
        }
        final AddressSet addresses = link.addresses(IpFamily.V6);
        final OwnAddress own = addresses.find(targetHi, targetLo);
        if (own == null ? probe || !addresses.accepts(targetHi, targetLo) : own.state() == AddressState.DUPLICATED) {
            return StackCounter.NDP_NOT_FOR_US; // whoever probes for an address of an accepted prefix may have it
        }
        if (probe && own != null) {
            return probe(link, packet, own, NdpView.linkAddress(memory, offset, length, NdpOptionView.NONCE));
        }
        if (own != null && !own.usable()) {
            return StackCounter.NDP_NOT_FOR_US;
        }
        if (packet.ownSource || !believable(link, ip) || (mac != NdpView.ABSENT && !MacAddress.isUnicast(mac))) {
            return StackCounter.NDP_BAD_SENDER;
        }
        final NeighborCache neighbors = link.neighbors().of(IpFamily.V6);
        if (mac != NdpView.ABSENT) {
            neighbors.hint(ip.srcHi, ip.srcLo, mac, true, packet.now);
        }
        if (!replies.take(ip, packet.now)) {
            return StackCounter.NDP_RATE_LIMITED;
        }
        final long to = mac == NdpView.ABSENT ? whereFrom(link, packet) : mac;
        if (own == null) {
            link.solicitation().answer(targetHi, targetLo, ip.srcHi, ip.srcLo, to);
        } else if (!own.anycast) {
            link.solicitation().answer(own, ip.srcHi, ip.srcLo, to);
        } else if (!link.anycastAnswers().add(own, ip.srcHi, ip.srcLo, to, packet.now)) {
            return StackCounter.NDP_RATE_LIMITED;
        }
        return null;
    }

    /**
     * Where to send the answer to a solicitation that does not say so. Two stations that both check their addresses could
     * never ask each other otherwise (RFC 4429 section 3.2); nothing is learned from it.
     */
    private static long whereFrom(final Link link, final Inbound packet) {
        final long known = link.neighbors().of(IpFamily.V6).lookup(packet.ip.srcHi, packet.ip.srcLo);
        return known == NeighborCache.PENDING ? packet.linkSource : known;
    }

    /** Somebody wants to know whether an address of ours is free (RFC 4862 section 5.4.3). */
    private @Nullable StackCounter probe(
            final Link link, final Inbound packet, final OwnAddress own, final long nonce) {
        if (packet.linkSource == link.mac() || (own.checking() && nonce == own.nonce())) {
            // Our own, come back over a loop (RFC 7527), or another shard's.
            return StackCounter.NDP_NOT_FOR_US;
        }
        if (own.checking()) {
            link.conflict(own, packet.linkSource, packet.now);
            return StackCounter.NDP_CONFLICT;
        }
        if (!replies.take(packet.ip, packet.now)) {
            return StackCounter.NDP_RATE_LIMITED;
        }
        link.solicitation().advertise(own);
        return null;
    }

    /** Section 7.1.2. */
    private @Nullable StackCounter advertisement(
            final Link link, final Inbound packet, final long offset, final int length) {
        final MemorySegment memory = packet.memory;
        final long targetHi = NdpView.targetHi(memory, offset);
        final long targetLo = NdpView.targetLo(memory, offset);
        final int flags = NdpView.flags(memory, offset);
        if (Ipv6Address.isMulticast(targetHi)
                || (Ipv6Address.isMulticast(packet.ip.dstHi) && (flags & NdpView.SOLICITED) != 0)) {
            return StackCounter.NDP_MALFORMED;
        }
        final long mac = NdpView.linkAddress(memory, offset, length, NdpOptionView.TARGET_LINK_ADDRESS);
        final OwnAddress own = link.addresses(IpFamily.V6).find(targetHi, targetLo);
        if (own != null && own.state() != AddressState.DUPLICATED) {
            if (own.anycast || packet.linkSource == link.mac()) {
                return StackCounter.NDP_NOT_FOR_US;
            }
            link.conflict(own, mac == NdpView.ABSENT ? packet.linkSource : mac, packet.now);
            return StackCounter.NDP_CONFLICT;
        }
        if (packet.ownSource || (mac != NdpView.ABSENT && !MacAddress.isUnicast(mac))) {
            return StackCounter.NDP_BAD_SENDER;
        }
        // The target is what the advertisement is about, not its source.
        final boolean expected = link.neighbors().of(IpFamily.V6).answer(targetHi, targetLo, mac, flags, packet.now);
        return expected ? null : StackCounter.NDP_UNSOLICITED;
    }

    /** Section 6.1.2. */
    private static StackCounter routerAdvertisement(final Inbound packet) {
        return Ipv6Address.isLinkLocal(packet.ip.srcHi) ? StackCounter.NDP_UNHANDLED : StackCounter.NDP_MALFORMED;
    }

    /** Section 6.1.1; hosts do not answer (section 6.2.6 is for routers). */
    private static StackCounter routerSolicitation(final Inbound packet, final long offset, final int length) {
        final boolean fromNobody = (packet.ip.srcHi | packet.ip.srcLo) == 0;
        final long mac = NdpView.linkAddress(
                packet.memory, offset, NdpView.ROUTER_SOLICITATION_LENGTH, length, NdpOptionView.SOURCE_LINK_ADDRESS);
        return fromNobody && mac != NdpView.ABSENT ? StackCounter.NDP_MALFORMED : StackCounter.NDP_UNHANDLED;
    }

    /** Whether the source is that of a station of this link. */
    private static boolean believable(final Link link, final IpRepr ip) {
        return Ipv6Address.isLinkLocal(ip.srcHi) || IpLayer.onLink(link, IpFamily.V6, ip.srcHi, ip.srcLo);
    }
}

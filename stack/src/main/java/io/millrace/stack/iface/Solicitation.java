package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.address.AddressMessages;
import io.millrace.stack.iface.address.AddressSet;
import io.millrace.stack.iface.address.AddressState;
import io.millrace.stack.iface.address.OwnAddress;
import io.millrace.stack.wire.ArpView;
import io.millrace.stack.wire.EthernetView;
import io.millrace.stack.wire.Icmpv6View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.NdpOptionView;
import io.millrace.stack.wire.NdpView;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.stack.wire.address.MacAddress;
import java.lang.foreign.MemorySegment;

/**
 * Writes the packets that ask for and tell link addresses: ARP (RFC 826) and neighbour discovery (RFC 4861). They go to
 * the link directly, since they need neither routes nor neighbours.
 */
final class Solicitation implements AddressMessages {
    private final Link link;
    private final PoolCache cache;
    private final MemorySegment memory;
    private final Counters<StackCounter> counters;
    private final IpRepr ip = new IpRepr();

    Solicitation(final Link link, final PoolCache cache, final Counters<StackCounter> counters) {
        this.link = link;
        this.cache = cache;
        this.memory = cache.pool().memory();
        this.counters = counters;
    }

    /**
     * Asks who has an address.
     *
     * @param where link address to ask at; 0 for everyone
     */
    void send(final int family, final long hi, final long lo, final long where) {
        if (family == IpFamily.V4) {
            final AddressSet own = link.addresses(IpFamily.V4);
            if (own.count() > 0) {
                final long source = own.lo(source(own, 0, lo));
                arp(ArpView.REQUEST, source, where == 0 ? MacAddress.BROADCAST_VALUE : where, where, lo);
            }
        } else {
            solicit(hi, lo, where);
        }
    }

    /**
     * Sends an ARP packet.
     *
     * @param dst link address that it is sent to
     * @param targetMac link address that it tells of the target; 0 if it asks for it
     */
    void arp(final int operation, final long source, final long dst, final long targetMac, final long target) {
        final long handle = allocate();
        if (handle == PacketPool.NONE) {
            return;
        }
        BufferHeader.length(memory, handle, ArpView.LENGTH);
        ArpView.write(memory, cache.pool().dataOffset(handle), operation, link.mac(), source, targetMac, target);
        link.frame(handle, EthernetView.TYPE_ARP, dst);
    }

    @Override
    public void probe(final OwnAddress own) {
        if (own.family == IpFamily.V4) {
            arp(ArpView.REQUEST, 0, MacAddress.BROADCAST_VALUE, 0, own.lo);
            return;
        }
        ip.srcHi = 0;
        ip.srcLo = 0;
        ip.dstHi = Ipv6Address.SOLICITED_NODE_HI;
        ip.dstLo = Ipv6Address.solicitedNodeLo(own.lo);
        final long dst = MacAddress.ofIpv6Group(ip.dstLo);
        ndp(NdpView.NEIGHBOR_SOLICITATION, 0, own.hi, own.lo, NdpOptionView.NONCE, own.nonce(), dst);
    }

    @Override
    public void announce(final OwnAddress own) {
        if (own.family == IpFamily.V4) {
            arp(ArpView.REQUEST, own.lo, MacAddress.BROADCAST_VALUE, 0, own.lo);
        } else {
            advertise(own);
        }
    }

    /** Sends a neighbour advertisement about an own address to everyone (RFC 4861 section 7.2.4). */
    void advertise(final OwnAddress own) {
        ip.dstHi = Ipv6Address.ALL_NODES.hi();
        ip.dstLo = Ipv6Address.ALL_NODES.lo();
        advertise(own, 0, MacAddress.ofIpv6Group(ip.dstLo));
    }

    /**
     * Answers a solicitation for an own address.
     *
     * @param dst link address that it is sent to
     */
    void answer(final OwnAddress own, final long dstHi, final long dstLo, final long dst) {
        ip.dstHi = dstHi;
        ip.dstLo = dstLo;
        advertise(own, NdpView.SOLICITED, dst);
    }

    /**
     * Answers a solicitation for an address of a prefix that is ours as a whole. If somebody has the address after all,
     * his own answer counts more than this one.
     */
    void answer(final long hi, final long lo, final long dstHi, final long dstLo, final long dst) {
        ip.srcHi = hi;
        ip.srcLo = lo;
        ip.dstHi = dstHi;
        ip.dstLo = dstLo;
        advertise(hi, lo, NdpView.SOLICITED, dst);
    }

    @Override
    public void tellShards(final OwnAddress own, final long other) {
        link.sharing().news().onAddress(link.index(), own.family, own.hi, own.lo, own.state(), other);
    }

    private void advertise(final OwnAddress own, final int flags, final long dst) {
        ip.srcHi = own.hi;
        ip.srcLo = own.lo;
        if (own.anycast && !unicastSource(ip.dstHi, ip.dstLo)) {
            return;
        }
        // RFC 4429 section 3.3: while it may be somebody else's, it replaces nothing. RFC 4861 section 7.2.7: nor
        // does what others have too.
        final int override = own.checking() || own.anycast ? 0 : NdpView.OVERRIDE;
        advertise(own.hi, own.lo, flags | override, dst);
    }

    /** Chooses a source that is ours alone. Returns false if there is none. */
    private boolean unicastSource(final long dstHi, final long dstLo) {
        final AddressSet own = link.addresses(IpFamily.V6);
        if (own.count() == 0) {
            return false;
        }
        final int source = source(own, dstHi, dstLo);
        ip.srcHi = own.hi(source);
        ip.srcLo = own.lo(source);
        return true;
    }

    private void advertise(final long hi, final long lo, final int flags, final long dst) {
        final int router = link.router() ? NdpView.ROUTER : 0;
        final int option = NdpOptionView.TARGET_LINK_ADDRESS;
        ndp(NdpView.NEIGHBOR_ADVERTISEMENT, flags | router, hi, lo, option, link.mac(), dst);
    }

    private void solicit(final long hi, final long lo, final long where) {
        final AddressSet own = link.addresses(IpFamily.V6);
        if (own.count() == 0) {
            return;
        }
        final int source = source(own, hi, lo);
        ip.srcHi = own.hi(source);
        ip.srcLo = own.lo(source);
        if (where == 0) {
            ip.dstHi = Ipv6Address.SOLICITED_NODE_HI;
            ip.dstLo = Ipv6Address.solicitedNodeLo(lo);
        } else {
            ip.dstHi = hi;
            ip.dstLo = lo;
        }
        final long dst = where == 0 ? MacAddress.ofIpv6Group(ip.dstLo) : where;
        // RFC 4429 section 3.2: an address that is being checked tells nobody where it is.
        final boolean checking = own.state(source) == AddressState.OPTIMISTIC;
        final int option = checking ? 0 : NdpOptionView.SOURCE_LINK_ADDRESS;
        ndp(NdpView.NEIGHBOR_SOLICITATION, 0, hi, lo, option, link.mac(), dst);
    }

    /**
     * The address to ask for a target from, which there must be: better one that is not being checked, then one in the
     * target's network, then a link-local one.
     */
    private static int source(final AddressSet own, final long hi, final long lo) {
        int best = 0;
        int bestRank = -1;
        for (int i = 0; i < own.count(); i++) {
            int rank = own.state(i) == AddressState.OPTIMISTIC ? 0 : 4;
            rank += own.sameNetwork(i, hi, lo) ? 2 : 0;
            rank += Ipv6Address.isLinkLocal(own.hi(i)) ? 1 : 0;
            if (rank > bestRank) {
                best = i;
                bestRank = rank;
            }
        }
        return best;
    }

    private void ndp(
            final int type,
            final int flags,
            final long hi,
            final long lo,
            final int option,
            final long optionValue,
            final long dst) {
        final long handle = allocate();
        if (handle == PacketPool.NONE) {
            return;
        }
        final long offset = cache.pool().dataOffset(handle);
        final long message = offset + Ipv6View.LENGTH;
        final int length = NdpView.write(memory, message, type, flags, hi, lo, option, optionValue);
        BufferHeader.length(memory, handle, Ipv6View.LENGTH + length);
        Icmpv6View.seal(ip, memory, message, length);
        Ipv6View.write(
                memory,
                offset,
                0,
                0,
                length,
                Icmpv6View.PROTOCOL,
                NdpView.HOP_LIMIT,
                ip.srcHi,
                ip.srcLo,
                ip.dstHi,
                ip.dstLo);
        link.frame(handle, EthernetView.TYPE_IPV6, dst);
    }

    private long allocate() {
        final long handle = cache.allocate();
        if (handle == PacketPool.NONE) {
            counters.increment(StackCounter.NO_BUFFER);
        }
        return handle;
    }
}

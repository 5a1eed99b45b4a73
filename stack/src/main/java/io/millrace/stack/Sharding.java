package io.millrace.stack;

import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.flow.FlowKey;
import io.millrace.stack.demux.FlowEntry;
import io.millrace.stack.demux.FlowPlacement;
import io.millrace.stack.iface.IpLayer;
import io.millrace.stack.iface.Link;
import io.millrace.stack.iface.ShardNews;
import io.millrace.stack.iface.address.AddressState;
import io.millrace.stack.socket.icmp.IcmpEngine;
import io.millrace.stack.socket.tcp.TcpEngine;
import io.millrace.stack.socket.udp.UdpEngine;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.UdpView;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * What makes a stack one of several that share addresses and ports, each in a shard of its own: which flows it may have,
 * who checks the addresses, and what the stacks tell each other. {@link io.millrace.stack.shard.ShardGroup} connects
 * them; a stack that is alone needs none of it. On the stack's thread, but for what is set before the first poll.
 */
public final class Sharding {
    private final IpLayer ipLayer;
    private final TcpEngine tcp;
    private final UdpEngine udp;
    private final IcmpEngine icmp;
    private final List<Link> links = new ArrayList<>();
    private ShardNews news = ShardNews.NONE;
    private boolean leads = true;
    private long now;

    Sharding(final IpLayer ipLayer, final TcpEngine tcp, final UdpEngine udp, final IcmpEngine icmp) {
        this.ipLayer = ipLayer;
        this.tcp = tcp;
        this.udp = udp;
        this.icmp = icmp;
        tcp.onCookies(port -> news.onCookies(port));
        ipLayer.pathMtus().onLower((family, hi, lo, mtu) -> news.onPathMtu(family, hi, lo, mtu));
    }

    void add(final Link link) {
        links.add(link);
        link.sharing().leads(leads);
        link.sharing().news(news);
    }

    void now(final long nowMicros) {
        now = nowMicros;
    }

    /** Sets which flows may be opened from here: those whose replies come here. */
    public void placement(final FlowPlacement placement) {
        tcp.placement(placement);
        udp.placement(placement);
        icmp.placement(placement);
    }

    /**
     * Says whether this stack checks, announces and defends the addresses for all. At first each stack does; one that
     * does not waits to hear of it.
     */
    public void leads(final boolean nowLeads) {
        leads = nowLeads;
        links.forEach(link -> link.sharing().leads(nowLeads));
    }

    /** Whether this stack checks the addresses. */
    public boolean leads() {
        return leads;
    }

    /** Sets who hears what others should know. */
    public void news(final ShardNews newNews) {
        news = newNews;
        links.forEach(link -> link.sharing().news(newNews));
    }

    /** Tells others all that there is to know of addresses and neighbours: one of them is new. */
    public void tellAll() {
        links.forEach(link -> link.sharing().tellAll());
    }

    /** Takes over what another stack told; arguments as of {@link ShardNews#onNeighbor}. */
    public void heardNeighbor(
            final int interfaceIndex, final int family, final long hi, final long lo, final long mac) {
        links.get(interfaceIndex).sharing().heardNeighbor(family, hi, lo, mac);
    }

    /** Takes over what another stack told; arguments as of {@link ShardNews#onAddress}. */
    public void heardAddress(
            final int interfaceIndex,
            final int family,
            final long hi,
            final long lo,
            final AddressState state,
            final long other) {
        links.get(interfaceIndex).sharing().heardAddress(family, hi, lo, state, other);
    }

    /** Takes over what another stack told; arguments as of {@link ShardNews#onCookies}. */
    public void heardCookies(final int port) {
        tcp.heardOfCookies(port, now);
    }

    /** Takes over what another stack told; arguments as of {@link ShardNews#onPathMtu}. */
    public void heardPathMtu(final int family, final long hi, final long lo, final int mtu) {
        ipLayer.pathMtus().heard(family, hi, lo, mtu, now);
    }

    /**
     * Whether the stack has a flow of its own: a TCP connection in whatever state, a UDP socket that is connected so,
     * or one that asks for echoes.
     *
     * @param key of a packet that came in
     */
    public boolean owns(final FlowKey key) {
        if (key.echo) {
            return icmp.hasEcho(key.family, key.ports);
        }
        if (!key.quoted) {
            return owns(
                    key,
                    key.dstHi,
                    key.dstLo,
                    key.srcHi,
                    key.srcLo,
                    FlowEntry.ports(key.ports & 0xFFFF, key.ports >>> 16));
        }
        return owns(key, key.srcHi, key.srcLo, key.dstHi, key.dstLo, key.ports);
    }

    private boolean owns(
            final FlowKey key,
            final long localHi,
            final long localLo,
            final long remoteHi,
            final long remoteLo,
            final int ports) {
        return switch (key.protocol) {
            case TcpView.PROTOCOL -> tcp.has(key.family, localHi, localLo, remoteHi, remoteLo, ports);
            case UdpView.PROTOCOL ->
                udp.has(key.family, localHi, localLo, remoteHi, remoteLo, ports)
                        || tcp.hasWithinUdp(key.family, localHi, localLo, remoteHi, remoteLo, ports);
            default -> false;
        };
    }

    /** The buckets of a hash in which the stack has flows. Looks at each flow, so for now and then only. */
    public BitSet buckets(final FlowHash hash) {
        final BitSet buckets = new BitSet(FlowHash.BUCKETS);
        tcp.forEachFlow((family, localHi, localLo, remoteHi, remoteLo, ports) ->
                buckets.set(FlowHash.bucket(hash.hash(localHi, localLo, remoteHi, remoteLo, ports))));
        icmp.forEachEcho(identifier -> buckets.set(FlowHash.bucket(hash.hash(0, 0, 0, 0, identifier))));
        udp.forEachFlow((family, localHi, localLo, remoteHi, remoteLo, ports) ->
                buckets.set(FlowHash.bucket(hash.hash(localHi, localLo, remoteHi, remoteLo, ports))));
        return buckets;
    }
}

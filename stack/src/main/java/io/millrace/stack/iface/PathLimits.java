package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.stack.iface.address.AddressSet;
import io.millrace.stack.iface.path.PathMtus;
import io.millrace.stack.route.RouteMetrics;
import io.millrace.stack.route.RouteTable;
import io.millrace.stack.wire.IpRepr;
import org.jspecify.annotations.Nullable;

/** How long packets to a destination may be: by the link, the route, and what routers told. */
final class PathLimits {
    private final Routing routing;
    private final RouteTable routes;
    private final PathMtus pathMtus;

    /** Longest packet to ourselves. */
    private final int loopMtu;

    PathLimits(final Routing routing, final PathMtus pathMtus, final PacketPool pool) {
        this.routing = routing;
        this.routes = routing.table();
        this.pathMtus = pathMtus;
        this.loopMtu = Math.min(0xFFFF, pool.dataRoom() - pool.headroom());
    }

    /**
     * The MTU for a packet.
     *
     * @param length its bytes
     * @param link where it leaves
     * @param hop its next hop; {@link RouteTable#NONE} if it goes to a group that no route leads to
     */
    int mtu(final IpRepr ip, final int length, final Link link, final int hop) {
        final int most = mtu(link, hop);
        return isLocked(hop) ? most : pathMtus.towards(ip, length, most, link.now());
    }

    /** The longest packet towards a destination; 0 if no way leads there. */
    int mtu(final IpRepr ip) {
        final int kind = routing.kind(ip.family, ip.dstHi, ip.dstLo, ip.interfaceIndex);
        if (kind == AddressSet.OWN) {
            return loopMtu;
        }
        final int hop = routing.route(ip, Routing.isGroup(ip, kind));
        final Link link = link(ip, hop);
        return link == null ? 0 : mtu(ip, Integer.MAX_VALUE, link, hop);
    }

    /** The same, whatever routers told. */
    int linkMtu(final IpRepr ip) {
        final int kind = routing.kind(ip.family, ip.dstHi, ip.dstLo, ip.interfaceIndex);
        if (kind == AddressSet.OWN) {
            return loopMtu;
        }
        final int hop = routing.route(ip, Routing.isGroup(ip, kind));
        final Link link = link(ip, hop);
        return link == null ? 0 : mtu(link, hop);
    }

    private @Nullable Link link(final IpRepr ip, final int hop) {
        return hop == RouteTable.NONE ? routing.towards(ip) : routing.link(routes.interfaceIndex(hop));
    }

    /** What link and route allow, whatever routers told. */
    int mtu(final Link link, final int hop) {
        final int known = hop == RouteTable.NONE ? 0 : routes.metrics(hop).mtu();
        return known == 0 ? link.mtu() : Math.min(link.mtu(), known);
    }

    /**
     * Notes that a router told that a packet of ours was too long.
     *
     * @param reported the MTU that it told
     * @param length of the packet
     * @return whether the path MTU is less than before
     */
    boolean lower(final IpRepr to, final int reported, final int length) {
        final int hop = routing.route(to, false);
        if (hop == RouteTable.NONE || isLocked(hop)) {
            return false;
        }
        final Link link = routing.link(routes.interfaceIndex(hop));
        return pathMtus.lower(to.family, to.dstHi, to.dstLo, reported, length, mtu(link, hop), link.now());
    }

    /** What the route to a destination says of the paths there. */
    RouteMetrics metrics(final IpRepr ip) {
        final int hop = routes.hasMetrics() ? routing.route(ip, false) : RouteTable.NONE;
        return hop == RouteTable.NONE ? RouteMetrics.NONE : routes.metrics(hop);
    }

    private boolean isLocked(final int hop) {
        return hop != RouteTable.NONE && routes.metrics(hop).mtuLocked();
    }
}

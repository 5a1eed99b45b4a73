package io.millrace.stack.iface;

import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Which interface and which neighbour lead to a destination: longest prefix first. A sorted array, which suits the few
 * routes of a host.
 */
final class Routes {
    /** There is no route. */
    static final int NONE = -1;

    private record Route(
            int family, long hi, long lo, int prefixLength, int link, boolean gateway, long gatewayHi, long gatewayLo) {
        boolean leadsTo(final int otherFamily, final long otherHi, final long otherLo) {
            return family == otherFamily
                    && ((hi ^ otherHi) & IpAddress.maskHi(family, prefixLength)) == 0
                    && ((lo ^ otherLo) & IpAddress.maskLo(family, prefixLength)) == 0;
        }
    }

    private Route[] routes = new Route[0];

    /** Adds the network of an interface's own address. */
    void addConnected(final int family, final long hi, final long lo, final int prefixLength, final int link) {
        add(new Route(family, hi, lo, prefixLength, link, false, 0, 0));
    }

    /** Removes one network of an interface's own addresses. */
    void removeConnected(final int family, final long hi, final long lo, final int prefixLength, final int link) {
        final List<Route> list = new ArrayList<>(List.of(routes));
        for (int i = 0; i < routes.length; i++) {
            final Route route = routes[i];
            if (!route.gateway
                    && route.link == link
                    && route.prefixLength == prefixLength
                    && route.leadsTo(family, hi, lo)) {
                list.remove(i);
                routes = list.toArray(Route[]::new);
                return;
            }
        }
    }

    /** Adds a network behind a gateway. */
    void addGateway(
            final int family,
            final long hi,
            final long lo,
            final int prefixLength,
            final int link,
            final long gatewayHi,
            final long gatewayLo) {
        add(new Route(family, hi, lo, prefixLength, link, true, gatewayHi, gatewayLo));
    }

    /**
     * Finds the route to a destination.
     *
     * @param link index of the interface that it must leave by; -1 for any
     * @return index of the route, or {@link #NONE}
     */
    int find(final int family, final long hi, final long lo, final int link) {
        for (int i = 0; i < routes.length; i++) {
            final Route route = routes[i];
            if ((link < 0 || route.link == link) && route.leadsTo(family, hi, lo)) {
                return i;
            }
        }
        return NONE;
    }

    /** Index of the interface that a route leaves by. */
    int link(final int route) {
        return routes[route].link;
    }

    /** Upper half of the next hop's address for a destination. */
    long nextHi(final int route, final long hi) {
        return routes[route].gateway ? routes[route].gatewayHi : hi;
    }

    /** Lower half of the next hop's address for a destination. */
    long nextLo(final int route, final long lo) {
        return routes[route].gateway ? routes[route].gatewayLo : lo;
    }

    private void add(final Route route) {
        final List<Route> list = new ArrayList<>(List.of(routes));
        int at = 0;
        while (at < list.size() && list.get(at).prefixLength >= route.prefixLength) {
            at++;
        }
        list.add(at, route);
        routes = list.toArray(Route[]::new);
    }
}

package io.millrace.stack;

import io.millrace.stack.route.Route;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.List;

/** What makes routes of a configuration, and refuses those that lead nowhere. */
final class RouteChecks {
    private RouteChecks() {}

    /** The default routes of an interface: the metric of each gateway is its place among those of its family. */
    static List<Route> defaults(final InterfaceConfig config, final int interfaceIndex) {
        final List<Route> routes = new ArrayList<>();
        int count4 = 0;
        int count6 = 0;
        for (final IpAddress gateway : config.gateways()) {
            final int metric = gateway.family() == IpFamily.V4 ? count4++ : count6++;
            routes.add(Route.byDefault(gateway, interfaceIndex).withMetric(metric));
        }
        return routes;
    }

    /**
     * Checks a route against the interface that it names.
     *
     * @throws IllegalArgumentException if it does not fit
     */
    static void check(final Route route, final List<NetInterface> interfaces) {
        if (route.interfaceIndex() >= interfaces.size()) {
            throw new IllegalArgumentException("route " + route + ": there is no interface " + route.interfaceIndex()
                    + "; the last one is " + (interfaces.size() - 1));
        }
        final NetInterface net = interfaces.get(route.interfaceIndex());
        final String text = route.text(net.name(), 0);
        final IpAddress gateway = route.gateway();
        if (gateway != null) {
            if (owns(net, gateway)) {
                throw new IllegalArgumentException(
                        "route " + text + ": the gateway is the interface's own address; use the router's");
            }
            final boolean near =
                    gateway.isLinkLocal() || !net.port().medium().hasLinkAddresses() || reaches(net, gateway);
            if (!near) {
                throw new IllegalArgumentException("route " + text + ": the gateway is in none of the interface's"
                        + " networks " + net.addresses() + "; use a neighbour's address");
            }
        }
        final IpAddress source = route.preferredSource();
        if (source != null && !owns(net, source)) {
            throw new IllegalArgumentException(
                    "route " + text + ": the source is no address of the interface; use one of " + net.addresses());
        }
    }

    private static boolean owns(final NetInterface net, final IpAddress address) {
        for (final Cidr<? extends IpAddress> own : net.addresses()) {
            if (own.address().equals(address)) {
                return true;
            }
        }
        return false;
    }

    private static boolean reaches(final NetInterface net, final IpAddress address) {
        for (final Cidr<? extends IpAddress> own : net.addresses()) {
            if (own.contains(address)) {
                return true;
            }
        }
        return false;
    }
}

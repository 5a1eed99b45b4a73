package io.millrace.bench.appliance;

import io.millrace.dataplane.linux.Linux;
import io.millrace.dataplane.linux.LinuxAddress;
import io.millrace.dataplane.linux.LinuxHop;
import io.millrace.dataplane.linux.LinuxRoute;
import io.millrace.dataplane.linux.RouteSocket;
import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteKind;
import io.millrace.stack.route.RouteMetrics;
import io.millrace.stack.route.RouteOrigin;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.List;

/** Routes and addresses, from Linux's words into the stack's and back. */
final class HostRoutes {
    /** Added to the metric of our routes in Linux, so that those that Linux has of its own come first. */
    static final int METRIC = 20_000;

    /** The way of packets that go no further. */
    private static final LinuxHop NOWHERE = LinuxHop.onLink(0);

    private HostRoutes() {}

    /**
     * A route as the router has it: one for each way that is by one of its ports.
     *
     * @return none if the router is not to have it: the network of an address, which the router knows itself, a route of
     *     ours, or one by other interfaces
     */
    static List<Route> toRouter(LinuxRoute route, HostPorts hosts) {
        if (route.protocol() == LinuxRoute.BY_KERNEL
                || route.protocol() == LinuxRoute.BY_REDIRECT
                || route.protocol() == LinuxRoute.BY_MILLRACE) {
            return List.of();
        }
        final List<Route> routes = new ArrayList<>();
        switch (route.kind()) {
            case LinuxRoute.UNICAST -> {
                for (final LinuxHop hop : route.hops()) {
                    add(routes, route, RouteKind.UNICAST, hop, hosts.portOf(hop.device()));
                }
            }
            case LinuxRoute.BLACKHOLE -> add(routes, route, RouteKind.BLACKHOLE, NOWHERE, 0);
            case LinuxRoute.UNREACHABLE -> add(routes, route, RouteKind.UNREACHABLE, NOWHERE, 0);
            default -> {} // of no use for a router
        }
        return routes;
    }

    private static void add(List<Route> routes, LinuxRoute route, RouteKind kind, LinuxHop hop, int port) {
        if (port < 0) {
            return;
        }
        final IpAddress gateway = hop.hasGateway() ? address(hop.gatewayFamily(), hop.hi(), hop.lo()) : null;
        try {
            routes.add(Route.of(destination(route), kind, gateway, port)
                    .withMetric(metric(route))
                    .withWeight(hop.weight())
                    .withOrigin(RouteOrigin.HOST)
                    .withMetrics(
                            kind == RouteKind.UNICAST
                                    ? HostMetrics.toRouter(route.metrics(), route.family())
                                    : RouteMetrics.NONE)); // what goes nowhere has no path
        } catch (IllegalArgumentException e) {
            // for instance by way of a group, which no packet could go
        }
    }

    /** The router's routes as Linux has them, without those that came from there or whose port has no host. */
    static List<LinuxRoute> toLinux(List<Route> routes, HostPorts hosts) {
        final List<LinuxRoute> linux = new ArrayList<>();
        for (final Route route : routes) {
            final HostPorts.Host host = hosts.of(route.interfaceIndex());
            if (host == null || route.origin() != RouteOrigin.STATIC || route.kind() != RouteKind.UNICAST) {
                continue;
            }
            final LinuxRoute one = toLinux(route, host);
            final LinuxRoute last = linux.isEmpty() ? null : linux.getLast();
            if (last == null || !last.samePlace(one)) {
                linux.add(one);
            } else if (last.hops().size() < RouteSocket.MOST_HOPS) {
                linux.set(linux.size() - 1, joined(last, one)); // in Linux these are one route of several ways
            }
        }
        return linux;
    }

    private static LinuxRoute toLinux(Route route, HostPorts.Host host) {
        final IpAddress to = route.destination().address();
        final IpAddress gateway = route.gateway();
        return new LinuxRoute(
                family(to),
                to.hi(),
                to.lo(),
                route.destination().prefixLength(),
                LinuxRoute.UNICAST,
                List.of((gateway == null
                                ? LinuxHop.onLink(host.index())
                                : new LinuxHop(host.index(), family(gateway), gateway.hi(), gateway.lo()))
                        .withWeight(route.weight())),
                METRIC + Math.min(route.metric(), Integer.MAX_VALUE - METRIC),
                LinuxRoute.BY_MILLRACE,
                HostMetrics.toLinux(route.metrics()));
    }

    private static LinuxRoute joined(LinuxRoute a, LinuxRoute b) {
        final List<LinuxHop> hops = new ArrayList<>(a.hops());
        hops.addAll(b.hops());
        return a.withHops(hops);
    }

    /** The metric that the router has for a route. */
    static int metric(LinuxRoute route) {
        return route.metric() < 0 ? Integer.MAX_VALUE : route.metric();
    }

    static Cidr<? extends IpAddress> destination(LinuxRoute route) {
        return new Cidr<>(address(route.family(), route.hi(), route.lo()), route.prefixLength()).network();
    }

    static Cidr<? extends IpAddress> toRouter(LinuxAddress address) {
        return new Cidr<>(address(address.family(), address.hi(), address.lo()), address.prefixLength());
    }

    static LinuxAddress toLinux(Cidr<? extends IpAddress> cidr, int device) {
        final IpAddress address = cidr.address();
        return new LinuxAddress(family(address), address.hi(), address.lo(), cidr.prefixLength(), device);
    }

    private static IpAddress address(int family, long hi, long lo) {
        return IpAddress.of(family == Linux.AF_INET ? IpFamily.V4 : IpFamily.V6, hi, lo);
    }

    private static int family(IpAddress address) {
        return address.family() == IpFamily.V4 ? Linux.AF_INET : Linux.AF_INET6;
    }
}

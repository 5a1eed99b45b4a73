package io.millrace.bench.appliance;

import io.millrace.dataplane.linux.Linux;
import io.millrace.dataplane.linux.LinuxAddress;
import io.millrace.dataplane.linux.LinuxRoute;
import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteKind;
import io.millrace.stack.route.RouteOrigin;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import org.jspecify.annotations.Nullable;

/** Routes and addresses, from Linux's words into the stack's and back. */
final class HostRoutes {
    /** Added to the metric of our routes in Linux, so that those that Linux has of its own come first. */
    static final int METRIC = 20_000;

    private HostRoutes() {}

    /**
     * A route as the router has it.
     *
     * @return null if it is none that the router is to have: the network of an address, which the router knows itself, a
     *     route of ours, or one by another interface
     */
    static @Nullable Route toRouter(LinuxRoute route, HostPorts hosts) {
        if (route.protocol() == LinuxRoute.BY_KERNEL
                || route.protocol() == LinuxRoute.BY_REDIRECT
                || route.protocol() == LinuxRoute.BY_MILLRACE) {
            return null;
        }
        final RouteKind kind = switch (route.kind()) {
            case LinuxRoute.UNICAST -> RouteKind.UNICAST;
            case LinuxRoute.BLACKHOLE -> RouteKind.BLACKHOLE;
            case LinuxRoute.UNREACHABLE -> RouteKind.UNREACHABLE;
            default -> null;
        };
        final int port = kind == RouteKind.UNICAST ? hosts.portOf(route.device()) : 0;
        if (kind == null || port < 0) {
            return null;
        }
        final IpAddress gateway = route.hasGateway() && kind == RouteKind.UNICAST
                ? address(route.family(), route.gatewayHi(), route.gatewayLo())
                : null;
        try {
            return Route.of(
                            new Cidr<>(address(route.family(), route.hi(), route.lo()), route.prefixLength()),
                            kind,
                            gateway,
                            port)
                    .withMetric(Math.max(0, route.metric()))
                    .withOrigin(RouteOrigin.HOST);
        } catch (IllegalArgumentException e) {
            return null; // for instance by way of a group
        }
    }

    /**
     * A route as Linux has it.
     *
     * @return null if it is none that Linux is to have: one that came from there, or of a port that has no host
     */
    static @Nullable LinuxRoute toLinux(Route route, HostPorts hosts) {
        final HostPorts.Host host = hosts.of(route.interfaceIndex());
        if (host == null || route.origin() != RouteOrigin.STATIC || route.kind() != RouteKind.UNICAST) {
            return null;
        }
        final IpAddress to = route.destination().address();
        final IpAddress gateway = route.gateway();
        return new LinuxRoute(
                family(to),
                to.hi(),
                to.lo(),
                route.destination().prefixLength(),
                LinuxRoute.UNICAST,
                gateway != null,
                gateway == null ? 0 : gateway.hi(),
                gateway == null ? 0 : gateway.lo(),
                host.index(),
                METRIC + Math.min(route.metric(), Integer.MAX_VALUE - METRIC),
                LinuxRoute.BY_MILLRACE);
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

package io.millrace.stack.route;

import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A route as the application sees it.
 *
 * @param destination where it leads; bits behind the prefix are cleared
 * @param kind what happens to packets
 * @param gateway the router that takes them on, for IPv4 perhaps one that is known by an IPv6 address (RFC 8950); null if
 *     the destination is on the link
 * @param interfaceIndex index of the interface within its stack
 * @param metric among routes of the same destination the least counts
 * @param weight share of the flows that it gets, beside routes of the same cost: 1 to {@link #MAX_WEIGHT}
 * @param origin who made it
 * @param preferredSource source address for packets that choose none; null for that of the rules
 * @param expiresAt time in microseconds of the stack's clock when it goes; {@code Long.MAX_VALUE} for never
 * @param metrics what is known of the paths
 */
public record Route(
        Cidr<? extends IpAddress> destination,
        RouteKind kind,
        @Nullable IpAddress gateway,
        int interfaceIndex,
        int metric,
        int weight,
        RouteOrigin origin,
        @Nullable IpAddress preferredSource,
        long expiresAt,
        RouteMetrics metrics) {
    /** Greatest {@link #weight}, as in Linux. */
    public static final int MAX_WEIGHT = 256;

    /** {@link #expiresAt} of a route that stays. */
    public static final long NEVER = Long.MAX_VALUE;

    /**
     * Checks that the parts fit together.
     *
     * @throws IllegalArgumentException if they do not
     */
    public Route {
        destination = destination.network();
        final int family = destination.address().family();
        if (gateway != null) {
            // An IPv4 next hop has no upper half, so that one of IPv6 is known by its own.
            final boolean leads = gateway.family() == family || (family == IpFamily.V4 && gateway.hi() != 0);
            if (!leads || !gateway.isUnicast()) {
                throw new IllegalArgumentException("gateway " + gateway + " of " + destination
                        + "; use a unicast address of the same family, or of IPv6 for IPv4");
            }
            if (kind != RouteKind.UNICAST) {
                throw new IllegalArgumentException("gateway " + gateway + " of " + kind.text() + destination
                        + "; such a route has none, leave it out");
            }
        }
        if (preferredSource != null && preferredSource.family() != family) {
            throw new IllegalArgumentException(
                    "source " + preferredSource + " of " + destination + "; use an address of the same family");
        }
        if (kind == RouteKind.LOCAL && expiresAt != NEVER) {
            throw new IllegalArgumentException(
                    "end of " + kind.text() + destination + "; such a route lasts until it is removed");
        }
        if (interfaceIndex < 0) {
            throw new IllegalArgumentException("interface " + interfaceIndex + " of " + destination
                    + "; use the index of one of the stack's interfaces");
        }
        if (metric < 0) {
            throw new IllegalArgumentException("metric " + metric + " of " + destination + "; it is 0 or more");
        }
        if (!metrics.equals(RouteMetrics.NONE) && kind != RouteKind.UNICAST) {
            throw new IllegalArgumentException(
                    "metrics '" + metrics + "' of " + kind.text() + destination + "; such a route leads nowhere");
        }
        if (family == IpFamily.V6 && metrics.mtu() != 0 && metrics.mtu() < RouteMetrics.LEAST_MTU_V6) {
            throw new IllegalArgumentException("mtu " + metrics.mtu() + " of " + destination + "; for IPv6 it is "
                    + RouteMetrics.LEAST_MTU_V6 + " or more");
        }
        if (weight < 1 || weight > MAX_WEIGHT) {
            throw new IllegalArgumentException(
                    "weight " + weight + " of " + destination + "; it is 1 to " + MAX_WEIGHT);
        }
    }

    /** A lasting route of the administrator to a network behind a gateway. */
    public static Route via(
            final Cidr<? extends IpAddress> destination, final IpAddress gateway, final int interfaceIndex) {
        return of(destination, RouteKind.UNICAST, gateway, interfaceIndex);
    }

    /** A lasting default route of the administrator. */
    public static Route byDefault(final IpAddress gateway, final int interfaceIndex) {
        return via(new Cidr<>(IpAddress.of(gateway.family(), 0, 0), 0), gateway, interfaceIndex);
    }

    /** A lasting route of the administrator to a network whose hosts are on the link. */
    public static Route onLink(final Cidr<? extends IpAddress> destination, final int interfaceIndex) {
        return of(destination, RouteKind.UNICAST, null, interfaceIndex);
    }

    /** A lasting route of the administrator of any kind. */
    public static Route of(
            final Cidr<? extends IpAddress> destination,
            final RouteKind kind,
            final @Nullable IpAddress gateway,
            final int interfaceIndex) {
        return new Route(
                destination, kind, gateway, interfaceIndex, 0, 1, RouteOrigin.STATIC, null, NEVER, RouteMetrics.NONE);
    }

    /** The same with another metric. */
    public Route withMetric(final int newMetric) {
        return with(newMetric, weight, origin, preferredSource, expiresAt, metrics);
    }

    /** The same with another weight. */
    public Route withWeight(final int newWeight) {
        return with(metric, newWeight, origin, preferredSource, expiresAt, metrics);
    }

    /** The same made by someone else. */
    public Route withOrigin(final RouteOrigin newOrigin) {
        return with(metric, weight, newOrigin, preferredSource, expiresAt, metrics);
    }

    /** The same with a preferred source address. */
    public Route withPreferredSource(final IpAddress source) {
        return with(metric, weight, origin, source, expiresAt, metrics);
    }

    /** The same with an end. */
    public Route withExpiry(final long micros) {
        return with(metric, weight, origin, preferredSource, micros, metrics);
    }

    /** The same with what is known of the paths, for instance {@code RouteMetrics.parse("mtu 1400 initcwnd 20")}. */
    public Route withMetrics(final RouteMetrics newMetrics) {
        return with(metric, weight, origin, preferredSource, expiresAt, newMetrics);
    }

    private Route with(
            final int newMetric,
            final int newWeight,
            final RouteOrigin newOrigin,
            final @Nullable IpAddress source,
            final long end,
            final RouteMetrics newMetrics) {
        return new Route(
                destination, kind, gateway, interfaceIndex, newMetric, newWeight, newOrigin, source, end, newMetrics);
    }

    /** Whether both lead the same packets the same way, whatever their metric, weight, origin, source, end and metrics. */
    public boolean sameWay(final Route other) {
        return destination.equals(other.destination)
                && kind == other.kind
                && interfaceIndex == other.interfaceIndex
                && Objects.equals(gateway, other.gateway);
    }

    /**
     * One line as {@code ip route} prints it.
     *
     * @param interfaceName name of the interface
     * @param now time in microseconds, for how long the route lasts
     */
    public String text(final String interfaceName, final long now) {
        final StringBuilder text = new StringBuilder(kind.text());
        text.append(destination.prefixLength() == 0 ? "default" : shortened());
        if (gateway != null) {
            final boolean other = gateway.family() != destination.address().family();
            text.append(other ? " via inet6 " : " via ").append(gateway);
        }
        text.append(" dev ").append(interfaceName).append(" proto ").append(origin);
        if (gateway == null && kind == RouteKind.UNICAST) {
            text.append(" scope link");
        }
        if (preferredSource != null) {
            text.append(" src ").append(preferredSource);
        }
        if (metric != 0) {
            text.append(" metric ").append(metric);
        }
        if (weight != 1) {
            text.append(" weight ").append(weight);
        }
        if (!metrics.equals(RouteMetrics.NONE)) {
            text.append(' ').append(metrics);
        }
        if (expiresAt != NEVER) {
            text.append(" expires ")
                    .append(Math.max(0, (expiresAt - now) / 1_000_000))
                    .append("sec");
        }
        return text.toString();
    }

    /** One line as {@code ip route} prints it, with the interface's index for its name. */
    @Override
    public String toString() {
        return text("#" + interfaceIndex, 0);
    }

    /** The order of lists: IPv4 first, then by address, prefix length and metric. */
    static int compare(final Route a, final Route b) {
        final IpAddress left = a.destination().address();
        final IpAddress right = b.destination().address();
        int order = Integer.compare(left.family(), right.family());
        order = order != 0 ? order : Long.compareUnsigned(left.hi(), right.hi());
        order = order != 0 ? order : Long.compareUnsigned(left.lo(), right.lo());
        order = order != 0
                ? order
                : Integer.compare(
                        a.destination().prefixLength(), b.destination().prefixLength());
        return order != 0 ? order : Integer.compare(a.metric(), b.metric());
    }

    private String shortened() {
        return destination.prefixLength() == destination.address().bits()
                ? destination.address().toString()
                : destination.toString();
    }
}

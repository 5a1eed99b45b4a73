package io.millrace.bench.plan;

import io.millrace.stack.route.RouteMetrics;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of one port, checked.
 *
 * @param own each a unicast address with its prefix, at least one
 * @param gateway4 where IPv4 packets for elsewhere go, null for nowhere
 * @param gateway6 where IPv6 packets for elsewhere go, null for nowhere
 * @param routes to networks behind other routers
 */
public record PortAddresses(
        List<Cidr<? extends IpAddress>> own,
        @Nullable Ipv4Address gateway4,
        @Nullable Ipv6Address gateway6,
        List<Route> routes) {
    /**
     * A network that is not behind the gateway.
     *
     * @param network without host bits
     * @param gateway the router that leads there, null where the hosts are on the link itself
     * @param metrics what is known of the paths
     */
    public record Route(
            Cidr<? extends IpAddress> network, @Nullable IpAddress gateway, RouteMetrics metrics) {}
}

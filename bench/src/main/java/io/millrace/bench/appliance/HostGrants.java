package io.millrace.bench.appliance;

import io.millrace.dataplane.linux.LinuxAddress;
import io.millrace.dataplane.linux.LinuxRoute;
import io.millrace.dataplane.linux.RouteSocket;
import io.millrace.dataplane.port.PortException;
import io.millrace.stack.route.Route;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The router's addresses and routes that Linux is to have. What Linux refuses stays here to be told again, for instance
 * when an interface is up again. For one thread.
 */
final class HostGrants {
    private final HostPorts hosts;
    private final RouteSocket tell;
    private final Set<LinuxAddress> addresses = new HashSet<>();
    private final Set<LinuxRoute> routes = new LinkedHashSet<>();
    private volatile String refusal = "";

    HostGrants(HostPorts hosts, RouteSocket tell) {
        this.hosts = hosts;
        this.tell = tell;
    }

    /** Whether Linux has an address from us. */
    boolean contains(LinuxAddress address) {
        return addresses.contains(address);
    }

    /** Whether Linux has a route from us. */
    boolean contains(LinuxRoute route) {
        return routes.contains(route);
    }

    /** What Linux refused last, and why; empty if nothing. Any thread. */
    String refusal() {
        return refusal;
    }

    /** Gives Linux addresses, but for those that it has of its own, and takes back those that are not wanted any more. */
    void addresses(Set<LinuxAddress> wanted, Set<LinuxAddress> own) {
        for (final LinuxAddress address : wanted) {
            if (!own.contains(address) && addresses.add(address)) {
                tells(() -> tell.add(address));
            }
        }
        for (final LinuxAddress address : List.copyOf(addresses)) {
            if (!wanted.contains(address)) {
                take(address);
            }
        }
    }

    /** Takes back an address that the router has lost. */
    void lost(IpAddress address, int device) {
        for (final LinuxAddress each : List.copyOf(addresses)) {
            if (each.device() == device && HostRoutes.toRouter(each).address().equals(address)) {
                take(each);
            }
        }
    }

    private void take(LinuxAddress address) {
        addresses.remove(address);
        tells(() -> tell.remove(address));
    }

    /** Gives Linux those of the router's routes that it is to have, and takes back those that are gone. */
    void routes(List<Route> all) {
        final Set<LinuxRoute> wanted = new LinkedHashSet<>(HostRoutes.toLinux(all, hosts));
        final List<LinuxRoute> more = new ArrayList<>(wanted);
        more.removeAll(routes);
        for (final LinuxRoute route : more) {
            routes.removeIf(route::samePlace); // which it replaces
            routes.add(route);
        }
        tell(more);
        for (final LinuxRoute route : List.copyOf(routes)) {
            if (!wanted.contains(route)) {
                routes.remove(route);
                tells(() -> tell.remove(route));
            }
        }
    }

    /** Tells Linux everything anew: it has lost some of it, or refused it before. */
    void tellAgain() {
        refusal = "";
        addresses.forEach(address -> tells(() -> tell.add(address)));
        tell(routes);
    }

    /** Some routes lead to gateways of others: whatever is refused is tried again as long as that helps. */
    private void tell(Collection<LinuxRoute> some) {
        final String before = refusal;
        List<LinuxRoute> left = List.copyOf(some);
        int tried;
        do {
            refusal = before;
            tried = left.size();
            left = left.stream().filter(route -> !tells(() -> tell.add(route))).toList();
        } while (!left.isEmpty() && left.size() < tried);
    }

    private boolean tells(Runnable change) {
        try {
            change.run();
            return true;
        } catch (PortException e) {
            refusal = "; " + e.getMessage();
            return false;
        }
    }

    /** Takes everything back; an interface that is gone has taken it along. */
    void takeAll() {
        routes.forEach(route -> tells(() -> tell.remove(route)));
        addresses.forEach(address -> tells(() -> tell.remove(address)));
        routes.clear();
        addresses.clear();
    }
}

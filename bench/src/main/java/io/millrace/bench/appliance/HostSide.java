package io.millrace.bench.appliance;

import io.millrace.stack.route.Route;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.util.List;
import java.util.function.BiConsumer;

/** What of an appliance has addresses and routes that Linux is to have as well. Of the nodes' thread once that runs. */
interface HostSide {
    /** The addresses of a port that are its own. */
    List<Cidr<? extends IpAddress>> addresses(int port);

    /** Takes an address that Linux has; returns whether it can. */
    boolean add(int port, Cidr<? extends IpAddress> address);

    /** Gives up an address that Linux has no more. */
    void remove(int port, IpAddress address);

    /** Sets who hears of addresses that a port has lost by itself; called by the nodes' thread. */
    void onLost(BiConsumer<Integer, IpAddress> listener);

    /** Whether it has routes at all. */
    boolean hasRoutes();

    /** The routes, those that came from Linux included. */
    List<Route> routes();

    /** Takes a route of Linux; returns whether it can. */
    boolean add(Route route);

    /** Gives up a route that Linux has no more. */
    void remove(Route route);
}

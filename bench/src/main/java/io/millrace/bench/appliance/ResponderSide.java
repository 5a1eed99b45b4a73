package io.millrace.bench.appliance;

import io.millrace.bench.plan.ServePlan;
import io.millrace.stack.node.Responder;
import io.millrace.stack.route.Route;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** The responders of the ports, which have addresses and no routes. */
final class ResponderSide implements HostSide {
    private final List<Responder> responders;

    /** The networks of addresses; those that a command named are alone in theirs. */
    private final Map<IpAddress, Cidr<? extends IpAddress>> networks = new HashMap<>();

    ResponderSide(ServePlan plan, List<Responder> responders) {
        this.responders = responders;
        plan.addresses().forEach(port -> port.own().forEach(cidr -> networks.put(cidr.address(), cidr)));
    }

    @Override
    public List<Cidr<? extends IpAddress>> addresses(int port) {
        final List<Cidr<? extends IpAddress>> all = new ArrayList<>();
        for (final IpAddress address : responders.get(port).addresses()) {
            all.add(networks.getOrDefault(address, new Cidr<>(address, address.bits())));
        }
        return all;
    }

    @Override
    public boolean add(int port, Cidr<? extends IpAddress> address) {
        try {
            final boolean added = responders.get(port).add(address.address());
            if (added) {
                networks.put(address.address(), address);
            }
            return added;
        } catch (IllegalArgumentException e) {
            return false; // not one that a host on a link has
        }
    }

    @Override
    public void remove(int port, IpAddress address) {
        responders.get(port).remove(address);
        networks.remove(address);
    }

    @Override
    public void onLost(BiConsumer<Integer, IpAddress> listener) {
        // A responder loses no address by itself.
    }

    @Override
    public boolean hasRoutes() {
        return false; // answers go where the question came from
    }

    @Override
    public List<Route> routes() {
        return List.of();
    }

    @Override
    public boolean add(Route route) {
        return false;
    }

    @Override
    public void remove(Route route) {
        // There are none.
    }
}

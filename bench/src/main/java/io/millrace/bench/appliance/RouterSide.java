package io.millrace.bench.appliance;

import io.millrace.stack.Stack;
import io.millrace.stack.iface.address.AddressListener;
import io.millrace.stack.node.HostPath;
import io.millrace.stack.route.Route;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * A router, and the node that sends to Linux what is for its addresses.
 *
 * @param router whose interfaces are those of the ports, in their order
 * @param path is told of the router's addresses
 */
record RouterSide(Stack router, HostPath path) implements HostSide {
    @Override
    public List<Cidr<? extends IpAddress>> addresses(int port) {
        final List<Cidr<? extends IpAddress>> own =
                router.interfaces().get(port).addresses();
        own.forEach(cidr -> path.add(cidr.address())); // the router may have got some by other ways
        return own;
    }

    @Override
    public boolean add(int port, Cidr<? extends IpAddress> address) {
        try {
            router.interfaces().get(port).addAddress(address);
            path.add(address.address());
            return true;
        } catch (IllegalArgumentException e) {
            return false; // for instance one that the router has with another prefix
        }
    }

    @Override
    public void remove(int port, IpAddress address) {
        router.interfaces().get(port).removeAddress(address);
    }

    @Override
    public void onLost(BiConsumer<Integer, IpAddress> listener) {
        for (int i = 0; i < router.interfaces().size(); i++) {
            final int port = i;
            router.interfaces().get(port).onAddressChange(new AddressListener() {
                @Override
                public void onRemoved(IpAddress address) {
                    path.remove(address);
                    listener.accept(port, address);
                }
            });
        }
    }

    @Override
    public boolean hasRoutes() {
        return true;
    }

    @Override
    public List<Route> routes() {
        return router.routes();
    }

    @Override
    public boolean add(Route route) {
        try {
            return router.addRoute(route);
        } catch (IllegalArgumentException e) {
            return false; // for instance by a gateway in none of the port's networks
        }
    }

    @Override
    public void remove(Route route) {
        router.removeRoute(route);
    }
}

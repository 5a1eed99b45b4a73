package io.millrace.stack.shard;

import io.millrace.stack.NetInterface;
import io.millrace.stack.Stack;
import io.millrace.stack.iface.neighbor.NeighborEntry;
import io.millrace.stack.iface.neighbor.NeighborState;
import io.millrace.stack.route.Route;
import io.millrace.stack.wire.address.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What an operator set in one stack, for another one with the same interfaces. */
final class SetByHand {
    private SetByHand() {}

    /** Makes the routes of a stack those of another. */
    static void routes(final List<Route> wanted, final Stack stack) {
        final Set<Route> kept = Set.copyOf(wanted); // of which there may be a million
        for (final Route route : stack.routes()) {
            if (!kept.contains(route)) {
                stack.removeRoute(route);
            }
        }
        final Set<Route> there = Set.copyOf(stack.routes());
        for (final Route route : wanted) {
            if (!there.contains(route)) {
                stack.addRoute(route);
            }
        }
    }

    /** What gives a stack the neighbours that were set in {@code known}, on whose thread this is called. */
    static List<Runnable> neighbors(final Stack known, final Stack stack) {
        final List<Runnable> actions = new ArrayList<>();
        for (final NetInterface netInterface : known.interfaces()) {
            final int index = netInterface.index();
            for (final NeighborEntry entry : netInterface.neighbors()) {
                final MacAddress mac = entry.mac();
                if (entry.state() == NeighborState.PERMANENT && mac != null) {
                    actions.add(() -> stack.interfaces().get(index).addNeighbor(entry.address(), mac));
                }
            }
        }
        return actions;
    }
}

package io.millrace.stack.iface.neighbor;

import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import org.jspecify.annotations.Nullable;

/**
 * What an interface knows of a neighbour at one moment.
 *
 * @param address its IP address
 * @param mac its link address; null while it is not known
 * @param state how sure that is
 * @param ageMicros microseconds since the neighbour was confirmed last or, if it never was, since the entry was made
 * @param isRouter whether its advertisements say that it is a router; never for IPv4
 */
public record NeighborEntry(
        IpAddress address, @Nullable MacAddress mac, NeighborState state, long ageMicros, boolean isRouter) {

    /** What is known of a neighbour now. */
    static NeighborEntry of(final int family, final Neighbor neighbor, final long now) {
        // A reachable one is looked at again only when it is used.
        final boolean expired = neighbor.state == NeighborState.REACHABLE && now >= neighbor.until;
        return new NeighborEntry(
                IpAddress.of(family, neighbor.hi, neighbor.lo),
                neighbor.isResolved() ? new MacAddress(neighbor.mac) : null,
                expired ? NeighborState.STALE : neighbor.state,
                Math.max(0, now - neighbor.confirmed),
                neighbor.router);
    }
}

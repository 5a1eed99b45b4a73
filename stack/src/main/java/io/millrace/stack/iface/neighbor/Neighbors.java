package io.millrace.stack.iface.neighbor;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * The neighbours of a link, of both families: of IPv4 found by ARP, of IPv6 by neighbour discovery. Packets that wait for
 * a link address share one limit.
 *
 * <p>Not thread-safe: all calls on the thread that polls the stack. Times are microseconds of the stack's clock.
 */
public final class Neighbors {
    private final NeighborCache v4;
    private final NeighborCache v6;

    /**
     * Makes empty tables.
     *
     * @param capacity most neighbours of each family, at least 2
     * @param packetsPerNeighbor most packets that wait for one of them
     * @param unresolvedPackets most packets that wait for all of them
     */
    public Neighbors(
            final int capacity,
            final int packetsPerNeighbor,
            final int unresolvedPackets,
            final Resolver resolver,
            final Entropy entropy,
            final Counters<StackCounter> counters) {
        final Backlog backlog = new Backlog(unresolvedPackets);
        v4 = new NeighborCache(IpFamily.V4, capacity, packetsPerNeighbor, backlog, resolver, entropy, counters);
        v6 = new NeighborCache(IpFamily.V6, capacity, packetsPerNeighbor, backlog, resolver, entropy, counters);
    }

    /** What is known of them, those of IPv4 first. */
    public List<NeighborEntry> entries(final long now) {
        final List<NeighborEntry> entries = new ArrayList<>(v4.entries(now));
        entries.addAll(v6.entries(now));
        return entries;
    }

    /**
     * Sets one by hand.
     *
     * @return false if half of the table is set by hand already
     */
    public boolean add(final IpAddress address, final MacAddress mac, final long now) {
        return of(address.family()).addPermanent(address.hi(), address.lo(), mac.value(), now);
    }

    /** Forgets one, whether set by hand or learned. Returns whether it was there. */
    public boolean remove(final IpAddress address) {
        return of(address.family()).remove(address.hi(), address.lo());
    }

    /** Forgets all that were not set by hand. */
    public void flush() {
        v4.flush();
        v6.flush();
    }

    /** Those of a family. */
    public NeighborCache of(final int family) {
        return family == IpFamily.V4 ? v4 : v6;
    }

    /**
     * Those among which a packet's next hop is: IPv4 may go by one of IPv6 (RFC 8950), which has an upper half.
     */
    public NeighborCache towards(final int family, final long nextHi) {
        return nextHi == 0 ? of(family) : v6;
    }

    /** Works off what is due. Returns how much there was. */
    public int poll(final long now) {
        return v4.poll(now) + v6.poll(now);
    }

    /** When {@link #poll} has something to do; {@code Long.MAX_VALUE} for not at all. */
    public long pollAt() {
        return Math.min(v4.pollAt(), v6.pollAt());
    }

    /** Frees all packets that wait. */
    public void clear() {
        v4.clear();
        v6.clear();
    }
}

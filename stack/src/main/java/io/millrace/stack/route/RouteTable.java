package io.millrace.stack.route;

import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The routes of a stack or forwarder, of both families: of the routes whose destination holds an address those with the
 * longest prefix count, of these the one with the least metric, of these the oldest. {@link #findHop} gives the number of
 * a next hop, other methods what there is to know of it; nothing is allocated for that.
 *
 * <p>Where the administrator or the host made several routes of the least metric, {@link #way} spreads flows over them in
 * proportion to their weights: by thresholds (RFC 2992), so that of n ways one that goes takes few flows of the others
 * along. Who does not ask for a way has that of the oldest.
 *
 * <p>Prefixes are in a {@link PrefixTable} for each family. Routes are numbers into arrays, 31 bytes each, and share
 * their next hops, of which even a full Internet table has few. From {@value #LARGE} prefixes of a family on, the next
 * hops also stand in a table that is faster to look into: for IPv4 one of 32 MiB, with an entry for every 24 bits, for
 * IPv6 one of ranges. It goes again when half of the prefixes are gone. A million routes take 130 MB for IPv4 and 142
 * MB for IPv6 in all, room to grow included.
 *
 * <p>A change of a route takes some microseconds, in a large table up to some hundred if its prefix is short.
 *
 * <p>Routes that others on the network can make ({@link RouteOrigin#isLearned()}) are limited to {@link #MAX_LEARNED}.
 * Not thread-safe; each shard has its own.
 */
public final class RouteTable {
    /** There is no route. */
    public static final int NONE = -1;

    /** Any interface will do. */
    public static final int ANY_INTERFACE = -1;

    /** Most routes that redirects and router advertisements make. */
    public static final int MAX_LEARNED = 4096;

    /** Prefixes from which on the trie alone no longer fits near caches. */
    private static final int LARGE = 100_000;

    private static final RouteOrigin[] ORIGINS = RouteOrigin.values();

    private final FamilyRoutes v4;
    private final FamilyRoutes v6;
    private final ExpiryHeap expiries = new ExpiryHeap();
    private int size;
    private int learned;
    private int locals;
    private int measured;

    // For each route. Free ones are linked by next, from free on.
    private long[] his = new long[8];
    private long[] los = new long[8];
    private byte[] families = new byte[8];
    private byte[] lengths = new byte[8]; // unsigned
    private byte[] origins = new byte[8];
    private int[] metrics = new int[8];
    private int[] hops = new int[8];
    private int[] next = new int[8]; // the next best one with the same destination
    private int end;
    private int free = NONE;

    private final NextHops nextHops = new NextHops();

    /** Makes an empty one. */
    public RouteTable() {
        this(LARGE);
    }

    /**
     * Makes an empty one.
     *
     * @param large from how many prefixes of a family on there is a faster table
     */
    RouteTable(final int large) {
        this.v4 = new FamilyRoutes(IpFamily.V4, large);
        this.v6 = new FamilyRoutes(IpFamily.V6, large);
    }

    /** Number of routes. */
    public int size() {
        return size;
    }

    /** Whether there are routes of {@link RouteKind#LOCAL}. */
    public boolean hasLocal() {
        return locals > 0;
    }

    /** Whether any route has {@link RouteMetrics}. */
    public boolean hasMetrics() {
        return measured > 0;
    }

    /** Whether there are so many routes of a family that looking bursts up together pays. */
    public boolean isLarge() {
        return v4.isLarge() || v6.isLarge();
    }

    /** Bytes of memory that prefixes, routes and faster tables take. */
    public long bytes() {
        return v4.bytes() + v6.bytes() + 31L * his.length;
    }

    /**
     * Adds a route, or changes metric, weight, source, end and metrics of the one that has the same origin and leads the same
     * way. Those of other origins stay beside it: each lasts until whoever made it takes it away.
     *
     * @return false if there are as many learned routes as there may be
     */
    public boolean add(final Route route) {
        final int same = number(route);
        if (route.origin().isLearned() && same == NONE && learned == MAX_LEARNED) {
            return false;
        }
        if (same != NONE) {
            remove(same);
        }
        final Cidr<? extends IpAddress> destination = route.destination();
        final int number = allocate();
        his[number] = destination.address().hi();
        los[number] = destination.address().lo();
        families[number] = (byte) destination.address().family();
        lengths[number] = (byte) destination.prefixLength();
        origins[number] = (byte) route.origin().ordinal();
        metrics[number] = route.metric();
        hops[number] = nextHops.take(NextHop.of(route));
        expiries.set(number, route.expiresAt());
        link(number);
        size++;
        learned += route.origin().isLearned() ? 1 : 0;
        locals += route.kind() == RouteKind.LOCAL ? 1 : 0;
        measured += route.metrics().equals(RouteMetrics.NONE) ? 0 : 1;
        return true;
    }

    /**
     * Removes the route of the same origin that leads the same packets the same way; metric, weight, source and end do
     * not matter.
     *
     * @return whether it was there
     */
    public boolean remove(final Route route) {
        final int number = number(route);
        if (number == NONE) {
            return false;
        }
        remove(number);
        return true;
    }

    /** Removes all routes by an interface; returns how many there were. */
    public int removeInterface(final int interfaceIndex) {
        int removed = 0;
        for (int i = 0; i < end; i++) {
            if (lives(i) && nextHops.links[hops[i]] == interfaceIndex) {
                remove(i);
                removed++;
            }
        }
        return removed;
    }

    /** All routes: IPv4 first, then by address, prefix length and metric. */
    public List<Route> snapshot() {
        final List<Route> all = new ArrayList<>(size);
        for (int i = 0; i < end; i++) {
            if (lives(i)) {
                all.add(route(i));
            }
        }
        all.sort(Route::compare);
        return all;
    }

    /**
     * Removes routes that are past their end.
     *
     * @param most how many at once
     * @return how many were removed
     */
    public int poll(final long now, final int most) {
        int removed = 0;
        while (removed < most && expiries.next() <= now && !expiries.isEmpty()) {
            remove(expiries.first());
            removed++;
        }
        return removed;
    }

    /** When {@link #poll} has something to do; {@code Long.MAX_VALUE} for never. */
    public long pollAt() {
        return expiries.next();
    }

    /**
     * Finds the route to a destination.
     *
     * @param interfaceIndex the interface that it must leave by, or {@link #ANY_INTERFACE}
     * @return the route's number, valid until the table changes, or {@link #NONE}
     */
    public int find(final int family, final long hi, final long lo, final int interfaceIndex) {
        final PrefixTable prefixes = of(family).prefixes;
        final int best = prefixes.lookup(hi, lo);
        return interfaceIndex < 0 || best == NONE ? best : find(prefixes, hi, lo, interfaceIndex, best);
    }

    /**
     * Finds the next hop of the best route to a destination: the faster way to all that a packet needs.
     *
     * @param interfaceIndex the interface that it must leave by, or {@link #ANY_INTERFACE}
     * @return the number of the next hop, valid until the table changes, or {@link #NONE}
     */
    public int findHop(final int family, final long hi, final long lo, final int interfaceIndex) {
        if (interfaceIndex >= 0) {
            final int route = find(family, hi, lo, interfaceIndex);
            return route == NONE ? NONE : own(route);
        }
        return of(family).hop(hi, lo, hops);
    }

    /**
     * Finds the next hops of the best routes to a burst of destinations, by whatever interface. In a large table this is
     * several times as fast as {@link #findHop} for each, since loads wait for memory together. For one thread at a time.
     *
     * @param his upper halves of the destinations
     * @param los lower halves
     * @param count how many destinations, from index 0 on
     * @param found receives the numbers of the next hops, valid until the table changes; {@link #NONE} where there is
     *     none
     */
    public void findHops(final int family, final long[] his, final long[] los, final int count, final int[] found) {
        of(family).hops(his, los, count, found, hops);
    }

    private FamilyRoutes of(final int family) {
        return family == IpFamily.V4 ? v4 : v6;
    }

    private int hop(final int route) {
        return route == NONE ? NONE : hops[route];
    }

    /** Whether a next hop is a choice between several. */
    public boolean isShared(final int hop) {
        return nextHops.ways[hop] != null;
    }

    /**
     * The next hop for a flow.
     *
     * @param hop what {@link #findHop} has found
     * @param flow hash of what the flow's packets have in common, all 32 bits
     */
    public int way(final int hop, final int flow) {
        return nextHops.way(hop, flow);
    }

    /** Whether packets may take an interface by a next hop, whatever way of it. */
    public boolean leadsBy(final int hop, final int interfaceIndex) {
        return nextHops.leadsBy(hop, interfaceIndex);
    }

    /** What happens to the packets of a next hop. */
    public RouteKind kind(final int hop) {
        return nextHops.kinds[hop];
    }

    /** Index of the interface that a next hop is reached by. */
    public int interfaceIndex(final int hop) {
        return nextHops.links[hop];
    }

    /** Upper half of the address of a next hop to a destination: the gateway's, or the destination's own. */
    public long nextHi(final int hop, final long hi) {
        return nextHops.gateways[hop] ? nextHops.his[hop] : hi;
    }

    /** Lower half of the address of a next hop to a destination. */
    public long nextLo(final int hop, final long lo) {
        return nextHops.gateways[hop] ? nextHops.los[hop] : lo;
    }

    /** Whether a next hop is a gateway. */
    public boolean hasGateway(final int hop) {
        return nextHops.gateways[hop];
    }

    /** What is known of the paths by a next hop. */
    public RouteMetrics metrics(final int hop) {
        return nextHops.metrics[hop];
    }

    /** The source address for packets that choose none, or null. */
    public @Nullable IpAddress preferredSource(final int hop) {
        return nextHops.get(hop).preferredSource();
    }

    /** A route as a record. */
    public Route route(final int number) {
        final NextHop hop = nextHops.get(hops[number]);
        return new Route(
                new Cidr<>(IpAddress.of(families[number], his[number], los[number]), lengths[number] & 0xFF),
                hop.kind(),
                hop.gateway(),
                hop.interfaceIndex(),
                metrics[number],
                hop.weight(),
                origin(number),
                hop.preferredSource(),
                expiries.expiresAt(number),
                hop.metrics());
    }

    private int find(
            final PrefixTable prefixes, final long hi, final long lo, final int interfaceIndex, final int best) {
        int first = best;
        while (first != NONE) {
            for (int route = first; route != NONE; route = next[route]) {
                if (nextHops.links[hops[route]] == interfaceIndex) {
                    return route;
                }
            }
            first = prefixes.lookup(hi, lo, (lengths[first] & 0xFF) - 1);
        }
        return NONE;
    }

    private RouteOrigin origin(final int route) {
        return ORIGINS[origins[route]];
    }

    private boolean lives(final int route) {
        return families[route] != 0;
    }

    private int number(final Route route) {
        final IpAddress network = route.destination().address();
        final PrefixTable prefixes = of(network.family()).prefixes;
        int number =
                prefixes.get(network.hi(), network.lo(), route.destination().prefixLength());
        while (number != NONE
                && !(origin(number) == route.origin() && route(number).sameWay(route))) {
            number = next[number];
        }
        return number;
    }

    /** Puts a route behind those of its destination whose metric is not greater. */
    private void link(final int number) {
        final FamilyRoutes family = of(families[number]);
        family.forget();
        final PrefixTable prefixes = family.prefixes;
        final int length = lengths[number] & 0xFF;
        final int first = prefixes.get(his[number], los[number], length);
        final int hop = part(first);
        if (first == NONE || metrics[first] > metrics[number]) {
            next[number] = first;
            prefixes.put(his[number], los[number], length, number);
            join(number, NONE);
            return;
        }
        int before = first;
        while (next[before] != NONE && metrics[next[before]] <= metrics[number]) {
            before = next[before];
        }
        next[number] = next[before];
        next[before] = number;
        join(first, hop);
    }

    /** The next hop of a route itself, whatever others of its destination share its flows. */
    private int own(final int route) {
        return nextHops.way(hops[route], 0);
    }

    /**
     * Lets flows choose between the best route of a destination and those of the same cost.
     *
     * @param before the next hop that the destination had
     */
    private void join(final int first, final int before) {
        if (next[first] != NONE && origin(first).isShared() && kind(hops[first]) == RouteKind.UNICAST) {
            share(first);
        }
        if (hops[first] != before) {
            changed(first);
        }
    }

    /** Gathers the ways of the best route of a destination; routes of other origins may stand between them. */
    private void share(final int first) {
        final List<Integer> ways = new ArrayList<>();
        for (int route = first; route != NONE && metrics[route] == metrics[first]; route = next[route]) {
            if (origins[route] == origins[first] && kind(hops[route]) == RouteKind.UNICAST) {
                ways.add(hops[route]);
            }
        }
        if (ways.size() > 1) {
            hops[first] = nextHops.take(nextHops.get(hops[first]).among(ways));
        }
    }

    /**
     * Ends that: the best route of a destination has its own next hop again.
     *
     * @param first the route, or {@link #NONE}
     * @return the next hop that the destination had
     */
    private int part(final int first) {
        final int shared = hop(first);
        if (shared != NONE && isShared(shared)) {
            hops[first] = own(first);
            nextHops.release(shared);
        }
        return shared;
    }

    private void remove(final int number) {
        final FamilyRoutes family = of(families[number]);
        family.forget();
        final PrefixTable prefixes = family.prefixes;
        final int length = lengths[number] & 0xFF;
        final int first = prefixes.get(his[number], los[number], length);
        final int hop = part(first);
        if (first != number) {
            int before = first;
            while (next[before] != number) {
                before = next[before];
            }
            next[before] = next[number];
            join(first, hop);
        } else if (next[number] == NONE) {
            prefixes.remove(his[number], los[number], length);
            changed(number);
        } else {
            prefixes.put(his[number], los[number], length, next[number]);
            join(next[number], NONE);
        }
        expiries.remove(number);
        size--;
        learned -= origin(number).isLearned() ? 1 : 0;
        locals -= kind(hops[number]) == RouteKind.LOCAL ? 1 : 0;
        measured -= metrics(hops[number]).equals(RouteMetrics.NONE) ? 0 : 1;
        nextHops.release(hops[number]);
        families[number] = 0;
        next[number] = free;
        free = number;
    }

    /** The best route to a route's destination has become another. */
    private void changed(final int route) {
        of(families[route]).changed(his[route], los[route], lengths[route] & 0xFF, hops);
    }

    private int allocate() {
        if (free != NONE) {
            final int number = free;
            free = next[number];
            return number;
        }
        if (end == his.length) {
            final int room = end + (end >>> 1);
            his = Arrays.copyOf(his, room);
            los = Arrays.copyOf(los, room);
            families = Arrays.copyOf(families, room);
            lengths = Arrays.copyOf(lengths, room);
            origins = Arrays.copyOf(origins, room);
            metrics = Arrays.copyOf(metrics, room);
            hops = Arrays.copyOf(hops, room);
            next = Arrays.copyOf(next, room);
        }
        return end++;
    }
}

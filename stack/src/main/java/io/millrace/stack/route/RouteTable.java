package io.millrace.stack.route;

import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The routes of a stack or forwarder, of both families: of the routes whose destination holds an address those with the
 * longest prefix count, of these the one with the least metric, of these the oldest. {@link #find} gives a route's number,
 * the other methods what there is to know of it; nothing is allocated for that.
 *
 * <p>Prefixes are in a {@link PrefixTable} for each family. Routes are numbers into arrays, 31 bytes each, and share their
 * next hops, of which even a full Internet table has few; a million routes take 106 MB for IPv4 and 182 MB for IPv6 in
 * all, room to grow included.
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

    private static final RouteOrigin[] ORIGINS = RouteOrigin.values();

    private final PrefixTable prefixes4 = new PrefixTable(IpFamily.V4);
    private final PrefixTable prefixes6 = new PrefixTable(IpFamily.V6);
    private final ExpiryHeap expiries = new ExpiryHeap();
    private int size;
    private int learned;
    private int locals;

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

    // For each next hop.
    private final Map<NextHop, Integer> hopNumbers = new HashMap<>();
    private final List<@Nullable NextHop> hopList = new ArrayList<>();
    private final List<Integer> freeHops = new ArrayList<>();
    private int[] hopUsers = new int[8];
    private int[] hopLinks = new int[8];
    private RouteKind[] hopKinds = new RouteKind[8];
    private boolean[] hopGateways = new boolean[8];
    private long[] hopHis = new long[8];
    private long[] hopLos = new long[8];

    /** Number of routes. */
    public int size() {
        return size;
    }

    /** Whether there are routes of {@link RouteKind#LOCAL}. */
    public boolean hasLocal() {
        return locals > 0;
    }

    /** Bytes of memory that prefixes and routes take. */
    public long bytes() {
        return prefixes4.bytes() + prefixes6.bytes() + 31L * his.length;
    }

    /**
     * Adds a route, or changes metric, origin, source and end of the one that leads the same way.
     *
     * @return false if there are as many learned routes as there may be
     */
    public boolean add(final Route route) {
        final int same = number(route);
        final boolean more = same == NONE || !origin(same).isLearned();
        if (route.origin().isLearned() && more && learned == MAX_LEARNED) {
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
        hops[number] = hop(NextHop.of(route));
        expiries.set(number, route.expiresAt());
        link(number);
        size++;
        learned += route.origin().isLearned() ? 1 : 0;
        locals += route.kind() == RouteKind.LOCAL ? 1 : 0;
        return true;
    }

    /**
     * Removes the route that leads the same packets the same way; metric, origin, source and end do not matter.
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
            if (lives(i) && hopLinks[hops[i]] == interfaceIndex) {
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
        all.sort(RouteTable::compare);
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
        final PrefixTable prefixes = family == IpFamily.V4 ? prefixes4 : prefixes6;
        final int best = prefixes.lookup(hi, lo);
        return interfaceIndex < 0 || best == NONE ? best : find(prefixes, hi, lo, interfaceIndex, best);
    }

    /**
     * Finds the next hops of the best routes to a burst of destinations, by whatever interface. In a large table this is
     * several times as fast as {@link #find} for each, since loads wait for memory together. For one thread at a time.
     *
     * @param his upper halves of the destinations
     * @param los lower halves
     * @param count how many destinations, from index 0 on
     * @param found receives the numbers of the next hops, valid until the table changes; {@link #NONE} where there is none
     */
    public void findHops(final int family, final long[] his, final long[] los, final int count, final int[] found) {
        (family == IpFamily.V4 ? prefixes4 : prefixes6).lookup(his, los, count, found);
        final int[] all = hops;
        for (int i = 0; i < count; i++) {
            final int route = found[i];
            found[i] = route == NONE ? NONE : all[route];
        }
    }

    /** What happens to the packets of a next hop. */
    public RouteKind hopKind(final int hop) {
        return hopKinds[hop];
    }

    /** Index of the interface that a next hop is reached by. */
    public int hopInterface(final int hop) {
        return hopLinks[hop];
    }

    /** Upper half of the address of a next hop to a destination: the gateway's, or the destination's own. */
    public long hopHi(final int hop, final long hi) {
        return hopGateways[hop] ? hopHis[hop] : hi;
    }

    /** Lower half of the address of a next hop to a destination. */
    public long hopLo(final int hop, final long lo) {
        return hopGateways[hop] ? hopLos[hop] : lo;
    }

    /** What happens to its packets. */
    public RouteKind kind(final int route) {
        return hopKinds[hops[route]];
    }

    /** Index of the interface that a route leaves by. */
    public int interfaceIndex(final int route) {
        return hopLinks[hops[route]];
    }

    /** Whether it leads to a gateway. */
    public boolean hasGateway(final int route) {
        return hopGateways[hops[route]];
    }

    /** Upper half of the address of the next hop to a destination: the gateway's, or the destination's own. */
    public long nextHi(final int route, final long hi) {
        return hopHi(hops[route], hi);
    }

    /** Lower half of the address of the next hop to a destination. */
    public long nextLo(final int route, final long lo) {
        return hopLo(hops[route], lo);
    }

    /** The source address for packets that choose none, or null. */
    public @Nullable IpAddress preferredSource(final int route) {
        return next(hops[route]).preferredSource();
    }

    /** A route as a record. */
    public Route route(final int number) {
        final NextHop hop = next(hops[number]);
        return new Route(
                new Cidr<>(IpAddress.of(families[number], his[number], los[number]), lengths[number] & 0xFF),
                hop.kind(),
                hop.gateway(),
                hop.interfaceIndex(),
                metrics[number],
                origin(number),
                hop.preferredSource(),
                expiries.expiresAt(number));
    }

    private int find(
            final PrefixTable prefixes, final long hi, final long lo, final int interfaceIndex, final int best) {
        int first = best;
        while (first != NONE) {
            for (int route = first; route != NONE; route = next[route]) {
                if (hopLinks[hops[route]] == interfaceIndex) {
                    return route;
                }
            }
            first = prefixes.lookup(hi, lo, (lengths[first] & 0xFF) - 1);
        }
        return NONE;
    }

    private PrefixTable prefixes(final int route) {
        return families[route] == IpFamily.V4 ? prefixes4 : prefixes6;
    }

    private RouteOrigin origin(final int route) {
        return ORIGINS[origins[route]];
    }

    private NextHop next(final int hop) {
        final NextHop found = hopList.get(hop);
        if (found == null) {
            throw new IllegalStateException("no such next hop");
        }
        return found;
    }

    private boolean lives(final int route) {
        return families[route] != 0;
    }

    private int number(final Route route) {
        final IpAddress network = route.destination().address();
        final PrefixTable prefixes = network.family() == IpFamily.V4 ? prefixes4 : prefixes6;
        int number =
                prefixes.get(network.hi(), network.lo(), route.destination().prefixLength());
        while (number != NONE && !route(number).sameWay(route)) {
            number = next[number];
        }
        return number;
    }

    /** Puts a route behind those of its destination whose metric is not greater. */
    private void link(final int number) {
        final PrefixTable prefixes = prefixes(number);
        final int length = lengths[number] & 0xFF;
        final int first = prefixes.get(his[number], los[number], length);
        if (first == NONE || metrics[first] > metrics[number]) {
            next[number] = first;
            prefixes.put(his[number], los[number], length, number);
            return;
        }
        int before = first;
        while (next[before] != NONE && metrics[next[before]] <= metrics[number]) {
            before = next[before];
        }
        next[number] = next[before];
        next[before] = number;
    }

    private void remove(final int number) {
        final PrefixTable prefixes = prefixes(number);
        final int length = lengths[number] & 0xFF;
        int before = prefixes.get(his[number], los[number], length);
        if (before != number) {
            while (next[before] != number) {
                before = next[before];
            }
            next[before] = next[number];
        } else if (next[number] == NONE) {
            prefixes.remove(his[number], los[number], length);
        } else {
            prefixes.put(his[number], los[number], length, next[number]);
        }
        expiries.remove(number);
        size--;
        learned -= origin(number).isLearned() ? 1 : 0;
        locals -= kind(number) == RouteKind.LOCAL ? 1 : 0;
        release(hops[number]);
        families[number] = 0;
        next[number] = free;
        free = number;
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

    private int hop(final NextHop hop) {
        final Integer known = hopNumbers.get(hop);
        if (known != null) {
            hopUsers[known]++;
            return known;
        }
        final int number;
        if (freeHops.isEmpty()) {
            number = hopList.size();
            hopList.add(hop);
            growHops(number);
        } else {
            number = freeHops.removeLast();
            hopList.set(number, hop);
        }
        hopNumbers.put(hop, number);
        hopUsers[number] = 1;
        hopLinks[number] = hop.interfaceIndex();
        hopKinds[number] = hop.kind();
        final IpAddress gateway = hop.gateway();
        hopGateways[number] = gateway != null;
        hopHis[number] = gateway == null ? 0 : gateway.hi();
        hopLos[number] = gateway == null ? 0 : gateway.lo();
        return number;
    }

    private void growHops(final int number) {
        if (number == hopUsers.length) {
            hopUsers = Arrays.copyOf(hopUsers, 2 * number);
            hopLinks = Arrays.copyOf(hopLinks, 2 * number);
            hopKinds = Arrays.copyOf(hopKinds, 2 * number);
            hopGateways = Arrays.copyOf(hopGateways, 2 * number);
            hopHis = Arrays.copyOf(hopHis, 2 * number);
            hopLos = Arrays.copyOf(hopLos, 2 * number);
        }
    }

    private void release(final int hop) {
        if (--hopUsers[hop] == 0) {
            hopNumbers.remove(next(hop));
            hopList.set(hop, null);
            freeHops.add(hop);
        }
    }

    private static int compare(final Route a, final Route b) {
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
}

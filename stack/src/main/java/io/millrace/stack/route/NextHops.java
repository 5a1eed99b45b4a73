package io.millrace.stack.route;

import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The next hops of a table, each with a number for as long as a route has it: what packets need of it lies in arrays. */
final class NextHops {
    private final Map<NextHop, Integer> numbers = new HashMap<>();
    private final List<@Nullable NextHop> all = new ArrayList<>();
    private final List<Integer> free = new ArrayList<>();
    private int[] users = new int[8];

    /** Index of the interface of each. */
    int[] links = new int[8];

    /** What happens to the packets of each. */
    RouteKind[] kinds = new RouteKind[8];

    /** Whether each is a gateway, whose address is in {@link #his} and {@link #los}. */
    boolean[] gateways = new boolean[8];

    long[] his = new long[8];
    long[] los = new long[8];

    /** What is known of the paths by each. */
    RouteMetrics[] metrics = new RouteMetrics[8];

    /** Between which flows choose, or null if there is no choice. */
    int[] @Nullable [] ways = new int[8][];

    /** Where in the hash's range the share of each of these ends, unsigned; null if all are alike. */
    private int[] @Nullable [] ends = new int[8][];

    /** The number of a next hop that one more route has. */
    int take(final NextHop hop) {
        final Integer known = numbers.get(hop);
        if (known != null) {
            users[known]++;
            return known;
        }
        final int number;
        if (free.isEmpty()) {
            number = all.size();
            all.add(hop);
            grow(number);
        } else {
            number = free.removeLast();
            all.set(number, hop);
        }
        numbers.put(hop, number);
        users[number] = 1;
        links[number] = hop.interfaceIndex();
        kinds[number] = hop.kind();
        metrics[number] = hop.metrics();
        final IpAddress gateway = hop.gateway();
        gateways[number] = gateway != null;
        his[number] = gateway == null ? 0 : gateway.hi();
        los[number] = gateway == null ? 0 : gateway.lo();
        ways[number] = hop.ways().isEmpty() ? null : numbers(hop.ways());
        ends[number] = ends(hop.ways());
        hop.ways().forEach(way -> users[way]++);
        return number;
    }

    private static int[] numbers(final List<Integer> list) {
        final int[] numbers = new int[list.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = list.get(i);
        }
        return numbers;
    }

    /** The thresholds of the hash between next hops that are not alike (RFC 2992 section 1, with weights). */
    private int @Nullable [] ends(final List<Integer> some) {
        long sum = 0;
        boolean alike = true;
        for (final int way : some) {
            sum += get(way).weight();
            alike &= get(way).weight() == get(some.getFirst()).weight();
        }
        if (alike) {
            return null;
        }
        final int[] thresholds = new int[some.size()];
        long before = 0;
        for (int i = 0; i < thresholds.length; i++) {
            before += get(some.get(i)).weight();
            thresholds[i] = (int) ((before << 32) / sum); // the last is 2^32, and not asked for
        }
        return thresholds;
    }

    /** Tells that one route less has a next hop. */
    void release(final int number) {
        if (--users[number] == 0) {
            final NextHop gone = get(number);
            numbers.remove(gone);
            all.set(number, null);
            gone.ways().forEach(this::release);
            free.add(number);
        }
    }

    /** A next hop that routes have. */
    NextHop get(final int number) {
        final NextHop found = all.get(number);
        if (found == null) {
            throw new IllegalStateException("no such next hop");
        }
        return found;
    }

    /** The next hop of a flow: by thresholds of its hash (RFC 2992) if there is a choice. */
    int way(final int number, final int flow) {
        final int[] some = ways[number];
        if (some == null) {
            return number;
        }
        final int[] thresholds = ends[number];
        if (thresholds == null) {
            return some[(int) (((flow & 0xFFFF_FFFFL) * some.length) >>> 32)];
        }
        int way = 0;
        while (way < some.length - 1 && Integer.compareUnsigned(flow, thresholds[way]) >= 0) {
            way++;
        }
        return some[way];
    }

    /** Whether a next hop, or one of those between which flows choose, is by an interface. */
    boolean leadsBy(final int number, final int interfaceIndex) {
        final int[] some = ways[number];
        boolean leads = links[number] == interfaceIndex;
        for (int i = 1; some != null && i < some.length; i++) {
            leads |= links[some[i]] == interfaceIndex;
        }
        return leads;
    }

    private void grow(final int number) {
        if (number == users.length) {
            users = Arrays.copyOf(users, 2 * number);
            links = Arrays.copyOf(links, 2 * number);
            kinds = Arrays.copyOf(kinds, 2 * number);
            metrics = Arrays.copyOf(metrics, 2 * number);
            gateways = Arrays.copyOf(gateways, 2 * number);
            his = Arrays.copyOf(his, 2 * number);
            los = Arrays.copyOf(los, 2 * number);
            ways = Arrays.copyOf(ways, 2 * number);
            ends = Arrays.copyOf(ends, 2 * number);
        }
    }
}

package io.millrace.bench.route;

import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteTable;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Prefixes with the lengths of the Internet's routing tables of the 2020s, always the same for a seed: for IPv4 six of
 * ten have 24 bits, for IPv6 nearly half have 48 and lie within allocations of 29 to 32 bits.
 */
public final class InternetPrefixes {
    /** Shares of prefix lengths in thousandths: a length, its share, and so on. */
    private static final int[] SHARES_4 = {
        24, 600, 22, 110, 23, 100, 21, 50, 20, 45, 19, 28, 18, 15, 16, 14, 17, 9, 15, 3, 14, 3, 13, 2, 12, 2, 11, 1, 25,
        8, 32, 10
    };

    private static final int[] SHARES_6 = {
        48, 460, 32, 120, 44, 110, 40, 100, 36, 45, 46, 40, 47, 30, 45, 25, 42, 20, 29, 15, 33, 15, 38, 10, 64, 7, 128,
        3
    };

    private static final int ALLOCATIONS_6 = 60_000;
    private static final int GATEWAYS = 64;

    private final int family;
    private final SplittableRandom random;

    /** Begins anew. */
    public InternetPrefixes(final int family, final long seed) {
        this.family = family;
        this.random = new SplittableRandom(seed);
    }

    /** A table of so many routes over four interfaces and 64 gateways. */
    public RouteTable table(final int routes) {
        final RouteTable table = new RouteTable();
        while (table.size() < routes) {
            final int gateway = random.nextInt(GATEWAYS);
            final IpAddress via = family == IpFamily.V4
                    ? IpAddress.of(family, 0, 0x0A00_0001L + gateway)
                    : IpAddress.of(family, 0xFE80L << 48, 1L + gateway);
            table.add(Route.via(next(), via, gateway & 3).withMetric(0));
        }
        return table;
    }

    /**
     * Hosts within random prefixes of a table, each prefix as likely as any other; always the same for a table.
     *
     * @param family of all routes
     * @param his receives the upper halves of the addresses
     * @param los receives the lower halves, as many
     */
    public static void hosts(final int family, final List<Route> routes, final long[] his, final long[] los) {
        final SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < his.length; i++) {
            final var prefix = routes.get(random.nextInt(routes.size())).destination();
            final var mask = prefix.mask();
            los[i] = prefix.address().lo() | (random.nextLong() & ~mask.lo());
            his[i] = prefix.address().hi() | (random.nextLong() & ~mask.hi());
            if (family == IpFamily.V4) {
                his[i] = 0;
                los[i] &= 0xFFFF_FFFFL;
            }
        }
    }

    /** Another prefix; it may have come before. */
    private Cidr<? extends IpAddress> next() {
        if (family == IpFamily.V4) {
            final long first = 1L + random.nextInt(223);
            return new Cidr<>(IpAddress.of(family, 0, first << 24 | random.nextInt(1 << 24)), length(SHARES_4));
        }
        // The allocation is a function of its number; what follows is chosen within it.
        final long allocation = random.nextInt(ALLOCATIONS_6) * 0x9E37_79B9L & 0x0FFF_FFFFL;
        final long hi = (0x2000_0000L + allocation) << 32 | (random.nextInt() & 0xFFFF_FFFFL);
        return new Cidr<>(IpAddress.of(family, hi, random.nextLong()), length(SHARES_6));
    }

    private int length(final int[] shares) {
        int dice = random.nextInt(1000);
        for (int i = 0; i < shares.length; i += 2) {
            dice -= shares[i + 1];
            if (dice < 0) {
                return shares[i];
            }
        }
        return shares[0];
    }
}

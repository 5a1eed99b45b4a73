package io.millrace.dataplane.linux;

import java.util.List;

/**
 * A route of the kernel's main table.
 *
 * @param family {@link Linux#AF_INET} or {@link Linux#AF_INET6}
 * @param hi upper half of the destination; 0 for IPv4
 * @param lo lower half of the destination, or the IPv4 address in its lower 32 bits
 * @param prefixLength bits of the destination that count
 * @param kind {@link #UNICAST} or another
 * @param hops the ways that packets take, flow by flow; those that are down are left out
 * @param metric the kernel's priority, unsigned; among routes of the same destination the least counts
 * @param protocol who made it: {@link #BY_KERNEL}, {@link #BY_MILLRACE} or another
 * @param metrics what is known of the paths
 */
public record LinuxRoute(
        int family,
        long hi,
        long lo,
        int prefixLength,
        int kind,
        List<LinuxHop> hops,
        int metric,
        int protocol,
        LinuxMetrics metrics) {
    /** {@code RTN_UNICAST}: packets go to a gateway or to the destination itself. */
    public static final int UNICAST = 1;

    /** {@code RTN_BLACKHOLE}. */
    public static final int BLACKHOLE = 6;

    /** {@code RTN_UNREACHABLE}. */
    public static final int UNREACHABLE = 7;

    /** {@code RTPROT_REDIRECT}. */
    public static final int BY_REDIRECT = 1;

    /** {@code RTPROT_KERNEL}: for instance the network of an address. */
    public static final int BY_KERNEL = 2;

    /** What {@link RouteSocket} writes into its own routes; a number that nobody else uses. */
    public static final int BY_MILLRACE = 77;

    /** One whose paths nothing is known of. */
    public LinuxRoute(
            final int family,
            final long hi,
            final long lo,
            final int prefixLength,
            final int kind,
            final List<LinuxHop> hops,
            final int metric,
            final int protocol) {
        this(family, hi, lo, prefixLength, kind, hops, metric, protocol, LinuxMetrics.NONE);
    }

    /** Keeps a copy of the ways. */
    public LinuxRoute {
        hops = List.copyOf(hops);
    }

    /** The same with other ways. */
    public LinuxRoute withHops(final List<LinuxHop> newHops) {
        return new LinuxRoute(family, hi, lo, prefixLength, kind, newHops, metric, protocol, metrics);
    }

    /** Whether another one would replace it: it has the same destination and metric. */
    public boolean samePlace(final LinuxRoute other) {
        return family == other.family
                && hi == other.hi
                && lo == other.lo
                && prefixLength == other.prefixLength
                && metric == other.metric;
    }
}

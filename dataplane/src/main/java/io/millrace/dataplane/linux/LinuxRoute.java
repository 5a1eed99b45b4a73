package io.millrace.dataplane.linux;

/**
 * A route of the kernel's main table.
 *
 * @param family {@link Linux#AF_INET} or {@link Linux#AF_INET6}
 * @param hi upper half of the destination; 0 for IPv4
 * @param lo lower half of the destination, or the IPv4 address in its lower 32 bits
 * @param prefixLength bits of the destination that count
 * @param kind {@link #UNICAST} or another
 * @param hasGateway whether a router takes packets on
 * @param gatewayHi upper half of its address
 * @param gatewayLo lower half
 * @param device index of the interface; 0 for none, of several next hops that of the first
 * @param metric the kernel's priority; among routes of the same destination the least counts
 * @param protocol who made it: {@link #BY_KERNEL}, {@link #BY_MILLRACE} or another
 */
public record LinuxRoute(
        int family,
        long hi,
        long lo,
        int prefixLength,
        int kind,
        boolean hasGateway,
        long gatewayHi,
        long gatewayLo,
        int device,
        int metric,
        int protocol) {
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
}

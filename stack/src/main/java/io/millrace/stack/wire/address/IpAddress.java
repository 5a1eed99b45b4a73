package io.millrace.stack.wire.address;

import io.millrace.stack.wire.IpFamily;

/**
 * An IPv4 or IPv6 address, for configuration and the API. Packets' addresses are never made into objects; the static
 * methods classify them in the form that {@link IpFamily} describes.
 */
public sealed interface IpAddress permits Ipv4Address, Ipv6Address {
    /** {@link IpFamily#V4} or {@link IpFamily#V6}. */
    int family();

    /** Upper 64 bits; 0 for IPv4. */
    long hi();

    /** Lower 64 bits, or the IPv4 address zero-extended. */
    long lo();

    /**
     * Parses an address of either family.
     *
     * @throws AddressSyntaxException if {@code text} is none
     */
    static IpAddress parse(final String text) {
        return new AddressText("an IP address", text).ip();
    }

    /** The address whose parts these are. */
    static IpAddress of(final int family, final long hi, final long lo) {
        return family == IpFamily.V4 ? new Ipv4Address((int) lo) : new Ipv6Address(hi, lo);
    }

    /** Bits of an address: 32 or 128. */
    default int bits() {
        return bits(family());
    }

    /** Whether this is the address of no host: {@code 0.0.0.0} or {@code ::}. */
    default boolean isUnspecified() {
        return hi() == 0 && lo() == 0;
    }

    /** Whether this names a group of hosts. */
    default boolean isMulticast() {
        return isMulticast(family(), hi(), lo());
    }

    /** Whether this is {@code 127.0.0.0/8} or {@code ::1}. */
    default boolean isLoopback() {
        return isLoopback(family(), hi(), lo());
    }

    /** Whether this is a unicast address that is valid on one link only. */
    default boolean isLinkLocal() {
        return isLinkLocal(family(), hi(), lo());
    }

    /** Whether this may name one host: neither unspecified, multicast nor broadcast. */
    default boolean isUnicast() {
        return isUnicast(family(), hi(), lo());
    }

    /** Bits of an address of a family. */
    static int bits(final int family) {
        return family == IpFamily.V4 ? 32 : 128;
    }

    /** {@link #isMulticast()} of an address's parts. */
    static boolean isMulticast(final int family, final long hi, final long lo) {
        return family == IpFamily.V4 ? Ipv4Address.isMulticast(lo) : Ipv6Address.isMulticast(hi);
    }

    /** {@link #isLoopback()} of an address's parts. */
    static boolean isLoopback(final int family, final long hi, final long lo) {
        return family == IpFamily.V4 ? Ipv4Address.isLoopback(lo) : Ipv6Address.isLoopback(hi, lo);
    }

    /** {@link #isLinkLocal()} of an address's parts. */
    static boolean isLinkLocal(final int family, final long hi, final long lo) {
        return family == IpFamily.V4 ? Ipv4Address.isLinkLocal(lo) : Ipv6Address.isLinkLocal(hi);
    }

    /** {@link #isUnicast()} of an address's parts. */
    static boolean isUnicast(final int family, final long hi, final long lo) {
        return (hi | lo) != 0
                && !isMulticast(family, hi, lo)
                && !(family == IpFamily.V4 && Ipv4Address.isBroadcast(lo));
    }

    /** Upper 64 bits of the mask of a prefix of an IPv6 address. */
    static long maskHi(final int family, final int prefixLength) {
        if (family == IpFamily.V4 || prefixLength == 0) {
            return 0;
        }
        return prefixLength >= 64 ? -1L : -1L << (64 - prefixLength);
    }

    /** Lower 64 bits of the mask of a prefix, or the mask of an IPv4 prefix zero-extended. */
    static long maskLo(final int family, final int prefixLength) {
        if (family == IpFamily.V4) {
            return prefixLength == 0 ? 0 : 0xFFFF_FFFFL << (32 - prefixLength) & 0xFFFF_FFFFL;
        }
        return prefixLength <= 64 ? 0 : -1L << (128 - prefixLength);
    }

    /** Length of the prefix that these bits are the mask of; -1 if they are no mask. */
    static int prefixLength(final int family, final long hi, final long lo) {
        final int length = family == IpFamily.V4
                ? Integer.numberOfLeadingZeros(~(int) lo)
                : hi == -1L ? 64 + Long.numberOfLeadingZeros(~lo) : Long.numberOfLeadingZeros(~hi);
        return maskHi(family, length) == hi && maskLo(family, length) == lo ? length : -1;
    }
}

package io.millrace.stack.wire.address;

import io.millrace.stack.wire.IpFamily;
import java.util.Optional;

/**
 * An address and the length of its network's prefix (RFC 4632).
 *
 * @param address the address; bits behind the prefix are kept
 * @param prefixLength 0 to 32 or 128
 * @param <A> family
 */
public record Cidr<A extends IpAddress>(A address, int prefixLength) {
    /**
     * Checks the prefix length.
     *
     * @throws IllegalArgumentException if it is negative or longer than the address
     */
    public Cidr {
        if (prefixLength < 0 || prefixLength > address.bits()) {
            throw new IllegalArgumentException(
                    "prefix length " + prefixLength + " of " + address + "; it is 0 to " + address.bits());
        }
    }

    /**
     * Parses an address of either family, a slash and a prefix length.
     *
     * @throws AddressSyntaxException if {@code text} is not that
     */
    public static Cidr<? extends IpAddress> parse(final String text) {
        final int slash = slash("a CIDR", text);
        return withLength("a CIDR", text, slash, new AddressText("a CIDR", text, 0, slash).ip());
    }

    /**
     * Parses an IPv4 address, a slash and a prefix length.
     *
     * @throws AddressSyntaxException if {@code text} is not that
     */
    public static Cidr<Ipv4Address> parseIpv4(final String text) {
        final int slash = slash("an IPv4 CIDR", text);
        return withLength("an IPv4 CIDR", text, slash, new AddressText("an IPv4 CIDR", text, 0, slash).ipv4());
    }

    /**
     * Parses an IPv6 address, a slash and a prefix length.
     *
     * @throws AddressSyntaxException if {@code text} is not that
     */
    public static Cidr<Ipv6Address> parseIpv6(final String text) {
        final int slash = slash("an IPv6 CIDR", text);
        return withLength("an IPv6 CIDR", text, slash, new AddressText("an IPv6 CIDR", text, 0, slash).ipv6());
    }

    /**
     * Makes one of an address and a mask.
     *
     * @throws IllegalArgumentException if {@code mask} is not a run of ones followed by zeros, or empty
     */
    public static <A extends IpAddress> Cidr<A> ofMask(final A address, final A mask) {
        final int length = IpAddress.prefixLength(mask.family(), mask.hi(), mask.lo());
        if (length <= 0) {
            throw new IllegalArgumentException(mask + " is not a network mask");
        }
        return new Cidr<>(address, length);
    }

    /** Whether an address is in this network. */
    public boolean contains(final IpAddress other) {
        return other.family() == address.family() && contains(other.hi(), other.lo());
    }

    /** Whether an address of the same family is in this network. */
    public boolean contains(final long hi, final long lo) {
        final int family = address.family();
        return ((hi ^ address.hi()) & IpAddress.maskHi(family, prefixLength)) == 0
                && ((lo ^ address.lo()) & IpAddress.maskLo(family, prefixLength)) == 0;
    }

    /** Whether all addresses of another network are in this one. */
    public boolean contains(final Cidr<A> other) {
        return other.prefixLength >= prefixLength && contains(other.address);
    }

    /** The network: this one with the bits behind the prefix cleared. */
    public Cidr<A> network() {
        final int family = address.family();
        return new Cidr<>(
                sameFamily(
                        address.hi() & IpAddress.maskHi(family, prefixLength),
                        address.lo() & IpAddress.maskLo(family, prefixLength)),
                prefixLength);
    }

    /** The mask of the prefix. */
    public A mask() {
        final int family = address.family();
        return sameFamily(IpAddress.maskHi(family, prefixLength), IpAddress.maskLo(family, prefixLength));
    }

    /** The network's directed broadcast address; none with IPv6 and with prefixes of 31 (RFC 3021) and 32 bits. */
    public Optional<A> broadcast() {
        if (address.family() == IpFamily.V6 || prefixLength > 30) {
            return Optional.empty();
        }
        return Optional.of(sameFamily(0, address.lo() | (~IpAddress.maskLo(IpFamily.V4, prefixLength) & 0xFFFF_FFFFL)));
    }

    /** Address, slash, prefix length. */
    @Override
    public String toString() {
        return address + "/" + prefixLength;
    }

    @SuppressWarnings("unchecked") // A is the class of address
    private A sameFamily(final long hi, final long lo) {
        return (A) IpAddress.of(address.family(), hi, lo);
    }

    private static int slash(final String what, final String text) {
        final int slash = text.indexOf('/');
        if (slash < 0) {
            throw new AddressSyntaxException(what, text, text.length(), "expected '/' and a prefix length");
        }
        return slash;
    }

    private static <B extends IpAddress> Cidr<B> withLength(
            final String what, final String text, final int slash, final B address) {
        final AddressText tail = new AddressText(what, text, slash + 1, text.length());
        return new Cidr<>(address, tail.number(address.bits(), "prefix length"));
    }
}

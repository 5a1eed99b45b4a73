package io.millrace.stack.wire.address;

import io.millrace.stack.wire.IpFamily;

/**
 * An IPv4 address.
 *
 * @param value its 32 bits, the first octet on top
 */
public record Ipv4Address(int value) implements IpAddress {
    /** {@code 0.0.0.0}. */
    public static final Ipv4Address UNSPECIFIED = new Ipv4Address(0);

    /** {@code 255.255.255.255}. */
    public static final Ipv4Address BROADCAST = new Ipv4Address(-1);

    /** {@code 127.0.0.1}. */
    public static final Ipv4Address LOCALHOST = new Ipv4Address(0x7F00_0001);

    /** {@code 224.0.0.1}. */
    public static final Ipv4Address ALL_SYSTEMS = new Ipv4Address(0xE000_0001);

    private static final long BROADCAST_LO = 0xFFFF_FFFFL;

    /**
     * Parses four decimal numbers joined by dots. Leading zeros are refused, since some read them as octal.
     *
     * @throws AddressSyntaxException if {@code text} is not that
     */
    public static Ipv4Address parse(final String text) {
        return new AddressText("an IPv4 address", text).ipv4();
    }

    /** The address {@code a.b.c.d}; the low 8 bits of each count. */
    public static Ipv4Address of(final int a, final int b, final int c, final int d) {
        return new Ipv4Address(a << 24 | (b & 0xFF) << 16 | (c & 0xFF) << 8 | (d & 0xFF));
    }

    @Override
    public int family() {
        return IpFamily.V4;
    }

    @Override
    public long hi() {
        return 0;
    }

    @Override
    public long lo() {
        return value & 0xFFFF_FFFFL;
    }

    /** Whether this is {@code 255.255.255.255}. A subnet's broadcast address is known to its {@link Cidr}. */
    public boolean isBroadcast() {
        return value == -1;
    }

    /** Whether this is {@code 255.255.255.255}. */
    public static boolean isBroadcast(final long lo) {
        return lo == BROADCAST_LO;
    }

    /** {@code 224.0.0.0/4} (RFC 5771). */
    public static boolean isMulticast(final long lo) {
        return lo >>> 28 == 0xE;
    }

    /** {@code 127.0.0.0/8}. */
    public static boolean isLoopback(final long lo) {
        return lo >>> 24 == 127;
    }

    /** {@code 169.254.0.0/16} (RFC 3927). */
    public static boolean isLinkLocal(final long lo) {
        return lo >>> 16 == 0xA9FE;
    }

    /** {@code 0.0.0.0/8}, "this network" (RFC 791, RFC 6890). */
    public static boolean isThisNetwork(final long lo) {
        return lo >>> 24 == 0;
    }

    /** {@code 240.0.0.0/4}, class E (RFC 1112), {@code 255.255.255.255} included. */
    public static boolean isReserved(final long lo) {
        return lo >>> 28 == 0xF;
    }

    /** Whether it is that of a station elsewhere: not of this network or loopback, nor multicast, nor reserved. */
    public static boolean isHost(final long lo) {
        final int first = (int) (lo >>> 24);
        return first != 0 && first != 127 && first < 224;
    }

    /** Four decimal numbers joined by dots. */
    @Override
    public String toString() {
        return (value >>> 24) + "." + (value >>> 16 & 0xFF) + "." + (value >>> 8 & 0xFF) + "." + (value & 0xFF);
    }
}

package io.millrace.stack.wire.address;

/**
 * An Ethernet address.
 *
 * @param value its 48 bits, the first octet on top; the upper 16 bits are 0
 */
public record MacAddress(long value) {
    /** {@code ff:ff:ff:ff:ff:ff}. */
    public static final MacAddress BROADCAST = new MacAddress(0xFFFF_FFFF_FFFFL);

    /** Bits of {@link #BROADCAST}. */
    public static final long BROADCAST_VALUE = 0xFFFF_FFFF_FFFFL;

    private static final long GROUP_BIT = 0x0100_0000_0000L;
    private static final long LOCAL_BIT = 0x0200_0000_0000L;

    /**
     * Checks the value.
     *
     * @throws IllegalArgumentException if it has more than 48 bits
     */
    public MacAddress {
        if (value >>> 48 != 0) {
            throw new IllegalArgumentException("MAC address 0x" + Long.toHexString(value) + " has more than 48 bits");
        }
    }

    /**
     * Parses six octets of two hexadecimal digits, joined by colons or by hyphens.
     *
     * @throws AddressSyntaxException if {@code text} is not that
     */
    public static MacAddress parse(final String text) {
        return new AddressText("a MAC address", text).mac();
    }

    /** Whether this is the address of all stations. */
    public boolean isBroadcast() {
        return value == BROADCAST_VALUE;
    }

    /** Whether this names a group of stations, all of them included. */
    public boolean isMulticast() {
        return isMulticast(value);
    }

    /** Whether this names one station: neither a group's nor all zeros. */
    public boolean isUnicast() {
        return isUnicast(value);
    }

    /** Whether this was assigned locally and not by a vendor. */
    public boolean isLocallyAdministered() {
        return (value & LOCAL_BIT) != 0;
    }

    /** {@link #isMulticast()} of an address's bits. */
    public static boolean isMulticast(final long value) {
        return (value & GROUP_BIT) != 0;
    }

    /** {@link #isUnicast()} of an address's bits. */
    public static boolean isUnicast(final long value) {
        return (value & GROUP_BIT) == 0 && value != 0;
    }

    /** The address that an IPv4 multicast group is sent to (RFC 1112 6.4). */
    public static long ofIpv4Group(final long lo) {
        return 0x0100_5E00_0000L | (lo & 0x7F_FFFFL);
    }

    /** Whether an address is that of an IPv6 solicited-node group, ff02::1:ff00:0/104 (RFC 2464 section 7). */
    public static boolean isSolicitedNode(final long address) {
        return address >>> 24 == 0x3333FF;
    }

    /** The address that an IPv6 multicast group is sent to (RFC 2464 7). */
    public static long ofIpv6Group(final long lo) {
        return 0x3333_0000_0000L | (lo & 0xFFFF_FFFFL);
    }

    /** Six octets of two digits, lower case, joined by colons. */
    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder(17);
        for (int shift = 40; shift >= 0; shift -= 8) {
            final int octet = (int) (value >>> shift) & 0xFF;
            text.append(Character.forDigit(octet >>> 4, 16)).append(Character.forDigit(octet & 0xF, 16));
            if (shift > 0) {
                text.append(':');
            }
        }
        return text.toString();
    }
}

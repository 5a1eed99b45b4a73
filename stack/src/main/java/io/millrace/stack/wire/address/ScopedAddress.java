package io.millrace.stack.wire.address;

import io.millrace.stack.wire.IpFamily;

/**
 * An address and the zone in which it is meant (RFC 4007 section 11): {@code fe80::1%eth0} or {@code ff02::1%1}. A zone
 * tells at which interface an address is that is not unique among them, by its name or its index within the stack; no
 * packet carries it, so only the API knows it, and addresses themselves have none.
 *
 * @param address the address
 * @param zone name or index of an interface; empty for none
 */
public record ScopedAddress(IpAddress address, String zone) {
    private static final String WHAT = "an IP address";

    /**
     * Checks the zone.
     *
     * @throws IllegalArgumentException if the address is unique among interfaces and so has no zone
     */
    public ScopedAddress {
        check(address, zone);
    }

    /** An address without zone. */
    public static ScopedAddress of(final IpAddress address) {
        return new ScopedAddress(address, "");
    }

    /**
     * Parses an address of either family, with {@code %} and a zone behind it or without.
     *
     * @throws AddressSyntaxException if {@code text} is not that
     */
    public static ScopedAddress parse(final String text) {
        final int percent = text.indexOf('%');
        if (percent < 0) {
            return of(IpAddress.parse(text));
        }
        final IpAddress address = new AddressText(WHAT, text, 0, percent).ip();
        return new ScopedAddress(address, zone(WHAT, text, address, percent, text.length()));
    }

    /** The text that {@link #parse} reads. */
    @Override
    public String toString() {
        return zone.isEmpty() ? address.toString() : address + "%" + zone;
    }

    /** The zone between a percent sign and {@code end}. */
    static String zone(
            final String what, final String text, final IpAddress address, final int percent, final int end) {
        if (!mayHaveZone(address)) {
            throw new AddressSyntaxException(what, text, percent, "a zone id needs a link-local address or group");
        }
        if (percent + 1 == end) {
            throw new AddressSyntaxException(what, text, end, "expected a zone id");
        }
        for (int i = percent + 1; i < end; i++) {
            if (!legal(text.charAt(i))) {
                throw new AddressSyntaxException(what, text, i, "unexpected '" + text.charAt(i) + "' in a zone id");
            }
        }
        return text.substring(percent + 1, end);
    }

    static void check(final IpAddress address, final String zone) {
        if (!zone.isEmpty() && !mayHaveZone(address)) {
            throw new IllegalArgumentException(
                    "zone " + zone + " of " + address + ", which is no link-local address or group; leave it out");
        }
    }

    /** Whether an address may be at several interfaces: it is IPv6 and its scope is less than global. */
    private static boolean mayHaveZone(final IpAddress address) {
        return address.family() == IpFamily.V6
                && Ipv6Address.scope(address.hi(), address.lo()) < Ipv6Address.SCOPE_GLOBAL;
    }

    private static boolean legal(final char c) {
        return c > ' ' && c < 0x7F && c != '%' && c != '/' && c != '[' && c != ']';
    }
}

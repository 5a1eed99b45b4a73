package io.millrace.stack.wire.address;

/**
 * An address and a port of UDP or TCP.
 *
 * @param address the address; the unspecified one means any of ours where an endpoint is bound
 * @param port 0 to 65,535; 0 means any where an endpoint is bound
 * @param zone name or index of the interface at which a link-local address is, as {@link ScopedAddress} has it; empty for
 *     none, and always so in what the stack tells of packets, which name their interface otherwise
 * @param <A> family
 */
public record Endpoint<A extends IpAddress>(A address, int port, String zone) {
    /** Largest port. */
    public static final int MAX_PORT = 65_535;

    private static final String WHAT = "an endpoint";

    /**
     * Checks port and zone.
     *
     * @throws IllegalArgumentException if the port is out of range, or the address has no zone
     */
    public Endpoint {
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("port " + port + "; it is 0 to " + MAX_PORT);
        }
        ScopedAddress.check(address, zone);
    }

    /** An address and a port without zone. */
    public Endpoint(final A address, final int port) {
        this(address, port, "");
    }

    /**
     * Parses {@code 192.0.2.1:80}, {@code [2001:db8::1]:80} or {@code [fe80::1%eth0]:80}. Without a port, and then
     * without brackets too, the port is 0.
     *
     * @throws AddressSyntaxException if {@code text} is not that
     */
    public static Endpoint<? extends IpAddress> parse(final String text) {
        if (text.startsWith("[")) {
            final int bracket = text.indexOf(']');
            if (bracket < 0) {
                throw new AddressSyntaxException(WHAT, text, text.length(), "expected ']'");
            }
            final int percent = text.indexOf('%');
            final boolean zoned = percent >= 0 && percent < bracket;
            final Ipv6Address address = new AddressText(WHAT, text, 1, zoned ? percent : bracket).ipv6();
            final String zone = zoned ? ScopedAddress.zone(WHAT, text, address, percent, bracket) : "";
            if (bracket + 1 == text.length() || text.charAt(bracket + 1) != ':') {
                throw new AddressSyntaxException(WHAT, text, bracket + 1, "expected ':' and a port");
            }
            return new Endpoint<>(address, port(text, bracket + 2), zone);
        }
        if (text.indexOf('%') >= 0) {
            final ScopedAddress scoped = ScopedAddress.parse(text);
            return new Endpoint<>(scoped.address(), 0, scoped.zone());
        }
        final int colon = text.indexOf(':');
        if (colon < 0 || colon != text.lastIndexOf(':')) {
            return new Endpoint<>(new AddressText(WHAT, text).ip(), 0);
        }
        return new Endpoint<>(new AddressText(WHAT, text, 0, colon).ipv4(), port(text, colon + 1));
    }

    /** The text that {@link #parse} reads. */
    @Override
    public String toString() {
        if (address instanceof Ipv6Address) {
            return "[" + address + (zone.isEmpty() ? "" : "%" + zone) + "]:" + port;
        }
        return address + ":" + port;
    }

    private static int port(final String text, final int from) {
        return new AddressText(WHAT, text, from, text.length()).number(MAX_PORT, "port");
    }
}

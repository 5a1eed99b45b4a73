package io.millrace.stack.wire.address;

/**
 * An address and a port of UDP or TCP.
 *
 * @param address the address; the unspecified one means any of ours where an endpoint is bound
 * @param port 0 to 65,535; 0 means any where an endpoint is bound
 * @param <A> family
 */
public record Endpoint<A extends IpAddress>(A address, int port) {
    /** Largest port. */
    public static final int MAX_PORT = 65_535;

    private static final String WHAT = "an endpoint";

    /**
     * Checks the port.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public Endpoint {
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("port " + port + "; it is 0 to " + MAX_PORT);
        }
    }

    /**
     * Parses {@code 192.0.2.1:80} or {@code [2001:db8::1]:80}. Without a port, and then without brackets too, the port
     * is 0.
     *
     * @throws AddressSyntaxException if {@code text} is not that
     */
    public static Endpoint<? extends IpAddress> parse(final String text) {
        if (text.startsWith("[")) {
            final int bracket = text.indexOf(']');
            if (bracket < 0) {
                throw new AddressSyntaxException(WHAT, text, text.length(), "expected ']'");
            }
            final Ipv6Address address = new AddressText(WHAT, text, 1, bracket).ipv6();
            if (bracket + 1 == text.length() || text.charAt(bracket + 1) != ':') {
                throw new AddressSyntaxException(WHAT, text, bracket + 1, "expected ':' and a port");
            }
            return new Endpoint<>(address, port(text, bracket + 2));
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
        return address instanceof Ipv6Address ? "[" + address + "]:" + port : address + ":" + port;
    }

    private static int port(final String text, final int from) {
        return new AddressText(WHAT, text, from, text.length()).number(MAX_PORT, "port");
    }
}

package io.millrace.stack.wire;

/** Address families as ints, the IP version, for paths that must not touch objects. */
public final class IpFamily {
    /** IPv4. An address is {@code hi = 0, lo = } the 32 bits, zero-extended. */
    public static final int V4 = 4;

    /** IPv6. An address is {@code hi} and {@code lo} in network order. */
    public static final int V6 = 6;

    private IpFamily() {}

    /** Bytes of the fixed IP header: 20 or 40. */
    public static int headerLength(final int family) {
        return family == V4 ? 20 : 40;
    }
}

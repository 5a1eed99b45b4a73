package io.millrace.stack.wire.address;

import io.millrace.stack.wire.IpFamily;

/**
 * An IPv6 address, without zone (RFC 4291). Its text is that of RFC 5952.
 *
 * @param hi its upper 64 bits
 * @param lo its lower 64 bits
 */
public record Ipv6Address(long hi, long lo) implements IpAddress {
    /** {@code ::}. */
    public static final Ipv6Address UNSPECIFIED = new Ipv6Address(0, 0);

    /** {@code ::1}. */
    public static final Ipv6Address LOCALHOST = new Ipv6Address(0, 1);

    /** {@code ff02::1}: all nodes of a link. */
    public static final Ipv6Address ALL_NODES = new Ipv6Address(0xFF02L << 48, 1);

    /** {@code ff02::2}: all routers of a link. */
    public static final Ipv6Address ALL_ROUTERS = new Ipv6Address(0xFF02L << 48, 2);

    /** Upper half of {@code ff02::1:ff00:0/104}, the solicited-node addresses (RFC 4291 2.7.1). */
    public static final long SOLICITED_NODE_HI = 0xFF02L << 48;

    /** Upper half of {@code fe80::/64}. */
    public static final long LINK_LOCAL_HI = 0xFE80L << 48;

    /** Scope of an address for {@link #scope}: valid within one interface. */
    public static final int SCOPE_INTERFACE = 1;

    /** Scope of an address: valid on one link. */
    public static final int SCOPE_LINK = 2;

    /** Scope of an address: smallest that an administrator configures. */
    public static final int SCOPE_ADMIN = 4;

    /** Scope of an address: valid within a site. */
    public static final int SCOPE_SITE = 5;

    /** Scope of an address: valid within an organisation. */
    public static final int SCOPE_ORGANIZATION = 8;

    /** Scope of an address: valid everywhere. */
    public static final int SCOPE_GLOBAL = 14;

    private static final long SOLICITED_NODE_LO = 0x1_FF00_0000L;
    private static final long SOLICITED_NODE_BITS = 0xFF_FFFFL;
    private static final long MAPPED_LO = 0xFFFF_0000_0000L;

    /**
     * Parses any form of RFC 4291 2.2.
     *
     * @throws AddressSyntaxException if {@code text} is none of them
     */
    public static Ipv6Address parse(final String text) {
        return new AddressText("an IPv6 address", text).ipv6();
    }

    /** The address of eight groups of 16 bits. */
    public static Ipv6Address of(
            final int a, final int b, final int c, final int d, final int e, final int f, final int g, final int h) {
        return new Ipv6Address(join(a, b, c, d), join(e, f, g, h));
    }

    /** The link-local address that an interface forms from its MAC address (RFC 4291 appendix A, modified EUI-64). */
    public static Ipv6Address linkLocal(final long mac) {
        return new Ipv6Address(LINK_LOCAL_HI, interfaceId(mac));
    }

    /** The modified EUI-64 interface identifier of a MAC address (RFC 4291 appendix A). */
    public static long interfaceId(final long mac) {
        return (mac >>> 24 ^ 0x02_0000L) << 40 | 0xFF_FE00_0000L | (mac & 0xFF_FFFFL);
    }

    /** Lower half of the solicited-node multicast address, whose upper half is {@link #SOLICITED_NODE_HI}. */
    public static long solicitedNodeLo(final long lo) {
        return SOLICITED_NODE_LO | (lo & SOLICITED_NODE_BITS);
    }

    @Override
    public int family() {
        return IpFamily.V6;
    }

    /** The multicast address at which this one is solicited (RFC 4291 2.7.1): its lower 24 bits count. */
    public Ipv6Address solicitedNode() {
        return new Ipv6Address(SOLICITED_NODE_HI, solicitedNodeLo(lo));
    }

    /** Whether this is one of {@code ff02::1:ff00:0/104}. */
    public boolean isSolicitedNode() {
        return isSolicitedNode(hi, lo);
    }

    /** Whether this is one of {@code fc00::/7} (RFC 4193). */
    public boolean isUniqueLocal() {
        return isUniqueLocal(hi);
    }

    /** Whether this is one of {@code 2000::/3}, what IANA assigns as global unicast. */
    public boolean isGlobalUnicast() {
        return hi >>> 61 == 1;
    }

    /** Whether this stands for an IPv4 address, {@code ::ffff:0:0/96}. */
    public boolean isIpv4Mapped() {
        return isIpv4Mapped(hi, lo);
    }

    /** {@link #scope(long, long)} of this address. */
    public int scope() {
        return scope(hi, lo);
    }

    /** {@code ff00::/8}. */
    public static boolean isMulticast(final long hi) {
        return hi >>> 56 == 0xFF;
    }

    /** {@code fe80::/10}. */
    public static boolean isLinkLocal(final long hi) {
        return hi >>> 54 == 0x3FA;
    }

    /** {@code ::1}. */
    public static boolean isLoopback(final long hi, final long lo) {
        return hi == 0 && lo == 1;
    }

    /** {@code fc00::/7} (RFC 4193). */
    public static boolean isUniqueLocal(final long hi) {
        return hi >>> 57 == 0x7E;
    }

    /** {@code ::ffff:0:0/96}. */
    public static boolean isIpv4Mapped(final long hi, final long lo) {
        return hi == 0 && lo >>> 32 == 0xFFFF;
    }

    /** {@code ff02::1:ff00:0/104}. */
    public static boolean isSolicitedNode(final long hi, final long lo) {
        return hi == SOLICITED_NODE_HI && (lo & ~SOLICITED_NODE_BITS) == SOLICITED_NODE_LO;
    }

    /** Scope of an address (RFC 6724 3.1): that of the group if it is multicast, else link or global. */
    public static int scope(final long hi, final long lo) {
        if (isMulticast(hi)) {
            return (int) (hi >>> 48) & 0xF;
        }
        return isLinkLocal(hi) || isLoopback(hi, lo) ? SCOPE_LINK : SCOPE_GLOBAL;
    }

    /** The text of RFC 5952: lower case, the longest run of zeros (the first of equals) as {@code ::}. */
    @Override
    public String toString() {
        if (isIpv4Mapped()) {
            return "::ffff:" + new Ipv4Address((int) lo);
        }
        int gap = -1;
        int gapLength = 1; // a single group of zeros is written out
        for (int i = 0; i < 8; i++) {
            int length = 0;
            while (i + length < 8 && group(i + length) == 0) {
                length++;
            }
            if (length > gapLength) {
                gap = i;
                gapLength = length;
            }
            i += length;
        }
        final StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == gap) {
                text.append("::");
                i += gapLength - 1;
            } else {
                if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(group(i)));
            }
        }
        return text.toString();
    }

    private int group(final int index) {
        return (int) ((index < 4 ? hi : lo) >>> (48 - 16 * (index & 3))) & 0xFFFF;
    }

    private static long join(final int a, final int b, final int c, final int d) {
        return (a & 0xFFFFL) << 48 | (b & 0xFFFFL) << 32 | (c & 0xFFFFL) << 16 | (d & 0xFFFFL);
    }

    /** Lower half of {@code ::ffff:a.b.c.d}; its upper half is 0. */
    public static long mappedLo(final long ipv4) {
        return MAPPED_LO | ipv4;
    }
}

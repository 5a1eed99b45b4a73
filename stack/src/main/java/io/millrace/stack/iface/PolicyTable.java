package io.millrace.stack.iface;

import io.millrace.stack.route.PrefixTable;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Ipv6Address;

/** Labels of IPv6 addresses: source and destination should have the same (RFC 6724 section 2.1, the default table). */
final class PolicyTable {
    private static final PrefixTable LABELS = new PrefixTable(IpFamily.V6);

    static {
        put("::1/128", 0);
        put("::/0", 1);
        put("::ffff:0:0/96", 4);
        put("2002::/16", 2);
        put("2001::/32", 5);
        put("fc00::/7", 13);
        put("::/96", 3);
        put("fec0::/10", 11);
        put("3ffe::/16", 12);
    }

    private PolicyTable() {}

    /** The label of an address. */
    static int label(final long hi, final long lo) {
        return LABELS.lookup(hi, lo);
    }

    private static void put(final String prefix, final int label) {
        final Cidr<Ipv6Address> cidr = Cidr.parseIpv6(prefix);
        LABELS.put(cidr.address().hi(), cidr.address().lo(), cidr.prefixLength(), label);
    }
}

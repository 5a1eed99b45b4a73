package io.millrace.stack.iface;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.testkit.Origin;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyTableTest {
    /** The first and the last address of each row of the default table, and what lies beside it. */
    @ParameterizedTest
    @CsvSource({
        "::1, 0",
        "::, 3",
        "::2, 3",
        "::ffff:ffff, 3",
        "::1:0:0, 1",
        "::ffff:0:0, 4",
        "::ffff:255.255.255.255, 4",
        "::1:0:0:0, 1",
        "2001::, 5",
        "2001:0:ffff:ffff:ffff:ffff:ffff:ffff, 5",
        "2001:1::, 1",
        "2001:db8::1, 1",
        "2002::, 2",
        "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 2",
        "2003::, 1",
        "3ffd:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 1",
        "3ffe::, 12",
        "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 12",
        "3fff::, 1",
        "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 1",
        "fc00::, 13",
        "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 13",
        "fe00::, 1",
        "fe80::1, 1",
        "fec0::, 11",
        "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 11",
        "ff02::1, 1"
    })
    @Origin("RFC 6724 2.1")
    void shouldBeTheDefaultTable(final String address, final int label) {
        final Ipv6Address parsed = Ipv6Address.parse(address);
        assertEquals(label, PolicyTable.label(parsed.hi(), parsed.lo()));
    }
}

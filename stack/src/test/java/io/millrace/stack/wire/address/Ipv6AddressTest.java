package io.millrace.stack.wire.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.wire.IpFamily;
import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Ipv6AddressTest {
    private static final Ipv6Address GLOBAL = Ipv6Address.of(0x2001, 0xDB8, 3, 0, 0, 0, 0, 1);

    @ParameterizedTest
    @CsvSource({
        // address, unspecified, multicast, link-local, loopback, unique local, global unicast, solicited node
        "ff02::2,        false, true,  false, false, false, false, false",
        "ff02::1,        false, true,  false, false, false, false, false",
        "fe80::1,        false, false, true,  false, false, false, false",
        "febf::1,        false, false, true,  false, false, false, false",
        "fec0::1,        false, false, false, false, false, false, false",
        "::1,            false, false, false, true,  false, false, false",
        "::,             true,  false, false, false, false, false, false",
        "fd00::c9:1:1:1:1, false, false, false, false, true,  false, false",
        "fc00::1,        false, false, false, false, true,  false, false",
        "fe00::1,        false, false, false, false, false, false, false",
        "2001:db8:3::1,  false, false, false, false, false, true,  false",
        "ff02::1:ff01:65, false, true, false, false, false, false, true",
        "ff02::1:fe01:65, false, true, false, false, false, false, false",
        "ff05::1:ff01:65, false, true, false, false, false, false, false"
    })
    @Origin("smoltcp:wire::ipv6::test_basic_multicast")
    @Origin("smoltcp:wire::ipv6::test_basic_link_local")
    @Origin("smoltcp:wire::ipv6::test_basic_loopback")
    @Origin("smoltcp:wire::ipv6::test_unique_local")
    @Origin("smoltcp:wire::ipv6::test_global_unicast")
    @Origin("smoltcp:wire::ipv6::test_sollicited_node_multicast")
    void shouldClassify(
            final String text,
            final boolean unspecified,
            final boolean multicast,
            final boolean linkLocal,
            final boolean loopback,
            final boolean uniqueLocal,
            final boolean globalUnicast,
            final boolean solicitedNode) {
        final Ipv6Address address = Ipv6Address.parse(text);
        assertEquals(unspecified, address.isUnspecified());
        assertEquals(multicast, address.isMulticast());
        assertEquals(linkLocal, address.isLinkLocal());
        assertEquals(loopback, address.isLoopback());
        assertEquals(uniqueLocal, address.isUniqueLocal());
        assertEquals(globalUnicast, address.isGlobalUnicast());
        assertEquals(solicitedNode, address.isSolicitedNode());
    }

    @Test
    @Origin("RFC 4291 2.7.1")
    void shouldFormSolicitedNodeAddressFromTwentyFourBits() {
        assertEquals(
                Ipv6Address.parse("ff02::1:ff0e:8c6c"),
                Ipv6Address.parse("4037::01:800:200e:8c6c").solicitedNode());
    }

    @ParameterizedTest
    @CsvSource({"11, 120::", "15, 122::", "26, 123:4540::", "128, 123:4567:89ab::1", "127, 123:4567:89ab::", "0, ::"})
    @Origin("smoltcp:wire::ipv6::test_mask")
    void shouldClearBitsBehindThePrefix(final int length, final String network) {
        final Ipv6Address address = Ipv6Address.parse("123:4567:89ab::1");
        assertEquals(
                Ipv6Address.parse(network),
                new Cidr<>(address, length).network().address());
    }

    @ParameterizedTest
    @CsvSource({
        "fe80::2, true",
        "fe80::1122:3344:5566:7788, true",
        "fe80::ff00:0:0:0, true",
        "fe80::ff, true",
        "fe80:0:0:101::1, false",
        "::1, false",
        "ff02::1, false",
        "ff02::2, false"
    })
    @Origin("smoltcp:wire::ipv6::test_cidr")
    void shouldTellWhichAddressesANetworkHolds(final String address, final boolean inside) {
        assertEquals(inside, Cidr.parseIpv6("fe80::1/56").contains(Ipv6Address.parse(address)));
        assertTrue(Cidr.parseIpv6("fe80::1/0").contains(Ipv6Address.parse(address)));
    }

    @ParameterizedTest
    @CsvSource({
        "fe80::ffff:ffff:ffff:ffff/65, true",
        "fe80::1/128, true",
        "fe80::1234:5678/96, true",
        "fe80:0:0:101:ffff:ffff:ffff:ffff/55, false",
        "fe80:0:0:101:ffff:ffff:ffff:ffff/56, false",
        "fe80:0:0:101:ffff:ffff:ffff:ffff/57, false",
        "::1/128, false"
    })
    @Origin("smoltcp:wire::ipv6::test_cidr")
    void shouldTellWhichNetworksANetworkHolds(final String other, final boolean inside) {
        assertEquals(inside, Cidr.parseIpv6("fe80::1/56").contains(Cidr.parseIpv6(other)));
    }

    @Test
    @Origin("smoltcp:wire::ipv6::test_from_eui_64")
    void shouldFormInterfaceIdentifierFromMacAddress() {
        final long id =
                Ipv6Address.interfaceId(MacAddress.parse("aa:bb:cc:dd:ee:ff").value());
        assertEquals(Ipv6Address.parse("2001:db8:3::a8bb:ccff:fedd:eeff"), new Ipv6Address(GLOBAL.hi(), id));
        assertEquals(
                Ipv6Address.parse("fe80::ff:fe00:1"),
                Ipv6Address.linkLocal(MacAddress.parse("02:00:00:00:00:01").value()));
    }

    @ParameterizedTest
    @CsvSource({
        "ff01::1, 1",
        "ff02::1, 2",
        "ff03::1, 3",
        "ff04::1, 4",
        "ff05::1, 5",
        "ff08::1, 8",
        "ff0e::1, 14",
        "fe80::1, 2",
        "2001:db8:3::1, 14",
        "fd00:0:0:c9:1:1:1:1, 14",
        "::1, 2"
    })
    @Origin("smoltcp:wire::ipv6::test_scope")
    void shouldKnowScope(final String text, final int scope) {
        assertEquals(scope, Ipv6Address.parse(text).scope());
    }

    @Test
    @Origin("smoltcp:wire::ip::to_prefix_len_ipv6")
    void shouldMeasureEveryMask() {
        for (int length = 0; length <= 128; length++) {
            assertEquals(
                    length,
                    IpAddress.prefixLength(
                            IpFamily.V6, IpAddress.maskHi(IpFamily.V6, length), IpAddress.maskLo(IpFamily.V6, length)));
        }
    }

    @Test
    @Origin("smoltcp:wire::ip::to_prefix_len_ipv6_error")
    void shouldNotMeasureWhatIsNoMask() {
        assertEquals(-1, IpAddress.prefixLength(IpFamily.V6, -1L, 0xFFFF_FFFF_0000_0001L));
        assertEquals(-1, IpAddress.prefixLength(IpFamily.V6, -2L, -1L));
    }

    @ParameterizedTest
    @CsvSource({
        "2001:0db8:0000:0000:0000:0000:0002:0001, 2001:db8::2:1",
        "2001:db8::1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:AAAA, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa",
        "0:0:0:0:0:0:0:0, ::",
        "0:0:0:0:0:0:0:1, ::1",
        "1:0:0:0:0:0:0:0, 1::",
        "0:1:0:0:0:0:0:0, 0:1::",
        "1:0:0:2:3:4:0:0, 1::2:3:4:0:0",
        "::ffff:c000:280, ::ffff:192.0.2.128"
    })
    @Origin("RFC 5952 4")
    void shouldPrintCanonicalText(final String text, final String canonical) {
        assertEquals(canonical, Ipv6Address.parse(text).toString());
    }

    @Test
    void shouldNotTakeAMappedAddressForAnIpv4One() {
        final Ipv6Address mapped = new Ipv6Address(0, Ipv6Address.mappedLo(Ipv4Address.LOCALHOST.lo()));
        assertTrue(mapped.isIpv4Mapped());
        assertFalse(mapped.equals((Object) Ipv4Address.LOCALHOST));
        assertEquals(mapped, IpAddress.of(IpFamily.V6, mapped.hi(), mapped.lo()));
    }

    @Test
    @Origin("RFC 2464 7")
    void shouldMapGroupToMacAddress() {
        assertEquals(
                MacAddress.parse("33:33:ff:01:00:65"),
                new MacAddress(MacAddress.ofIpv6Group(
                        Ipv6Address.parse("ff02::1:ff01:65").lo())));
    }
}

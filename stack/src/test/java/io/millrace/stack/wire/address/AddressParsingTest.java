package io.millrace.stack.wire.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.testkit.Origin;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressParsingTest {
    @ParameterizedTest
    @CsvSource({
        "02:00:00:00:00:00, 020000000000",
        "01:23:45:67:89:ab, 0123456789ab",
        "cd:ef:10:00:00:00, cdef10000000",
        "00:00:00:ab:cd:ef, 000000abcdef",
        "00-00-00-ab-cd-ef, 000000abcdef",
        "AB-CD-EF-00-00-00, abcdef000000"
    })
    @Origin("smoltcp:parsers::test_mac")
    void shouldParseMacAddress(final String text, final String bits) {
        assertEquals(Long.parseLong(bits, 16), MacAddress.parse(text).value());
    }

    @ParameterizedTest
    @CsvSource({
        "'', 0",
        "100:00:00:00:00:00, 2",
        "002:00:00:00:00:00, 2",
        "02:00:00:00:00:000, 17",
        "02:00:00:00:00:0x, 16",
        "02:00:00:00:00, 14",
        "02:00-00:00:00:00, 5",
        "0200:00:00:00:00, 2",
        "g2:00:00:00:00:00, 0"
    })
    @Origin("smoltcp:parsers::test_mac")
    void shouldPointAtTheCharacterThatIsNoMacAddress(final String text, final int index) {
        assertRefused(MacAddress::parse, text, index);
    }

    @ParameterizedTest
    @CsvSource({"1.2.3.4, 01020304", "0.0.0.0, 00000000", "255.255.255.255, ffffffff", "127.0.0.1, 7f000001"})
    @Origin("smoltcp:parsers::test_ip_ipv4")
    void shouldParseIpv4Address(final String text, final String bits) {
        final Ipv4Address address = Ipv4Address.parse(text);
        assertEquals(Integer.parseUnsignedInt(bits, 16), address.value());
        assertEquals(address, IpAddress.parse(text));
        assertEquals(text, address.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "'', 0",
        "x, 0",
        "1, 1",
        "1.2.3, 5",
        "1.2.3., 6",
        "1.2.3.4.5, 7",
        "1.2.3.256, 6",
        "1.2.3.99999999999, 6",
        "1.02.3.4, 2",
        "1..3.4, 2",
        "1.2.3.4 , 7",
        "-1.2.3.4, 0",
        "1.2.3.+4, 6",
        "١.2.3.4, 0"
    })
    @Origin("smoltcp:parsers::test_ip_ipv4")
    void shouldPointAtTheCharacterThatIsNoIpv4Address(final String text, final int index) {
        assertRefused(IpAddress::parse, text.equals("1.2.3.4") ? "1.2.3.4 " : text, index);
    }

    @ParameterizedTest
    @CsvSource({
        "fe80::1, fe80000000000000, 1",
        "::, 0, 0",
        "::1, 0, 1",
        "1::, 0001000000000000, 0",
        "fe80:0:0:0:0:0:0:1, fe80000000000000, 1",
        "2001:DB8::8:800:200C:417A, 20010db800000000, 0008 0800 200c 417a",
        "1:2:3:4:5:6:7:8, 0001000200030004, 0005000600070008",
        "::2:3:4:5:6:7:8, 0000000200030004, 0005000600070008",
        "1:2:3:4:5:6:7::, 0001000200030004, 0005000600070000",
        "1:2:3::5:6:7:8, 0001000200030000, 0005000600070008",
        "::13.1.68.3, 0, 0d014403",
        "::FFFF:129.144.52.38, 0, ffff81903426",
        "64:ff9b::192.0.2.33, 0064ff9b00000000, c0000221",
        "1:2:3:4:5:6:1.2.3.4, 0001000200030004, 0005000601020304"
    })
    @Origin("smoltcp:parsers::test_ip_ipv6")
    @Origin("RFC 4291 2.2")
    void shouldParseIpv6Address(final String text, final String hi, final String lo) {
        final Ipv6Address address = Ipv6Address.parse(text);
        assertEquals(Long.parseUnsignedLong(hi, 16), address.hi());
        assertEquals(Long.parseUnsignedLong(lo.replace(" ", ""), 16), address.lo());
        assertEquals(address, IpAddress.parse(text));
        assertEquals(address, Ipv6Address.parse(address.toString()));
    }

    @ParameterizedTest
    @CsvSource({
        "'', 0",
        ":, 1",
        ":::, 2",
        ":1, 1",
        "1:, 2",
        "1:2:3:4:5:6:7, 13",
        "1:2:3:4:5:6:7:8:9, 16",
        "1:2:3:4:5:6:7:8::, 16",
        "1::2::3, 5",
        "fe80::1::, 8",
        "12345::, 4",
        "g::, 0",
        "fe80::g, 6",
        "1:2:3:4:5:6:7:1.2.3.4, 14",
        "::1.2.3, 7",
        "::1.2.3.256, 8",
        "::1.2.3.4:5, 9",
        "fe80::1%eth0, 7",
        "fe80::1/64, 7"
    })
    @Origin("RFC 4291 2.2")
    void shouldPointAtTheCharacterThatIsNoIpv6Address(final String text, final int index) {
        assertRefused(Ipv6Address::parse, text, index);
    }

    @Test
    void shouldRefuseARunOfZerosThatStandsForNothing() {
        assertRefused(Ipv6Address::parse, "1:2:3:4::5:6:7:8", 15);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1/8", "192.168.1.1/24", "8.8.8.8/32", "8.8.8.8/0"})
    @Origin("smoltcp:parsers::test_cidr_ipv4")
    void shouldParseIpv4Cidr(final String text) {
        final int slash = text.indexOf('/');
        final Cidr<Ipv4Address> expected =
                new Cidr<>(Ipv4Address.parse(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
        assertEquals(expected, Cidr.parseIpv4(text));
        assertEquals(expected, Cidr.parse(text));
        assertEquals(text, expected.toString());
    }

    @ParameterizedTest
    @CsvSource({"'', 0", "1, 1", "127.0.0.1, 9", "127.0.0.1/, 10", "127.0.0.1/33, 10", "127.0.0.1/111, 10", "/32, 0"})
    @Origin("smoltcp:parsers::test_cidr_ipv4")
    void shouldPointAtTheCharacterThatIsNoIpv4Cidr(final String text, final int index) {
        assertRefused(Cidr::parseIpv4, text, index);
        assertRefused(Cidr::parse, text, index);
    }

    @ParameterizedTest
    @CsvSource({
        "fe80::1/64, fe80::1, 64",
        "fe80::/64, fe80::, 64",
        "::1/128, ::1, 128",
        "::/128, ::, 128",
        "fe80:0:0:0:0:0:0:1/64, fe80::1, 64"
    })
    @Origin("smoltcp:parsers::test_cidr_ipv6")
    void shouldParseIpv6Cidr(final String text, final String address, final int length) {
        final Cidr<Ipv6Address> expected = new Cidr<>(Ipv6Address.parse(address), length);
        assertEquals(expected, Cidr.parseIpv6(text));
        assertEquals(expected, Cidr.parse(text));
        assertEquals(expected, Cidr.parse(expected.toString()));
    }

    @ParameterizedTest
    @CsvSource({"fe80:0:0:0:0:0:0:1|64, 21", "fe80::|64, 9", "fe80::1::/64, 8", "fe80::/129, 7", "fe80::/064, 7"})
    @Origin("smoltcp:parsers::test_cidr_ipv6")
    void shouldPointAtTheCharacterThatIsNoIpv6Cidr(final String text, final int index) {
        assertRefused(Cidr::parseIpv6, text, index);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 127.0.0.1, 0", "127.0.0.1:12345, 127.0.0.1, 12345"})
    @Origin("smoltcp:parsers::test_endpoint_ipv4")
    void shouldParseIpv4Endpoint(final String text, final String address, final int port) {
        assertEquals(new Endpoint<>(Ipv4Address.parse(address), port), Endpoint.parse(text));
    }

    @ParameterizedTest
    @CsvSource({"fe80::1, fe80::1, 0", "[fe80::1]:12345, fe80::1, 12345", "[::]:12345, ::, 12345"})
    @Origin("smoltcp:parsers::test_endpoint_ipv6")
    void shouldParseIpv6Endpoint(final String text, final String address, final int port) {
        final Endpoint<Ipv6Address> expected = new Endpoint<>(Ipv6Address.parse(address), port);
        assertEquals(expected, Endpoint.parse(text));
        assertEquals(expected, Endpoint.parse(expected.toString()));
    }

    @ParameterizedTest
    @CsvSource({
        "'', 0",
        "x, 0",
        "127.0.0.1:, 10",
        "127.0.0.1:65536, 10",
        "127.0.0.1:http, 10",
        "[::1], 5",
        "[::1]80, 5",
        "[::1]:80x, 8",
        "[::1, 4",
        "[1.2.3.4]:80, 8"
    })
    @Origin("smoltcp:parsers::test_endpoint_ipv4")
    @Origin("smoltcp:parsers::test_endpoint_ipv6")
    void shouldPointAtTheCharacterThatIsNoEndpoint(final String text, final int index) {
        assertRefused(Endpoint::parse, text, index);
    }

    @Test
    void shouldSayWhatIsWrongAndWhere() {
        final AddressSyntaxException e =
                assertThrows(AddressSyntaxException.class, () -> Ipv4Address.parse("10.0.0.256"));
        assertEquals("\"10.0.0.256\" is not an IPv4 address: number larger than 255 at character 8", e.getMessage());
    }

    private static void assertRefused(final Function<String, ?> parser, final String text, final int index) {
        final AddressSyntaxException e = assertThrows(AddressSyntaxException.class, () -> parser.apply(text));
        assertEquals(index, e.index(), e.getMessage());
        assertEquals(text, e.input());
    }
}

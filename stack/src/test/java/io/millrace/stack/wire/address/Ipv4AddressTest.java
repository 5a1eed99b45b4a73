package io.millrace.stack.wire.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.wire.IpFamily;
import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Ipv4AddressTest {
    @Test
    @Origin("smoltcp:wire::ipv4::test_unspecified")
    void shouldClassifyUnspecified() {
        assertTrue(Ipv4Address.UNSPECIFIED.isUnspecified());
        assertFalse(Ipv4Address.UNSPECIFIED.isBroadcast());
        assertFalse(Ipv4Address.UNSPECIFIED.isMulticast());
        assertFalse(Ipv4Address.UNSPECIFIED.isLinkLocal());
        assertFalse(Ipv4Address.UNSPECIFIED.isLoopback());
        assertFalse(Ipv4Address.UNSPECIFIED.isUnicast());
    }

    @Test
    @Origin("smoltcp:wire::ipv4::test_broadcast")
    void shouldClassifyBroadcast() {
        assertFalse(Ipv4Address.BROADCAST.isUnspecified());
        assertTrue(Ipv4Address.BROADCAST.isBroadcast());
        assertFalse(Ipv4Address.BROADCAST.isMulticast());
        assertFalse(Ipv4Address.BROADCAST.isLinkLocal());
        assertFalse(Ipv4Address.BROADCAST.isLoopback());
        assertFalse(Ipv4Address.BROADCAST.isUnicast());
    }

    @ParameterizedTest
    @CsvSource({
        "223.255.255.255, false, true",
        "224.0.0.0, true, false",
        "239.255.255.255, true, false",
        "240.0.0.0, false, true"
    })
    void shouldKnowTheBordersOfMulticast(final String text, final boolean multicast, final boolean unicast) {
        final Ipv4Address address = Ipv4Address.parse(text);
        assertEquals(multicast, address.isMulticast());
        assertEquals(unicast, address.isUnicast());
    }

    @Test
    void shouldKnowReservedNetworks() {
        assertTrue(Ipv4Address.parse("169.254.255.1").isLinkLocal());
        assertFalse(Ipv4Address.parse("169.253.255.1").isLinkLocal());
        assertTrue(Ipv4Address.parse("127.255.0.1").isLoopback());
        assertTrue(Ipv4Address.isThisNetwork(Ipv4Address.parse("0.1.2.3").lo()));
        assertTrue(Ipv4Address.isReserved(Ipv4Address.parse("240.0.0.1").lo()));
        assertFalse(Ipv4Address.isReserved(Ipv4Address.parse("239.0.0.1").lo()));
    }

    @ParameterizedTest
    @CsvSource({
        "192.168.1.10/24, 192.168.1.0, true",
        "192.168.1.10/24, 192.168.1.10, true",
        "192.168.1.10/24, 192.168.1.127, true",
        "192.168.1.10/24, 192.168.1.255, true",
        "192.168.1.10/24, 192.168.0.0, false",
        "192.168.1.10/24, 127.0.0.1, false",
        "192.168.1.10/24, 192.168.2.0, false",
        "192.168.1.10/24, 192.168.0.255, false",
        "192.168.1.10/24, 0.0.0.0, false",
        "192.168.1.10/24, 255.255.255.255, false",
        "192.168.1.10/0, 127.0.0.1, true",
        "192.168.1.10/32, 192.168.1.10, true",
        "192.168.1.10/32, 192.168.1.11, false"
    })
    @Origin("smoltcp:wire::ipv4::test_cidr")
    void shouldTellWhichAddressesANetworkHolds(final String cidr, final String address, final boolean inside) {
        assertEquals(inside, Cidr.parseIpv4(cidr).contains(Ipv4Address.parse(address)));
    }

    @ParameterizedTest
    @CsvSource({
        "192.168.1.0/32, true",
        "192.168.1.255/24, true",
        "192.168.1.10/30, true",
        "192.168.1.10/23, false",
        "127.0.0.1/8, false",
        "192.168.1.0/0, false",
        "192.168.0.255/32, false"
    })
    @Origin("smoltcp:wire::ipv4::test_cidr")
    void shouldTellWhichNetworksANetworkHolds(final String other, final boolean inside) {
        assertEquals(inside, Cidr.parseIpv4("192.168.1.10/24").contains(Cidr.parseIpv4(other)));
    }

    @Test
    void shouldNotHoldAddressesOfTheOtherFamily() {
        assertFalse(Cidr.parseIpv4("0.0.0.0/0").contains(Ipv6Address.LOCALHOST));
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.1, 255.255.255.0, 24",
        "192.168.0.1, 255.255.0.0, 16",
        "172.16.0.1, 255.240.0.0, 12",
        "255.255.255.1, 255.255.255.0, 24",
        "255.255.255.255, 255.255.255.255, 32"
    })
    @Origin("smoltcp:wire::ipv4::test_cidr_from_netmask")
    void shouldMakeCidrOfMask(final String address, final String mask, final int length) {
        final Ipv4Address a = Ipv4Address.parse(address);
        assertEquals(new Cidr<>(a, length), Cidr.ofMask(a, Ipv4Address.parse(mask)));
    }

    @ParameterizedTest
    @CsvSource({"1.0.2.0", "0.0.0.0", "255.255.255.1"})
    @Origin("smoltcp:wire::ipv4::test_cidr_from_netmask")
    void shouldRefuseWhatIsNoMask(final String mask) {
        final Ipv4Address m = Ipv4Address.parse(mask);
        assertThrows(IllegalArgumentException.class, () -> Cidr.ofMask(Ipv4Address.UNSPECIFIED, m));
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0/0, 0.0.0.0, 255.255.255.255, 0.0.0.0/0",
        "0.0.0.1/24, 255.255.255.0, 0.0.0.255, 0.0.0.0/24",
        "0.0.0.0/32, 255.255.255.255, , 0.0.0.0/32",
        "127.0.0.0/8, 255.0.0.0, 127.255.255.255, 127.0.0.0/8",
        "192.168.0.0/16, 255.255.0.0, 192.168.255.255, 192.168.0.0/16",
        "192.168.1.1/16, 255.255.0.0, 192.168.255.255, 192.168.0.0/16",
        "192.168.1.1/17, 255.255.128.0, 192.168.127.255, 192.168.0.0/17",
        "172.16.0.1/12, 255.240.0.0, 172.31.255.255, 172.16.0.0/12",
        "255.255.255.1/24, 255.255.255.0, 255.255.255.255, 255.255.255.0/24",
        "255.255.255.254/31, 255.255.255.254, , 255.255.255.254/31",
        "255.255.255.255/32, 255.255.255.255, , 255.255.255.255/32"
    })
    @Origin("smoltcp:wire::ipv4::test_cidr_netmask")
    @Origin("smoltcp:wire::ipv4::test_cidr_broadcast")
    @Origin("smoltcp:wire::ipv4::test_cidr_network")
    void shouldDeriveMaskBroadcastAndNetwork(
            final String text, final String mask, final String broadcast, final String network) {
        final Cidr<Ipv4Address> cidr = Cidr.parseIpv4(text);
        assertEquals(Ipv4Address.parse(mask), cidr.mask());
        assertEquals(broadcast, cidr.broadcast().map(Ipv4Address::toString).orElse(null));
        assertEquals(Cidr.parseIpv4(network), cidr.network());
    }

    @Test
    @Origin("smoltcp:wire::ip::to_prefix_len_ipv4")
    void shouldMeasureEveryMask() {
        for (int length = 0; length <= 32; length++) {
            assertEquals(length, IpAddress.prefixLength(IpFamily.V4, 0, IpAddress.maskLo(IpFamily.V4, length)));
        }
        assertEquals(
                9,
                IpAddress.prefixLength(
                        IpFamily.V4, 0, Ipv4Address.parse("255.128.0.0").lo()));
    }

    @Test
    @Origin("smoltcp:wire::ip::to_prefix_len_ipv4_error")
    void shouldNotMeasureWhatIsNoMask() {
        assertEquals(
                -1,
                IpAddress.prefixLength(
                        IpFamily.V4, 0, Ipv4Address.parse("255.255.255.1").lo()));
    }

    @Test
    @Origin("RFC 1112 6.4")
    void shouldMapGroupToMacAddress() {
        assertEquals(
                MacAddress.parse("01:00:5e:7f:01:02"),
                new MacAddress(
                        MacAddress.ofIpv4Group(Ipv4Address.parse("224.255.1.2").lo())));
    }

    @Test
    void shouldPrintAndClassifyMacAddress() {
        final MacAddress mac = MacAddress.parse("02:00:5E:00:53:01");
        assertEquals("02:00:5e:00:53:01", mac.toString());
        assertTrue(mac.isUnicast());
        assertTrue(mac.isLocallyAdministered());
        assertFalse(mac.isMulticast());
        assertTrue(MacAddress.BROADCAST.isBroadcast());
        assertTrue(MacAddress.BROADCAST.isMulticast());
        assertFalse(new MacAddress(0).isUnicast());
        assertThrows(IllegalArgumentException.class, () -> new MacAddress(1L << 48));
    }

    @Test
    void shouldTellHostsFromAllOtherBlocks() {
        for (int first = 0; first < 256; first++) {
            for (final long rest : new long[] {0, 1, 0xFF_FFFF}) {
                final long lo = (long) first << 24 | rest;
                final boolean other = Ipv4Address.isThisNetwork(lo)
                        || Ipv4Address.isLoopback(lo)
                        || Ipv4Address.isMulticast(lo)
                        || Ipv4Address.isReserved(lo);
                assertEquals(!other, Ipv4Address.isHost(lo), new Ipv4Address((int) lo).toString());
            }
        }
    }
}

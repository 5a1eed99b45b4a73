package io.millrace.stack.wire.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScopedAddressTest {
    @ParameterizedTest
    @ValueSource(strings = {"fe80::1%eth0", "ff02::1%1", "fe80::1", "192.0.2.1", "2001:db8::1", "ff05::2%veth-a.7"})
    @Origin("RFC 4007 11")
    void shouldReadWhatItWrites(final String text) {
        assertEquals(text, ScopedAddress.parse(text).toString());
    }

    @ParameterizedTest
    @CsvSource({
        "2001:db8::1%eth0, 11, a zone id needs a link-local address or group",
        "192.0.2.1%1, 9, a zone id needs a link-local address or group",
        "fe80::1%, 8, expected a zone id",
        "fe80::1%a b, 9, unexpected ' ' in a zone id",
        "fe80::1%a%b, 9, unexpected '%' in a zone id",
        "fe80::1%eth0/64, 12, unexpected '/' in a zone id"
    })
    void shouldPointAtWhatIsWrong(final String text, final int index, final String reason) {
        final AddressSyntaxException e = assertThrows(AddressSyntaxException.class, () -> ScopedAddress.parse(text));
        assertEquals(index, e.index());
        assertEquals(true, String.valueOf(e.getMessage()).contains(reason), e::getMessage);
    }

    @ParameterizedTest
    @CsvSource({"[fe80::1%eth0]:80, fe80::1, eth0, 80", "[2001:db8::1]:80, 2001:db8::1, '', 80"})
    void shouldReadZonesOfEndpoints(final String text, final String address, final String zone, final int port) {
        final Endpoint<? extends IpAddress> endpoint = Endpoint.parse(text);
        assertEquals(IpAddress.parse(address), endpoint.address());
        assertEquals(zone, endpoint.zone());
        assertEquals(port, endpoint.port());
        assertEquals(text, endpoint.toString());
    }

    @Test
    void shouldReadAZoneWithoutPort() {
        assertEquals(new Endpoint<>(Ipv6Address.parse("fe80::1"), 0, "2"), Endpoint.parse("fe80::1%2"));
        assertEquals(new Endpoint<>(Ipv6Address.parse("::1"), 7), Endpoint.parse("[::1]:7"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[2001:db8::1%eth0]:80", "[fe80::1%]:80", "[fe80::1]:80%eth0", "[fe80::1%a]80"})
    void shouldRefuseMisplacedZones(final String text) {
        assertThrows(AddressSyntaxException.class, () -> Endpoint.parse(text));
        assertThrows(IllegalArgumentException.class, () -> new Endpoint<>(Ipv4Address.LOCALHOST, 1, "a"));
    }
}

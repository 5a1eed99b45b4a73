package io.millrace.stack.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.address.IpAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SocketSettingsTest {
    private final SocketSettings settings = new SocketSettings();

    @ParameterizedTest
    @CsvSource({
        "-1, 2, 224.0.0.251, 2",
        "-1, 2, ff02::fb, 2",
        "-1, 2, 10.0.0.2, -1",
        "-1, 2, 255.255.255.255, -1",
        "1, 2, 224.0.0.251, 1",
        "1, 2, 10.0.0.2, 1",
        "-1, -1, 224.0.0.251, -1"
    })
    void shouldSendToGroupsByTheirInterfaceUnlessOneIsNamedForAll(int all, int groups, String to, int by) {
        settings.interfaceIndex(all).multicastInterface(groups);
        final IpAddress address = IpAddress.parse(to);
        final IpRepr ip = new IpRepr();
        ip.family = address.family();
        ip.dstHi = address.hi();
        ip.dstLo = address.lo();
        settings.apply(ip, null);
        assertEquals(by, ip.interfaceIndex);
        assertEquals(by >= 0, ip.strictInterface);
    }
}

package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.route.Route;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Which of an interface's addresses packets come from. An exclamation mark stands in front of addresses that are
 * deprecated.
 */
class SourceSelectionTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    /** The document's own examples, as far as they need neither a home agent nor temporary addresses, then one a rule. */
    @ParameterizedTest
    @CsvSource({
        "2001:db8:1::1, 2001:db8:3::1/64 fe80::1/64, 2001:db8:3::1",
        "ff05::1, 2001:db8:3::1/64 fe80::1/64, 2001:db8:3::1",
        "fe80::1, !fe80::2/64 2001:db8:1::1/64, fe80::2",
        "2001:db8:1::1, 2001:db8:1::2/64 2001:db8:3::2/64, 2001:db8:1::2",
        "2002:c633:6401::1, 2002:c633:6401::d5e3:7953:13eb:22e8/64 2001:db8:1::2/64, "
                + "2002:c633:6401::d5e3:7953:13eb:22e8",
        // Rule 3 comes before the label and the common prefix, rule 6 before the common prefix.
        "2001:db8:1::9, !2001:db8:1::2/64 2001:db8:3::2/64, 2001:db8:3::2",
        "fd00::9, !fd00::2/64 2001:db8:3::2/64, 2001:db8:3::2",
        "2003::9, 2002:c633:6401::2/64 3000::2/64, 3000::2",
        "3fff::9, 3ffe::2/64 2001:db8::2/64, 2001:db8::2",
        // An interface identifier does not make two addresses alike.
        "2001:db8:1::ffff:1, 2001:db8:1::1/64 2001:db8:1::ffff:2/64, 2001:db8:1::1"
    })
    @Origin("RFC 6724 5")
    @Origin("RFC 6724 10.1")
    void shouldChooseByTheRulesOfIpv6(final String destination, final String own, final String source) {
        final List<String> addresses = List.of(own.split(" "));
        assertSource(destination, addresses, source);
        if (!destination.contains("ffff:1")) {
            assertSource(destination, addresses.reversed(), source);
        }
    }

    /** Scope, then deprecation, then the network of the next hop, then the order of configuration. */
    @ParameterizedTest
    @CsvSource({
        "169.254.1.1, 192.0.2.1/24 169.254.7.7/32, 169.254.7.7",
        "198.51.100.1, 169.254.7.7/32 192.0.2.1/24, 192.0.2.1",
        "169.254.1.1, 192.0.2.1/24 !169.254.7.7/32, 169.254.7.7",
        "192.0.2.9, !192.0.2.1/24 203.0.113.1/24, 203.0.113.1",
        "192.0.2.9, 203.0.113.1/24 192.0.2.1/24, 192.0.2.1",
        "192.0.2.9, 192.0.0.1/16 192.0.2.1/24, 192.0.2.1",
        "198.51.100.1, 203.0.113.1/24 192.0.2.1/24, 203.0.113.1"
    })
    void shouldChooseByTheRulesThatCarryOverToIpv4(final String destination, final String own, final String source) {
        assertSource(destination, List.of(own.split(" ")), source);
    }

    private void assertSource(final String destination, final List<String> own, final String source) {
        final IpAddress to = IpAddress.parse(destination);
        final boolean v4 = destination.indexOf(':') < 0;
        try (StackRig rig = new StackRig(pools, Medium.IP, StackConfig.defaults(), InterfaceConfig.of(List.of()))) {
            for (final String address : own) {
                final boolean deprecated = address.startsWith("!");
                rig.net.addAddress(
                        Cidr.parse(address.substring(deprecated ? 1 : 0)),
                        deprecated ? 0 : Long.MAX_VALUE,
                        Long.MAX_VALUE);
            }
            rig.stack.addRoute(Route.onLink(Cidr.parse(v4 ? "0.0.0.0/0" : "::/0"), rig.net.index()));
            rig.advance(1);
            try (UdpSocket<IpAddress> socket = rig.stack.bind(new Endpoint<>(IpAddress.of(to.family(), 0, 0), 0))) {
                assertEquals(IpOutput.SENT, socket.send(new Endpoint<>(to, 9), Frames.ofHex("01"), 0, 1));
            }
            final byte[] packet = rig.sentOne();
            assertArrayEquals(
                    Bytes.address(source), v4 ? Arrays.copyOfRange(packet, 12, 16) : Arrays.copyOfRange(packet, 8, 24));
        }
    }
}

package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.iface.LinkRules;
import io.millrace.stack.iface.address.AddressListener;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteKind;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.stack.wire.address.MacAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Anycast addresses, prefixes that are ours as a whole, and the address whose failure switches IPv6 off. */
class SpecialAddressTest {
    private static final String OUR_MAC = "02:00:00:00:00:01";
    private static final String PEER_MAC = "02:00:00:00:00:02";
    private static final String US = "2001:db8::1";
    private static final String PEER = "2001:db8::2";
    private static final String ANYCAST = "2001:db8::a:1";
    private static final int SECOND = 1_000_000;

    /** What the rig's MAC address makes of itself. */
    private static final String FORMED = "fe80::ff:fe00:1";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final List<String> events = new ArrayList<>();

    @Test
    @Origin("RFC 4291 2.6")
    void shouldNeitherCheckNorAnnounceAnAnycastAddress() {
        try (StackRig rig = rig(DuplicateDetection.STRICT)) {
            settle(rig);
            rig.sent();
            rig.net.addAnycastAddress(cidr(ANYCAST + "/64"));
            rig.stack.bind(new Endpoint<>(IpAddress.parse(ANYCAST), 7)).close();
            settle(rig);
            assertEquals(List.of(), rig.sent());
            // What others say of it is no conflict.
            rig.receive(frame(PEER, "ff02::1", na(PEER, "ff02::1", ANYCAST)));
            assertEquals(0, rig.count(StackCounter.NDP_CONFLICT));
            assertEquals(List.of(), rig.sent());
        }
    }

    @Test
    @Origin("RFC 4861 7.2.7")
    void shouldAnswerForAnAnycastAddressLateAndWithoutOverride() {
        try (StackRig rig = rig(DuplicateDetection.OFF)) {
            rig.net.addAnycastAddress(cidr(ANYCAST + "/64"));
            final List<Long> delays = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                final long asked = rig.clock.now();
                rig.receive(frame(PEER, "ff02::1:ff0a:1", ns(PEER, "ff02::1:ff0a:1", ANYCAST)));
                assertEquals(List.of(), rig.sent());
                rig.advance(rig.stack.pollAt(asked) - asked);
                final byte[] answer = rig.sentOne();
                delays.add(rig.clock.now() - asked);
                assertTrue(delays.getLast() <= SECOND);
                assertArrayEquals(Bytes.address(US), Arrays.copyOfRange(answer, 22, 38), "its source is ours alone");
                assertEquals(136, answer[54] & 0xFF);
                assertEquals(0x40, answer[58], "solicited, but no override");
                assertArrayEquals(Bytes.address(ANYCAST), Arrays.copyOfRange(answer, 62, 78));
            }
            assertTrue(delays.stream().distinct().count() > 15, delays::toString);
        }
    }

    @Test
    void shouldBoundTheAnswersForAnycastAddressesThatWait() {
        try (StackRig rig = rig(DuplicateDetection.OFF)) {
            rig.net.addAnycastAddress(cidr(ANYCAST + "/64"));
            for (int i = 0; i < 100; i++) {
                rig.receive(frame(PEER, "ff02::1:ff0a:1", ns(PEER, "ff02::1:ff0a:1", ANYCAST)));
            }
            assertEquals(36, rig.count(StackCounter.NDP_RATE_LIMITED));
            rig.net.removeAddress(IpAddress.parse(ANYCAST));
            rig.advance(SECOND);
            assertEquals(64, rig.sent().size());
        }
    }

    @Test
    @Origin("RFC 4443 2.2")
    @Origin("RFC 6724 4")
    void shouldAnswerEchoesToAnAnycastAddressFromOneOfItsOwn() {
        try (StackRig rig = rig(DuplicateDetection.OFF)) {
            rig.net.addNeighbor(IpAddress.parse(PEER), MacAddress.parse(PEER_MAC));
            rig.net.addAnycastAddress(cidr("2001:db8::2:2/126")); // the longest match with the peer
            rig.receive(frame(PEER, "2001:db8::2:2", Bytes.icmpv6(PEER, "2001:db8::2:2", 128, 0, 1, new byte[4])));
            final byte[] echo = rig.sentOne();
            assertArrayEquals(Bytes.address(US), Arrays.copyOfRange(echo, 22, 38));
            final byte[] expected = Bytes.icmpv6(US, PEER, 129, 0, 1, new byte[4]);
            assertArrayEquals(expected, Bytes.from(echo, 54));
            try (UdpSocket<IpAddress> socket = rig.stack.bind(new Endpoint<>(IpAddress.parse("::"), 9))) {
                socket.send(new Endpoint<>(IpAddress.parse(PEER), 9), Frames.ofBytes(new byte[1]), 0, 1);
                assertArrayEquals(Bytes.address(US), Arrays.copyOfRange(rig.sentOne(), 22, 38));
            }
        }
    }

    @Test
    void shouldAnswerNeighborsForAPrefixThatIsOurs() {
        try (StackRig rig = rig(DuplicateDetection.OFF)) {
            rig.stack.addRoute(Route.of(Cidr.parse("2001:db8:0:0:5::/80"), RouteKind.LOCAL, null, 0));
            final String target = "2001:db8::5:77:88:99";
            final String group = "ff02::1:ff88:99";
            rig.receive(frame(PEER, group, ns(PEER, group, target)));
            final byte[] answer = rig.sentOne();
            assertArrayEquals(Bytes.address(target), Arrays.copyOfRange(answer, 62, 78));
            assertEquals(0x40, answer[58], "an answer that replaces nobody's");
            // Somebody else's address, and one that somebody wants to take.
            rig.assertDropped(
                    StackCounter.NDP_NOT_FOR_US,
                    frame(PEER, "ff02::1:ff00:9", ns(PEER, "ff02::1:ff00:9", "2001:db8::9")));
            rig.assertDropped(
                    StackCounter.NDP_NOT_FOR_US,
                    frame("::", group, Bytes.icmpv6("::", group, 135, 0, 0, Bytes.address(target))));
            assertEquals(List.of(), rig.sent());
        }
    }

    @Test
    void shouldAnswerArpForAPrefixThatIsOurs() {
        try (StackRig rig = new StackRig(pools, "192.0.2.1/24")) {
            rig.stack.addRoute(Route.of(Cidr.parse("192.0.2.96/28"), RouteKind.LOCAL, null, 0));
            final byte[] request = Bytes.arp(1, PEER_MAC, "192.0.2.2", "00:00:00:00:00:00", "192.0.2.100");
            rig.receive(Bytes.ethernet("ff:ff:ff:ff:ff:ff", PEER_MAC, 0x0806, request));
            final byte[] reply = Bytes.arp(2, OUR_MAC, "192.0.2.100", PEER_MAC, "192.0.2.2");
            assertArrayEquals(Bytes.ethernet(PEER_MAC, OUR_MAC, 0x0806, reply), rig.sentOne());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Origin("RFC 4862 5.4.5")
    void shouldSpeakNoIpv6WhenTheAddressFromItsMacIsSomebodyElses(final boolean optimistic) {
        try (StackRig rig = rig(optimistic ? DuplicateDetection.OPTIMISTIC : DuplicateDetection.STRICT)) {
            rig.receive(frame(FORMED, "ff02::1", na(FORMED, "ff02::1", FORMED)));
            assertTrue(rig.net.ipv6Disabled());
            assertEquals(List.of("duplicate " + FORMED, "disabled"), events);
            rig.sent();
            settle(rig);
            for (final byte[] frame : rig.sent()) {
                assertEquals(0x0806, Bytes.u16(frame, 12), "nothing but IPv4");
            }
            rig.assertDropped(
                    StackCounter.IPV6_DISABLED, frame(PEER, US, Bytes.icmpv6(PEER, US, 128, 0, 1, new byte[4])));
            assertEquals(List.of(), rig.sent());
            rig.net.addNeighbor(IpAddress.parse(PEER), MacAddress.parse(PEER_MAC));
            try (UdpSocket<IpAddress> socket = rig.stack.bind(new Endpoint<>(IpAddress.parse("::"), 9))) {
                final Endpoint<IpAddress> to = new Endpoint<>(IpAddress.parse(PEER), 9);
                assertEquals(IpOutput.NO_ROUTE, socket.send(to, Frames.ofBytes(new byte[1]), 0, 1));
                rig.net.setMacAddress(MacAddress.parse("02:00:00:00:00:77"));
                rig.net.enableIpv6();
                assertEquals("enabled", events.getLast());
                settle(rig);
                final List<byte[]> checks = rig.sent();
                assertTrue(checks.stream().anyMatch(frame -> (frame[54] & 0xFF) == 135), "addresses are checked again");
                assertEquals(IpOutput.SENT, socket.send(to, Frames.ofBytes(new byte[1]), 0, 1));
                assertFalse(rig.sent().isEmpty());
            }
        }
    }

    @Test
    @Origin("RFC 4862 5.4.5")
    void shouldGoOnWithIpv6WhenAnotherAddressIsSomebodyElses() {
        try (StackRig rig = rig(DuplicateDetection.STRICT)) {
            rig.receive(frame(US, "ff02::1", na(US, "ff02::1", US)));
            assertEquals(List.of("duplicate " + US), events);
            assertFalse(rig.net.ipv6Disabled());
        }
    }

    private static void settle(final StackRig rig) {
        for (int i = 0; i < 50; i++) {
            rig.advance(SECOND);
        }
    }

    private StackRig rig(final DuplicateDetection detection) {
        final StackRig rig = new StackRig(
                pools,
                Medium.ETHERNET,
                StackConfig.defaults(),
                LinkRules.DEFAULT.withDuplicateDetection(detection),
                InterfaceConfig.of("192.0.2.1/24", US + "/64"));
        rig.net.onAddressChange(new AddressListener() {
            @Override
            public void onDuplicate(final IpAddress address, final MacAddress other) {
                events.add("duplicate " + address);
            }

            @Override
            public void onIpv6Disabled() {
                events.add("disabled");
            }

            @Override
            public void onIpv6Enabled() {
                events.add("enabled");
            }
        });
        return rig;
    }

    @SuppressWarnings("unchecked") // the texts are IPv6
    private static Cidr<Ipv6Address> cidr(final String text) {
        return (Cidr<Ipv6Address>) Cidr.parse(text);
    }

    private static byte[] ns(final String src, final String dst, final String target) {
        final byte[] body = Bytes.join(Bytes.address(target), Bytes.linkAddress(1, PEER_MAC));
        return Bytes.icmpv6(src, dst, 135, 0, 0, body);
    }

    private static byte[] na(final String src, final String dst, final String target) {
        final byte[] body = Bytes.join(Bytes.address(target), Bytes.linkAddress(2, PEER_MAC));
        return Bytes.icmpv6(src, dst, 136, 0, 0x2000_0000, body);
    }

    /** The frame of a message of ICMPv6. */
    private static byte[] frame(final String src, final String dst, final byte[] message) {
        final byte[] group = Bytes.address(dst);
        final String to = dst.startsWith("ff")
                ? "33:33:%02x:%02x:%02x:%02x".formatted(group[12], group[13], group[14], group[15])
                : OUR_MAC;
        return Bytes.ethernet(to, PEER_MAC, 0x86DD, Bytes.ipv6(src, dst, 58, message));
    }
}

package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.iface.forward.ForwardingRules;
import io.millrace.stack.iface.forward.ReversePath;
import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteKind;
import io.millrace.stack.route.RouteMetrics;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a router does to each packet, against bytes. */
class ForwardingTest {
    private static final byte[] DATA = Bytes.hex("000102030405060708090a0b0c0d0e0f");
    private static final String A4 = "10.0.1.2";
    private static final String B4 = "10.0.2.2";
    private static final String A6 = "2001:db8:1::2";
    private static final String B6 = "2001:db8:2::2";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @Test
    @Origin("RFC 1812 5.3.1")
    @Origin("RFC 1624 3")
    void shouldSendOnIpv4WithOneHopLess() {
        try (RouterRig rig = rig(ForwardingRules.ROUTER)) {
            final byte[] packet = udp(A4, B4, 16);
            // Padding of the link must not follow it.
            rig.receiveFrame(0, Bytes.join(RouterRig.frame(0, packet), new byte[6]));
            final byte[] frame = rig.sent(1).getFirst();
            assertArrayEquals(Bytes.mac("02:00:00:00:01:02"), Arrays.copyOf(frame, 6));
            assertArrayEquals(Bytes.mac("02:00:00:00:01:01"), Arrays.copyOfRange(frame, 6, 12));
            assertArrayEquals(Bytes.sealIpv4(Bytes.with(packet, 8, 63)), Bytes.from(frame, 14));
            assertEquals(1, rig.stack.counters().get(StackCounter.FORWARDED));
        }
    }

    /** What is in a header is checked before it goes on; whoever wants a route of his own gets none. */
    @Test
    @Origin("RFC 1812 5.2.2")
    @Origin("RFC 7126 4.3")
    @Origin("RFC 2113 2.1")
    void shouldCheckTheOptionsOfWhatItSendsOn() {
        try (RouterRig rig = rig(ForwardingRules.ROUTER)) {
            final byte[] udp = Bytes.udp(A4, 1, B4, 2, new byte[4]);
            for (final String option : new String[] {"83070400 000000 00", "89070400 000000 00"}) {
                final byte[] packet = Bytes.ipv4(A4, B4, 17, Bytes.hex(option), udp);
                rig.assertDropped(StackCounter.IPV4_SOURCE_ROUTE, packet);
            }
            rig.assertDropped(StackCounter.IPV4_BAD_OPTIONS, Bytes.ipv4(A4, B4, 17, Bytes.hex("94090000"), udp));
            rig.assertDropped(StackCounter.IPV4_BAD_OPTIONS, Bytes.ipv4(A4, B4, 17, Bytes.hex("94000000"), udp));
            final byte[] alert = Bytes.ipv4(A4, B4, 17, Bytes.hex("94040000"), udp);
            rig.receive(0, alert);
            assertArrayEquals(Bytes.sealIpv4(Bytes.with(alert, 8, 63)), rig.sentOne(1));
        }
    }

    @Test
    @Origin("RFC 8200 3")
    void shouldSendOnIpv6WithOneHopLess() {
        try (RouterRig rig = rig(ForwardingRules.ROUTER)) {
            final byte[] packet = udp(A6, B6, 16);
            rig.receive(0, packet);
            assertArrayEquals(Bytes.with(packet, 7, 254), rig.sentOne(1));
        }
    }

    @Test
    @Origin("RFC 1624 4")
    void shouldKeepTheChecksumRightForEveryHeader() {
        try (RouterRig rig = rig(ForwardingRules.ROUTER)) {
            for (int i = 0; i < 2000; i++) {
                final byte[] packet = udp(A4, B4, 4);
                Bytes.put16(packet, 4, i * 7919);
                packet[1] = (byte) i;
                packet[8] = (byte) (2 + i % 254);
                Bytes.sealIpv4(packet);
                rig.receive(0, packet);
                assertEquals(0, Bytes.checksum(Arrays.copyOf(rig.sentOne(1), 20)));
            }
        }
    }

    @Test
    void shouldLeaveADamagedChecksumDamaged() {
        try (RouterRig rig = rig(ForwardingRules.ROUTER)) {
            final byte[] packet = udp(A4, B4, 4);
            packet[10] ^= 1;
            rig.assertDropped(StackCounter.IPV4_BAD_CHECKSUM, packet);
        }
    }

    @Test
    void shouldForwardNothingAsAHost() {
        try (RouterRig rig = rig(ForwardingRules.OFF)) {
            rig.assertDropped(StackCounter.IPV4_NOT_OURS, udp(A4, B4, 4));
            rig.assertDropped(StackCounter.IPV6_NOT_OURS, udp(A6, B6, 4));
            // A strong end system: the address of another interface is not ours here.
            rig.assertDropped(StackCounter.IPV4_NOT_OURS, udp(A4, "10.0.2.1", 4));
        }
    }

    @ParameterizedTest
    @CsvSource({"10.0.1.2, 10.0.2.2, 10.0.1.1", "2001:db8:1::2, 2001:db8:2::2, 2001:db8:1::1"})
    @Origin("RFC 1812 5.3.1")
    @Origin("RFC 4443 3.3")
    void shouldTellWhenAPacketMadeItsLastHop(final String from, final String to, final String router) {
        try (RouterRig rig = rig(ForwardingRules.ROUTER)) {
            final boolean v4 = from.contains(".");
            for (int limit = 0; limit <= 3; limit++) {
                final byte[] packet = udp(from, to, 16);
                packet[v4 ? 8 : 7] = (byte) limit;
                rig.receive(0, v4 ? Bytes.sealIpv4(packet) : packet);
                if (limit > 1) {
                    assertEquals(limit - 1, rig.sentOne(1)[v4 ? 8 : 7]);
                } else {
                    final byte[] error = rig.sentOne(0);
                    assertError(error, router, from, v4 ? 11 : 3, 0, 0, packet);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"10.0.1.2, 198.51.100.1, 10.0.1.1, 3", "2001:db8:1::2, 2001:db8:99::1, 2001:db8:1::1, 1"})
    void shouldTellThatThereIsNoRoute(final String from, final String to, final String router, final int type) {
        try (RouterRig rig = rig(ForwardingRules.ROUTER)) {
            final byte[] packet = udp(from, to, 16);
            rig.receive(0, packet);
            assertError(rig.sentOne(0), router, from, type, 0, 0, packet);
            final Cidr<?> all = Cidr.parse(from.contains(".") ? "0.0.0.0/0" : "::/0");
            rig.stack.addRoute(Route.of(all, RouteKind.UNREACHABLE, null, 1));
            rig.receive(0, packet);
            assertError(rig.sentOne(0), router, from, type, 0, 0, packet);
            rig.stack.removeRoute(Route.of(all, RouteKind.UNREACHABLE, null, 1));
            rig.stack.addRoute(Route.of(all, RouteKind.BLACKHOLE, null, 1));
            rig.assertDropped(StackCounter.FORWARD_NO_ROUTE, packet);
            assertEquals(3, rig.stack.counters().get(StackCounter.FORWARD_NO_ROUTE));
        }
    }

    @Test
    @Origin("RFC 1191 4")
    @Origin("RFC 4443 3.2")
    void shouldTellTheMtuOfTheNextLink() {
        try (RouterRig rig = new RouterRig(pools, ForwardingRules.ROUTER, 1280, 256)) {
            final byte[] v6 = udp(A6, B6, 1400);
            rig.receive(0, v6);
            assertError(rig.sentOne(0), "2001:db8:1::1", A6, 2, 0, 1280, v6);
            final byte[] v4 = udp(A4, B4, 1400);
            v4[6] = 0x40;
            rig.receive(0, Bytes.sealIpv4(v4));
            assertError(rig.sentOne(0), "10.0.1.1", A4, 3, 4, 1280, v4);
            assertEquals(2, rig.stack.counters().get(StackCounter.FORWARD_TOO_BIG));
            rig.receive(0, udp(A6, B6, 1280 - 48));
            assertEquals(1280, rig.sentOne(1).length);
        }
    }

    @Test
    void shouldTellTheMtuOfTheRoute() {
        try (RouterRig rig = new RouterRig(pools, ForwardingRules.ROUTER, 1500, 256)) {
            rig.stack.addRoute(Route.onLink(Cidr.parse(B6 + "/128"), 1).withMetrics(RouteMetrics.parse("mtu 1400")));
            final byte[] v6 = udp(A6, B6, 1400);
            rig.receive(0, v6);
            assertError(rig.sentOne(0), "2001:db8:1::1", A6, 2, 0, 1400, v6);
            rig.receive(0, udp(A6, B6, 1400 - 48));
            assertEquals(1400, rig.sentOne(1).length);
        }
    }

    @Test
    @Origin("RFC 1812 4.2.2.7")
    void shouldSendOnInFragmentsWhatMayBeFragmented() {
        try (RouterRig rig = new RouterRig(pools, ForwardingRules.ROUTER, 1280, 256)) {
            final byte[] packet = udp(A4, B4, 1400);
            rig.receive(0, packet);
            final List<byte[]> fragments = rig.sent(1);
            assertEquals(2, fragments.size());
            final byte[] data = new byte[1408];
            for (final byte[] frame : fragments) {
                final byte[] fragment = Bytes.from(frame, 14);
                assertTrue(fragment.length <= 1280);
                assertEquals(63, fragment[8]);
                assertEquals(0, Bytes.checksum(Arrays.copyOf(fragment, 20)));
                final int at = (Bytes.u16(fragment, 6) & 0x1FFF) * 8;
                System.arraycopy(fragment, 20, data, at, fragment.length - 20);
                assertEquals(at + fragment.length - 20 < data.length, (fragment[6] & 0x20) != 0);
            }
            assertArrayEquals(Bytes.from(packet, 20), data);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "169.254.1.1, 10.0.2.2, FORWARD_PROHIBITED",
        "10.0.1.2, 169.254.1.1, FORWARD_PROHIBITED",
        "10.0.1.2, 10.0.2.255, FORWARD_PROHIBITED",
        "10.0.1.2, 224.0.1.1, IPV4_NOT_OURS",
        "10.0.1.2, 240.0.0.1, FORWARD_PROHIBITED",
        "10.0.1.2, 127.0.0.1, IPV4_MARTIAN_DESTINATION",
        "127.0.0.1, 10.0.2.2, IPV4_MARTIAN_SOURCE",
        "10.0.2.1, 10.0.2.2, IP_SPOOFED_SOURCE",
        "2001:db8:1::2, fe80::5, FORWARD_PROHIBITED",
        "2001:db8:1::2, ff0e::5, IPV6_NOT_OURS",
        "'::', 2001:db8:2::2, FORWARD_PROHIBITED",
        "ff02::1, 2001:db8:2::2, IPV6_MARTIAN_SOURCE"
    })
    @Origin("RFC 1812 5.3.7")
    void shouldNotForwardWhatBelongsToOneLink(final String from, final String to, final StackCounter reason) {
        try (RouterRig rig = rig(ForwardingRules.ROUTER)) {
            rig.assertDropped(reason, udp(from, to, 4));
        }
    }

    @Test
    @Origin("RFC 4443 3.1")
    void shouldTellThatALinkLocalSourceMeansNothingElsewhere() {
        try (RouterRig rig = rig(ForwardingRules.ROUTER)) {
            rig.nets[0].addNeighbor(IpAddress.parse("fe80::7"), rig.nets[1].macAddress());
            final byte[] packet = udp("fe80::7", B6, 4);
            rig.receive(0, packet);
            final byte[] error = rig.sentOne(0);
            assertEquals(1, error[40]);
            assertEquals(2, error[41]);
            assertEquals(1, rig.stack.counters().get(StackCounter.FORWARD_PROHIBITED));
        }
    }

    @Test
    @Origin("RFC 1812 5.3.4")
    void shouldNotForwardFramesToMoreThanOne() {
        try (RouterRig rig = rig(ForwardingRules.ROUTER)) {
            rig.receiveFrame(0, Bytes.ethernet("ff:ff:ff:ff:ff:ff", "02:00:00:00:00:02", 0x0800, udp(A4, B4, 4)));
            assertEquals(1, rig.stack.counters().get(StackCounter.FORWARD_PROHIBITED));
            assertEquals(0, rig.sent(0).size() + rig.sent(1).size());
        }
    }

    @Test
    void shouldNotTellOfErrorsNorOfLaterFragments() {
        try (RouterRig rig = rig(ForwardingRules.ROUTER)) {
            final byte[] error = Bytes.ipv4(A4, "198.51.100.1", 1, Bytes.icmpv4(3, 1, 0, udp(A4, B4, 4)));
            rig.assertDropped(StackCounter.FORWARD_NO_ROUTE, error);
            final byte[] fragment = udp(A4, "198.51.100.1", 16);
            Bytes.put16(fragment, 6, 3);
            rig.assertDropped(StackCounter.FORWARD_NO_ROUTE, Bytes.sealIpv4(fragment));
            final byte[] later = Bytes.ipv6(A6, "2001:db8:99::1", 44, Bytes.hex("1100001800000001 0011223344556677"));
            rig.assertDropped(StackCounter.FORWARD_NO_ROUTE, later);
            final byte[] behindOptions = Bytes.ipv6(
                    A6, "2001:db8:99::1", 0, Bytes.hex("2c00010400000000 1100001800000001 0011223344556677"));
            rig.assertDropped(StackCounter.FORWARD_NO_ROUTE, behindOptions);
        }
    }

    /** What did not come whole is told of wherever the address is that it was for, but not if it was for others. */
    @ParameterizedTest
    @CsvSource({"10.0.1.2, 10.0.2.1", "2001:db8:1::2, 2001:db8:2::1"})
    @Origin("RFC 1812 5.2.3")
    void shouldTellThatTimeIsOverForAllItsAddresses(final String from, final String to) {
        try (RouterRig rig = rig(ForwardingRules.ROUTER)) {
            rig.receive(0, FragmentPackets.fragmentFrom(from, to, 1, 17, 0, true, Bytes.udp(from, 1, to, 2, DATA)));
            rig.clock.advance(60_000_000);
            final byte[] error = rig.sentOne(0);
            final boolean v4 = from.contains(".");
            assertEquals(v4 ? 11 : 3, error[v4 ? 20 : 40]);
            assertEquals(1, error[v4 ? 21 : 41]);
        }
    }

    @Test
    void shouldCountOnlyRedirectsThatItSends() {
        try (RouterRig rig = rig(ForwardingRules.ROUTER)) {
            rig.stack.addRoute(Route.via(Cidr.parse("198.51.100.0/24"), IpAddress.parse("10.0.1.9"), 0));
            rig.nets[0].addNeighbor(IpAddress.parse("10.0.1.9"), rig.nets[1].macAddress());
            rig.receive(0, Bytes.ipv4(A4, "198.51.100.1", 1, Bytes.icmpv4(3, 1, 0, udp(A4, B4, 4))));
            rig.sentOne(0);
            assertEquals(0, rig.stack.counters().get(StackCounter.REDIRECTS_SENT));
        }
    }

    @Test
    void shouldForwardFragmentsAsTheyAre() {
        try (RouterRig rig = rig(ForwardingRules.ROUTER)) {
            final byte[] fragment = udp(A4, B4, 16);
            Bytes.put16(fragment, 6, 0x2003);
            rig.receive(0, Bytes.sealIpv4(fragment));
            assertArrayEquals(Bytes.sealIpv4(Bytes.with(fragment, 8, 63)), rig.sentOne(1));
        }
    }

    @ParameterizedTest
    @CsvSource({"OFF, true, true", "LOOSE, true, false", "STRICT, false, false"})
    @Origin("RFC 3704 2")
    void shouldCheckTheWayBack(final ReversePath check, final boolean other, final boolean unknown) {
        try (RouterRig rig = rig(ForwardingRules.ROUTER.withReversePath(check))) {
            rig.receive(0, udp(A4, B4, 4));
            rig.sentOne(1);
            rig.receive(0, udp("10.0.2.7", B4, 4)); // from the other side
            assertEquals(other ? 1 : 0, rig.sent(1).size());
            rig.receive(0, udp("198.51.100.7", B4, 4));
            assertEquals(unknown ? 1 : 0, rig.sent(1).size());
            final long dropped = rig.stack.counters().get(StackCounter.FORWARD_REVERSE_PATH);
            assertEquals((other ? 0 : 1) + (unknown ? 0 : 1), dropped);
        }
    }

    @Test
    @Origin("RFC 1812 5.2.7.2")
    void shouldRedirectIpv4NeighboursToABetterRouter() {
        try (RouterRig rig = rig(ForwardingRules.ROUTER.withRedirectsPerSecond(2))) {
            rig.stack.addRoute(Route.via(Cidr.parse("198.51.100.0/24"), IpAddress.parse("10.0.1.9"), 0));
            rig.nets[0].addNeighbor(IpAddress.parse("10.0.1.9"), rig.nets[1].macAddress());
            final byte[] packet = udp(A4, "198.51.100.1", 16);
            for (int i = 0; i < 5; i++) {
                rig.receive(0, packet);
            }
            final var frames = rig.sent(0);
            final int redirects = frames.size() - 5; // all are forwarded; the limit withholds some at random
            assertTrue(redirects == 1 || redirects == 2, () -> redirects + " redirects");
            assertEquals(redirects, rig.stack.counters().get(StackCounter.REDIRECTS_SENT));
            final byte[] redirect = Bytes.from(frames.getFirst(), 14);
            assertError(redirect, "10.0.1.1", A4, 5, 1, 0x0A000109, packet);
            // Someone who is not on this link can't use that router.
            rig.receive(1, udp(B4, "198.51.100.1", 16));
            assertEquals(1, rig.sent(0).size());
        }
    }

    @Test
    @Origin("RFC 4861 8.2")
    void shouldRedirectIpv6Neighbours() {
        try (RouterRig rig = rig(ForwardingRules.ROUTER)) {
            rig.stack.addRoute(Route.via(Cidr.parse("2001:db8:99::/48"), IpAddress.parse("fe80::9"), 0));
            rig.nets[0].addNeighbor(IpAddress.parse("fe80::9"), rig.nets[1].macAddress());
            final byte[] packet = udp(A6, "2001:db8:99::1", 20);
            rig.receive(0, packet);
            final var frames = rig.sent(0);
            assertEquals(2, frames.size());
            final byte[] redirect = Bytes.from(frames.getFirst(), 14);
            assertEquals(255, redirect[7] & 0xFF);
            assertArrayEquals(Bytes.address("fe80::ff:fe00:1"), Arrays.copyOfRange(redirect, 8, 24));
            assertArrayEquals(Bytes.address(A6), Arrays.copyOfRange(redirect, 24, 40));
            final byte[] body = Bytes.from(redirect, 40);
            assertEquals(0, Bytes.transportChecksum("fe80::ff:fe00:1", A6, 58, body));
            assertEquals(137, body[0] & 0xFF);
            assertArrayEquals(Bytes.address("fe80::9"), Arrays.copyOfRange(body, 8, 24));
            assertArrayEquals(Bytes.address("2001:db8:99::1"), Arrays.copyOfRange(body, 24, 40));
            assertEquals(4, body[40]);
            assertEquals(body.length - 40, 8 * body[41]);
            assertArrayEquals(Arrays.copyOf(packet, 64), Arrays.copyOfRange(body, 48, 112));
        }
    }

    @Test
    @Origin("RFC 1812 5.2.3")
    void shouldAnswerForAllItsAddressesAtEveryInterface() {
        try (RouterRig rig = rig(ForwardingRules.ROUTER)) {
            rig.receive(0, Bytes.ipv4(A4, "10.0.2.1", 1, Bytes.icmpv4(8, 0, 1, DATA)));
            assertArrayEquals(Bytes.address("10.0.2.1"), Arrays.copyOfRange(rig.sentOne(0), 12, 16));
            rig.receive(0, Bytes.ipv6(A6, "2001:db8:2::1", 58, Bytes.icmpv6(A6, "2001:db8:2::1", 128, 0, 1, DATA)));
            assertArrayEquals(Bytes.address("2001:db8:2::1"), Arrays.copyOfRange(rig.sentOne(0), 8, 24));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.2.2", "198.51.100.1"})
    void shouldForwardOrDropWithoutABufferToSpare(final String to) {
        try (RouterRig rig = new RouterRig(pools, ForwardingRules.ROUTER, 1500, 64)) {
            final byte[] packet = udp(A4, to, 4);
            final long[] held = new long[64];
            int count = 0;
            while (count < held.length) {
                held[count++] = rig.cache.allocate();
            }
            rig.cache.free(held[--count]);
            rig.receive(0, packet);
            assertEquals(to.equals(B4) ? 1 : 0, rig.sent(1).size());
            for (int i = 0; i < count; i++) {
                rig.cache.free(held[i]);
            }
        }
    }

    private RouterRig rig(final ForwardingRules rules) {
        return new RouterRig(pools, rules, 1500, 256);
    }

    private static byte[] udp(final String from, final String to, final int length) {
        final byte[] udp = Bytes.udp(from, 4000, to, 5000, pattern(length));
        return to.contains(".") ? Bytes.ipv4(from, to, 17, udp) : Bytes.ipv6(from, to, 17, udp);
    }

    private static byte[] pattern(final int length) {
        final byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31);
        }
        return bytes;
    }

    private static void assertError(
            final byte[] error,
            final String from,
            final String to,
            final int type,
            final int code,
            final int parameter,
            final byte[] quoted) {
        final boolean v4 = from.contains(".");
        final int at = v4 ? 20 : 40;
        assertArrayEquals(Bytes.address(from), Arrays.copyOfRange(error, v4 ? 12 : 8, v4 ? 16 : 24));
        assertArrayEquals(Bytes.address(to), Arrays.copyOfRange(error, v4 ? 16 : 24, v4 ? 20 : 40));
        assertEquals(type, error[at]);
        assertEquals(code, error[at + 1]);
        assertEquals(parameter, Bytes.u16(error, at + 4) << 16 | Bytes.u16(error, at + 6));
        final byte[] quote = Bytes.from(error, at + 8);
        assertArrayEquals(Arrays.copyOf(quoted, quote.length), quote);
        final byte[] message = Bytes.from(error, at);
        assertEquals(0, v4 ? Bytes.checksum(message) : Bytes.transportChecksum(from, to, 58, message));
    }
}

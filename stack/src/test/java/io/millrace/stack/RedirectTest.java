package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.iface.LinkRules;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Redirects of both families: which are followed, which are not, and how long. */
class RedirectTest {
    private static final String ROUTER_MAC = "02:00:00:00:00:02";
    private static final String BETTER_MAC = "02:00:00:00:00:03";
    private static final String US4 = "192.0.2.1";
    private static final String ROUTER4 = "192.0.2.254";
    private static final String BETTER4 = "192.0.2.253";
    private static final String FAR4 = "198.51.100.7";
    private static final String US6 = "2001:db8::1";
    private static final String ROUTER6 = "fe80::2";
    private static final String BETTER6 = "fe80::3";
    private static final String FAR6 = "2001:db8:9::7";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @Test
    @Origin("RFC 1122 3.2.2.2")
    void shouldFollowTheRedirectOfTheGatewayInUse() {
        try (StackRig rig = rig(true)) {
            assertEquals(ROUTER_MAC, whereTo(rig, FAR4));
            rig.receive(redirect4(ROUTER4, 1, BETTER4, US4, FAR4));
            assertEquals(1, rig.count(StackCounter.REDIRECTS_FOLLOWED));
            assertEquals(BETTER_MAC, whereTo(rig, FAR4));
            assertEquals(ROUTER_MAC, whereTo(rig, "198.51.100.8"));
            // From now on only the new gateway may redirect that destination.
            rig.assertDropped(StackCounter.REDIRECTS_REFUSED, redirect4(ROUTER4, 1, "192.0.2.252", US4, FAR4));
            rig.advance(600_000_000);
            assertEquals(ROUTER_MAC, whereTo(rig, FAR4));
        }
    }

    @Test
    @Origin("RFC 4861 8.1")
    @Origin("RFC 4861 8.3")
    void shouldFollowTheRedirectOfTheRouterInUse() {
        try (StackRig rig = rig(true)) {
            assertEquals(ROUTER_MAC, whereTo(rig, FAR6));
            rig.receive(redirect6(ROUTER6, BETTER6, FAR6));
            assertEquals(BETTER_MAC, whereTo(rig, FAR6));
            // The new one says that the destination is a neighbour, and where.
            rig.receive(Bytes.join(redirect6(BETTER6, FAR6, FAR6, Bytes.linkAddress(2, "02:00:00:00:00:09"))));
            assertEquals("02:00:00:00:00:09", whereTo(rig, FAR6));
            assertEquals(2, rig.count(StackCounter.REDIRECTS_FOLLOWED));
        }
    }

    @Test
    @Origin("RFC 1122 3.2.2.2")
    void shouldNotFollowRedirectsThatMayNotBeFollowed() {
        try (StackRig rig = rig(true)) {
            for (final byte[] frame : new byte[][] {
                redirect4(BETTER4, 1, BETTER4, US4, FAR4), // not from the gateway in use
                redirect4(ROUTER4, 4, BETTER4, US4, FAR4), // no such code
                redirect4(ROUTER4, 1, "203.0.113.1", US4, FAR4), // not on the link
                redirect4(ROUTER4, 1, US4, US4, FAR4), // ourselves
                redirect4(ROUTER4, 1, "192.0.2.255", US4, FAR4), // everyone
                redirect4(ROUTER4, 1, BETTER4, "192.0.2.9", FAR4), // not about a packet of ours
                redirect4(ROUTER4, 1, BETTER4, US4, "224.0.0.9"), // about a group
                redirect4(ROUTER4, 1, BETTER4, US4, "192.0.2.77"), // about a neighbour
                redirect6("fe80::66", BETTER6, FAR6), // not from the router in use
                redirect6(ROUTER6, FAR6, FAR6, Bytes.linkAddress(2, "33:33:00:00:00:01")) // to a group of stations
            }) {
                rig.assertDropped(StackCounter.REDIRECTS_REFUSED, frame);
            }
            rig.assertDropped(StackCounter.NDP_MALFORMED, redirect6("2001:db8::254", BETTER6, FAR6));
            rig.assertDropped(StackCounter.NDP_MALFORMED, redirect6(ROUTER6, "2001:db8::3", FAR6));
            rig.assertDropped(StackCounter.NDP_MALFORMED, redirect6(ROUTER6, BETTER6, "ff0e::1"));
            rig.assertDropped(
                    StackCounter.NDP_BAD_HOP_LIMIT, Bytes.with(redirect6(ROUTER6, BETTER6, FAR6), 14 + 7, 254));
            assertEquals(ROUTER_MAC, whereTo(rig, FAR4));
            assertEquals(ROUTER_MAC, whereTo(rig, FAR6));
        }
    }

    @Test
    void shouldFollowNoRedirectsWhereTheyAreSwitchedOff() {
        try (StackRig rig = rig(false)) {
            rig.assertDropped(StackCounter.REDIRECTS_REFUSED, redirect4(ROUTER4, 1, BETTER4, US4, FAR4));
            rig.assertDropped(StackCounter.REDIRECTS_REFUSED, redirect6(ROUTER6, BETTER6, FAR6));
        }
    }

    @Test
    @Origin("RFC 4861 7.3.3")
    void shouldGoBackToTheRouterWhenTheBetterOneDoesNotAnswer() {
        try (StackRig rig = rig(true)) {
            rig.receive(redirect4(ROUTER4, 1, "192.0.2.99", US4, FAR4));
            send(rig, FAR4);
            for (int i = 0; i < 3; i++) {
                assertEquals(1, rig.sent().size(), "question");
                rig.advance(1_000_000);
            }
            rig.sent();
            assertEquals(ROUTER_MAC, whereTo(rig, FAR4));
        }
    }

    @Test
    void shouldBoundWhatRedirectsTeach() {
        try (StackRig rig = rig(true)) {
            for (int i = 0; i < 10_000; i++) {
                rig.receive(redirect4(ROUTER4, 1, BETTER4, US4, "10.0." + i / 250 + "." + i % 250));
            }
            assertEquals(4096, rig.count(StackCounter.REDIRECTS_FOLLOWED));
            assertEquals(10_000 - 4096, rig.count(StackCounter.REDIRECTS_REFUSED));
        }
    }

    private StackRig rig(final boolean follow) {
        final LinkRules rules =
                LinkRules.DEFAULT.withDuplicateDetection(DuplicateDetection.OFF).withRedirects(follow, follow);
        final InterfaceConfig config = InterfaceConfig.of(US4 + "/24", US6 + "/64")
                .withGateway(IpAddress.parse(ROUTER4))
                .withGateway(IpAddress.parse(ROUTER6));
        final StackRig rig = new StackRig(pools, Medium.ETHERNET, StackConfig.defaults(), rules, config);
        for (final String router : new String[] {ROUTER4, ROUTER6}) {
            rig.net.addNeighbor(IpAddress.parse(router), MacAddress.parse(ROUTER_MAC));
        }
        for (final String better : new String[] {BETTER4, BETTER6}) {
            rig.net.addNeighbor(IpAddress.parse(better), MacAddress.parse(BETTER_MAC));
        }
        return rig;
    }

    private static byte[] redirect4(
            final String src, final int code, final String gateway, final String from, final String to) {
        final byte[] quoted = Bytes.ipv4(from, to, 17, new byte[8]);
        final byte[] message =
                Bytes.icmpv4(5, code, (int) IpAddress.parse(gateway).lo(), quoted);
        return Bytes.frame(Bytes.ipv4(src, US4, 1, message));
    }

    private static byte[] redirect6(final String src, final String target, final String dst, final byte[]... options) {
        final byte[] body = Bytes.join(Bytes.address(target), Bytes.address(dst), Bytes.join(options));
        return Bytes.frame(Bytes.ipv6(src, US6, 58, Bytes.icmpv6(src, US6, 137, 0, 0, body)));
    }

    /** Sends a datagram and tells the link address that it went to. */
    private static String whereTo(final StackRig rig, final String address) {
        send(rig, address);
        final byte[] frame = rig.sentOne();
        assertArrayEquals(Bytes.mac("02:00:00:00:00:01"), Arrays.copyOfRange(frame, 6, 12));
        return "%02x:%02x:%02x:%02x:%02x:%02x".formatted(frame[0], frame[1], frame[2], frame[3], frame[4], frame[5]);
    }

    private static void send(final StackRig rig, final String address) {
        final IpAddress to = IpAddress.parse(address);
        try (var socket = rig.stack.bind(new Endpoint<>(IpAddress.of(to.family(), 0, 0), 4000))) {
            socket.send(new Endpoint<>(to, 4000), Frames.ofBytes(new byte[] {42}), 0, 1);
        }
    }
}

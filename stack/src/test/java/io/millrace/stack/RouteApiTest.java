package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.iface.forward.ForwardingRules;
import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteKind;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Routes that come and go while a stack runs, and what they do. */
class RouteApiTest {
    private static final MemorySegment DATA = Frames.ofBytes(new byte[] {1, 2, 3});

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @Test
    void shouldListAddAndRemoveRoutes() {
        final InterfaceConfig config = InterfaceConfig.of("192.0.2.1/24", "2001:db8::1/64")
                .withGateway(IpAddress.parse("192.0.2.254"))
                .withGateway(IpAddress.parse("fe80::254"))
                .withGateway(IpAddress.parse("192.0.2.253"));
        try (StackRig rig = new StackRig(pools, Medium.IP, StackConfig.defaults(), config)) {
            final Route route = Route.via(Cidr.parse("198.51.100.0/24"), IpAddress.parse("192.0.2.9"), 0);
            assertTrue(rig.stack.addRoute(route));
            assertEquals(
                    List.of(
                            "default via 192.0.2.254 dev rig proto static",
                            "default via 192.0.2.253 dev rig proto static metric 1",
                            "192.0.2.0/24 dev rig proto kernel scope link",
                            "198.51.100.0/24 via 192.0.2.9 dev rig proto static",
                            "default via fe80::254 dev rig proto static",
                            "2001:db8::/64 dev rig proto kernel scope link"),
                    rig.stack.routes().stream().map(r -> r.text("rig", 0)).toList());
            assertTrue(rig.stack.removeRoute(route));
            assertFalse(rig.stack.removeRoute(route));
            assertEquals(5, rig.stack.routes().size());
        }
    }

    @Test
    void shouldForgetARouteAtItsEnd() {
        try (StackRig rig = rig(Medium.IP, "192.0.2.1/24")) {
            rig.stack.addRoute(
                    Route.byDefault(IpAddress.parse("192.0.2.254"), 0).withExpiry(rig.clock.now() + 5_000_000));
            assertEquals(IpOutput.SENT, send(rig, "198.51.100.1"));
            rig.advance(4_999_999);
            assertEquals(rig.clock.now() + 1, rig.stack.pollAt(rig.clock.now()));
            assertEquals(IpOutput.SENT, send(rig, "198.51.100.1"));
            rig.advance(1);
            assertEquals(IpOutput.NO_ROUTE, send(rig, "198.51.100.1"));
        }
    }

    @Test
    void shouldUseTheSourceThatARoutePrefers() {
        try (StackRig rig = rig(Medium.IP, "192.0.2.1/24", "192.0.2.9/24", "2001:db8::1/64", "2001:db8::9/64")) {
            rig.stack.addRoute(Route.byDefault(IpAddress.parse("192.0.2.254"), 0)
                    .withPreferredSource(IpAddress.parse("192.0.2.9")));
            rig.stack.addRoute(Route.byDefault(IpAddress.parse("2001:db8::ffff"), 0)
                    .withPreferredSource(IpAddress.parse("2001:db8::9")));
            send(rig, "198.51.100.1");
            assertArrayEquals(Bytes.address("192.0.2.9"), Arrays.copyOfRange(rig.sentOne(), 12, 16));
            send(rig, "2001:db8:1::1");
            assertArrayEquals(Bytes.address("2001:db8::9"), Arrays.copyOfRange(rig.sentOne(), 8, 24));
        }
    }

    @ParameterizedTest
    @CsvSource({"UNREACHABLE", "BLACKHOLE"})
    void shouldSendNothingWhereARouteForbidsIt(final RouteKind kind) {
        try (StackRig rig = rig(Medium.IP, "192.0.2.1/24")) {
            rig.stack.addRoute(Route.byDefault(IpAddress.parse("192.0.2.254"), 0));
            rig.stack.addRoute(Route.of(Cidr.parse("198.51.100.0/24"), kind, null, 0));
            assertEquals(IpOutput.NO_ROUTE, send(rig, "198.51.100.1"));
            assertEquals(IpOutput.SENT, send(rig, "198.51.101.1"));
        }
    }

    @ParameterizedTest
    @EnumSource(Medium.class)
    @Origin("smoltcp:iface::interface::tests::ipv6::any_ip")
    void shouldAcceptEveryAddressOfALocalPrefix(final Medium medium) {
        try (StackRig rig = rig(medium, "fdbe::1/64")) {
            final byte[] echo =
                    Bytes.ipv6("fdbe::2", "fdbe::3", 58, Bytes.icmpv6("fdbe::2", "fdbe::3", 128, 0, 0, new byte[0]));
            final byte[] in = medium == Medium.ETHERNET ? Bytes.frame(echo) : echo;
            rig.assertDropped(StackCounter.IPV6_NOT_OURS, in);
            final Route local = Route.of(Cidr.parse("fdbe::/64"), RouteKind.LOCAL, null, 0);
            rig.stack.addRoute(local);
            if (medium == Medium.ETHERNET) {
                rig.net.addNeighbor(IpAddress.parse("fdbe::2"), rig.net.macAddress());
            }
            rig.receive(in);
            final byte[] reply = rig.sentOne();
            final int ip = reply.length - echo.length;
            assertArrayEquals(Bytes.address("fdbe::3"), Arrays.copyOfRange(reply, ip + 8, ip + 24));
            rig.stack.removeRoute(local);
            rig.assertDropped(StackCounter.IPV6_NOT_OURS, in);
        }
    }

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv4::test_any_ip_accept_arp")
    void shouldAnswerArpForEveryAddressOfALocalPrefix() {
        try (StackRig rig = rig(Medium.ETHERNET, "192.0.2.1/24")) {
            final byte[] ask = Bytes.ethernet(
                    "ff:ff:ff:ff:ff:ff",
                    "02:00:00:00:00:02",
                    0x0806,
                    Bytes.arp(1, "02:00:00:00:00:02", "192.0.2.2", "00:00:00:00:00:00", "192.0.2.99"));
            rig.assertDropped(StackCounter.ARP_NOT_FOR_US, ask);
            rig.stack.addRoute(Route.of(Cidr.parse("192.0.2.96/28"), RouteKind.LOCAL, null, 0));
            rig.receive(ask);
            final byte[] reply = rig.sentOne();
            assertEquals(2, Bytes.u16(reply, 20));
            assertArrayEquals(Bytes.address("192.0.2.99"), Arrays.copyOfRange(reply, 28, 32));
        }
    }

    @Test
    void shouldBindAndTurnRoundWithinALocalPrefix() {
        try (StackRig rig = rig(Medium.IP, "192.0.2.1/24")) {
            rig.stack.addRoute(Route.of(Cidr.parse("198.51.100.0/24"), RouteKind.LOCAL, null, 0));
            final UdpSocket<IpAddress> socket = rig.stack.bind(new Endpoint<>(IpAddress.parse("198.51.100.7"), 9));
            assertEquals(IpOutput.SENT, send(rig, "198.51.100.7"));
            rig.stack.poll(rig.clock.now());
            assertEquals(1, socket.readable());
            assertTrue(rig.sent().isEmpty());
        }
    }

    @Test
    @Origin("RFC 1122 3.3.4.2")
    void shouldLeaveByTheInterfaceThatHasTheSource() {
        try (RouterRig rig = new RouterRig(pools, ForwardingRules.OFF, 1500, 128)) {
            rig.stack.addRoute(Route.byDefault(IpAddress.parse("10.0.1.2"), 0));
            rig.stack.addRoute(Route.byDefault(IpAddress.parse("10.0.2.2"), 1).withMetric(5));
            for (int i = 0; i < 2; i++) {
                final IpAddress own = IpAddress.parse("10.0." + (i + 1) + ".1");
                try (UdpSocket<IpAddress> socket = rig.stack.bind(new Endpoint<>(own, 0))) {
                    socket.send(new Endpoint<>(IpAddress.parse("198.51.100.1"), 9), DATA, 0, 3);
                }
                assertEquals(1, rig.sent(i).size());
                assertEquals(0, rig.sent(1 - i).size());
            }
        }
    }

    @Test
    void shouldNotLeaveABoundInterface() {
        try (RouterRig rig = new RouterRig(pools, ForwardingRules.OFF, 1500, 128);
                UdpSocket<IpAddress> socket = rig.stack.bind(new Endpoint<>(IpAddress.parse("0.0.0.0"), 0))) {
            rig.stack.addRoute(Route.byDefault(IpAddress.parse("10.0.1.2"), 0));
            socket.settings().interfaceIndex(1);
            final Endpoint<IpAddress> far = new Endpoint<>(IpAddress.parse("198.51.100.1"), 9);
            assertEquals(IpOutput.NO_ROUTE, socket.send(far, DATA, 0, 3));
            rig.stack.addRoute(Route.byDefault(IpAddress.parse("10.0.2.2"), 1).withMetric(5));
            assertEquals(IpOutput.SENT, socket.send(far, DATA, 0, 3));
            assertEquals(1, rig.sent(1).size());
            assertEquals(0, rig.sent(0).size());
        }
    }

    @Test
    @Origin("RFC 4007 11")
    void shouldConnectByTheInterfaceOfAZone() {
        try (RouterRig rig = new RouterRig(pools, ForwardingRules.OFF, 1500, 128)) {
            final IpAddress peer = IpAddress.parse("fe80::99");
            for (int i = 0; i < 2; i++) {
                rig.nets[i].addNeighbor(peer, rig.nets[i].macAddress());
            }
            for (final String zone : List.of("net0", "net1", "0", "1")) {
                final int index = zone.charAt(zone.length() - 1) - '0';
                rig.stack.connect(new Endpoint<>(peer, 80, zone), new TcpHandler() {});
                final byte[] syn = Bytes.from(rig.sent(index).getFirst(), 14);
                assertArrayEquals(
                        Bytes.address("fe80::ff:fe00:" + (index == 0 ? "1" : "101")), Arrays.copyOfRange(syn, 8, 24));
                assertEquals(0, rig.sent(1 - index).size());
            }
            final IllegalArgumentException e = assertThrows(
                    IllegalArgumentException.class,
                    () -> rig.stack.connect(new Endpoint<>(peer, 80, "eth9"), new TcpHandler() {}));
            assertTrue(String.valueOf(e.getMessage()).startsWith("no interface has the name or index eth9"));
        }
    }

    @Test
    void shouldKeepANetworkAsLongAsAnAddressIsInIt() {
        try (StackRig rig = rig(Medium.IP, "192.0.2.1/24", "192.0.2.2/24", "198.51.100.1/24")) {
            assertEquals(2, rig.stack.routes().size());
            rig.net.removeAddress(IpAddress.parse("192.0.2.1"));
            assertEquals(2, rig.stack.routes().size());
            rig.net.removeAddress(IpAddress.parse("192.0.2.2"));
            assertEquals(1, rig.stack.routes().size());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 198.51.100.1, 0, , 'route 10.0.0.0/8 via 198.51.100.1 dev rig proto static: the gateway is in none of"
                + " the interface''s networks [192.0.2.1/24]; use a neighbour''s address'",
        "10.0.0.0/8, 192.0.2.1, 0, , 'route 10.0.0.0/8 via 192.0.2.1 dev rig proto static: the gateway is the interface''s"
                + " own address; use the router''s'",
        "10.0.0.0/8, 192.0.2.2, 1, , 'route 10.0.0.0/8 via 192.0.2.2 dev #1 proto static: there is no interface 1; the last"
                + " one is 0'",
        "10.0.0.0/8, 192.0.2.2, 0, 192.0.2.7, 'route 10.0.0.0/8 via 192.0.2.2 dev rig proto static src 192.0.2.7: the"
                + " source is no address of the interface; use one of [192.0.2.1/24]'"
    })
    void shouldRefuseRoutesThatLeadNowhere(
            final String to, final String gateway, final int net, final String source, final String message) {
        try (StackRig rig = rig(Medium.ETHERNET, "192.0.2.1/24")) {
            Route route = Route.via(Cidr.parse(to), IpAddress.parse(gateway), net);
            if (source != null) {
                route = route.withPreferredSource(IpAddress.parse(source));
            }
            final Route refused = route;
            final IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> rig.stack.addRoute(refused));
            assertEquals(message, e.getMessage());
        }
    }

    private StackRig rig(final Medium medium, final String... addresses) {
        return new StackRig(
                pools,
                medium,
                StackConfig.defaults(),
                InterfaceConfig.of(addresses).withDuplicateDetection(DuplicateDetection.OFF));
    }

    private static int send(final StackRig rig, final String address) {
        final IpAddress to = IpAddress.parse(address);
        try (UdpSocket<IpAddress> socket = rig.stack.bind(new Endpoint<>(IpAddress.of(to.family(), 0, 0), 0))) {
            return socket.send(new Endpoint<>(to, 9), DATA, 0, 3);
        }
    }
}

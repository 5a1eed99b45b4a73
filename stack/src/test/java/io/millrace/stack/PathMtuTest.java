package io.millrace.stack;

import static io.millrace.stack.FragmentPackets.peer;
import static io.millrace.stack.FragmentPackets.us;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteMetrics;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.raw.RawHandler;
import io.millrace.stack.socket.raw.RawPacket;
import io.millrace.stack.socket.raw.RawSocket;
import io.millrace.stack.socket.udp.UdpDatagram;
import io.millrace.stack.socket.udp.UdpHandler;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What routers tell of packets too big, and what becomes of it. */
final class PathMtuTest {
    private static final int LENGTH = 1440;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final MemorySegment payload = Frames.ofBytes(new byte[LENGTH]);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Origin("RFC 1191 3")
    @Origin("RFC 8201 4")
    void shouldSendSmallerPacketsWhereARouterSaysSo(final boolean v4) {
        try (StackRig rig = rig(v4);
                UdpSocket<IpAddress> socket = bind(rig, v4)) {
            final byte[] sent = send(rig, socket, v4);
            rig.receive(tooBig(v4, 1300, sent));
            assertEquals(1, rig.count(StackCounter.PATH_MTU_LOWERED));
            assertEquals(IpOutput.SENT, socket.send(to(v4), payload, 0, LENGTH));
            final List<byte[]> fragments = rig.sent();
            assertEquals(2, fragments.size());
            fragments.forEach(fragment -> assertTrue(fragment.length <= 1300));
            rig.advance(600_000_000);
            send(rig, socket, v4);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldForgetWhatRoutersToldWhenAsked(final boolean v4) {
        try (StackRig rig = rig(v4);
                UdpSocket<IpAddress> socket = bind(rig, v4)) {
            rig.receive(tooBig(v4, 1300, send(rig, socket, v4)));
            rig.stack.forgetPaths();
            final byte[] sent = send(rig, socket, v4);
            rig.receive(tooBig(v4, 1300, sent));
            assertEquals(2, rig.count(StackCounter.PATH_MTU_LOWERED));
            assertEquals(1300, rig.stack.pathMtu(to(v4).address()));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldTellSendersThatDoNotWantFragments(final boolean v4) {
        try (StackRig rig = rig(v4);
                UdpSocket<IpAddress> socket = bind(rig, v4)) {
            socket.settings().dontFragment(true);
            rig.receive(tooBig(v4, 1300, send(rig, socket, v4)));
            assertEquals(IpOutput.TOO_BIG, socket.send(to(v4), payload, 0, LENGTH));
            assertEquals(1, rig.count(StackCounter.TX_TOO_BIG));
            final int fits = 1300 - 8 - (v4 ? 20 : 40);
            assertEquals(IpOutput.SENT, socket.send(to(v4), payload, 0, fits));
            assertEquals(1300, rig.sentOne().length);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldNotBelieveWhatIsNotAboutOurPackets(final boolean v4) {
        try (StackRig rig = rig(v4);
                UdpSocket<IpAddress> socket = bind(rig, v4)) {
            final byte[] sent = send(rig, socket, v4);
            final int ports = v4 ? 20 : 40;
            rig.assertDropped(StackCounter.ICMP_ERROR_NO_SOCKET, tooBig(v4, 1300, Bytes.with(sent, ports, 1)));
            final byte[] foreign = Bytes.with(sent, v4 ? 15 : 23, 99);
            rig.assertDropped(
                    StackCounter.ICMP_ERROR_FOREIGN, tooBig(v4, 1300, v4 ? Bytes.sealIpv4(foreign) : foreign));
            for (final int useless : new int[] {v4 ? 575 : 1279, 1, 1500, 9000}) {
                rig.receive(tooBig(v4, useless, sent));
            }
            assertEquals(4, rig.count(StackCounter.PATH_MTU_REPORT_IGNORED));
            assertEquals(0, rig.count(StackCounter.PATH_MTU_LOWERED));
            send(rig, socket, v4);
        }
    }

    @Test
    @Origin("RFC 1191 5")
    void shouldTakeTheNextPlateauOfARouterThatDoesNotTell() {
        try (StackRig rig = rig(true);
                UdpSocket<IpAddress> socket = bind(rig, true)) {
            rig.receive(tooBig(true, 0, send(rig, socket, true)));
            socket.send(to(true), payload, 0, LENGTH);
            assertEquals(1004, rig.sent().getFirst().length, "1006, in multiples of 8 behind the header");
        }
    }

    /** Whoever is told may send the same once more at once, and it fits. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Origin("RFC 1191 6.1")
    void shouldHaveLoweredThePathMtuWhenTheSenderIsTold(final boolean v4) {
        final List<Integer> fits = new ArrayList<>();
        try (StackRig rig = rig(v4);
                UdpSocket<IpAddress> socket = bind(rig, v4)) {
            socket.connect(to(v4));
            socket.handler(new UdpHandler() {
                @Override
                public void onDatagram(final UdpSocket<?> its, final UdpDatagram datagram) {}

                @Override
                public void onError(final UdpSocket<?> its, final IcmpErrorRepr error) {
                    fits.add(socket.maxPayload(IpAddress.parse(peer(v4))));
                    assertEquals(IpOutput.SENT, socket.send(payload, 0, LENGTH));
                }
            });
            rig.receive(tooBig(v4, 1300, send(rig, socket, v4)));
            assertEquals(List.of(1300 - 8 - (v4 ? 20 : 40)), fits);
            assertEquals(2, rig.sent().size(), "fragments of what was sent again");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Origin("RFC 8201 5.1")
    void shouldLowerThePathMtuOfRawProtocols(final boolean v4) {
        final List<IcmpErrorRepr> errors = new ArrayList<>();
        try (StackRig rig = rig(v4);
                RawSocket socket = rig.stack.openRaw(v4 ? 4 : 6, 253, new RawHandler() {
                    @Override
                    public void onPacket(final RawSocket its, final RawPacket packet) {}

                    @Override
                    public void onError(final RawSocket its, final IcmpErrorRepr error) {
                        errors.add(error);
                        assertEquals(1300, error.mtu);
                    }
                })) {
            final byte[] packet = v4
                    ? Bytes.ipv4(us(true), peer(true), 253, new byte[LENGTH])
                    : Bytes.ipv6(us(false), peer(false), 253, new byte[LENGTH]);
            final MemorySegment bytes = Frames.ofBytes(packet);
            rig.assertDropped(StackCounter.ICMP_ERROR_NO_SOCKET, tooBig(v4, 1300, packet));
            assertEquals(IpOutput.SENT, socket.send(bytes, 0, packet.length));
            final byte[] sent = rig.sentOne();
            final byte[] elsewhere = Bytes.with(sent, v4 ? 19 : 39, 9);
            rig.assertDropped(
                    StackCounter.ICMP_ERROR_NO_SOCKET, tooBig(v4, 1300, v4 ? Bytes.sealIpv4(elsewhere) : elsewhere));
            rig.receive(tooBig(v4, 1300, sent));
            assertEquals(1, errors.size());
            assertEquals(1, rig.count(StackCounter.PATH_MTU_LOWERED));
            assertEquals(IpOutput.SENT, socket.send(bytes, 0, packet.length));
            assertEquals(2, rig.sent().size());
        }
    }

    /** As {@code ip route … mtu}: a route may say less than its link, and routers less than that. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldSendNoLongerPacketsThanTheRouteSays(final boolean v4) {
        try (StackRig rig = rig(v4);
                UdpSocket<IpAddress> socket = bind(rig, v4)) {
            rig.stack.addRoute(route(v4, "mtu 1400"));
            final int fits = 1400 - 8 - (v4 ? 20 : 40);
            assertEquals(fits, socket.maxPayload(IpAddress.parse(peer(v4))));
            assertEquals(IpOutput.SENT, socket.send(to(v4), payload, 0, LENGTH));
            assertEquals(2, rig.sent().size());
            assertEquals(IpOutput.SENT, socket.send(to(v4), payload, 0, fits));
            rig.receive(tooBig(v4, 1300, rig.sentOne()));
            assertEquals(fits - 100, socket.maxPayload(IpAddress.parse(peer(v4))));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldNotBelieveRoutersWhereTheRouteIsLocked(final boolean v4) {
        try (StackRig rig = rig(v4);
                UdpSocket<IpAddress> socket = bind(rig, v4)) {
            rig.stack.addRoute(route(v4, "mtu lock 1400"));
            final int fits = 1400 - 8 - (v4 ? 20 : 40);
            assertEquals(IpOutput.SENT, socket.send(to(v4), payload, 0, fits));
            rig.receive(tooBig(v4, 1300, rig.sentOne()));
            assertEquals(1, rig.count(StackCounter.PATH_MTU_REPORT_IGNORED));
            assertEquals(fits, socket.maxPayload(IpAddress.parse(peer(v4))));
        }
    }

    private static Route route(final boolean v4, final String metrics) {
        final Cidr<IpAddress> to = new Cidr<>(IpAddress.parse(peer(v4)), v4 ? 32 : 128);
        return Route.onLink(to, 0).withMetrics(RouteMetrics.parse(metrics));
    }

    private StackRig rig(final boolean v4) {
        final InterfaceConfig config = InterfaceConfig.of(us(v4) + (v4 ? "/24" : "/64"));
        return new StackRig(pools, Medium.IP, StackConfig.defaults(), config);
    }

    private static UdpSocket<IpAddress> bind(final StackRig rig, final boolean v4) {
        return rig.stack.bind(new Endpoint<>(IpAddress.parse(us(v4)), 1234));
    }

    private static Endpoint<IpAddress> to(final boolean v4) {
        return new Endpoint<>(IpAddress.parse(peer(v4)), 9);
    }

    /** Sends a datagram that must leave in one piece. */
    private byte[] send(final StackRig rig, final UdpSocket<IpAddress> socket, final boolean v4) {
        assertEquals(IpOutput.SENT, socket.send(to(v4), payload, 0, LENGTH));
        return rig.sentOne();
    }

    /** What a router says of a packet of ours. */
    private static byte[] tooBig(final boolean v4, final int mtu, final byte[] packet) {
        if (v4) {
            final byte[] message = Bytes.icmpv4(3, 4, mtu, Arrays.copyOf(packet, 28));
            return Bytes.ipv4("192.0.2.77", us(true), 1, message);
        }
        final String router = "2001:db8::77";
        final byte[] message = Bytes.icmpv6(router, us(false), 2, 0, mtu, Arrays.copyOf(packet, 1232));
        return Bytes.ipv6(router, us(false), 58, message);
    }
}

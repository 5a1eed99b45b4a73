package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.route.Route;
import io.millrace.stack.route.RouteMetrics;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a route says of the paths holds for connections there, whoever opens them. */
class TcpRouteMetricsTest {
    private static final int LATENCY = 10_000;
    private static final String ALL =
            "mtu 1400 advmss 1200 initcwnd 3 initrwnd 4 rto_min 50ms quickack 1 congctl reno" + " features ecn";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    /** Reads what comes. */
    private static final class Reader implements TcpHandler {
        private @Nullable TcpSocket<?> socket;

        @Override
        public void onConnected(final TcpSocket<?> connected) {
            socket = connected;
        }

        @Override
        public void onReadable(final TcpSocket<?> readable) {
            readable.consume(readable.readable());
        }
    }

    private TwoStacks stacks(final CookieMode cookies) {
        final TcpConfig config =
                TcpConfig.builder().bufferMemory(8 << 20).synCookies(cookies).build();
        return new TwoStacks(
                pools,
                Medium.ETHERNET,
                SimulatedWire.ETHERNET_MTU,
                WireConditions.PERFECT.withLatency(LATENCY),
                StackConfig.defaults().withTcp(config));
    }

    private static Route route(final String to, final String metrics) {
        final IpAddress address = IpAddress.parse(to);
        return Route.onLink(new Cidr<>(address, address.bits()), 0).withMetrics(RouteMetrics.parse(metrics));
    }

    private static Endpoint<?> at(final String address) {
        return Endpoint.parse((address.contains(":") ? "[" + address + "]" : address) + ":7");
    }

    private static TcpInfo info(final TcpSocket<?> socket) {
        return socket.info(new TcpInfo());
    }

    private static void assertTaken(final TcpInfo info, final int header) {
        final int mss = info.sendMss;
        assertEquals(1400, info.pathMtu);
        assertEquals(1400 - header - 20 - 12, mss);
        assertEquals(1200, info.announcedMss);
        assertEquals(3 * mss, info.congestionWindow);
        assertEquals(4 * 1200, info.receiveBuffer);
        assertEquals(CongestionAlgorithm.RENO, info.congestion);
        assertEquals(Math.max(50_000, 4 * info.rttVariation), info.rto - info.rtt);
    }

    private static void assertUsual(final TcpInfo info) {
        assertEquals(1500, info.pathMtu);
        assertEquals(CongestionAlgorithm.CUBIC, info.congestion);
        assertEquals(10 * info.sendMss, info.congestionWindow);
        assertEquals(256 * 1024, info.receiveBuffer);
        assertEquals(Math.max(200_000, 4 * info.rttVariation), info.rto - info.rtt);
    }

    @ParameterizedTest
    @CsvSource({TwoStacks.B4 + ", 20", TwoStacks.B6 + ", 40"})
    void shouldOpenConnectionsAsTheRouteSays(final String address, final int header) {
        try (TwoStacks stacks = stacks(CookieMode.OFF)) {
            final TcpListener<?> listener = stacks.b.listen(at(address), 4, new TcpPeer(0, 1));
            stacks.a.addRoute(route(address, ALL));
            final TcpPeer peer = new TcpPeer(0, 2);
            final TcpSocket<?> client = stacks.a.connect(at(address), peer);
            stacks.runUntil(() -> listener.accepted() == 1 && peer.connectedCalls == 1, 5);
            assertTaken(info(client), header);
            assertTrue(info(client).ecn, "asked for, though it else only accepts it");
            stacks.a.removeRoute(route(address, ""));
            final TcpPeer next = new TcpPeer(0, 3);
            final TcpSocket<?> usual = stacks.a.connect(at(address), next);
            stacks.runUntil(() -> next.connectedCalls == 1, 5);
            assertUsual(info(usual));
            assertFalse(info(usual).ecn);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OFF", "ALWAYS"})
    void shouldAcceptConnectionsAsTheRouteSays(final CookieMode cookies) {
        try (TwoStacks stacks = stacks(cookies)) {
            final TcpPeer server = new TcpPeer(0, 1);
            stacks.b.listen(at(TwoStacks.B4), 4, server);
            stacks.b.addRoute(route(TwoStacks.A4, ALL));
            final TcpSocket<?> client = stacks.a.connect(at(TwoStacks.B4), new TcpPeer(0, 2));
            stacks.runUntil(() -> server.connectedCalls == 1, 5);
            final TcpSocket<?> accepted = Objects.requireNonNull(server.socket);
            if (cookies == CookieMode.OFF) {
                assertTaken(info(accepted), 20);
            } else {
                assertEquals(CongestionAlgorithm.RENO, info(accepted).congestion);
                assertEquals(4 * 1200, info(accepted).receiveBuffer);
            }
            assertEquals(1200 - 12, info(client).sendMss);
            assertEquals(4 * 1200, info(client).sendWindow);
        }
    }

    @Test
    void shouldDoWhatTheApplicationSaysRatherThanTheRoute() {
        try (TwoStacks stacks = stacks(CookieMode.OFF)) {
            final TcpPeer server = new TcpPeer(0, 1);
            stacks.b.listen(at(TwoStacks.B4), 4, server).options().congestion(CongestionAlgorithm.DCTCP);
            stacks.b.addRoute(route(TwoStacks.A4, "congctl reno"));
            stacks.a.addRoute(route(TwoStacks.B4, "congctl reno"));
            final TcpSocket<?> client = stacks.a.connect(at(TwoStacks.B4), new TcpPeer(0, 2));
            client.options().congestion(CongestionAlgorithm.BBR).maxSegment(1000);
            stacks.runUntil(() -> server.connectedCalls == 1, 5);
            assertEquals(CongestionAlgorithm.BBR, info(client).congestion);
            assertEquals(CongestionAlgorithm.DCTCP, info(Objects.requireNonNull(server.socket)).congestion);
        }
    }

    /** It begins with four segments a round trip, and is soon as fast as the path. */
    @Test
    void shouldOpenTheWindowAsItIsUsed() {
        final long bytes = 2_000_000;
        try (TwoStacks stacks = stacks(CookieMode.OFF)) {
            stacks.a.addRoute(route(TwoStacks.B4, "initrwnd 4"));
            final TcpPeer server = new TcpPeer(bytes, 1);
            final TcpPeer client = new TcpPeer(0, 2);
            stacks.b.listen(at(TwoStacks.B4), 4, server);
            final TcpSocket<?> opened = stacks.a.connect(at(TwoStacks.B4), client);
            stacks.runUntil(() -> client.received > 0, 5);
            stacks.runFor(LATENCY);
            assertTrue(client.received <= 4 * 1460, client.received + " bytes in the first round trip");
            stacks.runUntil(() -> client.received == bytes, 5);
            assertTrue(
                    info(opened).receiveBuffer >= 256 * 1024, () -> info(opened).toString());
        }
    }

    /** A lone segment is acknowledged at once, long after the first ones. */
    @ParameterizedTest
    @CsvSource({"quickack 1, true", "mtu 1500, false"})
    void shouldNeverDelayAcknowledgmentsWhereTheRouteSaysSo(final String metrics, final boolean atOnce) {
        try (TwoStacks stacks = stacks(CookieMode.OFF)) {
            stacks.b.addRoute(route(TwoStacks.A4, metrics));
            final Reader server = new Reader();
            stacks.b.listen(at(TwoStacks.B4), 4, server);
            final TcpSocket<?> client = stacks.a.connect(at(TwoStacks.B4), new Reader());
            stacks.runUntil(() -> server.socket != null, 5);
            final TcpSocket<?> accepted = Objects.requireNonNull(server.socket);
            accepted.options().quickAck(false);
            assertEquals(1, client.send(Frames.ofHex("00"), 0, 1)); // what is read first opens the window
            stacks.runFor(1_000_000);
            assertEquals(1, client.send(Frames.ofHex("00"), 0, 1));
            stacks.runFor(2 * LATENCY + 1_000);
            assertEquals(atOnce ? 0 : 1, info(client).unacknowledged);
        }
    }
}

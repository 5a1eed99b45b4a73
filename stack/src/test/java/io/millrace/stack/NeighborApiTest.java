package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.iface.address.GroupListener;
import io.millrace.stack.iface.neighbor.NeighborState;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.MacAddress;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an application can see and set of an interface's neighbours and groups. */
class NeighborApiTest {
    private static final String US4 = "192.0.2.1";
    private static final String PEER4 = "192.0.2.2";
    private static final String US6 = "2001:db8::1";
    private static final String PEER6 = "2001:db8::2";
    private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:99");

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @ParameterizedTest
    @ValueSource(strings = {PEER4, PEER6})
    void shouldSendToNeighborsThatWereSetByHandWithoutAsking(final String peer) {
        try (StackRig rig = rig()) {
            final IpAddress address = IpAddress.parse(peer);
            rig.net.addNeighbor(address, MAC);
            send(rig, peer);
            assertArrayEquals(Bytes.mac(MAC.toString()), Arrays.copyOf(rig.sentOne(), 6));
            assertEquals(NeighborState.PERMANENT, rig.net.neighbors().getFirst().state());
            rig.net.flushNeighbors();
            assertEquals(1, rig.net.neighbors().size());
            assertTrue(rig.net.removeNeighbor(address));
            assertFalse(rig.net.removeNeighbor(address));
            send(rig, peer);
            assertEquals(
                    NeighborState.INCOMPLETE, rig.net.neighbors().getFirst().state());
            assertTrue(rig.net.neighbors().toString().contains(peer));
        }
    }

    @Test
    void shouldRefuseNeighborsThatCannotBe() {
        try (StackRig rig = rig();
                StackRig tun =
                        new StackRig(pools, Medium.IP, StackConfig.defaults(), InterfaceConfig.of(US4 + "/24"))) {
            final IpAddress peer = IpAddress.parse(PEER4);
            final IpAddress group = IpAddress.parse("224.0.0.5");
            final MacAddress groupMac = MacAddress.parse("01:00:5e:00:00:05");
            assertThrows(IllegalArgumentException.class, () -> rig.net.addNeighbor(group, MAC));
            assertThrows(IllegalArgumentException.class, () -> rig.net.addNeighbor(peer, groupMac));
            assertThrows(IllegalArgumentException.class, () -> tun.net.addNeighbor(peer, MAC));
        }
    }

    /** The socket's error is a message that we send ourselves, about a packet that never left. */
    @ParameterizedTest
    @CsvSource({PEER4 + ", 1", PEER6 + ", 1"})
    @Origin("RFC 4861 7.2.2")
    @Origin("RFC 1122 3.3.2")
    void shouldTellOurselvesThatANeighborDoesNotAnswer(final String peer, final int errors) {
        try (StackRig rig = rig()) {
            send(rig, peer);
            for (int i = 0; i < 3; i++) {
                assertEquals(1, rig.sent().size(), "requests");
                assertEquals(0, rig.count(StackCounter.ICMP_ERRORS_RECEIVED));
                rig.advance(1_000_000);
            }
            assertEquals(0, rig.sent().size(), "nothing leaves");
            assertEquals(1, rig.count(StackCounter.NEIGHBOR_UNREACHABLE));
            assertEquals(errors, rig.count(StackCounter.ICMP_ERRORS_RECEIVED));
        }
    }

    @Test
    @Origin("smoltcp:iface::socket_meta::poll_at_waiting_neighbor_found")
    void shouldSendWhatWaitedAsSoonAsTheNeighborIsFound() {
        try (StackRig rig = rig()) {
            send(rig, PEER4);
            rig.sentOne();
            assertEquals(rig.clock.now() + 1_000_000, rig.stack.pollAt(rig.clock.now()));
            rig.receive(Bytes.ethernet(
                    "02:00:00:00:00:01",
                    "02:00:00:00:00:02",
                    0x0806,
                    Bytes.arp(2, "02:00:00:00:00:02", PEER4, "02:00:00:00:00:01", US4)));
            assertEquals(0x0800, Bytes.u16(rig.sentOne(), 12));
            assertEquals(Long.MAX_VALUE, rig.stack.pollAt(rig.clock.now()));
        }
    }

    /** What waits is silent until its neighbour may be asked again, and holds up nothing that goes elsewhere. */
    @Test
    @Origin("smoltcp:iface::socket_meta::poll_at_active_passes_through")
    @Origin("smoltcp:iface::socket_meta::poll_at_waiting_before_silent_until")
    @Origin("smoltcp:iface::socket_meta::poll_at_waiting_at_exact_silent_until")
    @Origin(
            value = "smoltcp:iface::socket_meta::poll_at_waiting_after_silent_until_returns_socket_poll_at",
            differs = "it is the neighbour that is silent, not the socket: after three requests nothing waits any more")
    @Origin(
            value = "smoltcp:iface::socket_meta::egress_permitted_consistent_with_poll_at",
            differs = "it is the neighbour that is silent, not the socket: the same socket sends to others meanwhile")
    void shouldBeSilentUntilTheNeighborMayBeAskedAgain() {
        try (StackRig rig = rig()) {
            rig.net.addNeighbor(IpAddress.parse("192.0.2.3"), MAC);
            final UdpSocket<IpAddress> socket = rig.stack.bind(new Endpoint<>(IpAddress.parse(US4), 0));
            assertEquals(Long.MAX_VALUE, rig.stack.pollAt(rig.clock.now()), "nobody waits");
            for (int requests = 1; requests <= 3; requests++) {
                if (requests == 1) {
                    socket.send(new Endpoint<>(IpAddress.parse(PEER4), 9), Frames.ofBytes(new byte[4]), 0, 4);
                }
                assertEquals(0x0806, Bytes.u16(rig.sentOne(), 12), "request " + requests);
                final long silentUntil = rig.clock.now() + 1_000_000;
                assertEquals(silentUntil, rig.stack.pollAt(rig.clock.now()));
                rig.advance(500_000);
                assertEquals(silentUntil, rig.stack.pollAt(rig.clock.now()));
                assertTrue(rig.sent().isEmpty(), "before its time");
                socket.send(new Endpoint<>(IpAddress.parse("192.0.2.3"), 9), Frames.ofBytes(new byte[4]), 0, 4);
                assertEquals(0x0800, Bytes.u16(rig.sentOne(), 12), "elsewhere");
                rig.advance(500_000);
            }
            assertTrue(rig.sent().isEmpty(), "given up");
            assertEquals(Long.MAX_VALUE, rig.stack.pollAt(rig.clock.now()));
        }
    }

    @Test
    @Origin("RFC 4861 7.3.1")
    void shouldNotAskForANeighborWhileAConnectionThroughItAdvances() {
        try (TwoStacks stacks = new TwoStacks(pools, WireConditions.PERFECT)) {
            final MemorySegment data = Frames.ofBytes(new byte[] {42});
            stacks.b.listen(new Endpoint<>(IpAddress.parse(TwoStacks.B4), 7), 1, new TcpHandler() {
                @Override
                public void onReadable(final TcpSocket<?> socket) {
                    socket.consume(socket.readSpan());
                }
            });
            final TcpSocket<IpAddress> socket =
                    stacks.a.connect(new Endpoint<>(IpAddress.parse(TwoStacks.B4), 7), new TcpHandler() {});
            stacks.runFor(1_000_000);
            final long asked = stacks.a.counters().get(StackCounter.NEIGHBOR_REQUESTS_SENT);
            for (int i = 0; i < 150; i++) {
                assertEquals(1, socket.send(data, 0, 1));
                stacks.runFor(2_000_000);
            }
            assertEquals(asked, stacks.a.counters().get(StackCounter.NEIGHBOR_REQUESTS_SENT));
        }
    }

    /** The last acknowledgment of a handshake shows a server that what it sent arrives, though it only receives then. */
    @Test
    @Origin("RFC 4861 7.3.1")
    void shouldNotAskForANeighborThatOpensConnections() {
        try (TwoStacks stacks = new TwoStacks(pools, WireConditions.PERFECT)) {
            final Endpoint<IpAddress> server = new Endpoint<>(IpAddress.parse(TwoStacks.B4), 7);
            stacks.b.listen(server, 1, new TcpHandler() {});
            connectAndAbort(stacks, server);
            final long askedA = stacks.a.counters().get(StackCounter.NEIGHBOR_REQUESTS_SENT);
            final long askedB = stacks.b.counters().get(StackCounter.NEIGHBOR_REQUESTS_SENT);
            for (int i = 0; i < 150; i++) {
                connectAndAbort(stacks, server);
            }
            assertEquals(askedA, stacks.a.counters().get(StackCounter.NEIGHBOR_REQUESTS_SENT));
            assertEquals(askedB, stacks.b.counters().get(StackCounter.NEIGHBOR_REQUESTS_SENT));
        }
    }

    private static void connectAndAbort(final TwoStacks stacks, final Endpoint<IpAddress> server) {
        final TcpSocket<IpAddress> socket = stacks.a.connect(server, new TcpHandler() {});
        stacks.runFor(1_000_000);
        socket.abort();
        stacks.runFor(1_000_000);
    }

    @Test
    void shouldReceiveFramesToAGroupAsLongAsOneOfItsMembersIsThere() {
        try (StackRig rig = rig()) {
            final List<String> received = new ArrayList<>();
            rig.stack.bind(new Endpoint<>(IpAddress.parse("0.0.0.0"), 9), (socket, datagram) -> received.add("one"));
            final IpAddress one = IpAddress.parse("224.1.2.3");
            final IpAddress other = IpAddress.parse("225.129.2.3"); // the same MAC address
            final byte[] toOne = datagram("224.1.2.3");
            rig.assertDropped(StackCounter.RX_OTHER_STATION, toOne);
            rig.net.join(one);
            rig.net.join(one);
            rig.receive(toOne);
            rig.net.leave(one);
            rig.receive(toOne);
            assertEquals(2, received.size());
            rig.net.join(other);
            rig.net.leave(one);
            rig.assertDropped(StackCounter.IPV4_NOT_OURS, toOne);
            rig.net.leave(other);
            rig.assertDropped(StackCounter.RX_OTHER_STATION, toOne);
            assertThrows(IllegalArgumentException.class, () -> rig.net.leave(one));
            assertThrows(IllegalArgumentException.class, () -> rig.net.leave(IpAddress.parse("224.0.0.1")));
            assertThrows(IllegalArgumentException.class, () -> rig.net.join(IpAddress.parse(PEER4)));
        }
    }

    @Test
    void shouldTellOfGroupsOnceHoweverManyJoin() {
        try (StackRig rig = rig()) {
            final List<String> told = new ArrayList<>();
            final IpAddress group = IpAddress.parse("ff05::1:3");
            rig.net.join(group);
            rig.net.onGroupChange(new GroupListener() {
                @Override
                public void onJoin(final IpAddress joined) {
                    told.add("+" + joined);
                }

                @Override
                public void onLeave(final IpAddress left) {
                    told.add("-" + left);
                }
            });
            assertTrue(told.containsAll(List.of("+224.0.0.1", "+ff02::1", "+ff02::1:ff00:1", "+ff05::1:3")));
            told.clear();
            rig.net.join(group);
            rig.net.leave(group);
            assertEquals(List.of(), told);
            rig.net.leave(group);
            assertEquals(List.of("-ff05::1:3"), told);
        }
    }

    private StackRig rig() {
        return new StackRig(pools, US4 + "/24", US6 + "/64");
    }

    private static byte[] datagram(final String group) {
        final byte[] udp = Bytes.udp(PEER4, 9, group, 9, new byte[4]);
        return Bytes.ethernet("01:00:5e:01:02:03", "02:00:00:00:00:02", 0x0800, Bytes.ipv4(PEER4, group, 17, udp));
    }

    private static void send(final StackRig rig, final String peer) {
        final IpAddress to = IpAddress.parse(peer);
        try (var socket = rig.stack.bind(new Endpoint<>(IpAddress.of(to.family(), 0, 0), 4000))) {
            socket.send(new Endpoint<>(to, 4000), Frames.ofBytes(new byte[] {42}), 0, 1);
        }
    }
}

package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.udp.UdpConfig;
import io.millrace.stack.socket.udp.UdpDatagram;
import io.millrace.stack.socket.udp.UdpHandler;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which UDP socket gets what: connected, shared, members of groups, and the errors. */
class UdpDemuxTest {
    private static final String US = "192.0.2.1";
    private static final String PEER = "192.0.2.2";
    private static final String GROUP = "239.1.2.3";
    private static final byte[] DATA = {'a', 'b', 'c'};
    private static final MemorySegment PAYLOAD = Frames.ofBytes(DATA);
    private static final Endpoint<Ipv4Address> REMOTE = new Endpoint<>(Ipv4Address.parse(PEER), 25);
    private static final Endpoint<Ipv4Address> ANY = new Endpoint<>(Ipv4Address.UNSPECIFIED, 53);
    private static final UdpConfig SHARED = UdpConfig.defaults().withShared(true);

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final List<String> told = new ArrayList<>();

    @Test
    void shouldReceiveFromItsPeerOnlyWhenConnected() {
        try (StackRig rig = rig()) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(ANY, tell("peer"));
            assertNull(socket.remote());
            socket.connect(REMOTE);
            assertEquals(REMOTE, socket.remote());
            rig.receive(datagram(PEER, 25, US, 53));
            rig.assertDropped(StackCounter.UDP_NO_PORT, datagram(PEER, 26, US, 53));
            rig.assertDropped(StackCounter.UDP_NO_PORT, datagram("192.0.2.3", 25, US, 53));
            rig.sent();
            assertEquals(IpOutput.SENT, socket.send(PAYLOAD, 0, 3));
            final byte[] sent = rig.sentOne();
            assertEquals(25, Bytes.u16(sent, 22));
            socket.disconnect();
            assertThrows(IllegalStateException.class, () -> socket.send(PAYLOAD, 0, 3));
            rig.receive(datagram("192.0.2.3", 25, US, 53));
            assertEquals(List.of("peer", "peer"), told);
        }
    }

    @Test
    void shouldConnectOnceMoreWhereItIs() {
        try (StackRig rig = rig()) {
            final UdpSocket<Ipv4Address> bound = rig.stack.bind(ANY, tell("bound"));
            bound.connect(REMOTE);
            bound.connect(REMOTE);
            rig.receive(datagram(PEER, 25, US, 53));
            final UdpSocket<Ipv4Address> opened = rig.stack.connectUdp(REMOTE, UdpConfig.defaults(), tell("opened"));
            opened.connect(REMOTE);
            rig.receive(datagram(PEER, 25, US, opened.local().port()));
            assertEquals(List.of("bound", "opened"), told);
        }
    }

    @Test
    void shouldPreferTheMostSpecificSocket() {
        try (StackRig rig = rig()) {
            rig.stack.bind(ANY, SHARED, tell("any"));
            rig.stack.bind(new Endpoint<>(Ipv4Address.parse(US), 53), SHARED, tell("address"));
            final UdpSocket<Ipv4Address> connected =
                    rig.stack.bind(new Endpoint<>(Ipv4Address.parse(US), 53), SHARED, tell("connected"));
            connected.connect(REMOTE);
            rig.receive(datagram(PEER, 25, US, 53));
            for (int port = 1000; port < 1010; port++) {
                rig.receive(datagram(PEER, port, US, 53));
            }
            rig.receive(datagram(PEER, 25, "192.0.2.9", 53));
            assertEquals("connected", told.getFirst());
            assertEquals(Set.of("address"), new HashSet<>(told.subList(1, 11)));
            assertEquals("any", told.getLast());
            final UdpSocket<Ipv4Address> same = rig.stack.bind(new Endpoint<>(Ipv4Address.parse(US), 53), SHARED, null);
            final AddressInUseException e = assertThrows(AddressInUseException.class, () -> same.connect(REMOTE));
            assertEquals("another UDP socket at port 53 is connected to 192.0.2.2:25", e.getMessage());
            connected.close();
            same.connect(REMOTE);
            assertThrows(IllegalStateException.class, () -> connected.connect(REMOTE));
            assertThrows(IllegalArgumentException.class, () -> same.connect(new Endpoint<>(REMOTE.address(), 0)));
        }
    }

    @Test
    void shouldFindEachOfManySocketsWhoeverClosed() {
        final int[] ports =
                new SplittableRandom(7).ints(1, 0x1_0000).distinct().limit(1000).toArray();
        try (StackRig rig = rig()) {
            final List<UdpSocket<Ipv4Address>> sockets = new ArrayList<>();
            for (final int port : ports) {
                sockets.add(rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, port), tell("port " + port)));
            }
            for (int i = 0; i < ports.length; i++) {
                rig.receive(datagram(PEER, 25, US, ports[i]));
                assertEquals("port " + ports[i], told.removeLast());
                if (i % 3 == 0) {
                    sockets.get(i).close();
                }
            }
            for (int i = 0; i < ports.length; i++) {
                rig.receive(datagram(PEER, 25, US, ports[i]));
                assertEquals(i % 3 == 0 ? List.of() : List.of("port " + ports[i]), told);
                told.clear();
            }
        }
    }

    @Test
    void shouldShareAPlaceAmongThoseWhoWantItOnly() {
        try (StackRig rig = rig()) {
            final List<UdpSocket<Ipv4Address>> sockets = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                sockets.add(rig.stack.bind(ANY, SHARED, tell("socket " + i)));
            }
            assertThrows(AddressInUseException.class, () -> rig.stack.bind(ANY));
            for (int port = 1; port <= 400; port++) {
                rig.receive(datagram(PEER, port, US, 53));
            }
            final List<String> first = List.copyOf(told);
            for (int i = 0; i < 4; i++) {
                final int share = Collections.frequency(first, "socket " + i);
                assertTrue(share > 60 && share < 140, () -> "shares " + first);
            }
            told.clear();
            for (int port = 1; port <= 400; port++) {
                rig.receive(datagram(PEER, port, US, 53));
            }
            assertEquals(first, told, "one peer stays with one socket");
            sockets.forEach(UdpSocket::close);
            rig.stack.bind(ANY);
            assertThrows(AddressInUseException.class, () -> rig.stack.bind(ANY, SHARED, null));
        }
    }

    @Test
    @Origin("RFC 6056 3.3.3")
    void shouldConnectFromPortsThatNobodyUsesTowardsThePeer() {
        try (StackRig rig = rig()) {
            final Set<Integer> ports = new HashSet<>();
            for (int i = 0; i < 16_384; i++) {
                final UdpSocket<Ipv4Address> socket = rig.stack.connectUdp(REMOTE, UdpConfig.defaults(), null);
                assertEquals(IpAddress.parse(US), socket.local().address());
                assertTrue(ports.add(socket.local().port()));
            }
            assertThrows(AddressInUseException.class, () -> rig.stack.connectUdp(REMOTE, UdpConfig.defaults(), null));
            // Another peer is another matter.
            final Endpoint<Ipv4Address> other = new Endpoint<>(Ipv4Address.parse("192.0.2.3"), 25);
            final UdpSocket<Ipv4Address> socket = rig.stack.connectUdp(other, UdpConfig.defaults(), null);
            rig.receive(datagram("192.0.2.3", 25, US, socket.local().port()));
            assertEquals(1, socket.readable());
        }
    }

    @Test
    @Origin("smoltcp:iface::interface::test_handle_udp_broadcast")
    @Origin("smoltcp:iface::interface::tests::ipv4::test_handle_ipv4_broadcast")
    void shouldGiveBroadcastsToEachSocket() {
        try (StackRig rig = rig()) {
            final List<UdpSocket<Ipv4Address>> sockets = List.of(
                    rig.stack.bind(ANY, SHARED, null),
                    rig.stack.bind(ANY, SHARED, null),
                    rig.stack.bind(new Endpoint<>(Ipv4Address.BROADCAST, 53), SHARED, null));
            rig.stack.bind(new Endpoint<>(Ipv4Address.parse(US), 53), tell("not an address alone"));
            rig.receive(datagram(PEER, 67, "255.255.255.255", 53));
            rig.receive(datagram(PEER, 67, "192.0.2.255", 53));
            assertEquals(2, sockets.get(0).readable());
            assertEquals(2, sockets.get(1).readable());
            assertEquals(1, sockets.get(2).readable());
            final UdpDatagram one = sockets.get(0).receive();
            final UdpDatagram two = sockets.get(1).receive();
            assertNotNull(one);
            assertNotNull(two);
            assertNotEquals(one.offset(), two.offset(), "each has its own");
            assertEquals("616263", Frames.hex(one.memory(), one.offset(), 3));
            assertEquals("616263", Frames.hex(two.memory(), two.offset(), 3));
            assertEquals(Ipv4Address.BROADCAST, one.destination());
            assertEquals(IpOutput.SENT, one.reply(2));
            assertEquals("616263", Frames.hex(two.memory(), two.offset(), 3));
            assertEquals(List.of(), told);
        }
    }

    @Test
    void shouldGiveGroupsToMembersOnly() {
        try (StackRig rig = rig()) {
            final Ipv4Address group = Ipv4Address.parse(GROUP);
            rig.assertDropped(StackCounter.IPV4_NOT_OURS, datagram(PEER, 67, GROUP, 53));
            final UdpSocket<Ipv4Address> member = rig.stack.bind(ANY, SHARED, tell("member"));
            assertTrue(member.join(group, 0));
            assertFalse(member.join(group, 0));
            final UdpSocket<Ipv4Address> other = rig.stack.bind(ANY, SHARED, tell("other"));
            other.join(Ipv4Address.parse("239.9.9.9"), 0);
            rig.stack.bind(ANY, SHARED, tell("promiscuous"));
            rig.stack.bind(new Endpoint<>(group, 53), SHARED, tell("bound"));
            rig.receive(datagram(PEER, 67, GROUP, 53));
            assertEquals(Set.of("member", "promiscuous", "bound"), new HashSet<>(told));
            assertEquals(3, told.size());
            told.clear();
            assertTrue(member.leave(group, 0));
            assertFalse(member.leave(group, 0));
            rig.assertDropped(StackCounter.IPV4_NOT_OURS, datagram(PEER, 67, GROUP, 53));
            assertThrows(IllegalArgumentException.class, () -> member.join(group, 1));
            assertThrows(IllegalArgumentException.class, () -> member.join(Ipv4Address.parse(PEER), 0));
            member.join(group, 0);
            member.close();
            rig.assertDropped(StackCounter.IPV4_NOT_OURS, datagram(PEER, 67, GROUP, 53));
        }
    }

    @Test
    void shouldGoOnWithAGroupWhenAHandlerClosesOthers() {
        try (StackRig rig = rig()) {
            final List<UdpSocket<Ipv4Address>> sockets = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                sockets.add(rig.stack.bind(ANY, SHARED, (socket, datagram) -> {
                    told.add("first");
                    sockets.forEach(UdpSocket::close);
                }));
            }
            rig.receive(datagram(PEER, 67, "192.0.2.255", 53));
            assertEquals(List.of("first"), told);
        }
    }

    @Test
    void shouldLoopWhatIsSentToAGroupBackToMembers() {
        try (StackRig rig = rig()) {
            final Ipv4Address group = Ipv4Address.parse(GROUP);
            final UdpSocket<Ipv4Address> sender = rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 0));
            final Endpoint<Ipv4Address> to = new Endpoint<>(group, 53);
            sender.settings().interfaceIndex(0);
            sender.send(to, PAYLOAD, 0, 3);
            assertEquals(1, rig.sentOne()[8], "a group stays on the link");
            final UdpSocket<Ipv4Address> member = rig.stack.bind(ANY);
            member.join(group, 0);
            assertEquals(IpOutput.SENT, sender.send(to, PAYLOAD, 0, 3));
            assertEquals(1, rig.sent().size());
            final UdpDatagram received = member.receive();
            assertNotNull(received);
            assertEquals(IpAddress.parse(US), received.source().address());
            assertEquals(0, received.interfaceIndex());
            sender.settings().multicastLoop(false).multicastHopLimit(5);
            sender.send(to, PAYLOAD, 0, 3);
            assertEquals(5, rig.sentOne()[8]);
            assertEquals(0, member.readable());
            sender.settings().multicastLoop(true).multicastHopLimit(0);
            assertEquals(IpOutput.SENT, sender.send(to, PAYLOAD, 0, 3));
            assertTrue(rig.sent().isEmpty());
            assertEquals(1, member.readable());
        }
    }

    @Test
    @Origin("RFC 1122 3.3.6")
    void shouldBroadcastWhenPermittedOnly() {
        try (StackRig rig = rig()) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(ANY);
            for (final String all : new String[] {"255.255.255.255", "192.0.2.255"}) {
                final Endpoint<Ipv4Address> to = new Endpoint<>(Ipv4Address.parse(all), 53);
                socket.settings().broadcast(false);
                assertEquals(IpOutput.NOT_PERMITTED, socket.send(to, PAYLOAD, 0, 3));
                socket.settings().broadcast(true).interfaceIndex(0);
                assertEquals(IpOutput.SENT, socket.send(to, PAYLOAD, 0, 3));
                assertEquals(1, rig.sent().size());
            }
            assertEquals(2, rig.count(StackCounter.TX_NOT_PERMITTED));
        }
    }

    @Test
    @Origin("RFC 1122 4.1.3.3")
    void shouldTellASocketOfErrorsAboutWhatItSent() {
        try (StackRig rig = rig()) {
            final UdpSocket<Ipv4Address> connected = rig.stack.bind(ANY, new Errors("connected"));
            connected.connect(REMOTE);
            rig.receive(error(3, 3, 53, PEER, 25));
            rig.assertDropped(StackCounter.ICMP_ERROR_NO_SOCKET, error(3, 3, 53, PEER, 26));
            rig.assertDropped(StackCounter.ICMP_ERROR_NO_SOCKET, error(3, 3, 53, "192.0.2.3", 25));
            final IcmpErrorRepr last = connected.takeError();
            assertNotNull(last);
            assertEquals(IcmpErrorRepr.PORT_UNREACHABLE, last.kind);
            assertNull(connected.takeError());
            assertEquals(List.of("connected 4 25"), told);
            assertEquals(1, rig.count(StackCounter.UDP_ICMP_ERRORS));
        }
    }

    @Test
    void shouldTellAnUnconnectedSocketOfErrorsWhenItWantsThem() {
        try (StackRig rig = rig()) {
            final UdpConfig wanting = UdpConfig.defaults().withErrors(true);
            final UdpSocket<Ipv4Address> wants =
                    rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 54), wanting, new Errors("wants"));
            final UdpSocket<Ipv4Address> deaf = rig.stack.bind(ANY, new Errors("deaf"));
            final long drops = rig.stack.counters().drops();
            rig.receive(error(11, 0, 54, PEER, 25));
            rig.receive(error(11, 0, 53, PEER, 25));
            assertEquals(drops, rig.stack.counters().drops());
            assertEquals(List.of("wants 7 25"), told);
            assertNotNull(wants.takeError());
            assertNull(deaf.takeError());
        }
    }

    @Test
    void shouldTellWhenAndHowADatagramCame() {
        try (StackRig rig = rig()) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(ANY);
            rig.clock.advance(77);
            final byte[] packet = datagram(PEER, 25, US, 53);
            packet[1] = (byte) 0xBB;
            rig.receive(Bytes.sealIpv4(packet));
            final UdpDatagram datagram = socket.receive();
            assertNotNull(datagram);
            assertEquals(rig.clock.now(), datagram.timestamp());
            assertEquals(0xBB, datagram.trafficClass());
            assertEquals(3, datagram.ecn());
            assertEquals(64, datagram.hopLimit());
            assertEquals(0, datagram.interfaceIndex());
            assertEquals(IpAddress.parse(US), datagram.destination());
        }
    }

    @Test
    void shouldRefuseMoreThanTheQueueMayHold() {
        try (StackRig rig = rig()) {
            final UdpSocket<Ipv4Address> socket =
                    rig.stack.bind(ANY, UdpConfig.defaults().withQueue(3, 7), null);
            rig.receive(datagram(PEER, 1, US, 53));
            rig.receive(datagram(PEER, 2, US, 53));
            rig.assertDropped(StackCounter.UDP_QUEUE_FULL, datagram(PEER, 3, US, 53));
            socket.queueLimits(3, 100);
            rig.receive(datagram(PEER, 4, US, 53));
            rig.assertDropped(StackCounter.UDP_QUEUE_FULL, datagram(PEER, 5, US, 53));
            assertEquals(List.of(1, 2, 4), drain(socket));
            assertThrows(
                    IllegalArgumentException.class, () -> UdpConfig.defaults().withQueue(-1, 7));
            assertThrows(
                    IllegalArgumentException.class, () -> UdpConfig.defaults().withQueue(1, 0));
        }
    }

    @Test
    void shouldKeepOneSpareQuarterOfThePoolWhateverWaits() {
        try (StackRig rig = rig()) {
            for (int i = 0; i < 8; i++) {
                rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 100 + i));
            }
            for (int i = 0; i < 8 * 64; i++) {
                rig.receive(datagram(PEER, 25, US, 100 + i % 8));
            }
            assertEquals(8 * 64 - 1024 / 4, rig.count(StackCounter.UDP_QUEUE_FULL));
        }
    }

    private static List<Integer> drain(final UdpSocket<?> socket) {
        final List<Integer> ports = new ArrayList<>();
        for (UdpDatagram datagram = socket.receive(); datagram != null; datagram = socket.receive()) {
            ports.add(datagram.sourcePort());
        }
        return ports;
    }

    private UdpHandler tell(final String name) {
        return (socket, datagram) -> told.add(name);
    }

    private StackRig rig() {
        return new StackRig(pools, Medium.IP, StackConfig.defaults(), InterfaceConfig.of(US + "/24", "192.0.2.9/24"));
    }

    private static byte[] datagram(final String from, final int fromPort, final String to, final int port) {
        return Bytes.ipv4(from, to, 17, Bytes.udp(from, fromPort, to, port, DATA));
    }

    /** An error of a router about a datagram of ours, of which it quotes 8 bytes. */
    private static byte[] error(final int type, final int code, final int from, final String to, final int port) {
        final byte[] quote = Bytes.ipv4(US, to, 17, Bytes.udp(US, from, to, port, DATA));
        return Bytes.ipv4("192.0.2.254", US, 1, Bytes.icmpv4(type, code, 0, Arrays.copyOf(quote, 28)));
    }

    private final class Errors implements UdpHandler {
        private final String name;

        Errors(final String name) {
            this.name = name;
        }

        @Override
        public void onDatagram(final UdpSocket<?> socket, final UdpDatagram datagram) {
            told.add(name + " got a datagram");
        }

        @Override
        public void onError(final UdpSocket<?> socket, final IcmpErrorRepr error) {
            told.add(name + " " + error.kind + " " + error.dstPort);
        }
    }
}

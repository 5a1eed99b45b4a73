package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.flow.FlowKey;
import io.millrace.dataplane.port.Medium;
import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.UdpEncapsulation;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.PoolWatch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** TCP within UDP, packet by packet. */
class TcpWithinUdpTest {
    private static final String US = "192.0.2.1";
    private static final String PEER = "192.0.2.2";
    private static final String ROUTER = "192.0.2.254";
    private static final Endpoint<Ipv4Address> SERVER = new Endpoint<>(Ipv4Address.of(192, 0, 2, 1), 80);
    private static final int UDP_PORT = 9899;
    private static final int PLAIN = 0;
    private static final int IP = 20;
    private static final int UDP = 8;
    private static final int SYN = 2;
    private static final int RST = 4;
    private static final int ACK = 16;
    private static final int FIN = 1;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final List<CloseReason> ends = new ArrayList<>();
    private final TcpHandler handler = new TcpHandler() {
        @Override
        public void onClosed(final TcpSocket<?> socket, final CloseReason reason) {
            ends.add(reason);
        }
    };

    private StackRig rig() {
        return rig(UDP_PORT);
    }

    private StackRig rig(final int port) {
        final TcpConfig tcp = TcpConfig.builder()
                .udpEncapsulation(new UdpEncapsulation(port, 16))
                .build();
        return new StackRig(pools, Medium.IP, StackConfig.defaults().withTcp(tcp), InterfaceConfig.of(US + "/24"));
    }

    // ---- packets -------------------------------------------------------------------------------------------------

    /** A segment, its checksum made for addresses that a translator has changed since if {@code translated}. */
    private static byte[] segment(
            final int from, final int to, final int flags, final int seq, final int ack, final boolean translated) {
        final byte[] segment = new byte[20];
        ByteBuffer.wrap(segment)
                .putShort((short) from)
                .putShort((short) to)
                .putInt(seq)
                .putInt(ack)
                .putShort((short) (5 << 12 | flags))
                .putShort((short) 60_000);
        Bytes.put16(segment, 16, Bytes.transportChecksum(translated ? "10.0.0.7" : PEER, US, 6, segment));
        return segment;
    }

    /** A packet to us with a segment, from a UDP port of the peer's or plain. */
    private static byte[] packet(final int udpPort, final byte[] segment) {
        return udpPort == PLAIN
                ? Bytes.ipv4(PEER, US, 6, segment)
                : Bytes.ipv4(PEER, US, 17, Bytes.udp(PEER, udpPort, US, UDP_PORT, segment));
    }

    private static byte[] toServer(final int udpPort, final int flags, final int seq, final int ack) {
        return packet(udpPort, segment(5000, 80, flags, seq, ack, false));
    }

    /** Checks what is around a segment that was sent; returns where that begins. */
    private static int within(final int udpPort, final byte[] packet) {
        if (udpPort == PLAIN) {
            assertEquals(6, packet[9]);
            return IP;
        }
        assertEquals(17, packet[9]);
        assertEquals(UDP_PORT, Bytes.u16(packet, IP));
        assertEquals(udpPort, Bytes.u16(packet, IP + 2));
        assertEquals(packet.length - IP, Bytes.u16(packet, IP + 4));
        final byte[] datagram = Bytes.from(packet, IP);
        assertEquals(0, Bytes.transportChecksum(US, PEER, 17, datagram), "UDP checksum");
        assertEquals(0, Bytes.transportChecksum(US, PEER, 6, Bytes.from(datagram, UDP)), "TCP checksum");
        return IP + UDP;
    }

    private static int flags(final byte[] packet, final int tcp) {
        return packet[tcp + 13];
    }

    private static int number(final byte[] packet, final int at) {
        return ByteBuffer.wrap(packet).getInt(at);
    }

    /** The peer opens a connection; returns our initial sequence number. */
    private static int open(final StackRig rig, final int udpPort) {
        rig.receive(toServer(udpPort, SYN, 99, 0));
        final byte[] answer = rig.sentOne();
        final int tcp = within(udpPort, answer);
        assertEquals(SYN | ACK, flags(answer, tcp));
        return number(answer, tcp + 4);
    }

    // ---- tests ---------------------------------------------------------------------------------------------------

    @Test
    void shouldAnswerToTheUdpPortThatTheSynCameFrom() {
        try (StackRig rig = rig()) {
            final TcpListener<Ipv4Address> listener = rig.stack.listen(SERVER, 4, null);
            final int iss = open(rig, 4711);
            rig.receive(toServer(4711, ACK, 100, iss + 1));
            final TcpSocket<?> socket = Objects.requireNonNull(listener.accept(handler));
            assertEquals(4711, socket.info(new TcpInfo()).remoteUdpPort);
            assertEquals(1444, socket.info(new TcpInfo()).announcedMss);
            assertEquals(4711, socket.options().opening().remoteUdpPort());
            assertThrows(
                    IllegalStateException.class,
                    () -> socket.options().opening().remoteUdpPort(1));
            assertThrows(
                    IllegalStateException.class,
                    () -> listener.options().opening().remoteUdpPort(1));
        }
    }

    @Test
    void shouldRefuseWhatComesOtherwiseThanItsConnection() {
        try (StackRig rig = rig()) {
            final TcpListener<Ipv4Address> listener = rig.stack.listen(SERVER, 4, null);
            final int iss = open(rig, 4711);
            refuse(rig, PLAIN, ACK, 100, iss + 1); // half-open as yet
            refuse(rig, 4712, ACK, 100, iss + 1);
            rig.receive(toServer(4711, ACK, 100, iss + 1));
            assertTrue(rig.sent().isEmpty());
            refuse(rig, PLAIN, ACK, 100, iss + 1);
            refuse(rig, 4712, FIN | ACK, 100, iss + 1);
            rig.assertDropped(StackCounter.TCP_OTHER_ENCAPSULATION, toServer(4712, RST, 100, 0));
            rig.assertDropped(StackCounter.TCP_OTHER_ENCAPSULATION, toServer(PLAIN, RST, 100, 0));
            assertTrue(rig.sent().isEmpty());
            listener.accept(handler);
            assertEquals(List.of(), ends);
            rig.receive(toServer(4711, RST, 100, 0));
            assertEquals(List.of(CloseReason.RESET), ends);
        }
    }

    /** A segment is dropped, and answered by a reset, in the way that it came. */
    private static void refuse(final StackRig rig, final int udpPort, final int flags, final int seq, final int ack) {
        rig.assertDropped(StackCounter.TCP_OTHER_ENCAPSULATION, toServer(udpPort, flags, seq, ack));
        final byte[] answer = rig.sentOne();
        final int tcp = within(udpPort, answer);
        assertEquals(RST, flags(answer, tcp));
        assertEquals(ack, number(answer, tcp + 4));
    }

    @Test
    void shouldRefusePlainConnectionsWhatComesWithinUdp() {
        try (StackRig rig = rig()) {
            rig.stack.listen(SERVER, 4, handler);
            final int iss = open(rig, PLAIN);
            rig.receive(toServer(PLAIN, ACK, 100, iss + 1));
            refuse(rig, 4711, FIN | ACK, 100, iss + 1);
            rig.receive(toServer(PLAIN, RST, 100, 0));
            assertEquals(List.of(CloseReason.RESET), ends);
        }
    }

    @Test
    void shouldResetWithinUdpWhatIsForNobody() {
        try (StackRig rig = rig()) {
            rig.assertDropped(StackCounter.TCP_NO_LISTENER, toServer(4711, SYN, 99, 0));
            final byte[] answer = rig.sentOne();
            assertEquals(RST | ACK, flags(answer, within(4711, answer)));
        }
    }

    @Test
    void shouldAnswerFromTimeWaitWithinUdpAndBeginAnewFromAnotherPort() {
        try (StackRig rig = rig()) {
            final TcpListener<Ipv4Address> listener = rig.stack.listen(SERVER, 4, null);
            final int iss = open(rig, 4711);
            rig.receive(toServer(4711, ACK, 100, iss + 1));
            Objects.requireNonNull(listener.accept(handler)).close();
            rig.sent();
            rig.receive(toServer(4711, FIN | ACK, 100, iss + 2));
            assertEquals(ACK, flags(rig.sentOne(), IP + UDP));
            assertEquals(1, rig.stack.tcp().timeWaits());
            refuse(rig, 4712, FIN | ACK, 100, iss + 2);
            rig.receive(toServer(4711, FIN | ACK, 100, iss + 2));
            final byte[] again = rig.sentOne();
            assertEquals(ACK, flags(again, within(4711, again)));
            rig.assertDropped(StackCounter.TCP_OTHER_ENCAPSULATION, toServer(4712, SYN, 90, 0));
            assertEquals(RST | ACK, flags(rig.sentOne(), IP + UDP));
            rig.receive(toServer(4712, SYN, 1000, 0));
            final byte[] anew = rig.sentOne();
            assertEquals(SYN | ACK, flags(anew, within(4712, anew)));
        }
    }

    @Test
    void shouldTrustTheOuterChecksumForATranslatorMendsNoOther() {
        try (StackRig rig = rig()) {
            rig.stack.listen(SERVER, 4, handler);
            rig.receive(packet(4711, segment(5000, 80, SYN, 99, 0, true)));
            rig.sentOne();
            final byte[] none = toServer(4712, SYN, 99, 0);
            Bytes.put16(none, IP + UDP + 16, 0);
            Bytes.put16(none, IP + 6, 0);
            Bytes.put16(none, IP + 6, Bytes.transportChecksum(PEER, US, 17, Bytes.from(none, IP)));
            rig.assertDropped(StackCounter.TCP_OTHER_ENCAPSULATION, none); // known, so it got as far as that
            rig.sentOne();
        }
    }

    @Test
    void shouldCheckTheInnerChecksumWhereThereIsNoOther() {
        try (StackRig rig = rig()) {
            rig.stack.listen(SERVER, 4, handler);
            final byte[] bare = toServer(4711, SYN, 99, 0);
            Bytes.put16(bare, IP + 6, 0);
            rig.assertDropped(StackCounter.TCP_BAD_CHECKSUM, Bytes.with(bare, IP + UDP + 15, bare[IP + UDP + 15] + 1));
            rig.receive(bare);
            rig.sentOne();
            final byte[] spoiled = toServer(4711, SYN, 99, 0);
            rig.assertDropped(
                    StackCounter.UDP_BAD_CHECKSUM, Bytes.with(spoiled, IP + UDP + 15, spoiled[IP + UDP + 15] + 1));
        }
    }

    @Test
    void shouldDropWhatCanHaveNoAnswer() {
        try (StackRig rig = rig()) {
            rig.stack.listen(SERVER, 4, handler);
            final byte[] syn = segment(5000, 80, SYN, 99, 0, false);
            rig.assertDropped(
                    StackCounter.UDP_PORT_ZERO, Bytes.ipv4(PEER, US, 17, Bytes.udp(PEER, 0, US, UDP_PORT, syn)));
            final String all = "192.0.2.255";
            rig.assertDropped(
                    StackCounter.TCP_BAD_ADDRESS, Bytes.ipv4(PEER, all, 17, Bytes.udp(PEER, 4711, all, UDP_PORT, syn)));
            rig.assertDropped(
                    StackCounter.TCP_MALFORMED,
                    Bytes.ipv4(PEER, US, 17, Bytes.udp(PEER, 4711, US, UDP_PORT, new byte[19])));
            assertTrue(rig.sent().isEmpty());
        }
    }

    @Test
    void shouldKeepThePortFromUdpSockets() {
        try (StackRig rig = rig()) {
            final Endpoint<Ipv4Address> at = new Endpoint<>(Ipv4Address.UNSPECIFIED, UDP_PORT);
            assertThrows(AddressInUseException.class, () -> rig.stack.bind(at));
        }
        try (StackRig rig = rig(PLAIN)) {
            rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, UDP_PORT));
        }
    }

    @Test
    void shouldConnectWithinUdpOnlyWhereThatIsConfiguredAndBeforeTheSyn() {
        final Endpoint<?> peer = Endpoint.parse(PEER + ":7");
        try (StackRig rig = rig(PLAIN)) {
            final TcpSocket<?> socket = rig.stack.connect(peer, handler);
            assertThrows(
                    IllegalStateException.class,
                    () -> socket.options().opening().remoteUdpPort(1));
            socket.options().opening().remoteUdpPort(PLAIN);
        }
        try (StackRig rig = rig()) {
            final TcpSocket<?> socket = rig.stack.connect(peer, handler);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> socket.options().opening().remoteUdpPort(65_536));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> socket.options().opening().remoteUdpPort(-1));
            socket.options().opening().remoteUdpPort(1);
            assertFalse(socket.options().opening().hasBegun());
            within(1, rig.sentOne());
            assertTrue(socket.options().opening().hasBegun());
            assertThrows(
                    IllegalStateException.class,
                    () -> socket.options().opening().remoteUdpPort(2));
        }
        assertThrows(IllegalArgumentException.class, () -> new UdpEncapsulation(65_536, 8));
        assertThrows(IllegalArgumentException.class, () -> new UdpEncapsulation(1, 7));
        assertThrows(IllegalArgumentException.class, () -> new UdpEncapsulation(1, 1025));
    }

    @Test
    void shouldBelieveErrorsThatQuoteItsSegmentWithinUdp() {
        try (StackRig rig = rig()) {
            final TcpSocket<?> socket = rig.stack.connect(Endpoint.parse(PEER + ":7"), handler);
            socket.options().opening().remoteUdpPort(4711);
            final byte[] syn = rig.sentOne();
            within(4711, syn);
            final byte[] elsewhere = Bytes.with(syn, IP + 3, 1);
            rig.assertDropped(StackCounter.ICMP_ERROR_NO_SOCKET, unreachable(elsewhere));
            rig.assertDropped(StackCounter.ICMP_ERROR_NO_SOCKET, unreachable(Bytes.with(syn, IP + UDP + 7, 1)));
            // What RFC 792 promises ends with the UDP header, which any stranger can guess.
            rig.assertDropped(StackCounter.ICMP_ERROR_NO_SOCKET, unreachable(Arrays.copyOf(syn, IP + UDP)));
            rig.assertDropped(
                    StackCounter.ICMP_ERROR_NO_SOCKET, unreachable(Bytes.ipv4(US, PEER, 6, Bytes.from(syn, IP + UDP))));
            assertEquals(List.of(), ends);
            rig.receive(unreachable(syn));
            assertEquals(List.of(CloseReason.REFUSED), ends);
        }
    }

    private static byte[] unreachable(final byte[] quote) {
        return Bytes.ipv4(ROUTER, US, 1, Bytes.icmpv4(3, 3, 0, quote));
    }

    @Test
    void shouldTellShardsOfTheUdpEndsOfItsFlows() {
        try (StackRig rig = rig()) {
            final FlowHash hash = new FlowHash(1);
            final FlowKey key = new FlowKey();
            key.family = 4;
            key.protocol = 17;
            key.srcLo = IpAddress.parse(PEER).lo();
            key.dstLo = IpAddress.parse(US).lo();
            key.ports = 4711 << 16 | UDP_PORT;
            assertFalse(rig.stack.sharding().owns(key));
            final TcpSocket<?> socket = rig.stack.connect(Endpoint.parse(PEER + ":7"), handler);
            socket.options().opening().remoteUdpPort(4711);
            assertTrue(rig.stack.sharding().owns(key));
            assertTrue(rig.stack.sharding().buckets(hash).get(FlowHash.bucket(key.hash(hash))));
            key.ports = 4712 << 16 | UDP_PORT;
            assertFalse(rig.stack.sharding().owns(key));
            key.ports = 4711 << 16 | UDP_PORT;
            socket.abort();
            rig.sent();
            assertFalse(rig.stack.sharding().owns(key));
        }
    }

    @Test
    void shouldNotConnectWhereAnswersComeToAnotherShard() {
        try (StackRig rig = rig()) {
            rig.stack
                    .sharding()
                    .placement((localHi, localLo, remoteHi, remoteLo, ports) ->
                            ports >>> 16 != UDP_PORT || (ports & 0xFFFF) == 4711);
            final TcpSocket<?> socket = rig.stack.connect(Endpoint.parse(PEER + ":7"), handler);
            assertThrows(
                    IllegalStateException.class,
                    () -> socket.options().opening().remoteUdpPort(4712));
            socket.options().opening().remoteUdpPort(4711);
            within(4711, rig.sentOne());
        }
    }
}

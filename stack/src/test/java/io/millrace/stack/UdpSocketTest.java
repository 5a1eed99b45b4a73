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
import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.socket.icmp.PingSocket;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.udp.UdpConfig;
import io.millrace.stack.socket.udp.UdpDatagram;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** UDP and ping sockets as an application uses them. */
class UdpSocketTest {
    private static final String US = "192.0.2.1";
    private static final String PEER = "192.0.2.2";
    private static final Endpoint<Ipv4Address> REMOTE = new Endpoint<>(Ipv4Address.parse(PEER), 25);
    private static final byte[] ABCDEF = {'a', 'b', 'c', 'd', 'e', 'f'};
    private static final MemorySegment PAYLOAD = Frames.ofBytes(ABCDEF);

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @Test
    @Origin("smoltcp:socket::udp::test_send_dispatch")
    void shouldSendWhatItWasGiven() {
        try (StackRig rig = rig()) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.parse(US), 53));
            assertEquals(IpOutput.SENT, socket.send(REMOTE, PAYLOAD, 0, 6));
            assertEquals(hex(Bytes.udp(US, 53, PEER, 25, ABCDEF)), hex(Bytes.from(rig.sentOne(), 20)));
        }
    }

    @Test
    @Origin("smoltcp:socket::udp::test_send_unaddressable")
    void shouldNotSendToNobody() {
        try (StackRig rig = rig()) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 53));
            final Endpoint<Ipv4Address> nobody = new Endpoint<>(Ipv4Address.UNSPECIFIED, 25);
            assertEquals(IpOutput.NO_ROUTE, socket.send(nobody, PAYLOAD, 0, 6));
            assertEquals(IpOutput.NO_ROUTE, socket.send(new Endpoint<>(REMOTE.address(), 0), PAYLOAD, 0, 6));
            assertTrue(rig.sent().isEmpty());
        }
    }

    @Test
    @Origin("smoltcp:socket::udp::test_set_hop_limit")
    @Origin("smoltcp:socket::udp::test_set_hop_limit_zero")
    void shouldSendWithTheHopLimitThatWasSet() {
        try (StackRig rig = rig()) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 53));
            socket.settings().hopLimit(0x2A);
            socket.send(REMOTE, PAYLOAD, 0, 6);
            assertEquals(0x2A, rig.sentOne()[8]);
            assertThrows(IllegalArgumentException.class, () -> socket.settings().hopLimit(0));
            assertThrows(IllegalArgumentException.class, () -> socket.settings().hopLimit(256));
        }
    }

    @Test
    @Origin("smoltcp:socket::udp::test_send_large_packet")
    void shouldRefuseWhatFitsIntoNoBuffer() {
        try (StackRig rig = rig();
                Arena arena = Arena.ofConfined()) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 53));
            final MemorySegment large = arena.allocate(65_536);
            assertThrows(IllegalArgumentException.class, () -> socket.send(REMOTE, large, 0, 65_536));
        }
    }

    @Test
    @Origin("smoltcp:socket::udp::test_doesnt_accept_wrong_port")
    @Origin("smoltcp:socket::udp::test_doesnt_accept_wrong_ip")
    void shouldHandDatagramsToTheSocketThatFitsBest() {
        try (StackRig rig = new StackRig(
                pools, Medium.IP, StackConfig.defaults(), InterfaceConfig.of(US + "/24", "192.0.2.3/24"))) {
            final List<String> told = new ArrayList<>();
            rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 53), (s, d) -> told.add("any"));
            rig.stack.bind(new Endpoint<>(Ipv4Address.parse(US), 53), (s, d) -> told.add("one"));
            rig.stack.bind(new Endpoint<>(Ipv6Address.UNSPECIFIED, 53), (s, d) -> told.add("six"));
            rig.receive(datagram(US, 53));
            rig.receive(datagram("192.0.2.3", 53));
            rig.assertDropped(StackCounter.UDP_NO_PORT, datagram(US, 54));
            assertEquals(List.of("one", "any"), told);
        }
    }

    @Test
    @Origin("smoltcp:socket::udp::test_recv_process")
    @Origin("smoltcp:socket::udp::test_process_empty_payload")
    @Origin("smoltcp:socket::udp::test_recv_truncated_slice")
    void shouldGiveDatagramsInOrderAndCopyWhatFits() {
        try (StackRig rig = rig()) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 53));
            assertNull(socket.receive());
            rig.receive(datagram(US, 53));
            rig.receive(Bytes.ipv4(PEER, US, 17, Bytes.udp(PEER, 25, US, 53, new byte[0])));
            final UdpDatagram first = socket.receive();
            assertNotNull(first);
            final MemorySegment room = Frames.ofBytes(new byte[4]);
            assertEquals(4, first.copyTo(room, 0, 4));
            assertEquals("61626364", Frames.hex(room, 0, 4));
            assertEquals(REMOTE, first.source());
            final UdpDatagram second = socket.receive();
            assertNotNull(second);
            assertEquals(0, second.length());
            assertNull(socket.receive());
        }
    }

    @Test
    @Origin("smoltcp:socket::udp::test_peek_process")
    @Origin("smoltcp:socket::udp::test_peek_truncated_slice")
    void shouldLetADatagramThatIsPeekedAtWait() {
        try (StackRig rig = rig()) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 53));
            assertNull(socket.peek());
            rig.receive(datagram(US, 53));
            final MemorySegment room = Frames.ofBytes(new byte[4]);
            for (int i = 0; i < 2; i++) {
                final UdpDatagram peeked = socket.peek();
                assertNotNull(peeked);
                assertEquals(6, peeked.length());
                assertEquals(4, peeked.copyTo(room, 0, 4));
                assertEquals("61626364", Frames.hex(room, 0, 4));
                assertThrows(IllegalStateException.class, () -> peeked.reply(1));
                assertEquals(1, socket.readable());
            }
            assertNotNull(socket.receive());
            assertNull(socket.peek());
            assertNull(socket.receive());
        }
    }

    @Test
    @Origin("smoltcp:socket::udp::test_send_with_source")
    void shouldSendWithTheOptionsOfOnePacket() {
        try (StackRig rig = new StackRig(
                pools, Medium.IP, StackConfig.defaults(), InterfaceConfig.of(US + "/24", "192.0.2.3/24"))) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 53));
            final SendOptions options = new SendOptions();
            options.sourceLo = Ipv4Address.parse("192.0.2.3").lo();
            options.hopLimit = 7;
            options.trafficClass = 0xB8;
            final long to = REMOTE.address().lo();
            assertEquals(IpOutput.SENT, socket.send(0, to, 25, PAYLOAD, 0, 6, options));
            final byte[] sent = rig.sentOne();
            assertEquals(7, sent[8]);
            assertEquals(0xB8, sent[1] & 0xFF);
            assertEquals(hex(Bytes.udp("192.0.2.3", 53, PEER, 25, ABCDEF)), hex(Bytes.from(sent, 20)));
            assertEquals(IpOutput.SENT, socket.send(0, to, 25, PAYLOAD, 0, 6, options.clear()));
            assertEquals(64, rig.sentOne()[8]);
            options.sourceLo = Ipv4Address.parse("192.0.2.4").lo();
            assertEquals(IpOutput.NOT_PERMITTED, socket.send(0, to, 25, PAYLOAD, 0, 6, options));
            options.clear().trafficClass = 256;
            assertThrows(IllegalArgumentException.class, () -> socket.send(0, to, 25, PAYLOAD, 0, 6, options));
            final long handle = socket.allocate();
            assertThrows(IllegalArgumentException.class, () -> socket.send(handle, 0, to, 25, 1, options));
            final long another = socket.allocate();
            final int beyond = socket.payloadCapacity(another) + 1;
            assertThrows(IndexOutOfBoundsException.class, () -> socket.send(another, 0, to, 25, beyond));
        }
    }

    @Test
    @Origin("smoltcp:socket::udp::test_bind_twice")
    void shouldRefuseAnEndpointThatIsInUse() {
        try (StackRig rig = rig()) {
            final Endpoint<Ipv4Address> any = new Endpoint<>(Ipv4Address.UNSPECIFIED, 53);
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(any);
            final AddressInUseException e = assertThrows(AddressInUseException.class, () -> rig.stack.bind(any));
            assertEquals("UDP endpoint 0.0.0.0:53 is in use by another socket", e.getMessage());
            socket.close();
            socket.close();
            rig.stack.bind(any);
            assertEquals(IpOutput.NO_ROUTE, socket.send(REMOTE, PAYLOAD, 0, 6));
        }
    }

    @Test
    @Origin("smoltcp:socket::udp::test_bind_unaddressable")
    void shouldRefuseAnAddressThatIsNotOurs() {
        try (StackRig rig = rig()) {
            final Endpoint<Ipv4Address> foreign = new Endpoint<>(Ipv4Address.parse(PEER), 53);
            final IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> rig.stack.bind(foreign));
            assertEquals("cannot bind to 192.0.2.2:53: no interface has that address", e.getMessage());
            assertThrows(IllegalArgumentException.class, () -> rig.stack.listen(foreign, 1, new SilentHandler()));
        }
    }

    @Test
    @Origin("smoltcp:socket::udp::test_closing")
    void shouldReceiveNothingAfterClose() {
        try (StackRig rig = rig()) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 53));
            rig.receive(datagram(US, 53));
            socket.close();
            rig.assertDropped(StackCounter.UDP_NO_PORT, datagram(US, 53));
            assertEquals(0, socket.readable());
        }
    }

    @Test
    @Origin("RFC 6056 3.3.1")
    void shouldChooseDistinctRandomPorts() {
        try (StackRig rig = rig()) {
            final Set<Integer> ports = new HashSet<>();
            int steps = 0;
            int last = 0;
            for (int i = 0; i < 16_384; i++) {
                final int port = rig.stack
                        .bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 0))
                        .local()
                        .port();
                assertTrue(port >= 49_152);
                assertTrue(ports.add(port));
                steps += port == last + 1 ? 1 : 0;
                last = port;
            }
            assertTrue(steps < 1000, "ports follow one another");
            assertThrows(AddressInUseException.class, () -> rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 0)));
        }
    }

    @Test
    void shouldGoOnWhenAHandlerThrows() {
        try (StackRig rig = rig()) {
            final RuntimeException bug = new UnsupportedOperationException("a bug of the application");
            rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 53), (socket, datagram) -> {
                throw bug;
            });
            rig.receive(datagram(US, 53));
            rig.receive(datagram(US, 53));
            assertEquals(2, rig.count(StackCounter.HANDLER_FAILURES));
            assertEquals(List.of(bug, bug), rig.failures);
            rig.failures.clear();
        }
    }

    @Test
    void shouldKeepADatagramWhenWhoeverIsToldOfItThrows() {
        try (StackRig rig = rig()) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 53));
            final RuntimeException bug = new UnsupportedOperationException("a bug of the application");
            socket.onWaiting(() -> {
                throw bug;
            });
            rig.receive(datagram(US, 53));
            assertEquals(1, rig.count(StackCounter.HANDLER_FAILURES));
            assertEquals(0, rig.count(StackCounter.RX_FAILED));
            assertEquals(List.of(bug), rig.failures);
            rig.failures.clear();
            assertEquals(1, socket.readable());
            assertNotNull(socket.receive());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"239.1.2.3", "255.255.255.255", PEER})
    void shouldNotSendByAnInterfaceThatIsNotThere(final String to) {
        try (StackRig rig = rig()) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 53));
            final Ipv4Address address = (Ipv4Address) IpAddress.parse(to);
            socket.settings().interfaceIndex(7).broadcast(true);
            assertEquals(IpOutput.NO_ROUTE, socket.send(new Endpoint<>(address, 53), Frames.ofBytes(ABCDEF), 0, 6));
            assertEquals(0, socket.maxPayload(address));
        }
    }

    /** The bytes are the application's, and so is the mistake; the buffer is ours. */
    @Test
    void shouldKeepItsBuffersWhenThePayloadIsNotAllThere() {
        try (StackRig rig = rig()) {
            final Endpoint<Ipv4Address> to = new Endpoint<>((Ipv4Address) IpAddress.parse(PEER), 53);
            final UdpSocket<Ipv4Address> udp = rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 53));
            assertThrows(IndexOutOfBoundsException.class, () -> udp.send(to, PAYLOAD, 1, 6));
            final PingSocket<Ipv4Address> ping = rig.stack.ping(to.address(), (s, r) -> {});
            assertThrows(IndexOutOfBoundsException.class, () -> ping.send(1, PAYLOAD, 0, 3000));
            final var icmp = rig.stack.bindEcho(Ipv4Address.UNSPECIFIED, 1, null);
            assertThrows(IndexOutOfBoundsException.class, () -> icmp.send(to.address(), PAYLOAD, 0, 8));
            final MemorySegment packet = Frames.ofBytes(Bytes.ipv4(US, PEER, 253, ABCDEF));
            final var raw = rig.stack.openRaw(4, 253, null);
            assertThrows(IndexOutOfBoundsException.class, () -> raw.send(packet, 0, 27));
            assertTrue(rig.sent().isEmpty());
        }
    }

    @Test
    void shouldNotLeaveAGroupForOthersOnceClosed() {
        try (StackRig rig = rig()) {
            final Ipv4Address group = (Ipv4Address) IpAddress.parse("239.1.2.3");
            final UdpConfig shared = UdpConfig.defaults().withShared(true);
            final Endpoint<Ipv4Address> endpoint = new Endpoint<>(Ipv4Address.UNSPECIFIED, 53);
            final UdpSocket<Ipv4Address> first = rig.stack.bind(endpoint, shared, null);
            final UdpSocket<Ipv4Address> second = rig.stack.bind(endpoint, shared, null);
            assertTrue(first.join(group, 0));
            assertTrue(second.join(group, 0));
            first.close();
            assertFalse(first.leave(group, 0));
            rig.receive(datagram("239.1.2.3", 53));
            assertEquals(1, second.readable());
        }
    }

    @Test
    void shouldKeepADatagramForOneAnswerInPlace() {
        try (StackRig rig = rig()) {
            final List<Throwable> thrown = new ArrayList<>();
            rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 53), (socket, datagram) -> {
                assertEquals(IpOutput.SENT, datagram.reply(PAYLOAD, 0, 3));
                assertEquals(IpOutput.SENT, datagram.reply(2));
                thrown.add(assertThrows(IllegalStateException.class, () -> datagram.reply(2)));
            });
            rig.receive(datagram(US, 53));
            final List<byte[]> sent = rig.sent();
            assertEquals(2, sent.size());
            assertEquals(
                    hex(Bytes.udp(US, 53, PEER, 25, new byte[] {'a', 'b', 'c'})), hex(Bytes.from(sent.get(0), 20)));
            assertEquals(hex(Bytes.udp(US, 53, PEER, 25, new byte[] {'a', 'b'})), hex(Bytes.from(sent.get(1), 20)));
            assertEquals(1, thrown.size());
        }
    }

    @Test
    void shouldAnswerABroadcastFromAnOwnAddress() {
        try (StackRig rig = rig()) {
            rig.stack.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 53), (s, d) -> d.reply(d.length()));
            rig.receive(datagram("192.0.2.255", 53));
            final byte[] answer = rig.sentOne();
            assertEquals(hex(Bytes.udp(US, 53, PEER, 25, ABCDEF)), hex(Bytes.from(answer, 20)));
        }
    }

    @Test
    @Origin("smoltcp:socket::icmp::test_ipv4::test_send_dispatch")
    @Origin("smoltcp:socket::icmp::test_ipv4::test_set_hop_limit_v4")
    @Origin("smoltcp:socket::icmp::test_ipv4::test_send_unaddressable")
    void shouldSendEchoRequests() {
        try (StackRig rig = rig()) {
            final PingSocket<Ipv4Address> socket = rig.stack.ping(Ipv4Address.parse(PEER), (s, r) -> {});
            socket.settings().hopLimit(0x2A);
            assertEquals(IpOutput.SENT, socket.send(0x5678, PAYLOAD, 0, 6));
            final byte[] sent = rig.sentOne();
            assertEquals(0x2A, sent[8]);
            final int parameter = socket.identifier() << 16 | 0x5678;
            assertEquals(hex(Bytes.icmpv4(8, 0, parameter, ABCDEF)), hex(Bytes.from(sent, 20)));
            final PingSocket<Ipv4Address> nowhere = rig.stack.ping(Ipv4Address.UNSPECIFIED, (s, r) -> {});
            assertEquals(IpOutput.NO_ROUTE, nowhere.send(1, PAYLOAD, 0, 6));
            assertNotEquals(socket.identifier(), nowhere.identifier());
        }
    }

    @Test
    @Origin("smoltcp:socket::icmp::test_ipv4::test_recv_process")
    @Origin("smoltcp:socket::icmp::test_ipv4::test_accept_bad_id")
    void shouldTakeRepliesOfTheHostThatWasAskedOnly() {
        try (StackRig rig = rig()) {
            final List<Integer> told = new ArrayList<>();
            final PingSocket<Ipv4Address> socket =
                    rig.stack.ping(Ipv4Address.parse(PEER), (s, r) -> told.add(r.sequence()));
            final int identifier = socket.identifier() << 16;
            rig.receive(Bytes.ipv4(PEER, US, 1, Bytes.icmpv4(0, 0, identifier | 7, ABCDEF)));
            rig.assertDropped(
                    StackCounter.ICMP_NO_SOCKET,
                    Bytes.ipv4("192.0.2.9", US, 1, Bytes.icmpv4(0, 0, identifier | 8, ABCDEF)));
            rig.assertDropped(
                    StackCounter.ICMP_NO_SOCKET,
                    Bytes.ipv4(PEER, US, 1, Bytes.icmpv4(0, 0, (identifier ^ 0x1_0000) | 9, ABCDEF)));
            socket.close();
            rig.assertDropped(
                    StackCounter.ICMP_NO_SOCKET, Bytes.ipv4(PEER, US, 1, Bytes.icmpv4(0, 0, identifier | 10, ABCDEF)));
            assertEquals(List.of(7), told);
        }
    }

    private StackRig rig() {
        return new StackRig(pools, Medium.IP, StackConfig.defaults(), InterfaceConfig.of(US + "/24"));
    }

    private static byte[] datagram(final String to, final int port) {
        return Bytes.ipv4(PEER, to, 17, Bytes.udp(PEER, 25, to, port, ABCDEF));
    }

    private static String hex(final byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static final class SilentHandler implements TcpHandler {}
}

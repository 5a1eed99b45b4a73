package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.socket.icmp.EchoReply;
import io.millrace.stack.socket.icmp.IcmpMessage;
import io.millrace.stack.socket.icmp.IcmpSocket;
import io.millrace.stack.socket.icmp.PingHandler;
import io.millrace.stack.socket.icmp.PingSocket;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
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

/** Sockets of ICMP: whole messages, errors of ports, and what pings are told. */
class IcmpSocketTest {
    private static final String US = "192.0.2.1";
    private static final String PEER = "192.0.2.2";
    private static final String ROUTER = "192.0.2.254";
    private static final String US6 = "2001:db8::1";
    private static final String PEER6 = "2001:db8::2";
    private static final Ipv4Address REMOTE = Ipv4Address.parse(PEER);
    private static final Ipv6Address REMOTE6 = Ipv6Address.parse(PEER6);
    private static final int IDENTIFIER = 0x1234;
    private static final byte[] DATA = Bytes.hex("FF0000000000000000000000000000000000000000AA");

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final List<String> told = new ArrayList<>();

    @Test
    @Origin("smoltcp:socket::icmp::test_ipv4::test_send_unaddressable")
    void shouldNotSendToNobody() {
        try (StackRig rig = rig()) {
            final IcmpSocket<Ipv4Address> socket = rig.stack.bindEcho(Ipv4Address.UNSPECIFIED, IDENTIFIER, null);
            assertEquals(IDENTIFIER, socket.boundTo());
            final MemorySegment message = Frames.ofBytes(echo(8));
            assertEquals(IpOutput.NO_ROUTE, socket.send(Ipv4Address.UNSPECIFIED, message, 0, 30));
            assertEquals(IpOutput.SENT, socket.send(REMOTE, message, 0, 30));
            assertEquals(1, rig.sent().size());
            assertThrows(IllegalArgumentException.class, () -> socket.send(REMOTE, message, 0, 7));
        }
    }

    @Test
    void shouldRefuseIdentifiersThatAreNone() {
        try (StackRig rig = rig()) {
            assertThrows(
                    IllegalArgumentException.class, () -> rig.stack.bindEcho(Ipv4Address.UNSPECIFIED, 0x1_0000, null));
            assertThrows(IllegalArgumentException.class, () -> rig.stack.bindEcho(Ipv4Address.UNSPECIFIED, -2, null));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.255", "255.255.255.255", "224.0.0.1"})
    @Origin("RFC 1122 3.2.2.6")
    void shouldNotTakeAReplyToManyForAnAnswer(final String to) {
        try (StackRig rig = rig()) {
            final IcmpSocket<Ipv4Address> socket = rig.stack.bindEcho(Ipv4Address.UNSPECIFIED, IDENTIFIER, null);
            rig.assertDropped(StackCounter.ICMP_NO_SOCKET, Bytes.ipv4(PEER, to, 1, echo(0)));
            assertNull(socket.receive());
        }
    }

    /** What an application does when a message begins to wait must not end the poll that found it. */
    @Test
    void shouldSurviveAnApplicationThatThrowsWhenAMessageWaits() {
        try (StackRig rig = rig()) {
            final IcmpSocket<Ipv4Address> socket = rig.stack.bindEcho(Ipv4Address.UNSPECIFIED, IDENTIFIER, null);
            final RuntimeException bug = new IllegalStateException("a bug of the application");
            socket.onWaiting(() -> {
                throw bug;
            });
            rig.receive(Bytes.ipv4(PEER, US, 1, echo(0)));
            assertEquals(1, rig.count(StackCounter.HANDLER_FAILURES));
            assertEquals(List.of(bug), rig.failures);
            rig.failures.clear();
            assertEquals(1, socket.readable());
        }
    }

    @Test
    @Origin("smoltcp:socket::icmp::test_ipv4::test_send_dispatch")
    @Origin("smoltcp:socket::icmp::test_ipv4::test_set_hop_limit_v4")
    void shouldSendAMessageAsItIsWithItsChecksum() {
        try (StackRig rig = rig()) {
            final IcmpSocket<Ipv4Address> socket = rig.stack.bindEcho(Ipv4Address.UNSPECIFIED, IDENTIFIER, null);
            socket.settings().hopLimit(0x2A).trafficClass(0xB8);
            final byte[] message = echo(8);
            Bytes.put16(message, 2, 0xDEAD);
            assertEquals(IpOutput.SENT, socket.send(REMOTE, Frames.ofBytes(message), 0, message.length));
            final byte[] sent = rig.sentOne();
            assertEquals(0x2A, sent[8]);
            assertEquals(0xB8, sent[1] & 0xFF);
            assertArrayEquals(echo(8), Bytes.from(sent, 20));
            final SendOptions options = new SendOptions();
            options.hopLimit = 3;
            options.dontFragment = 1;
            socket.send(REMOTE, Frames.ofBytes(message), 0, message.length, options);
            assertEquals(3, rig.sentOne()[8]);
            options.clear().sourceLo = REMOTE.lo();
            assertEquals(
                    IpOutput.NOT_PERMITTED, socket.send(REMOTE, Frames.ofBytes(message), 0, message.length, options));
            options.clear().hopLimit = 256;
            assertThrows(
                    IllegalArgumentException.class,
                    () -> socket.send(REMOTE, Frames.ofBytes(message), 0, message.length, options));
        }
    }

    @Test
    @Origin("smoltcp:socket::icmp::test_ipv6::test_send_dispatch")
    @Origin("smoltcp:socket::icmp::test_ipv6::test_set_hop_limit")
    @Origin("smoltcp:socket::icmp::test_ipv6::test_send_unaddressable")
    void shouldSendOverIpv6() {
        try (StackRig rig = rig()) {
            final IcmpSocket<Ipv6Address> socket = rig.stack.bindEcho(Ipv6Address.UNSPECIFIED, IDENTIFIER, null);
            socket.settings().hopLimit(0x2A);
            final byte[] message = echo6(US6, PEER6, 128);
            final MemorySegment source = Frames.ofBytes(Bytes.with(message, 2, 9));
            assertEquals(IpOutput.NO_ROUTE, socket.send(Ipv6Address.UNSPECIFIED, source, 0, message.length));
            assertEquals(IpOutput.SENT, socket.send(REMOTE6, source, 0, message.length));
            final byte[] sent = rig.sentOne();
            assertEquals(0x2A, sent[7]);
            assertArrayEquals(message, Bytes.from(sent, 40));
        }
    }

    @Test
    @Origin("smoltcp:socket::icmp::test_ipv4::test_recv_process")
    @Origin("smoltcp:socket::icmp::test_ipv4::test_accept_bad_id")
    void shouldReceiveRepliesWithItsIdentifier() {
        try (StackRig rig = rig()) {
            final IcmpSocket<Ipv4Address> socket = rig.stack.bindEcho(Ipv4Address.UNSPECIFIED, IDENTIFIER, null);
            assertNull(socket.receive());
            rig.receive(Bytes.ipv4(PEER, US, 1, echo(0)));
            final byte[] other = Bytes.icmpv4(0, 0, 0x1235_0001, DATA);
            rig.assertDropped(StackCounter.ICMP_NO_SOCKET, Bytes.ipv4(PEER, US, 1, other));
            assertEquals(1, socket.readable());
            final IcmpMessage message = socket.receive();
            assertNotNull(message);
            assertEquals(0, message.type());
            assertEquals(0, message.code());
            assertEquals(REMOTE, message.source());
            assertEquals(64, message.hopLimit());
            assertEquals(rig.clock.now(), message.timestamp());
            assertNull(message.error());
            assertArrayEquals(echo(0), Frames.bytes(message.memory(), message.offset(), message.length()));
            assertNull(socket.receive());
        }
    }

    @Test
    @Origin("smoltcp:socket::icmp::test_ipv6::test_recv_process")
    @Origin("smoltcp:socket::icmp::test_ipv6::test_accept_bad_id")
    @Origin("smoltcp:socket::icmp::test_ipv6::test_truncated_recv_slice")
    void shouldCopyWhatFitsOfAReplyOverIpv6() {
        try (StackRig rig = rig()) {
            final IcmpSocket<Ipv6Address> socket = rig.stack.bindEcho(Ipv6Address.parse(US6), IDENTIFIER, null);
            rig.receive(Bytes.ipv6(PEER6, US6, 58, echo6(PEER6, US6, 129)));
            final byte[] other = Bytes.icmpv6(PEER6, US6, 129, 0, 0x1235_0001, DATA);
            rig.assertDropped(StackCounter.ICMP_NO_SOCKET, Bytes.ipv6(PEER6, US6, 58, other));
            final IcmpMessage peeked = socket.peek();
            assertNotNull(peeked);
            assertEquals(30, peeked.length());
            final IcmpMessage message = socket.receive();
            assertNotNull(message);
            final MemorySegment room = Frames.ofBytes(new byte[8]);
            assertEquals(8, message.copyTo(room, 0, 8));
            assertArrayEquals(Arrays.copyOf(echo6(PEER6, US6, 129), 8), Frames.bytes(room, 0, 8));
            assertNull(socket.receive());
        }
    }

    @Test
    @Origin("smoltcp:iface::interface::tests::ipv4::test_icmpv4_socket")
    void shouldShowARequestWithItsIdentifierThatIsAnswered() {
        try (StackRig rig = rig()) {
            final IcmpSocket<Ipv4Address> socket = rig.stack.bindEcho(Ipv4Address.UNSPECIFIED, IDENTIFIER, null);
            rig.receive(Bytes.ipv4(PEER, US, 1, echo(8)));
            assertArrayEquals(echo(0), Bytes.from(rig.sentOne(), 20));
            final IcmpMessage message = socket.receive();
            assertNotNull(message);
            assertArrayEquals(echo(8), Frames.bytes(message.memory(), message.offset(), message.length()));
        }
    }

    /** As in smoltcp, but the 8 quoted bytes that RFC 792 promises suffice: smoltcp wants the whole datagram. */
    @Test
    @Origin("smoltcp:socket::icmp::test_ipv4::test_accepts_udp")
    void shouldReceiveErrorsAboutAPort() {
        try (StackRig rig = rig()) {
            final IcmpSocket<Ipv4Address> socket =
                    rig.stack.bindErrors(17, new Endpoint<>(Ipv4Address.UNSPECIFIED, 9090), null);
            final IcmpSocket<Ipv4Address> tcp =
                    rig.stack.bindErrors(6, new Endpoint<>(Ipv4Address.parse(US), 9090), null);
            final byte[] quote = Arrays.copyOf(Bytes.ipv4(US, PEER, 17, Bytes.udp(US, 9090, PEER, 9091, DATA)), 28);
            final byte[] message = Bytes.icmpv4(3, 3, 0, quote);
            rig.receive(Bytes.ipv4(ROUTER, US, 1, message));
            rig.assertDropped(
                    StackCounter.ICMP_ERROR_NO_SOCKET,
                    Bytes.ipv4(ROUTER, US, 1, Bytes.icmpv4(3, 3, 0, Bytes.with(quote, 21, 0x83))));
            final IcmpMessage received = socket.receive();
            assertNotNull(received);
            assertArrayEquals(message, Frames.bytes(received.memory(), received.offset(), received.length()));
            final IcmpErrorRepr error = received.error();
            assertNotNull(error);
            assertEquals(IcmpErrorRepr.PORT_UNREACHABLE, error.kind);
            assertEquals(9091, error.dstPort);
            assertEquals(IpAddress.parse(ROUTER), error.reporter());
            assertEquals(REMOTE, error.destination());
            assertEquals(0, tcp.readable());
            rig.receive(Bytes.ipv4(ROUTER, US, 1, Bytes.icmpv4(11, 0, 0, Bytes.with(quote, 9, 6))));
            assertEquals(1, tcp.readable());
            assertEquals(0, socket.readable());
        }
    }

    @Test
    @Origin("smoltcp:socket::icmp::test_ipv6::test_accepts_udp")
    void shouldTellAHandlerOfErrorsAboutAPort() {
        try (StackRig rig = rig()) {
            rig.stack.bindErrors(17, new Endpoint<>(Ipv6Address.UNSPECIFIED, 9090), (socket, message) -> {
                final IcmpErrorRepr error = message.error();
                assertNotNull(error);
                told.add(message.type() + " " + error.dstPort);
            });
            rig.stack.bindErrors(17, new Endpoint<>(Ipv6Address.UNSPECIFIED, 9090), (socket, message) -> {
                told.add("too");
                socket.close();
            });
            final byte[] quote = Bytes.ipv6(US6, PEER6, 17, Bytes.udp(US6, 9090, PEER6, 9091, DATA));
            final byte[] packet = Bytes.ipv6(PEER6, US6, 58, Bytes.icmpv6(PEER6, US6, 1, 4, 0, quote));
            rig.receive(packet);
            rig.receive(packet);
            assertEquals(List.of("too", "1 9091", "1 9091"), told);
        }
    }

    @Test
    void shouldDropWhatFindsTheQueueFull() {
        try (StackRig rig = rig()) {
            final IcmpSocket<Ipv4Address> socket = rig.stack.bindEcho(Ipv4Address.UNSPECIFIED, IDENTIFIER, null);
            socket.queueLimits(2, 1000);
            rig.receive(Bytes.ipv4(PEER, US, 1, echo(0)));
            rig.receive(Bytes.ipv4(PEER, US, 1, echo(0)));
            rig.assertDropped(StackCounter.ICMP_QUEUE_FULL, Bytes.ipv4(PEER, US, 1, echo(0)));
            socket.queueLimits(3, 89);
            rig.assertDropped(StackCounter.ICMP_QUEUE_FULL, Bytes.ipv4(PEER, US, 1, echo(0)));
            socket.queueLimits(3, 90);
            rig.receive(Bytes.ipv4(PEER, US, 1, echo(0)));
            assertEquals(3, socket.readable());
            assertThrows(IllegalArgumentException.class, () -> socket.queueLimits(0, 90));
            assertThrows(IllegalArgumentException.class, () -> socket.queueLimits(1, 0));
        }
    }

    @Test
    void shouldRefuseWhatCannotBeBound() {
        try (StackRig rig = rig()) {
            final IcmpSocket<Ipv4Address> socket = rig.stack.bindEcho(Ipv4Address.UNSPECIFIED, IDENTIFIER, null);
            assertThrows(
                    AddressInUseException.class, () -> rig.stack.bindEcho(Ipv4Address.UNSPECIFIED, IDENTIFIER, null));
            socket.close();
            socket.close();
            assertEquals(IpOutput.NO_ROUTE, socket.send(REMOTE, Frames.ofBytes(echo(8)), 0, 30));
            rig.stack.bindEcho(Ipv4Address.UNSPECIFIED, IDENTIFIER, null);
            assertThrows(IllegalArgumentException.class, () -> rig.stack.bindEcho(REMOTE, -1, null));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> rig.stack.bindErrors(17, new Endpoint<>(Ipv4Address.UNSPECIFIED, 0), null));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> rig.stack.bindErrors(1, new Endpoint<>(Ipv4Address.UNSPECIFIED, 7), null));
        }
    }

    @Test
    void shouldTellAPingWhoCouldNotDeliverIt() {
        try (StackRig rig = rig()) {
            final PingSocket<Ipv4Address> socket = rig.stack.ping(REMOTE, new Teller());
            socket.settings().dontFragment(true).hopLimit(1);
            socket.send(7, Frames.ofBytes(DATA), 0, DATA.length);
            final byte[] request = rig.sentOne();
            assertEquals(1, request[8]);
            rig.receive(Bytes.ipv4(ROUTER, US, 1, Bytes.icmpv4(11, 0, 0, Arrays.copyOf(request, 28))));
            rig.receive(Bytes.ipv4(ROUTER, US, 1, Bytes.icmpv4(3, 4, 576, Arrays.copyOf(request, 28))));
            // Not one of ours: it was sent to somebody else.
            final byte[] other = Bytes.sealIpv4(Bytes.with(request, 19, 9));
            rig.assertDropped(
                    StackCounter.ICMP_ERROR_NO_SOCKET, Bytes.ipv4(ROUTER, US, 1, Bytes.icmpv4(11, 0, 0, other)));
            assertEquals(
                    List.of(
                            IcmpErrorRepr.TIME_EXCEEDED_TRANSIT + " of 7 from 192.0.2.254, mtu 0",
                            IcmpErrorRepr.PACKET_TOO_BIG + " of 7 from 192.0.2.254, mtu 576"),
                    told);
        }
    }

    @Test
    void shouldTellAPingAllAboutAReply() {
        try (StackRig rig = rig()) {
            final PingSocket<Ipv4Address> socket = rig.stack.ping(REMOTE, new Teller());
            rig.clock.advance(123);
            final byte[] reply = Bytes.icmpv4(0, 0, socket.identifier() << 16 | 7, DATA);
            rig.receive(Bytes.ipv4(PEER, US, 1, reply));
            rig.receive(Bytes.ipv4(PEER, US, 1, reply));
            assertEquals(
                    List.of(
                            "22 bytes from 192.0.2.2 to 192.0.2.1: seq 7 ttl 64 at 10000123, if 0, tc 0",
                            told.getFirst()),
                    told);
        }
    }

    @Test
    void shouldPingEveryoneWhenPermittedOnly() {
        try (StackRig rig = rig()) {
            final PingSocket<Ipv4Address> socket = rig.stack.ping(Ipv4Address.parse("192.0.2.255"), new Teller());
            assertEquals(IpOutput.NOT_PERMITTED, socket.send(1, Frames.ofBytes(DATA), 0, DATA.length));
            assertEquals(1, rig.count(StackCounter.TX_NOT_PERMITTED));
            socket.settings().broadcast(true);
            assertEquals(IpOutput.SENT, socket.send(1, Frames.ofBytes(DATA), 0, DATA.length));
            final byte[] reply = Bytes.icmpv4(0, 0, socket.identifier() << 16 | 1, DATA);
            rig.receive(Bytes.ipv4("192.0.2.77", US, 1, reply));
            assertEquals(1, told.size());
        }
    }

    private StackRig rig() {
        return new StackRig(pools, Medium.IP, StackConfig.defaults(), InterfaceConfig.of(US + "/24", US6 + "/64"));
    }

    private static byte[] echo(final int type) {
        return Bytes.icmpv4(type, 0, IDENTIFIER << 16 | 0xABCD, DATA);
    }

    private static byte[] echo6(final String from, final String to, final int type) {
        return Bytes.icmpv6(from, to, type, 0, IDENTIFIER << 16 | 0xABCD, DATA);
    }

    private final class Teller implements PingHandler {
        @Override
        public void onReply(final PingSocket<?> socket, final EchoReply reply) {
            told.add(reply.length() + " bytes from " + reply.source() + " to " + reply.destination() + ": seq "
                    + reply.sequence() + " ttl " + reply.hopLimit() + " at " + reply.timestamp() + ", if "
                    + reply.interfaceIndex() + ", tc " + reply.trafficClass());
        }

        @Override
        public void onError(final PingSocket<?> socket, final IcmpErrorRepr error) {
            told.add(error.kind + " of " + error.echoSequence + " from " + error.reporter() + ", mtu " + error.mtu);
        }
    }
}

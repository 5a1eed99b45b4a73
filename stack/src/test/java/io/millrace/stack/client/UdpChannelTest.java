package io.millrace.stack.client;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.testkit.Origin;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** UDP from application threads. */
class UdpChannelTest extends ClientTest {
    @Test
    void shouldAnswerWhoeverAskedWhenADatagramCame() throws IOException {
        try (UdpChannel<Ipv4Address> server = client.bindUdp(ClientRig.at(53));
                UdpChannel<Ipv4Address> asking = client.openUdp()) {
            assertNull(asking.local());
            asking.send(bytes("question"), ClientRig.at(53));
            final ByteBuffer buffer = ByteBuffer.allocate(100);
            final PacketChannel.Received<Ipv4Address> question = requireNonNull(server.receive(buffer, 0));
            assertEquals("question", text(buffer));
            assertEquals(
                    requireNonNull(asking.local()).port(), question.source().port());
            server.send(bytes("answer"), question.source());
            final PacketChannel.Received<Ipv4Address> answer = requireNonNull(asking.receive(buffer.clear(), 0));
            assertEquals(ClientRig.at(53), answer.source());
            assertEquals("answer", text(buffer));
        }
    }

    @Test
    void shouldCutADatagramWhenTheBufferIsShort() throws Exception {
        try (UdpChannel<Ipv4Address> server = client.bindUdp(ClientRig.at(53));
                UdpChannel<Ipv4Address> sender = client.openUdp()) {
            final ByteBuffer large = ByteBuffer.allocate(9_000);
            assertEquals(9_000, sender.send(large, ClientRig.at(53)));
            sender.send(bytes("next"), ClientRig.at(53));
            Readiness.await(List.of(server.readiness()), new int[] {Readiness.READABLE}, Readiness.FOREVER);
            assertEquals(9_000, server.available());
            final ByteBuffer buffer = ByteBuffer.allocate(10);
            assertEquals(
                    9_000,
                    requireNonNull(server.receive(buffer, TcpChannel.PEEK)).length());
            assertEquals(
                    9_000, requireNonNull(server.receive(buffer.clear(), 0)).length());
            assertEquals(10, buffer.position());
            assertEquals(4, requireNonNull(server.receive(buffer.clear(), 0)).length());
            assertEquals("next", text(buffer));
            assertNull(server.receive(buffer.clear(), TcpChannel.DONT_WAIT));
        }
    }

    @Test
    void shouldTellOfTheErrorWhenThePeerRefuses() throws Exception {
        try (UdpChannel<Ipv4Address> channel = client.openUdp()) {
            assertEquals(SocketError.EDESTADDRREQ, error(() -> channel.send(bytes("x"))));
            channel.connect(ClientRig.at(99));
            assertEquals(ClientRig.at(99), channel.remote());
            channel.send(bytes("is anybody there"));
            Readiness.await(List.of(channel.readiness()), new int[] {0}, Readiness.FOREVER);
            assertEquals(SocketError.ECONNREFUSED, error(() -> channel.send(bytes("again"))));
            channel.send(bytes("and again"));
            Readiness.await(List.of(channel.readiness()), new int[] {0}, Readiness.FOREVER);
            assertEquals(SocketError.ECONNREFUSED, channel.takeError());
            assertNull(channel.takeError());
            channel.disconnect();
            assertNull(channel.remote());
        }
    }

    @Test
    void shouldTellWhatTheHeaderSaysBothWays() throws Exception {
        try (UdpChannel<Ipv6Address> server = client.bindUdp(new Endpoint<>(Ipv6Address.UNSPECIFIED, 53));
                UdpChannel<Ipv6Address> sender = client.openUdp()) {
            final SendOptions options = new SendOptions();
            options.hopLimit = 9;
            options.trafficClass = 0xB8;
            options.flowLabel = 0x12345;
            final Endpoint<Ipv6Address> to = new Endpoint<>(Ipv6Address.parse("2001:db8::1"), 53);
            assertEquals(1, sender.send(bytes("x"), to, options));
            final PacketChannel.Received<Ipv6Address> received =
                    requireNonNull(server.receive(ByteBuffer.allocate(10), 0));
            assertEquals(to.address(), received.destination());
            assertEquals(9, received.hopLimit());
            assertEquals(0xB8, received.trafficClass());
            assertEquals(0x12345, received.flowLabel());
            assertEquals(0, received.interfaceIndex());
            assertTrue(received.timestamp() > 0);
            sender.connect(to);
            options.clear().hopLimit = 8;
            sender.send(bytes("y"), null, options);
            assertEquals(
                    8,
                    requireNonNull(server.receive(ByteBuffer.allocate(10), 0)).hopLimit());
            options.hopLimit = 300;
            assertThrows(IllegalArgumentException.class, () -> sender.send(bytes("z"), to, options));
        }
    }

    @Test
    void shouldKeepAllErrorsInTheirOrderWhenAskedTo() throws Exception {
        try (UdpChannel<Ipv4Address> channel = client.openUdp()) {
            channel.allErrors(true);
            assertNull(channel.takeIcmpError());
            for (int port = 100; port < 103; port++) {
                channel.send(ByteBuffer.allocate(port), ClientRig.at(port));
                SocketError error = channel.takeError();
                while (error == null) {
                    Thread.onSpinWait(); // it is not told when another one came
                    error = channel.takeError();
                }
                assertEquals(SocketError.ECONNREFUSED, error);
            }
            channel.receiveTimeout(Duration.ofMillis(20));
            assertThrows(SocketTimeoutException.class, () -> channel.receive(ByteBuffer.allocate(1), 0));
            for (int port = 100; port < 103; port++) {
                assertEquals(Readiness.ERROR, channel.readiness().bits() & Readiness.ERROR);
                final IcmpErrorRepr error = requireNonNull(channel.takeIcmpError());
                assertEquals(port, error.dstPort);
                assertEquals(8 + port, error.transportLength);
                assertEquals(ClientRig.HOST, error.reporter());
                assertEquals(port < 102 ? SocketError.ECONNREFUSED : null, channel.takeError());
            }
            assertEquals(0, channel.readiness().bits() & Readiness.ERROR);
            assertNull(channel.takeIcmpError());
        }
    }

    @Test
    void shouldReachAllHostsOnlyWhenToldTo() throws Exception {
        final Endpoint<Ipv4Address> all = new Endpoint<>(Ipv4Address.parse("10.0.0.255"), 9);
        try (UdpChannel<Ipv4Address> channel = client.openUdp();
                TcpChannel<Ipv4Address> stream = client.openTcp()) {
            assertEquals(SocketError.EACCES, error(() -> channel.connect(all)));
            channel.settings(settings -> settings.broadcast(true));
            channel.connect(all);
            assertEquals(SocketError.ENETUNREACH, error(() -> stream.connect(all)));
        }
    }

    @Test
    void shouldRefuseWhatCannotBeSent() throws Exception {
        try (UdpChannel<Ipv4Address> channel = client.openUdp()) {
            assertEquals(
                    SocketError.ENETUNREACH,
                    error(() -> channel.send(bytes("x"), new Endpoint<>(Ipv4Address.parse("192.0.2.1"), 1))));
            assertEquals(
                    SocketError.EACCES,
                    error(() -> channel.send(bytes("x"), new Endpoint<>(Ipv4Address.parse("10.0.0.255"), 1))));
            channel.settings(settings -> settings.dontFragment(true));
            assertEquals(
                    SocketError.EMSGSIZE,
                    error(() -> channel.send(
                            ByteBuffer.allocate(2_000), new Endpoint<>(Ipv4Address.parse("10.0.0.2"), 1))));
            assertEquals(SocketError.EMSGSIZE, error(() -> channel.send(ByteBuffer.allocate(70_000), ClientRig.at(1))));
            assertEquals(
                    SocketError.EADDRNOTAVAIL,
                    error(() -> client.bindUdp(new Endpoint<>(Ipv4Address.parse("10.0.0.9"), 1))));
        }
    }

    @Test
    void shouldSharePlacesOnlyWhenBothPermitIt() throws Exception {
        try (UdpChannel<Ipv4Address> first = client.openUdp();
                UdpChannel<Ipv4Address> second = client.openUdp();
                UdpChannel<Ipv4Address> third = client.openUdp()) {
            first.reuseAddress(true);
            first.bind(ClientRig.at(500));
            assertEquals(SocketError.EADDRINUSE, error(() -> third.bind(ClientRig.at(500))));
            second.reuseAddress(true);
            second.bind(ClientRig.at(500));
        }
    }

    @Test
    void shouldGiveUpWaitingWhenTheTimeoutPassesOrItIsShut() throws Exception {
        try (UdpChannel<Ipv4Address> channel = client.bindUdp(ClientRig.at(53))) {
            channel.receiveTimeout(Duration.ofMillis(20));
            assertThrows(SocketTimeoutException.class, () -> channel.receive(ByteBuffer.allocate(1), 0));
            channel.connect(ClientRig.at(54));
            channel.shutdown(true, true);
            assertNull(channel.receive(ByteBuffer.allocate(1), 0));
            assertEquals(SocketError.EPIPE, error(() -> channel.send(bytes("x"))));
        }
    }

    @Test
    @Origin("RFC 3493 3.7")
    void shouldHearIpv4TooWhenItIsOfBothFamilies() throws IOException {
        try (UdpChannel<IpAddress> both = client.openUdp();
                UdpChannel<Ipv4Address> four = client.openUdp();
                UdpChannel<Ipv6Address> six = client.openUdp()) {
            both.dualStack(true);
            both.bind(new Endpoint<>(Ipv6Address.UNSPECIFIED, 53));
            assertEquals(SocketError.EADDRINUSE, error(() -> four.bind(ClientRig.at(53))));
            final ByteBuffer buffer = ByteBuffer.allocate(100);
            four.send(bytes("four"), ClientRig.at(53));
            final Endpoint<IpAddress> asking =
                    requireNonNull(both.receive(buffer, 0)).source();
            assertEquals(ClientRig.HOST, asking.address());
            assertEquals("four", text(buffer));
            both.send(bytes("answer"), asking);
            assertEquals(
                    53, requireNonNull(four.receive(buffer.clear(), 0)).source().port());
            six.send(bytes("six"), new Endpoint<>(Ipv6Address.parse("2001:db8::1"), 53));
            assertEquals(3, requireNonNull(both.receive(buffer.clear(), 0)).length());
        }
    }

    @Test
    @Origin("RFC 3493 3.7")
    void shouldHearOfItsPeersFamilyOnlyWhenItIsConnected() throws IOException {
        try (UdpChannel<IpAddress> both = client.openUdp();
                UdpChannel<IpAddress> four = client.openUdp();
                UdpChannel<IpAddress> six = client.openUdp()) {
            both.dualStack(true);
            both.bind(new Endpoint<>(Ipv6Address.UNSPECIFIED, 53));
            four.bind(new Endpoint<>(ClientRig.HOST, 99));
            both.connect(new Endpoint<>(ClientRig.HOST, 99));
            assertEquals(new Endpoint<>(ClientRig.HOST, 99), both.remote());
            six.send(bytes("not for you"), new Endpoint<>(Ipv6Address.parse("2001:db8::1"), 53));
            four.send(bytes("four"), new Endpoint<>(ClientRig.HOST, 53));
            final ByteBuffer buffer = ByteBuffer.allocate(100);
            assertEquals(4, requireNonNull(both.receive(buffer, 0)).length());
            assertNull(both.receive(buffer.clear(), TcpChannel.DONT_WAIT));
            both.disconnect();
            six.send(bytes("again"), new Endpoint<>(Ipv6Address.parse("2001:db8::1"), 53));
            assertEquals(5, requireNonNull(both.receive(buffer.clear(), 0)).length());
        }
    }

    @Test
    void shouldHearTheGroupsOfIpv4ThatItJoinedWhenItIsOfBothFamilies() throws IOException {
        final Ipv4Address group = Ipv4Address.parse("239.1.2.3");
        try (UdpChannel<IpAddress> both = client.openUdp();
                UdpChannel<Ipv4Address> four = client.openUdp()) {
            both.dualStack(true);
            assertThrows(IllegalStateException.class, () -> both.join(group, 0));
            both.bind(new Endpoint<>(Ipv6Address.UNSPECIFIED, 53));
            final ByteBuffer buffer = ByteBuffer.allocate(100);
            assertTrue(both.join(group, 0));
            assertFalse(both.join(group, 0));
            four.send(bytes("group"), new Endpoint<>(group, 53));
            assertEquals(group, requireNonNull(both.receive(buffer, 0)).destination());
            assertTrue(both.leave(group, 0));
            assertFalse(both.leave(group, 0));
            four.send(bytes("group"), new Endpoint<>(group, 53));
            four.send(bytes("host"), ClientRig.at(53));
            assertEquals(4, requireNonNull(both.receive(buffer.clear(), 0)).length());
            assertTrue(both.join(Ipv6Address.parse("ff02::1:2:3"), 0));
        }
    }

    @Test
    void shouldSendAndReceiveSeveralDatagramsAtOnceWhenToldTo() throws IOException {
        try (UdpChannel<Ipv4Address> to = client.openUdp();
                UdpChannel<Ipv4Address> from = client.openUdp()) {
            to.bind(ClientRig.at(53));
            from.segmentSize(10);
            assertThrows(IllegalArgumentException.class, () -> from.segmentSize(-1));
            final ByteBuffer buffer = ByteBuffer.allocate(100);
            assertEquals(25, from.send(ByteBuffer.allocate(25), ClientRig.at(53)));
            for (final int length : new int[] {10, 10, 5}) {
                assertEquals(
                        length, requireNonNull(to.receive(buffer.clear(), 0)).length());
            }
            to.coalesce(true);
            from.send(ByteBuffer.allocate(25), ClientRig.at(53));
            int received = 0;
            while (received < 25) { // perhaps not all has come
                final PacketChannel.Received<Ipv4Address> run = requireNonNull(to.receive(buffer.clear(), 0));
                assertEquals(buffer.position(), run.length());
                assertEquals(Math.min(10, 25 - received), run.segmentLength());
                received += run.length();
            }
            from.connect(ClientRig.at(53));
            from.send(ByteBuffer.allocate(7));
            assertEquals(7, requireNonNull(to.receive(buffer.clear(), 0)).segmentLength());
            from.segmentSize(60_000);
            assertEquals(SocketError.EMSGSIZE, error(() -> from.send(ByteBuffer.allocate(60_001))));
        }
    }

    @Test
    void shouldNotReachIpv4FromAnAddressOfIpv6() throws IOException {
        try (UdpChannel<IpAddress> six = client.openUdp()) {
            six.bind(new Endpoint<>(Ipv6Address.parse("2001:db8::1"), 53));
            assertEquals(
                    SocketError.ENETUNREACH, error(() -> six.send(bytes("x"), new Endpoint<>(ClientRig.HOST, 99))));
        }
    }
}

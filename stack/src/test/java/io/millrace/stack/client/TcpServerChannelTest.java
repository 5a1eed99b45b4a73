package io.millrace.stack.client;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Listening from application threads, and who may be bound where. */
class TcpServerChannelTest extends ClientTest {
    private static final int PORT = 7;

    @Test
    void shouldRefuseAPlaceWhenAnotherHasIt() throws Exception {
        try (TcpServerChannel<Ipv4Address> server = client.listen(ClientRig.at(PORT), 1);
                TcpChannel<Ipv4Address> second = client.openTcp()) {
            final TcpChannel<Ipv4Address> first = client.openTcp();
            assertEquals(SocketError.EADDRINUSE, error(() -> client.listen(ClientRig.at(PORT), 1)));
            assertEquals(SocketError.EADDRINUSE, error(() -> first.bind(ClientRig.at(PORT))));
            assertEquals(
                    SocketError.EADDRNOTAVAIL,
                    error(() -> first.bind(new Endpoint<>(Ipv4Address.parse("10.0.0.9"), 1_000))));
            first.bind(ClientRig.at(1_000));
            assertEquals(SocketError.EADDRINUSE, error(() -> second.bind(ClientRig.at(1_000))));
            assertEquals(SocketError.EINVAL, error(() -> first.bind(ClientRig.at(1_001))));
            first.connect(ClientRig.at(PORT));
            assertEquals(1_000, requireNonNull(server.accept().remote()).port());
            first.close();
            second.bind(ClientRig.at(1_000));
        }
    }

    @Test
    void shouldListenWhereOthersAreBoundOnlyWhenAllPermitIt() throws Exception {
        try (TcpChannel<Ipv4Address> bound = client.openTcp();
                TcpServerChannel<Ipv4Address> server = client.openTcpServer();
                TcpServerChannel<Ipv4Address> second = client.openTcpServer()) {
            bound.bind(ClientRig.at(PORT));
            server.reuseAddress(true);
            second.reuseAddress(true);
            assertEquals(SocketError.EADDRINUSE, error(() -> server.listen(List.of(ClientRig.at(PORT)), 1)));
            bound.reuseAddress(true);
            server.listen(List.of(new Endpoint<>(Ipv4Address.UNSPECIFIED, PORT)), 1);
            assertEquals(SocketError.EADDRINUSE, error(() -> second.listen(List.of(ClientRig.at(PORT)), 1)));
        }
    }

    @Test
    void shouldAcceptFromBothFamiliesWhenItListensOnBoth() throws Exception {
        try (TcpServerChannel<IpAddress> server = client.openTcpServer()) {
            server.listen(
                    List.of(new Endpoint<>(Ipv6Address.UNSPECIFIED, 0), new Endpoint<>(Ipv4Address.UNSPECIFIED, 0)), 4);
            final int port = server.local().getFirst().port();
            assertEquals(port, server.local().get(1).port());
            try (TcpChannel<Ipv6Address> six = client.connect(new Endpoint<>(Ipv6Address.parse("2001:db8::1"), port));
                    TcpChannel<Ipv4Address> four = client.connect(ClientRig.at(port))) {
                assertTrue(six.isOpen() && four.isOpen());
                assertNotNull(server.accept());
                assertNotNull(server.accept());
            }
        }
    }

    @Test
    void shouldNotEstablishMoreThanTheBacklogWhenNobodyAccepts() throws Exception {
        try (TcpServerChannel<Ipv4Address> server = client.listen(ClientRig.at(PORT), 2)) {
            final List<TcpChannel<Ipv4Address>> channels = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                final int ends = 2 * Math.min(i, 2);
                while (requireNonNull(client.<Integer>call(stack -> stack.connections())) < ends) {
                    Thread.onSpinWait(); // until the listener's end of the one before is complete
                }
                final TcpChannel<Ipv4Address> channel = client.openTcp();
                channel.configureBlocking(i < 2);
                assertEquals(i < 2, channel.connect(ClientRig.at(PORT)));
                channels.add(channel);
            }
            // The last two still try: the listener drops their SYNs.
            final Integer waiting = client.call(stack -> stack.connections());
            assertEquals(4 + 2, waiting);
            assertNotNull(server.accept());
            for (final TcpChannel<Ipv4Address> channel : channels) {
                channel.abort();
            }
        }
    }
}

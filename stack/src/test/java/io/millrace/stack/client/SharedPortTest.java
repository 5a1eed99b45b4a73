package io.millrace.stack.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.Await;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Several sockets at one port: SO_REUSEADDR and SO_REUSEPORT. */
class SharedPortTest extends ClientTest {
    private static final int PORT = 7;

    @Test
    void shouldSpreadConnectionsWhenListenersShareAPort() throws Exception {
        try (TcpServerChannel<Ipv4Address> first = client.openTcpServer();
                TcpServerChannel<Ipv4Address> second = client.openTcpServer();
                TcpServerChannel<Ipv4Address> third = client.openTcpServer()) {
            for (final TcpServerChannel<Ipv4Address> server : List.of(first, second)) {
                server.reusePort(true);
                server.listen(List.of(ClientRig.at(PORT)), 64);
            }
            third.reuseAddress(true);
            assertEquals(SocketError.EADDRINUSE, error(() -> third.listen(List.of(ClientRig.at(PORT)), 1)));
            final List<TcpChannel<Ipv4Address>> channels = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                channels.add(client.connect(ClientRig.at(PORT)));
            }
            final int[] taken = new int[2];
            Await.until("all connections", () -> {
                taken[0] += count(first);
                taken[1] += count(second);
                return taken[0] + taken[1] == channels.size();
            });
            assertTrue(taken[0] > 0 && taken[1] > 0, "connections at two listeners: " + Arrays.toString(taken));
            for (final TcpChannel<Ipv4Address> channel : channels) {
                channel.close();
            }
        }
    }

    /** Accepts what waits, and closes it. */
    private static int count(final TcpServerChannel<Ipv4Address> server) throws IOException {
        int count = 0;
        for (TcpChannel<Ipv4Address> next = server.tryAccept(); next != null; next = server.tryAccept()) {
            next.close();
            count++;
        }
        return count;
    }

    @Test
    void shouldDeliverToTheLatestWhenAPlaceIsTakenOver() throws Exception {
        final ByteBuffer buffer = ByteBuffer.allocate(9);
        try (UdpChannel<Ipv4Address> first = client.openUdp();
                UdpChannel<Ipv4Address> sender = client.openUdp()) {
            first.bind(ClientRig.at(500));
            try (UdpChannel<Ipv4Address> second = client.openUdp()) {
                second.reuseAddress(true);
                assertEquals(SocketError.EADDRINUSE, error(() -> second.bind(ClientRig.at(500))));
                first.reuseAddress(true); // it may change its mind
                second.bind(ClientRig.at(500));
                sender.send(bytes("one"), ClientRig.at(500));
                second.receive(buffer, 0);
                assertEquals("one", text(buffer));
            }
            sender.send(bytes("two"), ClientRig.at(500));
            first.receive(buffer.clear(), 0);
            assertEquals("two", text(buffer));
        }
    }

    @Test
    void shouldSpreadPeersWhenAPlaceIsShared() throws Exception {
        final int peers = 24;
        try (UdpChannel<Ipv4Address> first = client.openUdp();
                UdpChannel<Ipv4Address> second = client.openUdp();
                UdpChannel<Ipv4Address> alone = client.openUdp()) {
            for (final UdpChannel<Ipv4Address> channel : List.of(first, second)) {
                channel.reusePort(true);
                channel.bind(ClientRig.at(500));
            }
            alone.reuseAddress(true);
            assertEquals(SocketError.EADDRINUSE, error(() -> alone.bind(ClientRig.at(500))));
            assertEquals(SocketError.EADDRINUSE, error(() -> alone.bind(new Endpoint<>(Ipv4Address.UNSPECIFIED, 500))));
            for (int round = 0; round < 2; round++) {
                for (int peer = 0; peer < peers; peer++) {
                    try (UdpChannel<Ipv4Address> sender = client.bindUdp(ClientRig.at(1_000 + peer))) {
                        sender.send(bytes("x"), ClientRig.at(500));
                    }
                }
            }
            final int[] counts = new int[peers];
            final int[] taken = new int[2];
            Await.until("all datagrams", () -> {
                taken[0] += count(first, counts);
                taken[1] += count(second, new int[peers]);
                return taken[0] + taken[1] == 2 * peers;
            });
            for (final int count : counts) {
                assertTrue(count == 0 || count == 2, "datagrams of one peer at one of two sockets: " + count);
            }
            assertTrue(taken[0] > 0 && taken[1] > 0, "datagrams at two sockets: " + Arrays.toString(taken));
        }
    }

    /** Receives what waits, and counts by peer. */
    private static int count(final UdpChannel<Ipv4Address> channel, final int[] counts) throws IOException {
        final ByteBuffer buffer = ByteBuffer.allocate(1);
        int count = 0;
        for (var got = channel.receive(buffer, TcpChannel.DONT_WAIT);
                got != null;
                got = channel.receive(buffer.clear(), TcpChannel.DONT_WAIT)) {
            counts[got.source().port() - 1_000]++;
            count++;
        }
        return count;
    }
}

package io.millrace.stack.shard;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackConfig;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.address.AddressState;
import io.millrace.stack.route.Route;
import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.socket.IpOutput;
import io.millrace.stack.socket.icmp.PingSocket;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.stack.socket.udp.UdpConfig;
import io.millrace.stack.socket.udp.UdpDatagram;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.stack.wire.address.MacAddress;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ShardGroupTest {
    private static final int PORT = 7;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final MemorySegment bytes = Arena.ofAuto().allocate(8192);
    private final List<Client> clients = new ArrayList<>();
    private final int[] accepted = new int[3];

    @SuppressWarnings("NullAway.Init") // each test opens it
    private GroupRig rig;

    private void open(final int places, final int running) {
        rig = new GroupRig(pools, places, running, GroupRig.PEER4);
        rig.run(12_000_000);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /** Echoes what comes in, and says in which shard. */
    private TcpHandler echo(final int place) {
        return new TcpHandler() {
            @Override
            public void onConnected(final TcpSocket<?> socket) {
                accepted[place]++;
            }

            @Override
            public void onReadable(final TcpSocket<?> socket) {
                while (socket.readSpan() > 0) {
                    final int sent = socket.send(socket.readMemory(), socket.readOffset(), socket.readSpan());
                    socket.consume(sent);
                }
                if (socket.finished()) {
                    socket.close();
                }
            }
        };
    }

    private SharedPlace<? extends TcpListener<?>> listen(final IpAddress any) {
        return rig.group.listen(new Endpoint<>(any, PORT), 128, this::echo);
    }

    private void connect(final int count, final IpAddress to) {
        for (int i = 0; i < count; i++) {
            final Client client = new Client();
            clients.add(client);
            rig.peer.connect(new Endpoint<>(to, PORT), client);
        }
    }

    /** Every client that is open sends a byte and gets it back. */
    private void exchange(final String when) {
        final List<Client> open =
                clients.stream().filter(client -> client.closed == null).toList();
        final List<Long> before = open.stream().map(client -> client.received).toList();
        open.forEach(client -> {
            final TcpSocket<?> socket = requireNonNull(client.socket);
            assertTrue(socket != null, when);
            assertEquals(1, socket.send(bytes, 0, 1));
        });
        rig.runUntil(
                () -> {
                    for (int i = 0; i < open.size(); i++) {
                        if (open.get(i).received == before.get(i)) {
                            return false;
                        }
                    }
                    return true;
                },
                "every connection answers " + when);
        open.forEach(client -> assertEquals(null, client.closed, when));
    }

    private int sum() {
        return accepted[0] + accepted[1] + accepted[2];
    }

    @ParameterizedTest
    @ValueSource(strings = {GroupRig.GROUP4, GroupRig.GROUP6})
    void shouldAcceptInEveryShardWhereOneListenerIs(final String address) {
        open(3, 3);
        final IpAddress to = IpAddress.parse(address);
        final SharedPlace<? extends TcpListener<?>> listener = listen(IpAddress.of(to.family(), 0, 0));
        connect(60, to);
        rig.runUntil(() -> sum() == 60, "all are accepted");
        exchange("once open");
        assertEquals(60, listener.sum(TcpListener::accepted));
        for (final int each : accepted) {
            assertTrue(each >= 8, each + " in one shard");
        }
        listener.close();
        listener.close();
        connect(1, to);
        rig.runUntil(() -> clients.getLast().closed != null, "nobody listens any more");
        assertEquals(CloseReason.REFUSED, clients.getLast().closed);
    }

    /** Of the handshake only the cookie knows, and it comes back when its shard is no longer who gets it. */
    @ParameterizedTest
    @ValueSource(strings = {GroupRig.GROUP4, GroupRig.GROUP6})
    void shouldTakeACookieInAnotherShardThanHasSentIt(final String address) {
        open(2, 2);
        final IpAddress to = IpAddress.parse(address);
        final Endpoint<IpAddress> local = new Endpoint<>(IpAddress.of(to.family(), 0, 0), PORT);
        rig.stack(0).listen(local, 128, echo(0));
        rig.stack(1).listen(local, 128, echo(1)).synCookies(CookieMode.ALWAYS);
        for (int i = 0; i < 20; i++) {
            connect(1, to);
            rig.run(100_000);
        }
        final int before = accepted[1];
        assertTrue(before > 0 && accepted[0] > 0);
        connect(20, to);
        rig.runUntil(() -> rig.stack(1).counters().get(StackCounter.TCP_COOKIES_SENT) > before, "cookies leave");
        final long cookies = rig.stack(1).counters().get(StackCounter.TCP_COOKIES_SENT) - before;
        rig.table.remove(1);
        rig.runUntil(() -> sum() == 40, "all are accepted");
        assertEquals(before, accepted[1]);
        assertEquals(cookies, rig.stack(0).counters().get(StackCounter.TCP_COOKIES_ACCEPTED));
        exchange("with what the cookies said");
    }

    @Test
    void shouldDivideWhatAHostMayAnswer() {
        open(1, 1);
        final StackConfig part = StackConfig.defaults().withIcmpLimits(10, 5, 1).forOneOf(4);
        assertEquals(3, part.icmpErrorsPerSecond());
        assertEquals(2, part.icmpErrorBurst());
        assertEquals(1, part.echoRepliesPerSecond());
    }

    @Test
    void shouldRefuseAPlaceThatIsTakenAndLeaveNothingOpen() {
        open(3, 3);
        rig.stack(1).listen(new Endpoint<>(Ipv4Address.UNSPECIFIED, PORT), 1, echo(1));
        assertThrows(AddressInUseException.class, () -> listen(Ipv4Address.UNSPECIFIED));
        rig.stack(0).listen(new Endpoint<>(Ipv4Address.UNSPECIFIED, PORT), 1, echo(0));
        assertThrows(
                IllegalArgumentException.class,
                () -> rig.group.bind(
                        new Endpoint<>(Ipv4Address.UNSPECIFIED, 0), UdpConfig.defaults(), place -> (s, d) -> {}));
    }

    @ParameterizedTest
    @ValueSource(strings = {GroupRig.PEER4, GroupRig.PEER6})
    void shouldOpenConnectionsWhoseAnswersComeBackToTheShard(final String address) {
        open(3, 3);
        final IpAddress to = IpAddress.parse(address);
        rig.peer.listen(new Endpoint<>(IpAddress.of(to.family(), 0, 0), PORT), 128, echo(0));
        final int[] perPlace = new int[3];
        for (int i = 0; i < 60; i++) {
            final Client client = new Client();
            clients.add(client);
            perPlace[rig.group.connect(new Endpoint<>(to, PORT), place -> client)]++;
        }
        rig.runUntil(() -> clients.stream().allMatch(client -> client.open), "all are open");
        exchange("from any shard");
        for (int place = 0; place < 3; place++) {
            assertEquals(20, perPlace[place]);
            assertEquals(20, rig.stack(place).connections());
            assertEquals(0, rig.stack(place).counters().get(StackCounter.TCP_RESETS_SENT));
        }
    }

    @Test
    void shouldBringDatagramsInFragmentsToTheSocketThatIsConnected() {
        open(3, 3);
        final List<UdpSocket<Ipv4Address>> sockets = new ArrayList<>();
        rig.peer.bind(
                new Endpoint<>(Ipv4Address.UNSPECIFIED, PORT), (socket, datagram) -> datagram.reply(bytes, 0, 4000));
        for (int i = 0; i < 30; i++) {
            sockets.add(rig.stack(i % 3)
                    .connectUdp(new Endpoint<>(Ipv4Address.parse(GroupRig.PEER4), PORT), UdpConfig.defaults(), null));
        }
        for (final UdpSocket<Ipv4Address> socket : sockets) {
            socket.send(bytes, 0, 1);
            rig.run(100_000);
            final UdpDatagram datagram = socket.receive();
            assertEquals(4000, requireNonNull(datagram, "the answer came").length());
        }
    }

    /** From each shard, also long replies in fragments; and from one that leaves and gets no new flows. */
    @ParameterizedTest
    @ValueSource(strings = {GroupRig.PEER4, GroupRig.PEER6})
    void shouldBringEchoesBackToTheShardThatAsked(final String address) {
        open(3, 3);
        final int[] replies = new int[3];
        final List<PingSocket<?>> sockets = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            final int place = i % 3;
            sockets.add(rig.stack(place).ping(IpAddress.parse(address), (socket, reply) -> replies[place]++));
        }
        for (final int length : new int[] {56, 4_000}) {
            sockets.forEach(socket -> assertEquals(IpOutput.SENT, socket.send(1, bytes, 0, length)));
            rig.run(1_000_000);
        }
        assertArrayEquals(new int[] {20, 20, 20}, replies);
        rig.table.remove(1);
        rig.run(1_000_000);
        assertTrue(rig.table.serves(1), "it waits for echoes");
        sockets.forEach(socket -> socket.send(2, bytes, 0, 56));
        rig.run(1_000_000);
        assertArrayEquals(new int[] {30, 30, 30}, replies);
        sockets.forEach(PingSocket::close);
        rig.run(1_000_000);
        assertTrue(!rig.table.serves(1), "it has nothing left to do");
    }

    @Test
    void shouldTellTheSocketWhoseDatagramAnErrorQuotes() {
        open(3, 3);
        for (int place = 0; place < 3; place++) {
            for (final String address : List.of(GroupRig.PEER4, GroupRig.PEER6)) {
                final UdpSocket<?> socket = rig.stack(place)
                        .connectUdp(new Endpoint<>(IpAddress.parse(address), PORT), UdpConfig.defaults(), null);
                socket.send(bytes, 0, 1);
                rig.run(100_000);
                assertTrue(socket.takeError() != null, "port unreachable, in shard " + place);
                socket.close();
            }
        }
    }

    @Test
    void shouldShareAUdpSocketAmongShards() {
        open(3, 3);
        final int[] received = new int[3];
        final SharedPlace<UdpSocket<Ipv4Address>> echo = rig.group.bind(
                new Endpoint<>(Ipv4Address.UNSPECIFIED, PORT), UdpConfig.defaults(), place -> (socket, datagram) -> {
                    received[place]++;
                    datagram.reply(datagram.length());
                });
        final int[] answers = new int[1];
        for (int i = 0; i < 40; i++) {
            rig.peer
                    .connectUdp(
                            new Endpoint<>(Ipv4Address.parse(GroupRig.GROUP4), PORT),
                            UdpConfig.defaults(),
                            (socket, datagram) -> answers[0]++)
                    .send(bytes, 0, 1);
        }
        rig.runUntil(() -> answers[0] == 40, "all are answered");
        for (final int each : received) {
            assertTrue(each >= 4, each + " in one shard");
        }
        echo.close();
    }

    @Test
    void shouldCheckAddressesInOneShardAndTellTheOthers() {
        open(3, 3);
        for (int place = 0; place < 3; place++) {
            assertEquals(AddressState.PREFERRED, rig.state(place, GroupRig.GROUP4));
            assertEquals(AddressState.PREFERRED, rig.state(place, GroupRig.GROUP6));
            assertEquals(place == 0, rig.stack(place).counters().get(StackCounter.ADDRESS_ANNOUNCEMENTS) > 0);
        }
        for (int place = 1; place < 3; place++) {
            assertEquals(0, rig.stack(place).counters().get(StackCounter.TX_PACKETS), "a shard that only listened");
        }
    }

    @Test
    void shouldLoseAnAddressInAllShardsWhenAnotherStationHasIt() {
        rig = new GroupRig(pools, 3, 3, GroupRig.GROUP4);
        rig.run(12_000_000);
        for (int place = 0; place < 3; place++) {
            assertEquals(AddressState.DUPLICATED, rig.state(place, GroupRig.GROUP4));
            assertEquals(AddressState.PREFERRED, rig.state(place, GroupRig.GROUP6));
        }
    }

    @Test
    void shouldTellAllShardsOfANeighbourAndItsNewAddress() {
        open(3, 3);
        connectAndWait();
        for (int place = 0; place < 3; place++) {
            assertEquals(List.of(rig.peer.interfaces().getFirst().macAddress()), neighbors(place));
        }
        final MacAddress other = MacAddress.parse("02:00:00:00:77:77");
        rig.peer.interfaces().getFirst().setMacAddress(other);
        rig.run(3_000_000);
        connectAndWait();
        rig.run(10_000_000);
        for (int place = 0; place < 3; place++) {
            assertEquals(List.of(other), neighbors(place), "shard " + place);
        }
    }

    private void connectAndWait() {
        final TcpListener<Ipv4Address> listener =
                rig.peer.listen(new Endpoint<>(Ipv4Address.UNSPECIFIED, PORT), 8, echo(0));
        final Client client = new Client();
        rig.group.connect(new Endpoint<>(Ipv4Address.parse(GroupRig.PEER4), PORT), place -> client);
        rig.runUntil(() -> client.open, "connected");
        listener.close();
        rig.run(100_000);
    }

    private List<MacAddress> neighbors(final int place) {
        final List<MacAddress> found = new ArrayList<>();
        rig.stack(place).interfaces().getFirst().neighbors().forEach(entry -> {
            if (entry.address() instanceof Ipv4Address && entry.mac() != null) {
                found.add(entry.mac());
            }
        });
        return found;
    }

    @Test
    void shouldKeepConnectionsWhenAShardGoesAndAnotherComes() {
        open(3, 3);
        final SharedPlace<? extends TcpListener<?>> listener = listen(Ipv4Address.UNSPECIFIED);
        final IpAddress to = Ipv4Address.parse(GroupRig.GROUP4);
        connect(60, to);
        rig.runUntil(() -> sum() == 60, "all are accepted");
        final int had = accepted[0];
        rig.table.remove(0);
        exchange("after the first shard was taken out");
        connect(60, to);
        rig.runUntil(() -> sum() == 120, "new ones are accepted");
        assertEquals(had, accepted[0], "none by the shard that goes");
        exchange("with new ones");
        assertTrue(rig.stack(1).sharding().leads());
        assertFalse(rig.stack(0).sharding().leads());
        assertTrue(rig.table.serves(0));

        // All that it had are closed: by the peer, so that TIME-WAIT is there.
        final List<Client> all = List.copyOf(clients);
        all.subList(0, 60).forEach(Client::finish);
        rig.runUntil(() -> !rig.table.serves(0), "the shard has nothing left");
        assertEquals(0, rig.stack(0).connections());
        rig.end(0);
        exchange("after the shard ended");

        rig.start(0);
        rig.table.add(0);
        exchange("after a shard came back");
        final int before = accepted[0];
        connect(60, to);
        rig.runUntil(() -> sum() == 180, "new ones are accepted");
        exchange("with those of the shard that came");
        assertTrue(accepted[0] > before + 5, "the new shard accepts");
        rig.run(1_000_000);
        assertEquals(AddressState.PREFERRED, rig.state(0, GroupRig.GROUP4));
        assertEquals(180 - had, listener.sum(TcpListener::accepted), "the first listener of shard 0 is gone");
        for (int place = 0; place < 3; place++) {
            assertEquals(0, rig.stack(place).counters().get(StackCounter.TCP_RESETS_SENT));
        }
        assertEquals(0, rig.dispatcher.counters().drops());
    }

    @Test
    void shouldGiveANewShardWhatWasSetByHand() {
        open(2, 1);
        final Cidr<? extends IpAddress> net = Cidr.parse("203.0.113.0/24");
        rig.group.onAll(stack -> {
            stack.addRoute(Route.via(net, Ipv4Address.parse(GroupRig.PEER4), 0));
            stack.interfaces()
                    .getFirst()
                    .addNeighbor(Ipv4Address.parse("192.0.2.9"), MacAddress.parse("02:00:00:00:00:09"));
        });
        rig.start(1);
        rig.table.add(1);
        assertEquals(rig.stack(0).routes(), rig.stack(1).routes());
        rig.run(1_000_000);
        assertTrue(neighbors(1).contains(MacAddress.parse("02:00:00:00:00:09")));
        assertEquals(AddressState.PREFERRED, rig.state(1, GroupRig.GROUP6));
    }

    @Test
    void shouldHandPathMtusOn() {
        open(2, 2);
        final Ipv6Address far = Ipv6Address.parse(GroupRig.PEER6);
        final UdpSocket<Ipv6Address> socket =
                rig.stack(1).bind(new Endpoint<>(Ipv6Address.UNSPECIFIED, PORT), (s, d) -> {});
        final int before = socket.maxPayload(far);
        new NewsSender(rig).pathMtu(far, 1400);
        rig.run(100_000);
        assertEquals(before - 100, socket.maxPayload(far));
    }

    /** What shard 0 would tell if a router told it. */
    private record NewsSender(GroupRig rig) {
        void pathMtu(final Ipv6Address to, final int mtu) {
            rig.group.rings().sender(0, place -> true).onPathMtu(6, to.hi(), to.lo(), mtu);
        }
    }

    private static final class Client implements TcpHandler {
        private @Nullable TcpSocket<?> socket;
        private boolean open;
        private long received;
        private @Nullable CloseReason closed;

        @Override
        public void onConnected(final TcpSocket<?> newSocket) {
            socket = newSocket;
            open = true;
        }

        @Override
        public void onReadable(final TcpSocket<?> from) {
            received += from.readSpan();
            from.consume(from.readSpan());
        }

        @Override
        public void onClosed(final TcpSocket<?> from, final CloseReason reason) {
            closed = reason;
        }

        void finish() {
            requireNonNull(socket).close();
        }
    }
}

package io.millrace.stack.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.stack.Stack;
import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.udp.UdpConfig;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.PoolWatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Our UDP port for TCP within UDP where several shards are one host. */
final class ShardUdpPortTest {
    private static final Endpoint<Ipv4Address> SERVER = new Endpoint<>(Ipv4Address.parse(GroupRig.GROUP4), 80);
    private static final int BEFORE = 9899;
    private static final int AFTER = 9900;
    private static final int PEERS = 4711;
    private static final int MANY = 30;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final List<Client> clients = new ArrayList<>();
    private final int[] accepted = new int[3];

    @SuppressWarnings("NullAway.Init") // each test opens it
    private GroupRig rig;

    private void open(final int running) {
        rig = new GroupRig(pools, 3, running, GroupRig.PEER4);
        rig.run(12_000_000);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private SharedPlace<TcpListener<Ipv4Address>> listen() {
        return rig.group.listen(SERVER, 128, place -> new TcpHandler() {
            @Override
            public void onConnected(final TcpSocket<?> socket) {
                accepted[place]++;
            }

            @Override
            public void onReadable(final TcpSocket<?> socket) {
                if (socket.finished()) {
                    socket.close();
                }
            }
        });
    }

    /** Opens connections of the peer's to a UDP port of the group's, and waits until all are open or closed. */
    private List<Client> connect(final int udpPort) {
        final List<Client> opened = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            final Client client = new Client();
            opened.add(client);
            rig.peer.tcp().encapsulations().port(PEERS + i); // another flow outside, so that each shard gets some
            rig.peer.connect(SERVER, client).options().opening().remoteUdpPort(udpPort);
        }
        clients.addAll(opened);
        rig.runUntil(
                () -> opened.stream().allMatch(client -> client.connected || client.closed != null),
                "every connection is open or closed");
        return opened;
    }

    private static long open(final List<Client> clients) {
        return clients.stream().filter(client -> client.closed == null).count();
    }

    private List<Integer> ports() {
        return rig.stacks.stream()
                .filter(Objects::nonNull)
                .map(stack -> stack.tcp().encapsulations().port())
                .toList();
    }

    @Test
    void shouldSetThePortInEveryShardAndInThoseToCome() {
        open(2);
        listen();
        rig.group.udpEncapsulation(BEFORE);
        assertEquals(List.of(BEFORE, BEFORE), ports());
        rig.start(2);
        rig.table.add(2);
        assertEquals(List.of(BEFORE, BEFORE, BEFORE), ports());
        rig.run(1_000_000);
        assertEquals(MANY, open(connect(BEFORE)));
        for (final int each : accepted) {
            assertEquals(true, each > 0, "each shard has some");
        }
    }

    @Test
    void shouldKeepConnectionsAndBeginNoneWhenThereIsNoPortAnyMore() {
        open(3);
        listen();
        rig.group.udpEncapsulation(BEFORE);
        final List<Client> first = connect(BEFORE);
        rig.group.udpEncapsulation(0);
        assertEquals(0, open(connect(BEFORE)));
        assertEquals(MANY, open(first));
        rig.group.udpEncapsulation(AFTER);
        assertEquals(MANY, open(connect(AFTER)));
        first.forEach(client -> Objects.requireNonNull(client.socket).close());
        rig.runUntil(() -> first.stream().allMatch(client -> client.closed != null), "all end");
        first.forEach(client -> assertEquals(CloseReason.NORMAL, client.closed));
    }

    @Test
    void shouldChangeNothingWhenASocketOfOneShardHasThePort() {
        open(3);
        rig.group.udpEncapsulation(BEFORE);
        final Stack last = rig.stack(2);
        last.bind(new Endpoint<>(SERVER.address(), AFTER));
        assertThrows(AddressInUseException.class, () -> rig.group.udpEncapsulation(AFTER));
        assertEquals(List.of(BEFORE, BEFORE, BEFORE), ports());
        rig.group
                .bind(new Endpoint<>(SERVER.address(), AFTER + 1), UdpConfig.defaults(), place ->
                        (socket, datagram) -> {})
                .close();
        assertThrows(IllegalArgumentException.class, () -> rig.group.udpEncapsulation(65_536));
        assertEquals(List.of(BEFORE, BEFORE, BEFORE), ports());
        rig.group.udpEncapsulation(0);
        assertNull(rig.stacks.stream()
                .filter(stack -> stack != null && stack.tcp().encapsulations().port() != 0)
                .findAny()
                .orElse(null));
    }

    private static final class Client implements TcpHandler {
        @Nullable
        TcpSocket<?> socket;

        boolean connected;

        @Nullable
        CloseReason closed;

        @Override
        public void onConnected(final TcpSocket<?> opened) {
            socket = opened;
            connected = true;
        }

        @Override
        public void onReadable(final TcpSocket<?> opened) {
            if (opened.finished()) {
                opened.close();
            }
        }

        @Override
        public void onClosed(final TcpSocket<?> ended, final CloseReason reason) {
            closed = reason;
        }
    }
}

package io.millrace.bench.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.config.CookieSetting;
import io.millrace.config.ListenSpec;
import io.millrace.config.ServiceKind;
import io.millrace.config.ServiceSpec;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpSnapshot;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.TcpState;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.PoolWatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The end of a shard, seen by a client whose packets take a tenth of a second each way. */
final class ServerShardTest {
    private static final long LATENCY = 100_000;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PoolCache near = pools.cache(256);
    private final PoolCache far = pools.cache(256);
    private final SimulatedWire wire =
            SimulatedWire.ethernet(near.pool(), far.pool(), WireConditions.PERFECT.withLatency(LATENCY), 1);
    private final ServerShard shard = new ServerShard(StackConfig.defaults(), near);
    private final Stack client = Stack.create(StackConfig.defaults(), far);
    private final List<String> events = new ArrayList<>();
    private long now;

    private final TcpHandler handler = new TcpHandler() {
        @Override
        public void onConnected(TcpSocket<?> socket) {
            events.add("connected");
        }

        @Override
        public void onClosed(TcpSocket<?> socket, CloseReason why) {
            events.add("closed " + why);
        }
    };

    @BeforeEach
    void open() throws IOException {
        shard.stack()
                .addInterface(
                        InterfaceConfig.of("10.0.0.2/24"),
                        wire.a().info(),
                        wire.a().queue(0, near));
        shard.open(List.of(new ServiceSpec(ServiceKind.ECHO, 7)), List.of(), null);
        client.addInterface(
                InterfaceConfig.of("10.0.0.1/24"), wire.b().info(), wire.b().queue(0, far));
        // Both ends know each other's link addresses before it begins.
        final TcpSocket<Ipv4Address> first = connect();
        run(10 * LATENCY);
        first.close();
        run(10 * LATENCY);
        events.clear();
    }

    @AfterEach
    void close() {
        shard.close();
        client.close();
        wire.close();
    }

    private TcpSocket<Ipv4Address> connect() {
        return client.connect(new Endpoint<>(Ipv4Address.parse("10.0.0.2"), 7), handler);
    }

    private void run(long micros) {
        for (final long end = now + micros; now < end; now += 1_000) {
            shard.poll(now);
            client.poll(now);
        }
    }

    @Test
    void shouldForgetHalfOpenConnectionsAndResetTheirLastAckWhenToldToStop() {
        final TcpSocket<Ipv4Address> socket = connect();
        run(LATENCY + LATENCY / 2);
        assertEquals(TcpState.SYN_SENT, socket.state(), "the SYN was answered, the answer is on its way");
        shard.shutdown();
        run(2_000);
        assertTrue(shard.drained(), "nobody waits for a handshake that may never end");
        run(3 * LATENCY);
        // As on Linux and FreeBSD: to the client it was open for a moment.
        assertEquals(List.of("connected", "closed RESET"), events);
        assertTrue(shard.stack().counters().get(StackCounter.TCP_NO_LISTENER) > 0);
    }

    @Test
    void shouldCloseEstablishedConnectionsInOrderWhenToldToStop() {
        connect();
        run(4 * LATENCY);
        assertEquals(List.of("connected"), events);
        shard.shutdown();
        run(2_000);
        assertFalse(shard.drained(), "the client does not know yet");
        run(20 * LATENCY);
        assertTrue(shard.drained());
        assertFalse(events.contains("closed RESET"), events::toString);
    }

    @Test
    void shouldListenAsTheServiceSays() throws IOException {
        final ListenSpec listen = new ListenSpec(5, 0, CookieSetting.ALWAYS, 0, 1000, true);
        shard.open(List.of(new ServiceSpec(ServiceKind.DISCARD, 9, listen)), List.of(), null);
        final TcpSocket<Ipv4Address> socket = client.connect(new Endpoint<>(Ipv4Address.of(10, 0, 0, 2), 9), handler);
        run(10 * LATENCY);
        assertEquals(TcpState.ESTABLISHED, socket.state());
        final TcpInfo info = socket.info(new TcpInfo());
        assertEquals(1000, info.sendMss + (info.timestamps ? TcpRepr.TIMESTAMPS_LENGTH : 0));
        assertEquals(1, shard.stack().counters().get(StackCounter.TCP_COOKIES_ACCEPTED));
        assertEquals(
                5,
                TcpSnapshot.of(shard.stack().tcp(), 10, false).stream()
                        .filter(row ->
                                row.state() == TcpState.LISTEN && row.local().port() == 9)
                        .findFirst()
                        .orElseThrow()
                        .sendQueue());
    }
}

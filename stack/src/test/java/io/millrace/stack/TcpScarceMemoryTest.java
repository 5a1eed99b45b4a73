package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.testkit.PoolWatch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many connections both ways that share far less memory than they would like. */
class TcpScarceMemoryTest {
    private static final int BYTES = 30_000;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @ParameterizedTest
    @CsvSource({"16, 8, 0, 4", "64, 100, 0.1, 20"})
    void shouldTransferAllOfEveryConnectionInTime(
            final int chunks, final int connections, final double loss, final int seconds) {
        final WireConditions conditions = TwoStacks.rough(loss, loss / 2, 0, 0);
        final StackConfig config = StackConfig.defaults()
                .withTcp(TcpConfig.builder()
                        .bufferMemory(chunks * 1024L)
                        .chunkSize(1024)
                        .build());
        try (TwoStacks stacks = new TwoStacks(pools, Medium.ETHERNET, SimulatedWire.ETHERNET_MTU, conditions, config)) {
            final List<TcpPeer> servers = new ArrayList<>();
            final List<TcpPeer> clients = new ArrayList<>();
            final Endpoint<?> remote = Endpoint.parse("192.0.2.2:7");
            stacks.b.listen(remote, connections, new TcpHandler() {
                @Override
                public void onConnected(final TcpSocket<?> socket) {
                    final TcpPeer server = new TcpPeer(BYTES, 1);
                    servers.add(server);
                    socket.handler(server);
                    server.onConnected(socket);
                }
            });
            for (int i = 0; i < connections; i++) {
                final TcpPeer client = new TcpPeer(BYTES, 2);
                clients.add(client);
                stacks.a.connect(remote, client);
            }
            stacks.runUntil(
                    () -> servers.size() == connections
                            && servers.stream().allMatch(peer -> peer.closedCalls == 1)
                            && clients.stream().allMatch(peer -> peer.closedCalls == 1),
                    seconds);
            assertTrue(servers.stream().allMatch(peer -> peer.received == BYTES));
            assertTrue(clients.stream().allMatch(peer -> peer.received == BYTES));
            assertEquals(0, stacks.a.connections() + stacks.b.connections());
        }
    }
}

package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.stack.socket.tcp.config.MtuProbing;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.UdpEncapsulation;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.testkit.PoolWatch;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Megabytes both ways within UDP, over a wire that loses, reorders, repeats and spoils packets. */
class TcpWithinUdpTransferTest {
    private static final int PORT = 9899;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @ParameterizedTest
    @CsvSource({
        "192.0.2.2:7, 12, WHEN_FULL, 1436, 0, 0, 0, 0",
        "[2001:db8::2]:7, 8, WHEN_FULL, 1420, 0, 0, 0, 0",
        "192.0.2.2:7, 48, ALWAYS, 1400, 0.03, 0.05, 0.02, 0.01",
        "[2001:db8::2]:7, 8, ALWAYS, 1420, 0.05, 0.05, 0.02, 0.01",
        "192.0.2.2:7, 12, OFF, 1436, 0.1, 0.1, 0.1, 0",
    })
    void shouldTransferIntactWhateverTheWireDoes(
            final String at,
            final int overhead,
            final CookieMode cookies,
            final int segment,
            final double loss,
            final double reorder,
            final double duplication,
            final double corruption) {
        final WireConditions conditions = TwoStacks.rough(loss, reorder, duplication, corruption);
        final StackConfig config = StackConfig.defaults()
                .withTcp(TcpConfig.builder()
                        .udpEncapsulation(new UdpEncapsulation(PORT, overhead))
                        .synCookies(cookies)
                        .mtuProbing(MtuProbing.OFF) // or losses may make segments smaller
                        .build());
        try (TwoStacks stacks = new TwoStacks(pools, Medium.ETHERNET, SimulatedWire.ETHERNET_MTU, conditions, config)) {
            final long bytes = 1 << 20;
            final TcpPeer server = new TcpPeer(bytes, 1);
            final TcpPeer client = new TcpPeer(bytes, 2);
            final Endpoint<?> remote = Endpoint.parse(at);
            stacks.b.listen(remote, 4, server);
            final TcpSocket<?> socket = stacks.a.connect(remote, client);
            socket.options().opening().remoteUdpPort(PORT);
            stacks.runUntil(() -> server.received > 100_000, 3_600);
            final TcpInfo info = socket.info(new TcpInfo());
            assertEquals(PORT, info.remoteUdpPort);
            assertEquals(segment, info.sendMss, "timestamps take 12 bytes");
            stacks.runUntil(() -> server.closedCalls + client.closedCalls == 2, 3_600);
            client.assertArrived(server);
            server.assertArrived(client);
            assertEquals(bytes, server.received);
            stacks.runFor(130_000_000L);
            for (final Stack stack : new Stack[] {stacks.a, stacks.b}) {
                assertEquals(
                        stack.counters().get(StackCounter.TCP_SEGMENTS_SENT),
                        stack.counters().get(StackCounter.TCP_ENCAPSULATED));
                assertEquals(0, stack.counters().get(StackCounter.TCP_OTHER_ENCAPSULATION));
                assertTrue(stack.counters().get(StackCounter.TCP_SEGMENTS_COALESCED) > 0 || loss > 0);
                assertEquals(0, stack.tcp().timeWaits());
            }
        }
    }
}

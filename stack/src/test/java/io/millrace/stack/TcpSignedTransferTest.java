package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.keys.AoAlgorithm;
import io.millrace.stack.socket.tcp.keys.AoKey;
import io.millrace.stack.socket.tcp.keys.Md5Key;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.testkit.PoolWatch;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signed megabytes both ways between two stacks over a wire that loses, reorders, repeats and spoils packets. */
class TcpSignedTransferTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private static Md5Key md5(final String peer, final String secret) {
        return new Md5Key(Cidr.parse(peer), secret.getBytes(StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @CsvSource({
        "[192.0.2.2]:7, 192.0.2.0/24, 0, 0, 0, 0",
        "[2001:db8::2]:7, 2001:db8::/64, 0, 0, 0, 0",
        "[192.0.2.2]:7, 0.0.0.0/0, 0.03, 0.05, 0.02, 0.01",
        "[2001:db8::2]:7, ::/0, 0.05, 0.05, 0.02, 0.01",
    })
    void shouldTransferIntactWhateverTheWireDoes(
            final String at,
            final String peers,
            final double loss,
            final double reorder,
            final double duplication,
            final double corruption) {
        final WireConditions conditions = TwoStacks.rough(loss, reorder, duplication, corruption);
        try (TwoStacks stacks =
                new TwoStacks(pools, Medium.ETHERNET, SimulatedWire.ETHERNET_MTU, conditions, StackConfig.defaults())) {
            final long bytes = 1 << 20;
            final TcpPeer server = new TcpPeer(bytes, 1);
            final TcpPeer client = new TcpPeer(bytes, 2);
            final Endpoint<?> remote = Endpoint.parse(at.startsWith("[1") ? at.replaceAll("[\\[\\]]", "") : at);
            final TcpListener<?> listener = stacks.b.listen(remote, 4, server);
            listener.options().keys().set(md5(peers, "a secret"));
            final TcpSocket<?> socket = stacks.a.connect(remote, client);
            socket.options().keys().set(md5(remote.address() + (at.startsWith("[1") ? "/32" : "/128"), "a secret"));
            stacks.runUntil(() -> server.closedCalls + client.closedCalls == 2, 3_600);
            client.assertArrived(server);
            server.assertArrived(client);
            assertEquals(bytes, server.received);
            stacks.runFor(130_000_000L);
            for (final Stack stack : new Stack[] {stacks.a, stacks.b}) {
                assertEquals(0, stack.counters().get(StackCounter.TCP_MD5_FAILURE));
                assertEquals(0, stack.counters().get(StackCounter.TCP_MD5_NOT_FOUND));
                assertTrue(stack.counters().get(StackCounter.TCP_SEGMENTS_COALESCED) > 0 || loss > 0);
                assertEquals(0, stack.tcp().timeWaits());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.2:7, 0.0.0.0/0, HMAC_SHA_1_96",
        "[2001:db8::2]:7, ::/0, HMAC_SHA_1_96",
        "192.0.2.2:7, 0.0.0.0/0, AES_128_CMAC_96",
        "[2001:db8::2]:7, ::/0, AES_128_CMAC_96"
    })
    void shouldTransferIntactWithTheAuthenticationOption(
            final String at, final String peers, final AoAlgorithm algorithm) {
        final WireConditions conditions = TwoStacks.rough(0.03, 0.05, 0.02, 0.01);
        try (TwoStacks stacks = new TwoStacks(pools, conditions)) {
            final long bytes = 1 << 19;
            final TcpPeer server = new TcpPeer(bytes, 1);
            final TcpPeer client = new TcpPeer(bytes, 2);
            final TcpListener<?> listener = stacks.b.listen(Endpoint.parse(at), 4, server);
            listener.options().keys().set(new AoKey(Cidr.parse(peers), algorithm, new byte[] {1, 2, 3}, 10, 20));
            final TcpSocket<?> socket = stacks.a.connect(Endpoint.parse(at), client);
            socket.options().keys().set(new AoKey(Cidr.parse(peers), algorithm, new byte[] {1, 2, 3}, 20, 10));
            stacks.runUntil(() -> server.closedCalls + client.closedCalls == 2, 3_600);
            client.assertArrived(server);
            server.assertArrived(client);
            assertEquals(bytes, server.received);
            stacks.runFor(130_000_000L);
            for (final Stack stack : new Stack[] {stacks.a, stacks.b}) {
                assertEquals(0, stack.counters().get(StackCounter.TCP_AO_BAD));
                assertEquals(0, stack.counters().get(StackCounter.TCP_AO_REQUIRED));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.2:7, 0.0.0.0/0", "[2001:db8::2]:7, ::/0"})
    void shouldNotConnectWithAnotherKey(final String at, final String peers) {
        try (TwoStacks stacks = new TwoStacks(pools, WireConditions.PERFECT)) {
            final TcpPeer server = new TcpPeer(1, 1);
            final TcpPeer client = new TcpPeer(1, 2);
            final TcpListener<?> listener = stacks.b.listen(Endpoint.parse(at), 4, server);
            listener.options().keys().set(md5(peers, "a secret"));
            final TcpSocket<?> socket = stacks.a.connect(Endpoint.parse(at), client);
            socket.options().synRetries(1).keys().set(md5(peers, "another"));
            stacks.runUntil(() -> client.closedCalls == 1, 60);
            assertEquals(CloseReason.TIMEOUT, client.reason);
            assertEquals(0, server.connectedCalls);
            assertEquals(2, stacks.b.counters().get(StackCounter.TCP_MD5_FAILURE));
        }
    }
}

package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.testkit.PoolWatch;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Megabytes both ways between two stacks over a wire that loses, reorders, repeats and spoils packets. */
class TcpTransferTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @ParameterizedTest
    @CsvSource({
        "192.0.2.2, 0, 0, 0, 0, 8",
        "2001:db8::2, 0, 0, 0, 0, 8",
        "192.0.2.2, 0.01, 0, 0, 0, 4",
        "2001:db8::2, 0.01, 0, 0, 0, 4",
        "192.0.2.2, 0.1, 0, 0, 0, 1",
        "2001:db8::2, 0.05, 0.05, 0.02, 0.01, 2",
        "192.0.2.2, 0, 0.1, 0, 0, 4",
        "192.0.2.2, 0, 0, 0.1, 0, 4",
        "192.0.2.2, 0, 0, 0, 0.02, 4",
        "192.0.2.2, 0.03, 0.05, 0.02, 0.01, 4",
    })
    void shouldTransferIntactWhateverTheWireDoes(
            final String address,
            final double loss,
            final double reorder,
            final double duplication,
            final double corruption,
            final int mebibytes) {
        final WireConditions conditions = TwoStacks.rough(loss, reorder, duplication, corruption);
        final String first = transfer(address, conditions, mebibytes * 1024L * 1024);
        if (mebibytes <= 2) {
            assertEquals(first, transfer(address, conditions, mebibytes * 1024L * 1024), "not the same twice");
        }
    }

    private String transfer(final String address, final WireConditions conditions, final long bytes) {
        try (TwoStacks stacks =
                new TwoStacks(pools, Medium.ETHERNET, SimulatedWire.ETHERNET_MTU, conditions, StackConfig.defaults())) {
            final TcpPeer server = new TcpPeer(bytes, 1);
            final TcpPeer client = new TcpPeer(bytes, 2);
            final Endpoint<?> remote =
                    address.contains(":") ? Endpoint.parse("[" + address + "]:7") : Endpoint.parse(address + ":7");
            stacks.b.listen(remote, 4, server);
            stacks.a.connect(remote, client);
            stacks.runUntil(() -> server.closedCalls + client.closedCalls == 2, 3_600);
            client.assertArrived(server);
            server.assertArrived(client);
            assertEquals(bytes, server.received);
            assertEquals(1, server.connectedCalls);
            assertEquals(1, client.connectedCalls);
            assertEquals(0, stacks.a.connections() + stacks.b.connections());
            for (final Stack stack : new Stack[] {stacks.a, stacks.b}) {
                assertEquals(
                        stack.tcp().chunks().capacity(), stack.tcp().chunks().available(), "chunks");
            }
            stacks.runFor(130_000_000L);
            assertEquals(0, stacks.a.tcp().timeWaits() + stacks.b.tcp().timeWaits());
            return stacks.clock.now() + " " + stacks.a.counters().get(StackCounter.TX_PACKETS) + " "
                    + stacks.b.counters().get(StackCounter.TX_PACKETS);
        }
    }
}

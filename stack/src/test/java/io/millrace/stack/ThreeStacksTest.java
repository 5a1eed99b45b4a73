package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.iface.forward.ForwardingRules;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.FakeClock;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two hosts with a router of ours between them, over two simulated wires: everything arrives. */
class ThreeStacksTest {
    private static final MemorySegment DATA = Frames.ofBytes(new byte[512]);

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @ParameterizedTest
    @CsvSource({"10.0.2.2, ETHERNET", "2001:db8:2::2, ETHERNET", "10.0.2.2, IP", "2001:db8:2::2, IP"})
    void shouldLoseNothingOnTheWay(final String to, final Medium second) {
        try (Net net = new Net(second)) {
            final IpAddress address = IpAddress.parse(to);
            final IpAddress any = IpAddress.of(address.family(), 0, 0);
            final int[] echoed = new int[1];
            final long drops = net.r.counters().drops(); // of announcements
            net.b.bind(new Endpoint<>(any, 7), (socket, datagram) -> datagram.reply(datagram.length()));
            final UdpSocket<IpAddress> client = net.a.bind(new Endpoint<>(any, 0), (socket, datagram) -> echoed[0]++);
            for (int i = 1; i <= 500; i++) {
                client.send(new Endpoint<>(address, 7), DATA, 0, 1 + i);
                final int wanted = i;
                net.runUntil(() -> echoed[0] == wanted, 5);
            }
            assertTrue(net.r.counters().get(StackCounter.FORWARDED) >= 1000);
            assertEquals(drops, net.r.counters().drops());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.2.2", "2001:db8:2::2"})
    void shouldCarryConnections(final String to) {
        try (Net net = new Net(Medium.ETHERNET)) {
            final long[] received = new long[1];
            final MemorySegment sink = Frames.ofBytes(new byte[4096]);
            net.b.listen(new Endpoint<>(IpAddress.parse(to), 80), 4, new TcpHandler() {
                @Override
                public void onReadable(final TcpSocket<?> socket) {
                    for (int n = socket.receive(sink, 0, 4096); n > 0; n = socket.receive(sink, 0, 4096)) {
                        received[0] += n;
                    }
                }
            });
            final TcpSocket<IpAddress> client =
                    net.a.connect(new Endpoint<>(IpAddress.parse(to), 80), new TcpHandler() {});
            final long[] sent = new long[1];
            net.runUntil(
                    () -> {
                        if (sent[0] < 200_000) {
                            sent[0] += Math.max(0, client.send(DATA, 0, 512));
                        }
                        return received[0] >= 200_000;
                    },
                    30);
        }
    }

    private final class Net implements AutoCloseable {
        private final FakeClock clock = new FakeClock(1_000_000);
        private final SimulatedWire left;
        private final SimulatedWire right;
        private final Stack a;
        private final Stack r;
        private final Stack b;

        Net(final Medium second) {
            final PacketPool poolA = pools.pool(1024, 1518);
            final PacketPool poolR = pools.pool(1024, 1518);
            final PacketPool poolB = pools.pool(1024, 1518);
            final WireConditions slow = WireConditions.PERFECT.withLatency(100);
            left = SimulatedWire.create(Medium.ETHERNET, 1500, poolA, poolR, slow, 1);
            right = SimulatedWire.create(second, 1500, poolR, poolB, slow, 2);
            final PoolCache cacheA = pools.cache(poolA);
            final PoolCache cacheR = pools.cache(poolR);
            final PoolCache cacheB = pools.cache(poolB);
            a = Stack.create(StackConfig.defaults().withEntropy(Entropy.seeded(1)), cacheA);
            r = Stack.create(StackConfig.defaults().withEntropy(Entropy.seeded(2)), cacheR);
            b = Stack.create(StackConfig.defaults().withEntropy(Entropy.seeded(3)), cacheB);
            a.addInterface(
                    InterfaceConfig.of("10.0.1.2/24", "2001:db8:1::2/64")
                            .withGateway(IpAddress.parse("10.0.1.1"))
                            .withGateway(IpAddress.parse("2001:db8:1::1")),
                    left.a().info(),
                    left.a().queue(0, cacheA));
            r.addInterface(
                    InterfaceConfig.of("10.0.1.1/24", "2001:db8:1::1/64"),
                    left.b().info(),
                    left.b().queue(0, cacheR));
            r.addInterface(
                    InterfaceConfig.of("10.0.2.1/24", "2001:db8:2::1/64"),
                    right.a().info(),
                    right.a().queue(0, cacheR));
            r.forwarding(ForwardingRules.ROUTER);
            b.addInterface(
                    InterfaceConfig.of("10.0.2.2/24", "2001:db8:2::2/64")
                            .withGateway(IpAddress.parse("10.0.2.1"))
                            .withGateway(IpAddress.parse("2001:db8:2::1")),
                    right.b().info(),
                    right.b().queue(0, cacheB));
            runUntil(() -> clock.now() > 20_000_000, 30);
        }

        void runUntil(final BooleanSupplier condition, final int seconds) {
            final long deadline = clock.now() + seconds * 1_000_000L;
            while (!condition.getAsBoolean()) {
                if (a.poll(clock.now()) + r.poll(clock.now()) + b.poll(clock.now()) > 0) {
                    continue;
                }
                assertTrue(clock.now() < deadline, "not in time");
                final long now = clock.now();
                long next = Math.min(left.nextArrival(), right.nextArrival());
                next = Math.min(next, Math.min(a.pollAt(now), Math.min(r.pollAt(now), b.pollAt(now))));
                clock.advanceTo(Math.max(now + 1, Math.min(next, now + 100_000)));
            }
        }

        @Override
        public void close() {
            a.close();
            r.close();
            b.close();
            left.close();
            right.close();
        }
    }
}

package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.fail;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.iface.DuplicateDetection;
import io.millrace.stack.random.Entropy;
import io.millrace.testkit.FakeClock;
import io.millrace.testkit.PoolWatch;
import java.util.function.BooleanSupplier;

/**
 * Two stacks over a simulated wire, each with a pool of its own: {@code a} is 192.0.2.1 and 2001:db8::1, {@code b} is
 * 192.0.2.2 and 2001:db8::2. Closing it closes all.
 */
final class TwoStacks implements AutoCloseable {
    /** Address of a. */
    static final String A4 = "192.0.2.1";

    /** Address of b. */
    static final String B4 = "192.0.2.2";

    /** Address of a. */
    static final String A6 = "2001:db8::1";

    /** Address of b. */
    static final String B6 = "2001:db8::2";

    private static final int BUFFERS = 1024;

    /** The clock that moves as far as something happens. */
    final FakeClock clock = new FakeClock(1_000_000);

    final SimulatedWire wire;
    final Stack a;
    final Stack b;
    final NetInterface interfaceA;
    final NetInterface interfaceB;

    /** A wire of 5 ms that loses, reorders by 3 ms, repeats and spoils such shares of the packets. */
    static WireConditions rough(
            final double loss, final double reorder, final double duplication, final double corruption) {
        return WireConditions.PERFECT
                .withLatency(5_000)
                .withLoss(loss)
                .withReorder(reorder, 3_000)
                .withDuplication(duplication)
                .withCorruption(corruption);
    }

    TwoStacks(final PoolWatch pools, final WireConditions conditions) {
        this(pools, Medium.ETHERNET, SimulatedWire.ETHERNET_MTU, conditions, StackConfig.defaults());
    }

    TwoStacks(
            final PoolWatch pools,
            final Medium medium,
            final int mtu,
            final WireConditions conditions,
            final StackConfig config) {
        final PacketPool poolA = pools.pool(BUFFERS, mtu + 18);
        final PacketPool poolB = pools.pool(BUFFERS, mtu + 18);
        wire = SimulatedWire.create(medium, mtu, poolA, poolB, conditions, 7);
        final PoolCache cacheA = pools.cache(poolA);
        final PoolCache cacheB = pools.cache(poolB);
        final StackConfig strict = config.withFailures(TwoStacks::rethrow);
        a = Stack.create(strict.withEntropy(Entropy.seeded(1)), cacheA);
        b = Stack.create(strict.withEntropy(Entropy.seeded(2)), cacheB);
        interfaceA = a.addInterface(
                InterfaceConfig.of(A4 + "/24", A6 + "/64").withDuplicateDetection(DuplicateDetection.OFF),
                wire.a().info(),
                wire.a().queue(0, cacheA));
        interfaceB = b.addInterface(
                InterfaceConfig.of(B4 + "/24", B6 + "/64").withDuplicateDetection(DuplicateDetection.OFF),
                wire.b().info(),
                wire.b().queue(0, cacheB));
        a.poll(clock.now());
        b.poll(clock.now());
    }

    /** Lets both stacks run until a condition holds; fails if it does not within so many seconds of virtual time. */
    void runUntil(final BooleanSupplier condition, final int seconds) {
        final long deadline = clock.now() + seconds * 1_000_000L;
        while (!condition.getAsBoolean()) {
            if (!step(deadline)) {
                fail("not within " + seconds + " s of virtual time");
            }
        }
    }

    /** Lets both stacks run for so many microseconds of virtual time. */
    void runFor(final long micros) {
        final long deadline = clock.now() + micros;
        while (step(deadline)) {
            // until the deadline
        }
    }

    private boolean step(final long deadline) {
        final int work = a.poll(clock.now()) + b.poll(clock.now());
        if (work > 0) {
            return true;
        }
        final long next = Math.min(wire.nextArrival(), Math.min(a.pollAt(clock.now()), b.pollAt(clock.now())));
        if (next > deadline) {
            clock.advanceTo(deadline);
            return false;
        }
        clock.advanceTo(Math.max(next, clock.now() + 1));
        return true;
    }

    @Override
    public void close() {
        a.close();
        b.close();
        wire.close();
    }

    private static void rethrow(final Throwable failure) {
        throw new AssertionError("exception within a poll", failure);
    }
}

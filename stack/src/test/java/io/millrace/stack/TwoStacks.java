package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.Segmentation;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.dataplane.port.sim.WireEnd;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.random.Entropy;
import io.millrace.testkit.FakeClock;
import io.millrace.testkit.PoolWatch;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Two stacks over a simulated wire, each with a pool of its own: {@code a} is 192.0.2.1 and 2001:db8::1, {@code b} is
 * 192.0.2.2 and 2001:db8::2. Closing it closes all.
 */
public final class TwoStacks implements AutoCloseable {
    /** Address of a. */
    public static final String A4 = "192.0.2.1";

    /** Address of b. */
    public static final String B4 = "192.0.2.2";

    /** Address of a. */
    public static final String A6 = "2001:db8::1";

    /** Address of b. */
    public static final String B6 = "2001:db8::2";

    private static final int BUFFERS = 1024;
    /** Polls at the same time that do something. */
    private static final int MOST_AT_ONCE = 100_000;
    /** Microseconds after which a link that took nothing is tried again. */
    private static final int RETRY = 50;
    /** Polls in a row that a stack asked for and did nothing in: a timer may change levels of its wheel, or be gone. */
    private static final int MOST_IDLE = 100;

    /** The clock that moves as far as something happens. */
    public final FakeClock clock = new FakeClock(1_000_000);

    public final SimulatedWire wire;
    public final Stack a;
    public final Stack b;
    public final NetInterface interfaceA;
    public final NetInterface interfaceB;

    /** What else arrives on its own. */
    public LongSupplier otherArrival = () -> Long.MAX_VALUE;

    private int idlePolls;
    private int polls;
    private long lastProgress;

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

    public TwoStacks(final PoolWatch pools, final WireConditions conditions) {
        this(pools, Medium.ETHERNET, SimulatedWire.ETHERNET_MTU, conditions, StackConfig.defaults());
    }

    public TwoStacks(
            final PoolWatch pools,
            final Medium medium,
            final int mtu,
            final WireConditions conditions,
            final StackConfig config) {
        this(
                pools,
                medium,
                mtu,
                7,
                new Half(config, 1, A4 + "/24", A6 + "/64", conditions),
                new Half(config, 2, B4 + "/24", B6 + "/64", conditions));
    }

    /**
     * Two that differ.
     *
     * @param seed of all chances of the wire
     */
    public TwoStacks(
            final PoolWatch pools,
            final Medium medium,
            final int mtu,
            final long seed,
            final Half halfA,
            final Half halfB) {
        final PacketPool poolA = pools.pool(halfA.buffers, mtu + 18);
        final PacketPool poolB = pools.pool(halfB.buffers, mtu + 18);
        wire = SimulatedWire.create(medium, mtu, poolA, poolB, halfA.conditions, seed);
        wire.b().conditions(halfB.conditions);
        final PoolCache cacheA = pools.cache(poolA);
        final PoolCache cacheB = pools.cache(poolB);
        a = Stack.create(halfA.config, cacheA);
        b = Stack.create(halfB.config, cacheB);
        interfaceA = halfA.attach(a, wire.a(), cacheA);
        interfaceB = halfB.attach(b, wire.b(), cacheB);
        a.poll(clock.now());
        b.poll(clock.now());
    }

    /**
     * One of them.
     *
     * @param net its addresses and MTU
     * @param conditions of what it sends
     * @param buffers of its pool
     * @param offloads of its device; null for none
     * @param path what its device's queue is put into
     */
    public record Half(
            StackConfig config,
            InterfaceConfig net,
            WireConditions conditions,
            int buffers,
            @Nullable Segmentation offloads,
            Path path) {
        /** As usual. */
        Half(
                final StackConfig config,
                final long seed,
                final String address4,
                final String address6,
                final WireConditions conditions) {
            this(
                    config.withFailures(TwoStacks::rethrow).withEntropy(Entropy.seeded(seed)),
                    InterfaceConfig.of(address4, address6),
                    conditions,
                    BUFFERS,
                    null,
                    (queue, cache) -> queue);
        }

        private NetInterface attach(final Stack stack, final WireEnd end, final PoolCache cache) {
            if (offloads != null) {
                end.offloadSegmentation(offloads);
            }
            return stack.addInterface(
                    net.withDuplicateDetection(DuplicateDetection.OFF),
                    end.info(),
                    path.between(end.queue(0, cache), cache));
        }
    }

    /** What is put between a stack and its end of the wire. */
    public interface Path {
        /** The queue as the stack sees it. */
        PortQueue between(PortQueue queue, PoolCache cache);
    }

    /** Lets both stacks run until a condition holds; fails if it does not within so many seconds of virtual time. */
    public void runUntil(final BooleanSupplier condition, final int seconds) {
        final long deadline = clock.now() + seconds * 1_000_000L;
        while (!condition.getAsBoolean()) {
            if (!step(deadline)) {
                fail("not within " + seconds + " s of virtual time");
            }
        }
    }

    /** Lets both stacks run for so many microseconds of virtual time. */
    public void runFor(final long micros) {
        final long deadline = clock.now() + micros;
        while (step(deadline)) {
            // until the deadline
        }
    }

    private boolean step(final long deadline) {
        final long now = clock.now();
        final int work = a.poll(now) + b.poll(now);
        if (work > 0) {
            idlePolls = 0;
            polls++;
            assertTrue(lastProgress < now || polls < MOST_AT_ONCE, "works for ever without a pause");
            polls = lastProgress < now ? 0 : polls;
            lastProgress = now;
            return true;
        }
        final long arrival = Math.min(wire.nextArrival(), otherArrival.getAsLong());
        final long own = Math.min(a.pollAt(now), b.pollAt(now));
        final long next = Math.min(arrival, own);
        if (next > deadline) {
            clock.advanceTo(deadline);
            return false;
        }
        // A link that takes nothing is tried again after a while.
        idlePolls = arrival < own || own >= now + RETRY ? 0 : idlePolls + 1;
        assertTrue(
                idlePolls < MOST_IDLE,
                () -> "asks to be polled again and again for nothing: at " + now + " by " + a.pollAt(now) + " and "
                        + b.pollAt(now));
        clock.advanceTo(Math.max(next, now + 1));
        return true;
    }

    @Override
    public void close() {
        a.close();
        b.close();
        wire.close();
    }

    /** For who wants failures to end the test. */
    public static void rethrow(final Throwable failure) {
        throw new AssertionError("exception within a poll", failure);
    }
}

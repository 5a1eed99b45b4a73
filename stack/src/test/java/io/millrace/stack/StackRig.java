package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.OffloadFlags;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.iface.LinkRules;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.random.Entropy;
import io.millrace.testkit.FakeClock;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.util.ArrayList;
import java.util.List;

/**
 * One stack against frames that a test writes: {@link #receive} hands in bytes and polls, {@link #sent} gives what the
 * stack sent since the last call.
 */
final class StackRig implements AutoCloseable {
    /** MAC address of the stack. */
    static final long MAC = 0x0200_0000_0001L;

    final FakeClock clock = new FakeClock(10_000_000);
    final Stack stack;
    final NetInterface net;
    final PoolCache cache;

    /** What handlers threw; must be empty at the end. */
    final List<Throwable> failures = new ArrayList<>();

    /** How many packets the port takes; the test may lower it. */
    int portRoom = Integer.MAX_VALUE;

    private final PacketPool pool;
    private final List<byte[]> sent = new ArrayList<>();
    private final PendingFrame pending = new PendingFrame();

    StackRig(final PoolWatch pools, final String... addresses) {
        this(pools, Medium.ETHERNET, StackConfig.defaults(), InterfaceConfig.of(addresses));
    }

    /** Addresses are not checked, so that nothing is sent unasked and time means nothing. */
    StackRig(final PoolWatch pools, final Medium medium, final StackConfig config, final InterfaceConfig netConfig) {
        this(pools, medium, config, netConfig.rules().withDuplicateDetection(DuplicateDetection.OFF), netConfig);
    }

    StackRig(
            final PoolWatch pools,
            final Medium medium,
            final StackConfig config,
            final LinkRules rules,
            final InterfaceConfig netConfig) {
        pool = pools.pool(1024);
        cache = pools.cache(pool);
        stack = Stack.create(config.withEntropy(Entropy.seeded(3)).withFailures(failures::add), cache);
        final PortInfo info = new PortInfo("rig", "test", medium, medium == Medium.ETHERNET ? MAC : 0, 1500, 1);
        final InterfaceConfig ruled = netConfig
                .withDuplicateDetection(rules.duplicateDetection())
                .withRedirects(rules.redirects4(), rules.redirects6());
        net = stack.addInterface(ruled, info, new Queue());
        stack.poll(clock.now());
    }

    /** Lets the stack receive a frame, or a packet if the medium has no frames. */
    void receive(final byte[] bytes) {
        pending.put(cache, bytes);
        stack.poll(clock.now());
        pending.assertReceived();
    }

    /** Lets the stack receive a frame that it must drop in silence for one reason. */
    void assertDropped(final StackCounter reason, final byte[] bytes) {
        final long before = stack.counters().get(reason);
        final long drops = stack.counters().drops();
        receive(bytes);
        assertEquals(before + 1, stack.counters().get(reason), reason.key());
        assertEquals(drops + 1, stack.counters().drops(), "each drop has one reason");
    }

    /** Lets time pass. */
    void advance(final long micros) {
        clock.advance(micros);
        stack.poll(clock.now());
    }

    /** What was sent since the last call. */
    List<byte[]> sent() {
        stack.poll(clock.now());
        final List<byte[]> frames = List.copyOf(sent);
        sent.clear();
        return frames;
    }

    /** The one frame that was sent since the last call. */
    byte[] sentOne() {
        final List<byte[]> frames = sent();
        assertEquals(1, frames.size(), "frames sent");
        return frames.getFirst();
    }

    long count(final StackCounter counter) {
        return stack.counters().get(counter);
    }

    @Override
    public void close() {
        stack.close();
        assertEquals(List.of(), failures);
    }

    private final class Queue implements PortQueue {
        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            return pending.receive(handles);
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            final int taken = Math.min(count, portRoom);
            portRoom -= portRoom == Integer.MAX_VALUE ? 0 : taken;
            for (int i = from; i < from + taken; i++) {
                assertEquals(1, BufferHeader.length(pool.memory(), handles[i]) > 0 ? 1 : 0);
                assertFalse(OffloadFlags.isWatched(pool.memory(), handles[i]), "a mark that no port knows");
                sent.add(Frames.bytes(pool, handles[i]));
                cache.free(handles[i]);
            }
            return taken;
        }
    }
}

package io.millrace.stack.shard;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.flow.ShardTable;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.dataplane.run.Dispatcher;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.iface.address.AddressEntry;
import io.millrace.stack.iface.address.AddressState;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.testkit.PoolWatch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A peer with one stack, and over a wire a dispatcher with the stacks of several shards; all in one thread. */
final class GroupRig implements AutoCloseable {
    static final String PEER4 = "192.0.2.1";
    static final String PEER6 = "2001:db8::1";
    static final String GROUP4 = "192.0.2.2";
    static final String GROUP6 = "2001:db8::2";

    final FlowHash hash = new FlowHash(5);
    final ShardTable table;
    final ShardGroup group;
    final Stack peer;
    final Dispatcher dispatcher;
    final List<@Nullable Stack> stacks = new ArrayList<>();
    final List<@Nullable ShardMember> members = new ArrayList<>();
    long now = 1_000_000;

    private final StackConfig host = config(7);
    private final SimulatedWire wire;
    private final List<PoolCache> caches = new ArrayList<>();

    GroupRig(final PoolWatch pools, final int places, final int running, final String peerAddress) {
        final PacketPool peerPool = pools.pool(2048);
        final PacketPool pool = pools.pool(8192);
        wire = SimulatedWire.ethernet(peerPool, pool, WireConditions.PERFECT, 1);
        table = new ShardTable(places, running);
        group = new ShardGroup(table, hash);
        final PoolCache peerCache = pools.cache(peerPool);
        peer = Stack.create(config(99), peerCache);
        peer.addInterface(
                InterfaceConfig.of(peerAddress + "/24", PEER6 + "/64").withDuplicateDetection(DuplicateDetection.OFF),
                wire.a().info(),
                wire.a().queue(0, peerCache));
        dispatcher = new Dispatcher(wire.b(), pools.cache(pool), table, hash);
        for (int place = 0; place < places; place++) {
            caches.add(pools.cache(pool));
            stacks.add(null);
            members.add(null);
        }
        for (int place = 0; place < running; place++) {
            start(place);
        }
    }

    private static StackConfig config(final int seed) {
        return StackConfig.defaults()
                .withEntropy(Entropy.seeded(seed))
                .withTcp(TcpConfig.builder().timeWait(2_000_000).build())
                .withFailures(e -> {
                    throw new AssertionError(e);
                });
    }

    /** Makes a shard's stack, as a control thread would before the shard's own starts. */
    void start(final int place) {
        final Stack stack = Stack.create(host.forOneOf(table.places()), caches.get(place));
        stack.addInterface(
                InterfaceConfig.of(GROUP4 + "/24", GROUP6 + "/64"),
                dispatcher.info(),
                dispatcher.queue(place, caches.get(place)));
        dispatcher.owner(place, stack.sharding()::owns);
        stacks.set(place, stack);
        members.set(place, group.join(place, stack, task -> {
            task.run();
            return true;
        }));
    }

    /** Ends a shard whose flows are over. */
    void end(final int place) {
        group.leave(place);
        stack(place).close();
        dispatcher.reopen(place);
        stacks.set(place, null);
        members.set(place, null);
    }

    Stack stack(final int place) {
        final Stack stack = stacks.get(place);
        assertTrue(stack != null, "a shard runs at place " + place);
        return stack;
    }

    /** Lets everything run for some time. */
    void run(final long micros) {
        final long end = now + micros;
        while (now < end) {
            step();
        }
    }

    void runUntil(final BooleanSupplier condition, final String what) {
        final long end = now + 120_000_000;
        while (!condition.getAsBoolean()) {
            step();
            assertTrue(now < end, what);
        }
    }

    private void step() {
        int work = peer.poll(now) + dispatcher.poll(now);
        for (int place = 0; place < stacks.size(); place++) {
            final Stack stack = stacks.get(place);
            final ShardMember member = members.get(place);
            if (stack != null && member != null) {
                work += stack.poll(now) + member.poll(now);
            }
        }
        now += work > 0 ? 20 : 5_000;
    }

    /** The state of an address in a shard. */
    AddressState state(final int place, final String address) {
        return stack(place).interfaces().getFirst().addressEntries().stream()
                .filter(entry -> entry.address().address().toString().equals(address))
                .map(AddressEntry::state)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        peer.close();
        for (final Stack stack : stacks) {
            if (stack != null) {
                stack.close();
            }
        }
        dispatcher.close();
        wire.close();
    }
}

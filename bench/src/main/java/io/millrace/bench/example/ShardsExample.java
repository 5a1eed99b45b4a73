package io.millrace.bench.example;

import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.flow.ShardTable;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.dataplane.run.Dispatcher;
import io.millrace.dataplane.run.ShardOptions;
import io.millrace.dataplane.run.ShardRunner;
import io.millrace.dataplane.run.ShardTask;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.shard.ShardGroup;
import io.millrace.stack.shard.ShardMember;
import io.millrace.stack.shard.SharedPlace;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Three shards that look like one host: connections from a peer to all of them, connections from all of them to the
 * peer, and a shard that goes while another comes. This thread is the peer, and polls the dispatcher.
 */
final class ShardsExample implements Example {
    private static final int PLACES = 3;
    private static final int CONNECTIONS = 40;
    private static final Ipv4Address PEER = Ipv4Address.parse("192.0.2.1");
    private static final Ipv4Address HOST = Ipv4Address.parse("192.0.2.2");
    private static final int PORT = 7;
    private static final long PATIENCE_NANOS = 20_000_000_000L;

    private final AtomicInteger answers = new AtomicInteger();
    private final StackConfig config = StackConfig.defaults();
    private final List<ShardRunner> runners = new ArrayList<>();

    ShardsExample() {}

    @Override
    public String name() {
        return "shards";
    }

    @Override
    public String summary() {
        return "a listener in every shard, connections from any, shards that go and come";
    }

    @Override
    public void run(PrintWriter out) {
        try (PacketPool far = ArenaPool.create(4_096, 1_518);
                PacketPool near = ArenaPool.create(8_192, 1_518);
                SimulatedWire wire = SimulatedWire.ethernet(far, near, WireConditions.PERFECT, 1)) {
            final PoolCache farCache = new PoolCache(far, 64);
            final PoolCache dispatcherCache = new PoolCache(near, 64);
            final ShardTable table = new ShardTable(PLACES, 2);
            final FlowHash hash = new FlowHash(1);
            final ShardGroup group = new ShardGroup(table, hash);
            answers.set(0);
            runners.clear();
            try (Dispatcher dispatcher = new Dispatcher(wire.b(), dispatcherCache, table, hash);
                    Stack peer = Stack.create(StackConfig.defaults(), farCache)) {
                peer.addInterface(unchecked(PEER), wire.a().info(), wire.a().queue(0, farCache));
                peer.listen(new Endpoint<>(PEER, PORT), 256, new Echo(new AtomicInteger()));
                try {
                    talk(group, new Outside(peer, dispatcher), near, out);
                } finally {
                    runners.forEach(ShardRunner::close);
                }
            }
            farCache.flush();
            out.printf("%d of %d buffers are back in the pool%n", near.available(), near.capacity());
        }
    }

    private void talk(ShardGroup group, Outside outside, PacketPool pool, PrintWriter out) {
        start(0, group, outside.dispatcher, pool);
        start(1, group, outside.dispatcher, pool);
        final AtomicInteger[] accepted = {new AtomicInteger(), new AtomicInteger(), new AtomicInteger()};
        final SharedPlace<TcpListener<Ipv4Address>> listener =
                group.listen(new Endpoint<>(Ipv4Address.UNSPECIFIED, PORT), 256, place -> new Echo(accepted[place]));
        final List<Asker> first = connect(outside.peer);
        final int[] opened = new int[PLACES];
        for (int i = 0; i < CONNECTIONS; i++) {
            opened[group.connect(new Endpoint<>(PEER, PORT), place -> new Asker(answers))]++;
        }
        outside.pollUntil(() -> answers.get() == 2 * CONNECTIONS);
        out.printf(
                "accepted:   %d connections, both shards some: %b%n",
                listener.sum(TcpListener::accepted), accepted[0].get() > 0 && accepted[1].get() > 0);
        out.printf("opened:     %d from shard 0 and %d from shard 1, all answered%n", opened[0], opened[1]);

        start(2, group, outside.dispatcher, pool);
        group.table().add(2);
        group.table().remove(0);
        final int before = accepted[0].get();
        connect(outside.peer);
        first.forEach(Asker::again);
        outside.pollUntil(() -> answers.get() == 4 * CONNECTIONS);
        out.printf(
                "then:       shard 0 takes no more: %b, shard 2 some: %b; all that were open answered again%n",
                accepted[0].get() == before, accepted[2].get() > 0);
    }

    /** Opens connections from the peer to the host. */
    private List<Asker> connect(Stack peer) {
        final List<Asker> askers = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            final Asker asker = new Asker(answers);
            askers.add(asker);
            peer.connect(new Endpoint<>(HOST, PORT), asker);
        }
        return askers;
    }

    /** Makes a shard's stack, joins it to the group, and starts its thread. */
    private void start(int place, ShardGroup group, Dispatcher dispatcher, PacketPool pool) {
        final PoolCache cache = new PoolCache(pool, 64);
        final Stack stack = Stack.create(config.forOneOf(PLACES), cache);
        stack.addInterface(unchecked(HOST), dispatcher.info(), dispatcher.queue(place, cache));
        dispatcher.owner(place, stack.sharding()::owns);
        final AtomicReference<ShardRunner> thread = new AtomicReference<>();
        final ShardMember member = group.join(place, stack, task -> thread.get().execute(task));
        final ShardRunner runner = ShardRunner.start(ShardOptions.named("shard-" + place), new ShardTask() {
            @Override
            public int poll(long nowMicros) {
                return stack.poll(nowMicros) + member.poll(nowMicros);
            }

            @Override
            public long pollAt(long nowMicros) {
                return stack.pollAt(nowMicros);
            }

            @Override
            public void onClose(long nowMicros) {
                stack.close();
                cache.flush();
            }
        });
        thread.set(runner);
        runners.add(runner);
    }

    /** An address that is not checked first, so that the example need not wait. */
    private static InterfaceConfig unchecked(Ipv4Address address) {
        return InterfaceConfig.of(address + "/24").withDuplicateDetection(DuplicateDetection.OFF);
    }

    /** What this thread polls. */
    private record Outside(Stack peer, Dispatcher dispatcher) {
        void pollUntil(BooleanSupplier condition) {
            final long deadline = System.nanoTime() + PATIENCE_NANOS;
            while (!condition.getAsBoolean()) {
                final long now = ShardOptions.monotonicMicros();
                if (peer.poll(now) + dispatcher.poll(now) == 0) {
                    Thread.onSpinWait();
                }
                if (System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException("the connections do not come to an end");
                }
            }
        }
    }

    /** Sends everything back. */
    private record Echo(AtomicInteger accepted) implements TcpHandler {
        @Override
        public void onConnected(TcpSocket<?> socket) {
            accepted.incrementAndGet();
        }

        @Override
        public void onReadable(TcpSocket<?> socket) {
            final int sent = socket.send(socket.readMemory(), socket.readOffset(), socket.readSpan());
            socket.consume(Math.max(0, sent));
        }
    }

    /** Says something once it is connected, and counts what comes back. */
    private static final class Asker implements TcpHandler {
        private static final MemorySegment WORD = Arena.global().allocate(4);

        private final AtomicInteger answers;
        private @Nullable TcpSocket<?> socket;

        Asker(AtomicInteger answers) {
            this.answers = answers;
        }

        @Override
        public void onConnected(TcpSocket<?> connected) {
            socket = connected;
            again();
        }

        void again() {
            if (socket != null) {
                socket.send(WORD, 0, 4);
            }
        }

        @Override
        public void onReadable(TcpSocket<?> from) {
            answers.addAndGet(from.readSpan() / 4);
            from.consume(from.readSpan());
        }
    }
}

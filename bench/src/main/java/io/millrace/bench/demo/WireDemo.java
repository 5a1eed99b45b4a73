package io.millrace.bench.demo;

import io.millrace.bench.serve.ServeSummary;
import io.millrace.bench.serve.ServerShard;
import io.millrace.config.ServiceKind;
import io.millrace.config.ServiceSpec;
import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A server and its peer on one thread, joined by a wire in memory that runs in real time. */
final class WireDemo implements AutoCloseable {
    private static final int BUFFERS = 8_192;
    private static final int PACKET = 1_518;
    private static final long DRAIN_MICROS = 1_000_000;

    private final long originNanos = System.nanoTime();
    private final PacketPool pool = ArenaPool.create(BUFFERS, PACKET);
    private final PoolCache cache = new PoolCache(pool, 256);
    private final SimulatedWire wire = SimulatedWire.ethernet(pool, pool, WireConditions.PERFECT, 1);
    private final ServerShard server = new ServerShard(StackConfig.defaults(), cache);
    private final Stack client = Stack.create(StackConfig.defaults(), cache);
    private final WirePeer peer = new WirePeer(client, this::step);
    private boolean stopped;

    WireDemo(Path root) throws IOException {
        server.stack()
                .addInterface(
                        InterfaceConfig.of(Demo.OURS.toArray(String[]::new)),
                        wire.a().info(),
                        wire.a().queue(0, cache));
        client.addInterface(
                InterfaceConfig.of(Demo.THEIRS.toArray(String[]::new)),
                wire.b().info(),
                wire.b().queue(0, cache));
        server.open(
                List.of(
                        new ServiceSpec(ServiceKind.ECHO, Demo.ECHO_PORT),
                        new ServiceSpec(ServiceKind.HTTP, Demo.HTTP_PORT)),
                List.of(new ServiceSpec(ServiceKind.ECHO, Demo.ECHO_PORT)),
                root);
    }

    /** The other end. */
    DemoPeer peer() {
        return peer;
    }

    /** Closes connections, stacks and wire. */
    ServeSummary stop() {
        server.shutdown();
        client.closeAll();
        final long deadline = now() + DRAIN_MICROS;
        while ((!server.drained() || client.connections() > 0) && now() < deadline) {
            step();
        }
        stopped = true;
        server.close();
        client.close();
        wire.close();
        cache.flush();
        return ServeSummary.of(
                now() / 1e6,
                List.of(server.stack().counters()),
                List.of(wire.a()),
                List.of(),
                new ServeSummary.Buffers(pool.capacity(), 0, pool.capacity() - pool.available()));
    }

    @Override
    public void close() {
        if (!stopped) {
            server.close();
            client.close();
            wire.close();
        }
        peer.close();
        pool.close();
    }

    @Override
    public String toString() {
        return String.join(" ", Demo.OURS) + " on a wire in memory";
    }

    private void step() {
        final long now = now();
        server.poll(now);
        client.poll(now);
    }

    private long now() {
        return (System.nanoTime() - originNanos) / 1_000;
    }
}

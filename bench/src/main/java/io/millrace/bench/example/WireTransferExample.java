package io.millrace.bench.example;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import java.io.PrintWriter;
import java.util.Locale;

/**
 * A transfer between two stacks over a wire that exists only in memory: 5 ms long, and one packet in a hundred is lost.
 * The client knows nothing but the server's address, so the first packet on the wire asks for its MAC address (ARP).
 *
 * <p>Wire and stacks live on virtual time: the loop jumps from event to event. The same seeds give the same packets,
 * every time, on every machine, which is what makes a bug that needs three losses in a row a bug that can be mended.
 */
final class WireTransferExample implements Example {
    private static final int BYTES = 8 << 20;
    private static final int LATENCY_MICROS = 5_000;
    private static final double LOSS = 0.01;
    private static final long SEED = 42;
    private static final Endpoint<Ipv4Address> SERVER = new Endpoint<>(Ipv4Address.parse("10.0.0.2"), 9);

    WireTransferExample() {}

    @Override
    public String name() {
        return "wire-transfer";
    }

    @Override
    public String summary() {
        return "8 MiB between two stacks over a lossy wire on virtual time, ARP included";
    }

    @Override
    public void run(PrintWriter out) {
        final WireConditions conditions =
                WireConditions.PERFECT.withLatency(LATENCY_MICROS).withLoss(LOSS);
        try (PacketPool pool = ArenaPool.create(4_096, 1_518);
                SimulatedWire wire = SimulatedWire.ethernet(pool, pool, conditions, SEED)) {
            final PoolCache cache = new PoolCache(pool, 64);
            final Receiver receiver = new Receiver();
            final long micros;
            try (Stack client = stack("10.0.0.1/24", wire.a(), cache);
                    Stack server = stack("10.0.0.2/24", wire.b(), cache)) {
                server.listen(SERVER, 1, receiver);
                client.connect(SERVER, new Sender());
                micros = run(client, server, wire, receiver);
                out.printf(Locale.ROOT, "%,d bytes arrived, %,d of them wrong%n", receiver.received, receiver.wrong);
                out.printf(
                        Locale.ROOT,
                        "%.3f s of virtual time, %.1f Mbit/s over %d ms with %.0f %% loss%n",
                        micros / 1e6,
                        8.0 * receiver.received / micros,
                        2 * LATENCY_MICROS / 1_000,
                        100 * LOSS);
                out.println("what the client's stack counted:");
                client.counters().forEach((name, value) -> {
                    if (value > 0) {
                        out.printf(Locale.ROOT, "%,12d  %s%n", value, name.description());
                    }
                });
            }
            cache.flush();
        }
    }

    private static Stack stack(String address, Port port, PoolCache cache) {
        // Seeded entropy makes sequence numbers and ports repeatable. Never do that where somebody could guess the
        // seed.
        final Stack stack = Stack.create(StackConfig.defaults().withEntropy(Entropy.seeded(SEED)), cache);
        stack.addInterface(InterfaceConfig.of(address), port.info(), port.queue(0, cache));
        return stack;
    }

    /** Runs until everything has arrived; returns the time. */
    private static long run(Stack client, Stack server, SimulatedWire wire, Receiver receiver) {
        long now = 0;
        while (receiver.received < BYTES) {
            client.poll(now);
            server.poll(now);
            final long next = Math.min(wire.nextArrival(), Math.min(client.pollAt(now), server.pollAt(now)));
            if (next == Long.MAX_VALUE) {
                throw new IllegalStateException("nothing will ever happen again");
            }
            now = Math.max(now, next);
        }
        return now;
    }

    /** The byte at a position of the stream, so that the receiver can tell whether it is in the right place. */
    private static byte byteAt(long position) {
        return (byte) ((position * 31) >>> 3);
    }

    /** Writes in place: into the send buffer, as long as there is room. */
    private static final class Sender implements TcpHandler {
        private long sent;

        @Override
        public void onConnected(TcpSocket<?> socket) {
            onWritable(socket);
        }

        @Override
        public void onWritable(TcpSocket<?> socket) {
            while (sent < BYTES) {
                final int count = (int) Math.min(socket.writeSpan(), BYTES - sent);
                if (count == 0) {
                    return; // full; we are called again when it is not
                }
                for (int i = 0; i < count; i++) {
                    socket.writeMemory().set(JAVA_BYTE, socket.writeOffset() + i, byteAt(sent + i));
                }
                socket.commit(count);
                sent += count;
            }
            socket.close();
        }
    }

    /** Reads in place: straight from the receive buffer. */
    private static final class Receiver implements TcpHandler {
        private long received;
        private long wrong;

        @Override
        public void onReadable(TcpSocket<?> socket) {
            for (int span = socket.readSpan(); span > 0; span = socket.readSpan()) {
                for (int i = 0; i < span; i++) {
                    if (socket.readMemory().get(JAVA_BYTE, socket.readOffset() + i) != byteAt(received + i)) {
                        wrong++;
                    }
                }
                socket.consume(span);
                received += span;
            }
            if (socket.finished()) {
                socket.close();
            }
        }
    }
}

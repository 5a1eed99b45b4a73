package io.millrace.bench.fuzz;

import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.LinkLimits;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.tcp.TcpConfig;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.util.List;
import java.util.function.Consumer;

/**
 * A stack with sockets of every kind that is fed what the engine made up: a {@link Conversation}. Each input meets a new
 * stack with the same seed, so that it does the same every time.
 *
 * <p>What must hold: nothing is thrown inside the stack, every packet that leaves is well-formed, and every buffer comes
 * home.
 */
final class FuzzedStack {
    private static final String LOCAL_V4 = "192.0.2.1/24";
    private static final String LOCAL_V6 = "2001:db8::1/64";
    static final int PORT = 7;
    private static final int MTU = 1500;
    private static final long SEED = 1;

    private static final long MAC = 0x0200_0000_0001L;
    private static final int BUFFERS = 256;
    private static final int MAX_FRAME = 1_518;
    private static final int QUEUED_PORT = 9;
    private static final long IDLE_MICROS = 10_000_000;

    /** A stack is made for each input: the less memory it clears, the more inputs a second. */
    private static final TcpConfig SMALL_TCP = TcpConfig.builder()
            .sendBuffer(8 * 1024)
            .receiveBuffer(8 * 1024)
            .bufferMemory(128 * 1024)
            .chunkSize(1024)
            .expectedConnections(8)
            .maxConnections(16)
            .maxTimeWait(8)
            .synBacklog(4)
            .build();

    private static final PacketPool POOL = ArenaPool.create(BUFFERS, MAX_FRAME);

    private FuzzedStack() {}

    /** Feeds it one input. */
    static void run(final Medium medium, final byte[] input) {
        final PoolCache cache = new PoolCache(POOL, 32);
        final FuzzedQueue queue = new FuzzedQueue(medium, cache, new Conversation(input));
        final StackConfig config = config(FuzzedStack::fail);
        long now = 0;
        try (Stack stack = Stack.create(config, cache)) {
            start(stack, medium, queue);
            while (queue.more()) {
                stack.poll(now);
                now += queue.stepMicros();
            }
            // What it does when nobody answers belongs to it.
            for (long next = stack.pollAt(now); next < now + IDLE_MICROS; next = stack.pollAt(now)) {
                now = Math.max(now + 1, next);
                stack.poll(now);
            }
            if (stack.counters().get(StackCounter.RX_FAILED) != 0) {
                throw new AssertionError("a packet made the stack throw");
            }
        }
        cache.flush();
        if (POOL.available() != POOL.capacity()) {
            throw new AssertionError((POOL.capacity() - POOL.available()) + " buffers did not come home");
        }
    }

    static StackConfig config(final Consumer<Throwable> failures) {
        return StackConfig.defaults()
                .withEntropy(Entropy.seeded(SEED))
                .withLimits(new LinkLimits(8, 4, 16, 64))
                .withTcp(SMALL_TCP)
                .withFailures(failures);
    }

    static PortInfo info(final Medium medium, final long mac) {
        return new PortInfo("fuzz", "fuzz", medium, medium == Medium.ETHERNET ? mac : 0, MTU, 1);
    }

    /** Gives a new stack its interface and its sockets. */
    static void start(final Stack stack, final Medium medium, final PortQueue queue) {
        stack.addInterface(InterfaceConfig.of(LOCAL_V4, LOCAL_V6), info(medium, MAC), queue);
        final List<IpAddress> any = List.of(Ipv4Address.UNSPECIFIED, Ipv6Address.UNSPECIFIED);
        for (final IpAddress address : any) {
            stack.bind(new Endpoint<>(address, PORT), (socket, datagram) -> datagram.reply(datagram.length()));
            stack.bind(new Endpoint<>(address, QUEUED_PORT));
            stack.listen(new Endpoint<>(address, PORT), 4, new Echo());
        }
    }

    private static void fail(final Throwable failure) {
        throw new AssertionError("thrown inside the stack", failure);
    }

    /** Sends back what comes, and closes when the peer does. */
    private static final class Echo implements TcpHandler {
        @Override
        public void onReadable(final TcpSocket<?> socket) {
            final int count = socket.readSpan();
            socket.send(socket.readMemory(), socket.readOffset(), count);
            socket.consume(count);
            if (socket.finished()) {
                socket.close();
            }
        }
    }
}

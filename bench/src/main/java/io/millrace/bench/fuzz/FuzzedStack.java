package io.millrace.bench.fuzz;

import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.StackCounter;
import io.millrace.stack.iface.LinkLimits;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.iface.forward.ForwardingRules;
import io.millrace.stack.iface.fragment.ReassemblyLimits;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.Ipv6View;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.util.ArrayList;
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
    private static final String FORWARDED_V4 = "198.51.100.1/24";
    private static final String FORWARDED_V6 = "2001:db8:1::1/64";
    static final int PORT = 7;
    /** Upper half of the IPv6 addresses in the stack's network. */
    static final long PREFIX_V6 = 0x2001_0DB8_0000_0000L;

    private static final int MTU = 1500;
    private static final long SEED = 1;

    static final long MAC = 0x0200_0000_0001L;
    /** Until the last fragment is forgotten. */
    private static final long IDLE_MICROS = 70_000_000;

    private static final int BUFFERS = 256;
    private static final int MAX_FRAME = 1_518;
    private static final int QUEUED_PORT = 9;

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

    private final Medium medium;
    private final List<Consumer<Stack>> checks = new ArrayList<>();
    private Completion completion = Completion.NONE;
    private DuplicateDetection detection = DuplicateDetection.OPTIMISTIC;
    private ReassemblyLimits reassembly = ReassemblyLimits.defaults();
    private Consumer<Stack> sockets = stack -> {};
    private boolean lenient;
    private boolean router;

    /** Makes one that is fed frames just as they are. */
    FuzzedStack(final Medium medium) {
        this.medium = medium;
    }

    /** Feeds a stack on one input. */
    static void run(final Medium medium, final byte[] input) {
        new FuzzedStack(medium).feed(input);
    }

    /** What makes packets of the input's frames. */
    FuzzedStack completion(final Completion newCompletion) {
        completion = newCompletion;
        return this;
    }

    /** How the stack checks whether others have its addresses. */
    FuzzedStack duplicateDetection(final DuplicateDetection newDetection) {
        detection = newDetection;
        return this;
    }

    /** Bounds of reassembly. */
    FuzzedStack limits(final ReassemblyLimits newReassembly) {
        reassembly = newReassembly;
        return this;
    }

    /** What opens more sockets before the first frame. */
    FuzzedStack sockets(final Consumer<Stack> newSockets) {
        sockets = newSockets;
        return this;
    }

    /** What looks at the stack after every poll, and throws if something is wrong. */
    FuzzedStack check(final Consumer<Stack> check) {
        checks.add(check);
        return this;
    }

    /** Judges only the IP headers of what is sent: the rest may be what an application wanted to send. */
    FuzzedStack lenient() {
        lenient = true;
        return this;
    }

    /**
     * Forwards, to a second interface with the smallest MTU of IPv6; what is forwarded is not judged behind its IP
     * header.
     */
    FuzzedStack router() {
        router = true;
        return lenient();
    }

    /** Feeds a new stack one input and gives what it counted. */
    Counters<StackCounter> feed(final byte[] input) {
        final PoolCache cache = new PoolCache(POOL, 32);
        final FuzzedQueue queue = new FuzzedQueue(medium, cache, new Conversation(input), completion, lenient);
        final StackConfig config = config(FuzzedStack::fail).withFragments(4, reassembly);
        final Counters<StackCounter> counters;
        long now = 0;
        try (Stack stack = Stack.create(config, cache)) {
            counters = stack.counters();
            start(stack, medium, queue, detection);
            if (router) {
                route(stack, cache);
            }
            sockets.accept(stack);
            while (queue.more()) {
                poll(stack, now);
                now += queue.stepMicros();
            }
            // What it does when nobody answers belongs to it.
            final long end = now + IDLE_MICROS;
            for (long next = stack.pollAt(now); next < end && now < end; next = stack.pollAt(now)) {
                now = Math.max(now + 1, next);
                poll(stack, now);
            }
            if (counters.get(StackCounter.RX_FAILED) != 0) {
                throw new AssertionError("a packet made the stack throw");
            }
        }
        cache.flush();
        if (POOL.available() != POOL.capacity()) {
            throw new AssertionError((POOL.capacity() - POOL.available()) + " buffers did not come home");
        }
        return counters;
    }

    private static void route(final Stack stack, final PoolCache cache) {
        final PortQueue sink = new FuzzedQueue(Medium.IP, cache, new Conversation(new byte[0]), Completion.NONE, true);
        stack.addInterface(
                InterfaceConfig.of(FORWARDED_V4, FORWARDED_V6).withMtu(Ipv6View.MIN_MTU), info(Medium.IP, 0), sink);
        stack.forwarding(ForwardingRules.ROUTER);
    }

    private void poll(final Stack stack, final long now) {
        stack.poll(now);
        for (final Consumer<Stack> check : checks) {
            check.accept(stack);
        }
    }

    /** Lower half of an address in the stack's networks; the stack itself is host 1. */
    static long address(final int family, final int host) {
        return family == IpFamily.V4 ? 0xC000_0200L | host : host;
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
        start(stack, medium, queue, DuplicateDetection.OPTIMISTIC);
    }

    private static void start(
            final Stack stack, final Medium medium, final PortQueue queue, final DuplicateDetection detection) {
        final InterfaceConfig config = InterfaceConfig.of(LOCAL_V4, LOCAL_V6).withDuplicateDetection(detection);
        stack.addInterface(config, info(medium, MAC), queue);
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

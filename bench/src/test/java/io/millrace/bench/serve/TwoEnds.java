package io.millrace.bench.serve;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.config.ServiceKind;
import io.millrace.config.ServiceSpec;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.iface.address.DuplicateDetection;
import io.millrace.stack.random.Entropy;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.testkit.PoolWatch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A shard with every service, and a client's stack, joined by a wire on virtual time. */
public final class TwoEnds implements AutoCloseable {
    /** Microseconds of a second. */
    public static final long SECOND = 1_000_000;

    public static final int ECHO = 7;
    public static final int DISCARD = 9;
    public static final int CHARGEN = 19;
    public static final int HTTP = 80;

    /** The server's addresses. */
    public static final Ipv4Address V4 = Ipv4Address.parse("10.0.0.2");

    public static final Ipv6Address V6 = Ipv6Address.parse("fd00::2");

    private static final int LATENCY = 100;

    private final SimulatedWire wire;
    private final ServerShard shard;
    private final Stack client;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment scratch = arena.allocate(1 << 16);
    private long now;

    public TwoEnds(PoolWatch pools, @Nullable Path root) throws IOException {
        this(pools, root, 0);
    }

    public TwoEnds(PoolWatch pools, @Nullable Path root, double loss) throws IOException {
        final PacketPool pool = pools.pool(4_096);
        final PoolCache serverCache = pools.cache(pool);
        final PoolCache clientCache = pools.cache(pool);
        wire = SimulatedWire.ethernet(
                pool, pool, WireConditions.PERFECT.withLatency(LATENCY).withLoss(loss), 1);
        shard = new ServerShard(StackConfig.defaults().withEntropy(Entropy.seeded(1)), serverCache);
        shard.stack()
                .addInterface(
                        InterfaceConfig.of("10.0.0.2/24", "fd00::2/64").withDuplicateDetection(DuplicateDetection.OFF),
                        wire.a().info(),
                        wire.a().queue(0, serverCache));
        shard.open(
                List.of(
                        new ServiceSpec(ServiceKind.ECHO, ECHO),
                        new ServiceSpec(ServiceKind.DISCARD, DISCARD),
                        new ServiceSpec(ServiceKind.CHARGEN, CHARGEN),
                        new ServiceSpec(ServiceKind.HTTP, HTTP)),
                List.of(new ServiceSpec(ServiceKind.ECHO, ECHO)),
                root);
        client = Stack.create(StackConfig.defaults().withEntropy(Entropy.seeded(2)), clientCache);
        client.addInterface(
                InterfaceConfig.of("10.0.0.1/24", "fd00::1/64").withDuplicateDetection(DuplicateDetection.OFF),
                wire.b().info(),
                wire.b().queue(0, clientCache));
    }

    /** The client's stack. */
    public Stack client() {
        return client;
    }

    /** The server. */
    public ServerShard shard() {
        return shard;
    }

    /** Virtual time in microseconds. */
    public long now() {
        return now;
    }

    /** Native memory to send from. */
    public MemorySegment scratch() {
        return scratch;
    }

    /** Opens a connection. */
    public <A extends IpAddress> Connection connect(A address, int port) {
        final Connection connection = new Connection();
        connection.socket = client.connect(new Endpoint<>(address, port), connection);
        return connection;
    }

    /** Runs until something is true, or fails the test after so much virtual time. */
    public void until(BooleanSupplier condition, long micros) {
        final long limit = now + micros;
        while (!condition.getAsBoolean()) {
            assertTrue(now < limit, "still waiting after " + micros + " us");
            step(limit);
        }
    }

    /** Lets time pass. */
    public void pass(long micros) {
        final long limit = now + micros;
        while (now < limit) {
            step(limit);
        }
        step(limit);
    }

    private void step(long limit) {
        shard.poll(now);
        client.poll(now);
        final long next = Math.min(wire.nextArrival(), Math.min(shard.pollAt(now), client.pollAt(now)));
        now = Math.min(limit, Math.max(now, next));
    }

    @Override
    public void close() {
        shard.close();
        client.close();
        wire.close();
        arena.close();
    }

    /** The client's side of one connection: keeps what comes in, or lets it wait. */
    public final class Connection implements TcpHandler {
        private final ByteArrayOutputStream received = new ByteArrayOutputStream();

        @SuppressWarnings("NullAway.Init")
        private TcpSocket<?> socket;

        private boolean reading = true;
        private boolean connected;
        private boolean finished;
        private @Nullable CloseReason reason;

        private Connection() {}

        /** Sends text, all of it. */
        public void send(String text) {
            send(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        /** Sends bytes, all of them. */
        public void send(byte[] bytes) {
            int sent = 0;
            while (sent < bytes.length) {
                final int count = (int) Math.min(scratch.byteSize(), bytes.length - sent);
                MemorySegment.copy(bytes, sent, scratch, ValueLayout.JAVA_BYTE, 0, count);
                final int taken = socket.send(scratch, 0, count);
                assertTrue(taken >= 0, "the connection takes no more");
                sent += taken;
                if (taken < count) {
                    pass(1_000);
                }
            }
        }

        /** Stops or resumes reading. */
        public void reading(boolean on) {
            reading = on;
            if (on) {
                read();
            }
        }

        /** What came so far, as text. */
        public String text() {
            return received.toString(StandardCharsets.ISO_8859_1);
        }

        /** What came so far. */
        public byte[] bytes() {
            return received.toByteArray();
        }

        /** How many bytes came so far. */
        public int size() {
            return received.size();
        }

        /** Whether the server closed its side. */
        public boolean finished() {
            return finished;
        }

        /** Whether it is established, or was. */
        public boolean connected() {
            return connected;
        }

        /** How it ended; null if it did not. */
        public @Nullable CloseReason reason() {
            return reason;
        }

        /** Closes our side. */
        public void close() {
            socket.close();
        }

        @Override
        public void onConnected(TcpSocket<?> established) {
            connected = true;
        }

        @Override
        public void onReadable(TcpSocket<?> readable) {
            if (reading) {
                read();
            }
        }

        @Override
        public void onClosed(TcpSocket<?> closed, CloseReason why) {
            reason = why;
        }

        private void read() {
            for (int span = socket.readSpan(); span > 0; span = socket.readSpan()) {
                final byte[] bytes = new byte[span];
                MemorySegment.copy(socket.readMemory(), ValueLayout.JAVA_BYTE, socket.readOffset(), bytes, 0, span);
                received.writeBytes(bytes);
                socket.consume(span);
            }
            finished = socket.finished();
        }
    }
}

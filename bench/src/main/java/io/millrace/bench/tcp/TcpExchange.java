package io.millrace.bench.tcp;

import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.stack.InterfaceConfig;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpConfigBuilder;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.util.Locale;

/**
 * Short connections through two whole stacks in one thread: each is opened, carries 64 bytes there and 64 bytes back,
 * and is closed by the client. That takes seven segments. So many are under way at the same time, and as soon as one is
 * over the next is opened.
 *
 * <p>TIME-WAIT lasts {@value #TIME_WAIT_MICROS} microseconds: with a minute a client has no more ports after a moment,
 * whatever the speed.
 */
final class TcpExchange implements AutoCloseable {
    private static final int PACKETS = 8192;
    private static final int MTU = 1500;
    private static final int LINK_HEADER = 14;
    private static final int BYTES = 64;
    private static final long TIME_WAIT_MICROS = 20_000;

    /**
     * What was measured.
     *
     * @param connections opened, used and closed
     * @param nanos time it took
     * @param cpuNanos processor time that the thread had of it
     * @param packets frames that crossed the wire
     * @param allocated heap bytes allocated meanwhile by the thread
     */
    public record Result(long connections, long nanos, long cpuNanos, long packets, long allocated) {
        /** Connections each second. */
        public double perSecond() {
            return 1e9 * connections / nanos;
        }

        /** Connections each second of the thread's processor time: what a core of its own would do. */
        public double perCpuSecond() {
            return 1e9 * connections / cpuNanos;
        }

        /** One line for a person. */
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%,.0f connections a second (%,.0f per second of processor time), %.1f frames and %d bytes of heap"
                            + " each",
                    perSecond(),
                    perCpuSecond(),
                    (double) packets / Math.max(1, connections),
                    allocated / Math.max(1, connections));
        }
    }

    private final ArenaPool pool;
    private final PoolCache cache;
    private final Stack client;
    private final Stack server;
    private final Endpoint<? extends IpAddress> remote;
    private final Asker asker = new Asker();

    /**
     * Starts with {@code parallel} connections under way.
     *
     * @param family 4 or 6
     * @param parallel how many at the same time, 1 to 10,000
     * @param idle connections beside them that have nothing to do, 0 to {@value Bystanders#MAX}
     * @param tcp what both sides are made with, apart from the number of connections
     */
    public TcpExchange(final int family, final int parallel, final int idle, final TcpConfigBuilder tcp) {
        this.pool = ArenaPool.create(PACKETS, MTU + LINK_HEADER + 4);
        this.cache = new PoolCache(pool, 512);
        final Crossover cable = new Crossover(MTU);
        final StackConfig config = StackConfig.defaults()
                .withTcp(tcp.timeWait(TIME_WAIT_MICROS)
                        .firstEphemeralPort(1024)
                        .synBacklog(16 * 1024)
                        .build());
        this.client = Stack.create(config, cache);
        this.server = Stack.create(config, cache);
        client.addInterface(
                InterfaceConfig.of("192.0.2.1/24", "2001:db8::1/64"), cable.info(0x0200_0000_0001L), cable.a());
        server.addInterface(
                InterfaceConfig.of("192.0.2.2/24", "2001:db8::2/64"), cable.info(0x0200_0000_0002L), cable.b());
        this.remote = Endpoint.parse(family == 4 ? "192.0.2.2:9" : "[2001:db8::2]:9");
        Bystanders.open(client, server, family == 4 ? "192.0.2.2:" : "[2001:db8::2]:", idle);
        server.listen(remote, 16 * 1024, new Answerer());
        for (int i = 0; i < parallel; i++) {
            client.connect(remote, asker);
        }
    }

    /** Goes on for so long. */
    public Result run(final long nanos) {
        final long doneBefore = asker.done;
        final long packetsBefore = packets();
        final Turn turn = Turn.of(client, server, nanos);
        return new Result(
                asker.done - doneBefore, turn.nanos(), turn.cpuNanos(), packets() - packetsBefore, turn.allocated());
    }

    /** Ends everything and frees all memory. */
    @Override
    public void close() {
        asker.ending = true;
        client.close();
        server.close();
        cache.flush();
        pool.close();
    }

    private long packets() {
        return client.counters().get(StackCounter.TX_PACKETS)
                + server.counters().get(StackCounter.TX_PACKETS);
    }

    private static boolean write(final TcpSocket<?> socket) {
        if (socket.writeSpan() < BYTES) {
            return false;
        }
        socket.commit(BYTES);
        return true;
    }

    private final class Asker implements TcpHandler {
        private long done;
        private boolean ending;

        @Override
        public void onConnected(final TcpSocket<?> socket) {
            if (!write(socket)) {
                socket.abort();
            }
        }

        @Override
        public void onReadable(final TcpSocket<?> socket) {
            if (socket.readable() >= BYTES) {
                socket.consume(socket.readable());
                socket.close();
            }
        }

        @Override
        public void onClosed(final TcpSocket<?> socket, final CloseReason why) {
            if (why == CloseReason.NORMAL) {
                done++;
            } else if (!ending) {
                throw new IllegalStateException("a connection failed: " + why.text());
            }
            if (!ending) {
                client.connect(remote, this);
            }
        }
    }

    private static final class Answerer implements TcpHandler {
        @Override
        public void onReadable(final TcpSocket<?> socket) {
            if (socket.readable() >= BYTES) {
                socket.consume(socket.readable());
                if (!write(socket)) {
                    socket.abort();
                }
            }
            if (socket.finished()) {
                socket.close();
            }
        }
    }

    /** Measures and prints. */
    public static void main(final String[] args) {
        final int parallel = args.length > 0 ? Integer.parseInt(args[0]) : 64;
        final double seconds = args.length > 1 ? Double.parseDouble(args[1]) : 2;
        final int family = args.length > 2 ? Integer.parseInt(args[2]) : 4;
        try (TcpExchange exchange = new TcpExchange(family, parallel, 0, TcpConfig.builder())) {
            for (int i = 0; i < 5; i++) {
                System.out.println(exchange.run((long) (seconds * 1e9)));
            }
        }
    }
}

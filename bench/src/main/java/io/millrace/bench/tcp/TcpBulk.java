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
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.util.Locale;

/**
 * TCP bulk transfer through two whole stacks in one thread: Ethernet frames, software checksums made and verified on
 * both sides, timestamps and SACK on, acknowledgments through the other stack. The sender writes in place and the
 * receiver reads in place, and neither looks at the bytes; each byte is copied twice, into the packet and out of it.
 *
 * <p>{@code java -cp ... io.millrace.bench.tcp.TcpBulk [mtu [seconds [4|6]]]}
 */
final class TcpBulk implements AutoCloseable {
    private static final int PACKETS = 8192;
    private static final int LINK_HEADER = 14;

    /**
     * What was measured.
     *
     * @param mtu largest IP packet in bytes
     * @param bytes payload delivered
     * @param nanos time it took
     * @param cpuNanos processor time that the thread had of it; less if others wanted the processor too
     * @param packets frames that crossed the wire, acknowledgments included
     * @param allocated heap bytes allocated meanwhile by the thread
     */
    public record Result(int mtu, long bytes, long nanos, long cpuNanos, long packets, long allocated) {
        /** Payload in Gbit/s. */
        public double gigabitsPerSecond() {
            return 8.0 * bytes / nanos;
        }

        /** Payload in Gbit/s of the thread's processor time: what a core of its own would give. */
        public double gigabitsPerCpuSecond() {
            return 8.0 * bytes / cpuNanos;
        }

        /** Nanoseconds of processor time for each frame on the wire, both stacks together. */
        public double nanosPerPacket() {
            return (double) cpuNanos / packets;
        }

        /** One line for a person. */
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "MTU %d: %.2f Gbit/s (%.2f per second of processor time), %.0f ns per frame, %d B allocated in"
                            + " %.2f M frames",
                    mtu + LINK_HEADER,
                    gigabitsPerSecond(),
                    gigabitsPerCpuSecond(),
                    nanosPerPacket(),
                    allocated,
                    packets / 1e6);
        }
    }

    private final int mtu;
    private final ArenaPool pool;
    private final PoolCache cache;
    private final Stack sender;
    private final Stack receiver;
    private final Sink sink = new Sink();
    private final Source source = new Source();

    /** Opens the connection. */
    public TcpBulk(final int mtu, final int family) {
        this(mtu, family, 0, TcpConfig.defaults());
    }

    /**
     * Opens the connection between two stacks that have others.
     *
     * @param idle connections beside it that have nothing to do, 0 to {@value Bystanders#MAX}
     * @param tcp what both are made with
     */
    public TcpBulk(final int mtu, final int family, final int idle, final TcpConfig tcp) {
        this.mtu = mtu;
        this.pool = ArenaPool.create(PACKETS, mtu + LINK_HEADER + 4);
        this.cache = new PoolCache(pool, 512);
        final Crossover cable = new Crossover(mtu);
        final StackConfig config = StackConfig.defaults().withTcp(tcp);
        this.sender = Stack.create(config, cache);
        this.receiver = Stack.create(config, cache);
        sender.addInterface(
                InterfaceConfig.of("192.0.2.1/24", "2001:db8::1/64"), cable.info(0x0200_0000_0001L), cable.a());
        receiver.addInterface(
                InterfaceConfig.of("192.0.2.2/24", "2001:db8::2/64"), cable.info(0x0200_0000_0002L), cable.b());
        final Endpoint<? extends IpAddress> remote = Endpoint.parse(family == 4 ? "192.0.2.2:9" : "[2001:db8::2]:9");
        Bystanders.open(sender, receiver, family == 4 ? "192.0.2.2:" : "[2001:db8::2]:", idle);
        receiver.listen(remote, 1, sink);
        sender.connect(remote, source);
    }

    /** Transfers for so long. */
    public Result run(final long nanos) {
        final long bytesBefore = sink.bytes;
        final long packetsBefore = packets();
        final Turn turn = Turn.of(sender, receiver, nanos);
        return new Result(
                mtu,
                sink.bytes - bytesBefore,
                turn.nanos(),
                turn.cpuNanos(),
                packets() - packetsBefore,
                turn.allocated());
    }

    /** Ends everything and frees all memory. */
    @Override
    public void close() {
        sender.close();
        receiver.close();
        cache.flush();
        pool.close();
    }

    private long packets() {
        return sender.counters().get(StackCounter.TX_PACKETS)
                + receiver.counters().get(StackCounter.TX_PACKETS);
    }

    private static final class Source implements TcpHandler {
        @Override
        public void onConnected(final TcpSocket<?> socket) {
            fill(socket);
        }

        @Override
        public void onWritable(final TcpSocket<?> socket) {
            fill(socket);
        }

        private static void fill(final TcpSocket<?> socket) {
            for (int span = socket.writeSpan(); span > 0; span = socket.writeSpan()) {
                socket.commit(span);
            }
        }

        @Override
        public void onClosed(final TcpSocket<?> socket, final CloseReason why) {
            if (why != CloseReason.STACK_CLOSED) {
                throw new IllegalStateException("the connection is gone: " + why.text());
            }
        }
    }

    private static final class Sink implements TcpHandler {
        private long bytes;

        @Override
        public void onReadable(final TcpSocket<?> socket) {
            final int readable = socket.readable();
            bytes += readable;
            socket.consume(readable);
        }
    }

    /** Measures and prints. */
    public static void main(final String[] args) {
        final int mtu = args.length > 0 ? Integer.parseInt(args[0]) : 1500;
        final double seconds = args.length > 1 ? Double.parseDouble(args[1]) : 2;
        final int family = args.length > 2 ? Integer.parseInt(args[2]) : 4;
        try (TcpBulk bulk = new TcpBulk(mtu, family)) {
            for (int i = 0; i < 5; i++) {
                System.out.println(bulk.run((long) (seconds * 1e9)));
            }
            System.out.println("retransmits " + bulk.sender.counters().get(StackCounter.TCP_RETRANSMITS));
        }
    }
}

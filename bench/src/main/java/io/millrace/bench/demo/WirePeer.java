package io.millrace.bench.demo;

import io.millrace.stack.Stack;
import io.millrace.stack.socket.icmp.PingSocket;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/** Our own stack as the peer, on the same thread as the server: a step of the loop polls both. */
final class WirePeer implements DemoPeer {
    private static final int AT_ONCE = 8;
    private static final int MESSAGE = 64;
    private static final int MAX_DATAGRAM = 1_400;
    private static final long TIMEOUT_NANOS = 3_000_000_000L;

    private final Stack stack;
    private final Runnable step;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment scratch = arena.allocate(64 * 1024);
    private final byte[] heap = new byte[64 * 1024];

    /**
     * A peer.
     *
     * @param stack polled by {@code step}
     * @param step one round of the loop
     */
    WirePeer(Stack stack, Runnable step) {
        this.stack = stack;
        this.step = step;
    }

    @Override
    public Histogram ping(String address, int count) throws InterruptedException {
        final Histogram histogram = new Histogram(3);
        final int[] answered = {-1};
        try (PingSocket<?> socket = stack.ping(parse(address), (from, reply) -> answered[0] = reply.sequence())) {
            for (int i = 0; i < count; i++) {
                final int sequence = i;
                final long start = System.nanoTime();
                socket.send(sequence, scratch, 0, 56);
                if (run(() -> answered[0] == sequence)) {
                    histogram.recordValue((System.nanoTime() - start) / 1_000);
                }
            }
        }
        return histogram;
    }

    @Override
    public Histogram udpEcho(String address, int port, int count) throws InterruptedException {
        final IpAddress server = parse(address);
        final Endpoint<?> local = server instanceof Ipv4Address
                ? new Endpoint<>(Ipv4Address.UNSPECIFIED, 0)
                : new Endpoint<>(Ipv6Address.UNSPECIFIED, 0);
        final Histogram histogram = new Histogram(3);
        final int[] wanted = new int[1];
        final boolean[] good = new boolean[1];
        try (UdpSocket<?> socket = stack.bind(
                local,
                (from, datagram) -> good[0] = datagram.length() == wanted[0]
                        && MemorySegment.mismatch(
                                        datagram.memory(),
                                        datagram.offset(),
                                        datagram.offset() + datagram.length(),
                                        scratch,
                                        0,
                                        wanted[0])
                                < 0)) {
            for (int i = 0; i < count; i++) {
                wanted[0] = 1 + i % MAX_DATAGRAM;
                good[0] = false;
                scratch.asSlice(0, wanted[0]).fill((byte) i);
                final long start = System.nanoTime();
                socket.send(server.hi(), server.lo(), port, scratch, 0, wanted[0]);
                if (run(() -> good[0])) {
                    histogram.recordValue((System.nanoTime() - start) / 1_000);
                }
            }
        }
        return histogram;
    }

    @Override
    public Download download(String address, int port, String path, LongConsumer progress)
            throws IOException, InterruptedException {
        final Fetch fetch = new Fetch(path, address, progress);
        final long start = System.nanoTime();
        stack.connect(new Endpoint<>(parse(address), port), fetch);
        if (!run(() -> fetch.over, () -> fetch.bytes)) {
            throw new IOException("the download stalled after " + fetch.bytes + " bytes");
        }
        return new Download(
                fetch.bytes, System.nanoTime() - start, HexFormat.of().formatHex(fetch.sha.digest()));
    }

    @Override
    public Connections connections(String address, int port, int count, LongConsumer progress)
            throws InterruptedException {
        final Exchanges exchanges = new Exchanges(new Endpoint<>(parse(address), port), count, progress);
        final long start = System.nanoTime();
        for (int i = 0; i < AT_ONCE; i++) {
            exchanges.next();
        }
        run(() -> exchanges.done == count, () -> exchanges.done);
        return new Connections(
                exchanges.latency, count - exchanges.latency.getTotalCount(), AT_ONCE, System.nanoTime() - start);
    }

    @Override
    public void close() {
        arena.close();
    }

    private boolean run(BooleanSupplier until) throws InterruptedException {
        return run(until, () -> 0);
    }

    /** Steps until something is true; gives up when {@code progress} stands still for too long. */
    private boolean run(BooleanSupplier until, LongSupplier progress) throws InterruptedException {
        long last = progress.getAsLong();
        long deadline = System.nanoTime() + TIMEOUT_NANOS;
        while (!until.getAsBoolean()) {
            step.run();
            if (Thread.interrupted()) {
                throw new InterruptedException("the demo was interrupted");
            }
            final long now = System.nanoTime();
            if (progress.getAsLong() != last) {
                last = progress.getAsLong();
                deadline = now + TIMEOUT_NANOS;
            } else if (now - deadline > 0) {
                return false;
            }
        }
        return true;
    }

    private static IpAddress parse(String address) {
        return address.indexOf(':') < 0 ? Ipv4Address.parse(address) : Ipv6Address.parse(address);
    }

    /** One HTTP request, and a digest of the body that comes back. */
    private final class Fetch implements TcpHandler {
        private final byte[] request;
        private final LongConsumer progress;
        private final MessageDigest sha = DemoSite.newDigest();
        private int endOfHead;
        private long bytes;
        private boolean over;

        Fetch(String path, String host, LongConsumer progress) {
            this.request = ("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
            this.progress = progress;
        }

        @Override
        public void onConnected(TcpSocket<?> socket) {
            MemorySegment.copy(request, 0, scratch, ValueLayout.JAVA_BYTE, 0, request.length);
            socket.send(scratch, 0, request.length);
        }

        @Override
        public void onReadable(TcpSocket<?> socket) {
            for (int span = socket.readSpan(); span > 0; span = socket.readSpan()) {
                final int count = Math.min(span, heap.length);
                MemorySegment.copy(socket.readMemory(), ValueLayout.JAVA_BYTE, socket.readOffset(), heap, 0, count);
                socket.consume(count);
                final int from = skipHead(count);
                sha.update(ByteBuffer.wrap(heap, from, count - from));
                bytes += count - from;
            }
            progress.accept(bytes);
            if (socket.finished()) {
                socket.close();
                over = true;
            }
        }

        @Override
        public void onClosed(TcpSocket<?> socket, CloseReason why) {
            over = true;
        }

        /** Where the body begins in what just came; the head ends with CR LF CR LF. */
        private int skipHead(int count) {
            int i = 0;
            while (i < count && endOfHead < 4) {
                final byte expected = endOfHead % 2 == 0 ? (byte) '\r' : (byte) '\n';
                endOfHead = heap[i] == expected ? endOfHead + 1 : heap[i] == '\r' ? 1 : 0;
                i++;
            }
            return i;
        }
    }

    /** Short connections, so many at a time. */
    private final class Exchanges {
        private final Endpoint<? extends IpAddress> server;
        private final int count;
        private final LongConsumer progress;
        private final Histogram latency = new Histogram(3);
        private int started;
        private int done;

        Exchanges(Endpoint<? extends IpAddress> server, int count, LongConsumer progress) {
            this.server = server;
            this.count = count;
            this.progress = progress;
        }

        void next() {
            if (started < count) {
                started++;
                stack.connect(server, new Exchange(this));
            }
        }

        void over(long micros) {
            if (micros >= 0) {
                latency.recordValue(micros);
            }
            done++;
            progress.accept(done);
            next();
        }
    }

    /** One connection: a message there and back. */
    private final class Exchange implements TcpHandler {
        private final Exchanges all;
        private final long start = System.nanoTime();
        private boolean over;

        Exchange(Exchanges all) {
            this.all = all;
        }

        @Override
        public void onConnected(TcpSocket<?> socket) {
            scratch.asSlice(0, MESSAGE).fill((byte) all.started);
            socket.send(scratch, 0, MESSAGE);
        }

        @Override
        public void onReadable(TcpSocket<?> socket) {
            if (socket.readable() == MESSAGE) {
                socket.receive(scratch, 0, MESSAGE);
                socket.close();
                over((System.nanoTime() - start) / 1_000);
            }
        }

        @Override
        public void onClosed(TcpSocket<?> socket, CloseReason why) {
            over(-1);
        }

        private void over(long micros) {
            if (!over) {
                over = true;
                all.over(micros);
            }
        }
    }
}

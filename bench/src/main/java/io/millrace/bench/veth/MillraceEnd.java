package io.millrace.bench.veth;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.dpdk.DpdkPool;
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
import io.millrace.stack.wire.address.MacAddress;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Our stack over a packet socket as the client; the thread that calls it polls and never sleeps. */
final class MillraceEnd implements End, AutoCloseable {
    /** Not that of the kernel's end: so the kernel, which sees all packets too, drops those for us at its first look. */
    private static final MacAddress OWN_MAC = new MacAddress(0x0200_0000_0001L);

    private static final int CACHE = 512;
    private static final int ASKED = 64;
    private static final long LONGEST_SILENCE = 5_000_000_000L;

    private final String host;
    private final int firstPort;
    private final PoolCache cache;
    private final Port port;
    private final Stack stack;
    /** Share of the last turn of each service in which the stack had something to do. */
    private final double[] busy = new double[3];

    /**
     * Makes one.
     *
     * @param port of which this end takes the first queue, and which it closes
     * @param pool of the port
     * @param host of the server, IPv6 in brackets
     * @param firstPort of its services
     */
    MillraceEnd(
            final Port port,
            final List<String> addresses,
            final DpdkPool pool,
            final String host,
            final int firstPort) {
        this.host = host;
        this.firstPort = firstPort;
        this.cache = new PoolCache(pool, CACHE);
        this.port = port;
        final StackConfig config =
                StackConfig.defaults().withTcp(TcpConfig.builder().noDelay(true).build());
        this.stack = Stack.create(config, cache);
        stack.addInterface(
                InterfaceConfig.of(addresses.toArray(String[]::new)).withMac(OWN_MAC),
                port.info(),
                port.queue(0, cache));
    }

    /** How busy it was in the last turns, and what went wrong on the way so far, for a person. */
    String account() {
        return String.format(
                Locale.ROOT,
                "busy %.0f %% of the time towards Linux, %.0f %% from it; %,d segments sent again, %,d received ahead of a"
                        + " gap, %,d missed by the device",
                100 * busy[0],
                100 * busy[1],
                stack.counters().get(StackCounter.TCP_RETRANSMITS),
                stack.counters().get(StackCounter.TCP_OUT_OF_ORDER),
                port.stats().rxMissed());
    }

    @Override
    public double push(final long nanos) throws IOException {
        final Push client = new Push();
        final long start = run(client, 0, nanos);
        return 8.0 * client.bytes / (System.nanoTime() - start);
    }

    @Override
    public double pull(final long nanos) throws IOException {
        final Pull client = new Pull();
        final long start = run(client, 1, nanos);
        return 8.0 * client.bytes / (System.nanoTime() - start);
    }

    @Override
    public void ask(final long nanos, final Histogram latency) throws IOException {
        run(new Ask(latency), 2, nanos);
    }

    /** Runs a connection to its end; returns when it was established. */
    private long run(final Client client, final int service, final long nanos) throws IOException {
        final Endpoint<? extends IpAddress> server = Endpoint.parse(host + ":" + (firstPort + service));
        stack.connect(server, client);
        final long asked = System.nanoTime();
        long now = asked;
        long working = 0;
        while (client.why == null) {
            final int work = stack.poll(now / 1000);
            final long before = now;
            now = System.nanoTime();
            working += work > 0 ? now - before : 0;
            client.over = client.start != 0 && now - client.start >= nanos;
            if (client.over && client.socket != null) {
                client.end(client.socket);
            }
            if (now - asked > nanos + LONGEST_SILENCE) {
                throw new IOException("the connection to " + server + " does not end");
            }
        }
        busy[service] = (double) working / (now - asked);
        // An abort is how those end that do not wait for the server; the connection failed if it never was one.
        if (client.start == 0 || (client.why != CloseReason.NORMAL && client.why != CloseReason.ABORTED)) {
            throw new IOException("the connection to " + server + " failed: " + client.why.text());
        }
        return client.start;
    }

    /** Ends everything and gives all buffers back. */
    @Override
    public void close() {
        stack.close();
        port.close();
        cache.flush();
    }

    /** A connection's application. */
    private abstract static class Client implements TcpHandler {
        boolean over;
        long bytes;
        private long start;
        private @Nullable TcpSocket<?> socket;
        private @Nullable CloseReason why;

        /** The time is over. */
        abstract void end(TcpSocket<?> which);

        @Override
        public void onConnected(final TcpSocket<?> which) {
            start = System.nanoTime();
            socket = which;
            onWritable(which);
        }

        @Override
        public void onClosed(final TcpSocket<?> which, final CloseReason reason) {
            why = reason;
        }
    }

    private static final class Push extends Client {
        @Override
        public void onWritable(final TcpSocket<?> which) {
            for (int span = which.writeSpan(); span > 0 && !over; span = which.writeSpan()) {
                which.commit(span);
                bytes += span;
            }
        }

        @Override
        void end(final TcpSocket<?> which) {
            which.close();
        }
    }

    private static final class Pull extends Client {
        @Override
        public void onReadable(final TcpSocket<?> which) {
            final int readable = which.readable();
            bytes += readable;
            which.consume(readable);
        }

        @Override
        void end(final TcpSocket<?> which) {
            which.abort();
        }
    }

    private static final class Ask extends Client {
        private final Histogram latency;
        private long asked;

        Ask(final Histogram latency) {
            this.latency = latency;
        }

        @Override
        public void onWritable(final TcpSocket<?> which) {
            asked = System.nanoTime();
            which.writeSpan();
            which.commit(ASKED);
        }

        @Override
        public void onReadable(final TcpSocket<?> which) {
            if (which.readable() >= ASKED) {
                which.consume(ASKED);
                latency.recordValue(System.nanoTime() - asked);
                onWritable(which);
            }
        }

        @Override
        void end(final TcpSocket<?> which) {
            which.abort();
        }
    }
}

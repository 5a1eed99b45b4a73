package io.millrace.bench.nc;

import io.millrace.stack.client.PacketChannel;
import io.millrace.stack.client.StackClient;
import io.millrace.stack.client.TcpChannel;
import io.millrace.stack.client.TcpServerChannel;
import io.millrace.stack.client.UdpChannel;
import io.millrace.stack.socket.tcp.TcpState;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One run of {@code millrace nc}, from connecting or listening to its exit code. */
final class NcSession {
    private static final int SUCCESS = 0;
    private static final int FAILURE = 1;
    private static final int BACKLOG = 1;

    private final StackClient client;
    private final NcSettings settings;
    private final InputStream in;
    private final OutputStream out;
    private final PrintWriter err;
    private volatile boolean cancelled;
    private volatile @Nullable Closeable current;

    NcSession(StackClient client, NcSettings settings, InputStream in, OutputStream out, PrintWriter err) {
        this.client = client;
        this.settings = settings;
        this.in = in;
        this.out = out;
        this.err = err;
    }

    /** Runs it; returns 0 if there was a conversation, 1 if not or if it broke off. */
    int run() throws InterruptedException {
        try {
            if (settings.listen()) {
                return settings.udp() ? listenUdp() : listenTcp();
            }
            return settings.udp() ? connectUdp() : connectTcp();
        } catch (SocketTimeoutException e) {
            return SUCCESS; // nobody came for so long; as OpenBSD's nc
        } catch (IOException e) {
            if (!cancelled) {
                tell("nc: " + e.getMessage());
            }
            return FAILURE;
        }
    }

    /** Something that may come. */
    @FunctionalInterface
    interface Signal {
        /** Waits for it; returns whether it came in time. */
        boolean await(long millis) throws InterruptedException;
    }

    /**
     * As {@link #run}, until a signal comes: that ends it even while standard output takes nothing.
     *
     * @param graceMillis how long it may go on after the signal
     */
    int runUntil(Signal signal, long graceMillis) throws InterruptedException {
        final FutureTask<Integer> conversation = new FutureTask<>(this::run);
        // A platform thread: writing to standard output holds its carrier.
        Thread.ofPlatform().daemon().name("nc-session").start(conversation);
        final Thread watch = Thread.ofVirtual().start(() -> watch(signal, graceMillis, conversation));
        try {
            return conversation.get();
        } catch (CancellationException e) {
            return FAILURE;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException unexpected) {
                throw unexpected;
            }
            throw new IllegalStateException("a conversation that broke off", e);
        } finally {
            watch.interrupt();
        }
    }

    private void watch(Signal signal, long graceMillis, FutureTask<Integer> conversation) {
        try {
            if (signal.await(Long.MAX_VALUE)) {
                cancel();
                conversation.get(graceMillis, TimeUnit.MILLISECONDS);
            }
        } catch (TimeoutException | IOException e) {
            conversation.cancel(false); // no more can be done for it
        } catch (ExecutionException e) {
            // Whoever waits for the conversation is told.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // it is over
        }
    }

    /** Ends it from another thread. */
    void cancel() throws IOException {
        cancelled = true;
        final Closeable open = current;
        if (open != null) {
            open.close();
        }
    }

    private int connectTcp() throws IOException, InterruptedException {
        final Endpoint<IpAddress> remote = remote();
        try (TcpChannel<IpAddress> channel = client.openTcp()) {
            opened(channel);
            channel.sendTimeout(settings.patience());
            try {
                if (!settings.local().isEmpty()) {
                    channel.bind(settings.local().getFirst());
                }
                final NcKeys keys = settings.keys();
                if (keys != null) {
                    channel.options(options -> keys.apply(options.keys(), remote.address()));
                }
                if (settings.fastOpen()) {
                    channel.options(options -> options.fastOpenConnect(true));
                }
                if (settings.udpPort() != 0) {
                    channel.options(options -> options.opening().remoteUdpPort(settings.udpPort()));
                }
                channel.connect(remote);
            } catch (IOException e) {
                if (!cancelled) {
                    tell("nc: connect to " + remote.address() + " port " + remote.port() + " (tcp) failed: "
                            + (e instanceof SocketTimeoutException ? "timed out" : e.getMessage()));
                }
                return FAILURE;
            }
            channel.sendTimeout(null);
            final String peer = "Connection to " + remote.address() + " " + remote.port() + " port [tcp/*] ";
            if (settings.fastOpen() && channel.info().state == TcpState.SYN_SENT) {
                tellMore(peer + "waits for what is sent first");
                return relay(new FirstSegment(channel, () -> tellMore(peer + "succeeded!")), channel);
            }
            tellMore(peer + "succeeded!");
            return settings.scan() ? SUCCESS : relay(new Wire.Stream(channel));
        }
    }

    /** Relays, and tells what became of the data of the SYN. */
    private int relay(Wire wire, TcpChannel<IpAddress> channel) throws IOException, InterruptedException {
        final int code = relay(wire);
        if (code == SUCCESS) {
            tellSyn(channel, "What was sent first went with the SYN", "The peer took no data of the SYN");
        }
        return code;
    }

    private int listenTcp() throws IOException, InterruptedException {
        try (TcpServerChannel<IpAddress> server = client.openTcpServer()) {
            opened(server);
            final NcKeys keys = settings.keys();
            if (keys != null) {
                server.options(options -> keys.apply(options.keys(), null));
            }
            if (settings.fastOpen()) {
                server.configure(listener -> listener.fastOpen().limit(BACKLOG));
            }
            server.listen(settings.local(), BACKLOG);
            server.receiveTimeout(settings.patience());
            tellListening();
            int code;
            do {
                try (TcpChannel<IpAddress> channel = server.accept()) {
                    opened(channel);
                    if (!settings.keep()) {
                        end(server); // whoever comes later is refused
                    }
                    tellReceived(channel.remote());
                    tellSyn(channel, "What it sent first came with the SYN", "Its SYN brought no data");
                    code = relay(new Wire.Stream(channel));
                    opened(server);
                }
            } while (settings.keep() && !cancelled);
            return code;
        }
    }

    private int connectUdp() throws IOException, InterruptedException {
        final Endpoint<IpAddress> remote = remote();
        try (UdpChannel<IpAddress> channel = client.openUdp()) {
            opened(channel);
            if (!settings.local().isEmpty()) {
                channel.bind(settings.local().getFirst());
            }
            channel.connect(remote);
            tellMore("Connection to " + remote.address() + " " + remote.port() + " port [udp/*] succeeded!");
            return relay(new Wire.Datagrams(channel));
        }
    }

    private int listenUdp() throws IOException, InterruptedException {
        try (UdpChannel<IpAddress> channel = client.openUdp()) {
            opened(channel);
            channel.bind(settings.local().getFirst());
            channel.receiveTimeout(settings.patience());
            tellListening();
            final PacketChannel.Received<IpAddress> first = channel.receive(ByteBuffer.allocate(0), TcpChannel.PEEK);
            if (first == null) {
                return FAILURE;
            }
            tellReceived(first.source());
            channel.connect(first.source()); // what others sent already still waits
            return relay(new Wire.Datagrams(channel));
        }
    }

    private int relay(Wire wire) throws InterruptedException {
        try {
            new Relay(wire, settings, in, out).run();
            return SUCCESS;
        } catch (IOException e) {
            if (!cancelled) {
                tell("nc: " + e.getMessage());
            }
            return FAILURE;
        }
    }

    private static void end(Closeable channel) throws IOException {
        channel.close();
    }

    private void opened(Closeable channel) throws IOException {
        current = channel;
        if (cancelled) {
            channel.close();
        }
    }

    private Endpoint<IpAddress> remote() {
        final Endpoint<IpAddress> remote = settings.remote();
        if (remote == null) {
            throw new IllegalStateException("there is nobody to connect to");
        }
        return remote;
    }

    private void tellListening() {
        tellMore("Listening on "
                + settings.local().stream()
                        .map(local -> local.address() + " " + local.port())
                        .collect(Collectors.joining(", ")));
    }

    private void tellSyn(TcpChannel<IpAddress> channel, String taken, String not) throws IOException {
        if (settings.fastOpen()) {
            tellMore(channel.info().synData ? taken : not);
        }
    }

    private void tellReceived(@Nullable Endpoint<IpAddress> peer) {
        tellMore("Connection received on " + (peer == null ? "-" : peer.address() + " " + peer.port()));
    }

    private void tellMore(String line) {
        if (settings.verbose()) {
            tell(line);
        }
    }

    private void tell(String line) {
        err.println(line);
        err.flush();
    }
}

package io.millrace.stack.client;

import io.millrace.stack.Stack;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How application threads use a stack that a shard polls: {@link ClientService#client()} gives it. Any thread, virtual or
 * not, but not the shard's own, which would wait for itself.
 *
 * <pre>{@code
 * try (TcpServerChannel<Ipv4Address> server = client.listen(new Endpoint<>(Ipv4Address.UNSPECIFIED, 7), 128)) {
 *     while (true) {
 *         TcpChannel<Ipv4Address> connection = server.accept();
 *         Thread.startVirtualThread(() -> {
 *             try (connection) {
 *                 connection.inputStream().transferTo(connection.outputStream());
 *             } catch (IOException e) {
 *                 // the peer reset it
 *             }
 *         });
 *     }
 * }
 * }</pre>
 */
public final class StackClient {
    private final ClientService service;
    private final Requests requests;

    StackClient(final ClientService service, final Requests requests) {
        this.service = service;
        this.requests = requests;
    }

    /** Whether it is for the thread that polls the stack, see {@link ClientService#direct()}. */
    public boolean isDirect() {
        return requests.isDirect();
    }

    /** A TCP channel that is neither bound nor connected. */
    public <A extends IpAddress> TcpChannel<A> openTcp() throws IOException {
        return new TcpChannel<>(requests, open(ShardTcp::new));
    }

    /** A TCP channel that does not listen yet. */
    public <A extends IpAddress> TcpServerChannel<A> openTcpServer() throws IOException {
        return new TcpServerChannel<>(requests, open(ShardListener::new));
    }

    /** A UDP channel without a place. */
    public <A extends IpAddress> UdpChannel<A> openUdp() throws IOException {
        return new UdpChannel<>(requests, open(ShardUdp::new));
    }

    /**
     * A channel for whole IP packets.
     *
     * @param version 4, 6 or {@link io.millrace.stack.socket.raw.RawSocket#ANY}
     * @param protocol 0 to 255 or {@link io.millrace.stack.socket.raw.RawSocket#ANY}
     */
    public RawChannel openRaw(final int version, final int protocol) throws IOException {
        return new RawChannel(requests, open(shard -> new ShardRaw(shard, version, protocol)));
    }

    /** A channel for echo requests and their replies that has no identifier yet. */
    public <A extends IpAddress> PingChannel<A> openPing() throws IOException {
        return new PingChannel<>(requests, open(ShardPing::new));
    }

    /** Connects over TCP, and waits until it is done. */
    public <A extends IpAddress> TcpChannel<A> connect(final Endpoint<A> remote) throws IOException {
        final TcpChannel<A> channel = openTcp();
        try {
            channel.connect(remote);
            return channel;
        } catch (final IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Listens over TCP; arguments as of {@link TcpServerChannel#listen}. */
    public <A extends IpAddress> TcpServerChannel<A> listen(final Endpoint<A> local, final int backlog)
            throws IOException {
        final TcpServerChannel<A> channel = openTcpServer();
        try {
            channel.listen(List.of(local), backlog);
            return channel;
        } catch (final IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Opens a UDP socket that receives at a place; arguments as of {@link UdpChannel#bind}. */
    public <A extends IpAddress> UdpChannel<A> bindUdp(final Endpoint<A> local) throws IOException {
        final UdpChannel<A> channel = openUdp();
        try {
            channel.bind(local);
            return channel;
        } catch (final IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Has the shard's thread run something between two polls of the stack, and waits for what it returns. */
    public <T> @Nullable T call(final Function<? super Stack, ? extends @Nullable T> call) throws IOException {
        return onShard(shard -> call.apply(service.stack()));
    }

    /** Resets every connection, closes every socket of all threads and forgets the connections in TIME-WAIT. */
    public void abortAll() throws IOException {
        onShard(shard -> {
            service.abortAll();
            return null;
        });
    }

    private <S extends ShardSocket> S open(final Function<ClientService, S> maker) throws IOException {
        return Objects.requireNonNull(onShard(shard -> maker.apply(service)));
    }

    private <T> @Nullable T onShard(final Function<ShardSocket, ? extends @Nullable T> call) throws IOException {
        final Operation operation = requests.acquire();
        try {
            operation.argument = call;
            final int result = requests.run(operation, service.everything(), Operation.CALL);
            if (result < 0) {
                throw new SocketErrorException(SocketError.of(result));
            }
            @SuppressWarnings("unchecked") // it is what the call returned
            final T answer = (T) operation.answer;
            return answer;
        } finally {
            requests.release(operation);
        }
    }
}

package io.millrace.stack.client;

import io.millrace.stack.socket.tcp.ListenerInfo;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpOptions;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Listens for TCP connections on behalf of application threads. Connections that nobody accepted yet wait in the stack,
 * and those beyond the backlog are not completed.
 *
 * <p>Thread-safe.
 *
 * @param <A> family of its addresses
 */
public final class TcpServerChannel<A extends IpAddress> extends ClientSocket<ShardListener> {
    TcpServerChannel(final Requests requests, final ShardListener end) {
        super(requests, end);
    }

    /**
     * Begins to listen; called again, it changes the backlog.
     *
     * @param local where, all at the first one's port, which the stack chooses if it is 0; an unspecified address
     *     stands for all of ours of its family
     * @param backlog most connections that wait to be accepted, 1 if less
     * @throws SocketErrorException if something listens there, or an address is none of ours
     */
    public void listen(final List<? extends Endpoint<? extends A>> local, final int backlog) throws IOException {
        final Operation operation = requests.acquire();
        try {
            operation.argument = List.copyOf(local);
            operation.length = backlog;
            checked(requests.run(operation, end, Operation.LISTEN));
        } finally {
            requests.release(operation);
        }
    }

    /**
     * Whether its port may be shared with sockets that are bound to it, permit it too and do not listen: SO_REUSEADDR.
     * Two that listen share one only by {@link #reusePort}.
     */
    public void reuseAddress(final boolean value) throws IOException {
        tell(shard -> shard.reuseAddress(value));
    }

    /**
     * Whether its port may be shared with others that permit it too and listen as well: SO_REUSEPORT. Connections are
     * spread over them by a keyed hash of both ends. Set it before {@link #listen}. Listeners of several shards share a
     * port without it, see {@link io.millrace.stack.shard.ShardGroup}.
     */
    public void reusePort(final boolean value) throws IOException {
        tell(shard -> shard.reusePort(value));
    }

    /** Where it listens; empty if it does not. */
    @SuppressWarnings("unchecked") // it is where it was told to listen
    public List<Endpoint<A>> local() throws IOException {
        final List<?> local = call(ShardListener::local);
        return local == null ? List.of() : (List<Endpoint<A>>) local;
    }

    /** What it counted in each place, in the order of {@link #local()}; empty if it does not listen. */
    public List<ListenerInfo> info() throws IOException {
        final List<ListenerInfo> info = call(ShardListener::info);
        return info == null ? List.of() : info;
    }

    /**
     * Accepts the connection that waits longest, or the next one that comes; waits for it whatever {@link
     * #isBlocking()} says.
     *
     * @return the connection, which blocks
     * @throws SocketErrorException if it does not listen
     * @throws java.net.SocketTimeoutException if none comes within {@link #receiveTimeout}
     */
    public TcpChannel<A> accept() throws IOException {
        final long deadline = receiveDeadline();
        TcpChannel<A> accepted = tryAccept();
        while (accepted == null) {
            awaitReceive(deadline, 0);
            accepted = tryAccept();
        }
        return accepted;
    }

    /**
     * Accepts the connection that waits longest.
     *
     * @return null if none waits
     * @throws SocketErrorException if it does not listen
     */
    public @Nullable TcpChannel<A> tryAccept() throws IOException {
        final Operation operation = requests.acquire();
        try {
            final int result = requests.run(operation, end, Operation.ACCEPT);
            if (result == SocketError.EAGAIN.result()) {
                return null;
            }
            checked(result);
            return new TcpChannel<>(requests, (ShardTcp) Objects.requireNonNull(operation.answer));
        } finally {
            requests.release(operation);
        }
    }

    /**
     * Changes options of the connections that come from now on; on the shard's thread. Before {@link #listen} it holds
     * for the first one.
     */
    public void options(final Consumer<? super TcpOptions> change) throws IOException {
        configure(listener -> change.accept(listener.options()));
    }

    /** Changes the stack's listener in each place, its queues for instance; otherwise as {@link #options}. */
    public void configure(final Consumer<? super TcpListener<?>> change) throws IOException {
        tell(shard -> shard.change(change));
    }
}

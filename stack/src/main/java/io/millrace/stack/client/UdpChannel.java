package io.millrace.stack.client;

import io.millrace.stack.socket.SocketSettings;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket of application threads. Datagrams wait in the stack until a thread receives them.
 *
 * <p>Thread-safe.
 *
 * @param <A> family of its addresses
 */
public final class UdpChannel<A extends IpAddress> extends ClientSocket<ShardUdp> {
    /**
     * A datagram that was received.
     *
     * @param source whom it came from
     * @param length bytes of its payload, more than were stored if the buffer was too short
     * @param <A> family
     */
    public record Received<A extends IpAddress>(Endpoint<A> source, int length) {}

    UdpChannel(final Requests requests, final ShardUdp end) {
        super(requests, end);
    }

    /**
     * Chooses where it receives.
     *
     * @param local an address of ours, a group, or the unspecified one for all; port 0 for one of the stack's choice
     * @throws SocketErrorException if another socket has it, it is none of ours, or this one has a place already
     */
    public void bind(final Endpoint<A> local) throws IOException {
        request(Operation.BIND, 0, local);
    }

    /** Whether {@link #bind} may share a place with others that permit it too: SO_REUSEADDR. Set it before. */
    public void reuseAddress(final boolean value) throws IOException {
        call(shard -> {
            shard.reuseAddress(value);
            return null;
        });
    }

    /** Receives from one peer only from now on, and tells of its errors. */
    public void connect(final Endpoint<A> remote) throws IOException {
        request(Operation.CONNECT, 0, remote);
    }

    /** Receives from everyone again. */
    public void disconnect() throws IOException {
        request(Operation.CONNECT, 0, null);
    }

    /** Where it receives; null if it has no place yet. */
    @SuppressWarnings("unchecked") // it was bound to, or connected from, one of its family
    public @Nullable Endpoint<A> local() throws IOException {
        return (Endpoint<A>) call(ShardUdp::local);
    }

    /** Whom it is connected to; null if to nobody. */
    @SuppressWarnings("unchecked") // as above
    public @Nullable Endpoint<A> remote() throws IOException {
        return (Endpoint<A>) call(ShardUdp::remote);
    }

    /** Changes how it sends, at once or as soon as it has a place; on the shard's thread. */
    public void settings(final Consumer<? super SocketSettings> change) throws IOException {
        call(shard -> {
            shard.settings(change);
            return null;
        });
    }

    /** Sets how many bytes of payload wait to be received, at least 1: SO_RCVBUF. What comes when there is no room is lost. */
    public void receiveBuffer(final int bytes) throws IOException {
        call(shard -> {
            shard.receiveBuffer(bytes);
            return null;
        });
    }

    /** Bytes of the datagram that waits longest; 0 if none does. */
    public int available() throws IOException {
        final Integer count = call(ShardUdp::nextLength);
        return count == null ? 0 : count;
    }

    /**
     * Sends what remains of a buffer to the peer that it is connected to.
     *
     * @return how many bytes
     */
    public int send(final ByteBuffer source) throws IOException {
        return send(source, null);
    }

    /**
     * Sends what remains of a buffer as one datagram. It never waits; a datagram that finds the transmit queue full fails.
     *
     * @param to whom; null for the peer that it is connected to
     * @return how many bytes
     */
    public int send(final ByteBuffer source, final @Nullable Endpoint<A> to) throws IOException {
        final Operation operation = requests.acquire();
        try {
            final ByteBuffer place = operation.buffer.clear();
            if (source.remaining() > place.capacity()) {
                throw new SocketErrorException(SocketError.EMSGSIZE);
            }
            place.put(0, source, source.position(), source.remaining());
            operation.length = source.remaining();
            operation.port = 0;
            if (to != null) {
                if (to.port() == 0) {
                    throw new SocketErrorException(SocketError.EINVAL);
                }
                operation.family = to.address().family();
                operation.hi = to.address().hi();
                operation.lo = to.address().lo();
                operation.port = to.port();
            }
            final int sent = checked(requests.run(operation, end, Operation.SEND));
            source.position(source.limit());
            return sent;
        } finally {
            requests.release(operation);
        }
    }

    /**
     * Receives one datagram into what remains of a buffer; what does not fit is lost.
     *
     * @param flags {@link TcpChannel#PEEK}, {@link TcpChannel#DONT_WAIT}
     * @return whom it came from; null if none waits and this does not either, or it was shut down
     */
    @SuppressWarnings("unchecked") // a socket receives from its own family
    public @Nullable Received<A> receive(final ByteBuffer target, final int flags) throws IOException {
        final boolean wait = isBlocking() && (flags & TcpChannel.DONT_WAIT) == 0;
        while (true) {
            awaitReceive(wait);
            final Operation operation = requests.acquire();
            try {
                final ByteBuffer place = operation.buffer.clear();
                operation.length = Math.min(target.remaining(), place.capacity());
                operation.flags = flags;
                operation.port = -1;
                final int result = requests.run(operation, end, Operation.RECEIVE);
                if (result != SocketError.EAGAIN.result()) {
                    checked(result);
                    if (operation.port < 0) {
                        return null;
                    }
                    target.put(place.limit(result));
                    final IpAddress from = IpAddress.of(operation.family, operation.hi, operation.lo);
                    return new Received<>(new Endpoint<>((A) from, operation.port), operation.wholeLength);
                }
            } finally {
                requests.release(operation);
            }
            if (!wait) {
                return null;
            }
        }
    }

    /** Receives or sends nothing any more, as {@code shutdown(2)} does. */
    public void shutdown(final boolean input, final boolean output) throws IOException {
        request(Operation.SHUTDOWN, (input ? TcpChannel.SHUT_READ : 0) | (output ? TcpChannel.SHUT_WRITE : 0), null);
    }
}

package io.millrace.stack.client;

import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What the sockets of application threads have in common that receive and send packet by packet. Packets wait in the
 * stack until a thread receives them.
 *
 * <p>Thread-safe.
 *
 * @param <A> family of its addresses
 * @param <S> the shard's end
 */
public abstract sealed class PacketChannel<A extends IpAddress, S extends ShardSocket> extends ClientSocket<S>
        permits UdpChannel, RawChannel, PingChannel {
    /**
     * A datagram or packet that was received.
     *
     * @param source whom it came from
     * @param length bytes of its payload, more than were stored if the buffer was too short
     * @param segmentLength bytes of each datagram but the last, if several were joined ({@link UdpChannel#coalesce}); else
     *     {@code length}
     * @param destination the address that it was sent to: one of ours, a group or a broadcast address
     * @param hopLimit TTL or hop limit that was left
     * @param trafficClass DSCP (upper 6 bits) and ECN (lower 2 bits)
     * @param flowLabel of IPv6 (RFC 6437); 0 for none, and for IPv4
     * @param interfaceIndex of the interface that it came in by
     * @param timestamp when it came, in microseconds: the time of the poll of the stack that received it
     * @param <A> family
     */
    public record Received<A extends IpAddress>(
            Endpoint<A> source,
            int length,
            int segmentLength,
            A destination,
            int hopLimit,
            int trafficClass,
            int flowLabel,
            int interfaceIndex,
            long timestamp) {
        @SuppressWarnings("unchecked") // a socket receives from its own family
        static <A extends IpAddress> Received<A> of(final Operation from) {
            return new Received<>(
                    new Endpoint<>((A) IpAddress.of(from.family, from.hi, from.lo), from.port),
                    from.wholeLength,
                    from.segmentLength,
                    (A) IpAddress.of(from.family, from.destinationHi, from.destinationLo),
                    from.hopLimit,
                    from.trafficClass,
                    from.flowLabel,
                    from.interfaceIndex,
                    from.timestamp);
        }
    }

    PacketChannel(final Requests requests, final S end) {
        super(requests, end);
    }

    /**
     * Sends what remains of a buffer to the peer that it is connected to.
     *
     * @return how many bytes
     */
    public final int send(final ByteBuffer source) throws IOException {
        return send(source, null);
    }

    /**
     * Sends what remains of a buffer as one datagram. It never waits; a datagram that finds the transmit queue full
     * fails.
     *
     * @param to whom; null for the peer that it is connected to
     * @return how many bytes
     */
    public final int send(final ByteBuffer source, final @Nullable Endpoint<A> to) throws IOException {
        return transmit(source, to, null);
    }

    /** As {@link #send(ByteBuffer, Endpoint)}, with what is different for this datagram. */
    final int transmit(final ByteBuffer source, final @Nullable Endpoint<A> to, final @Nullable SendOptions options)
            throws IOException {
        final Operation operation = requests.acquire();
        try {
            final ByteBuffer place = operation.buffer.clear();
            if (source.remaining() > place.capacity()) {
                throw new SocketErrorException(SocketError.EMSGSIZE);
            }
            place.put(0, source, source.position(), source.remaining());
            operation.length = source.remaining();
            operation.port = 0;
            operation.argument = options;
            if (to != null) {
                operation.family = to.address().family();
                operation.hi = to.address().hi();
                operation.lo = to.address().lo();
                operation.port = port(to);
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
    public final @Nullable Received<A> receive(final ByteBuffer target, final int flags) throws IOException {
        final boolean wait = isBlocking() && (flags & TcpChannel.DONT_WAIT) == 0;
        final long deadline = receiveDeadline();
        while (true) {
            if (wait) {
                awaitReceive(deadline, 0);
            }
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
                    return Received.of(operation);
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
    public final void shutdown(final boolean input, final boolean output) throws IOException {
        request(Operation.SHUTDOWN, (input ? TcpChannel.SHUT_READ : 0) | (output ? TcpChannel.SHUT_WRITE : 0), null);
    }

    /** The port that goes with an address, 1 or more. */
    int port(final Endpoint<A> to) throws IOException {
        if (to.port() == 0) {
            throw new SocketErrorException(SocketError.EINVAL);
        }
        return to.port();
    }
}

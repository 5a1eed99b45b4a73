package io.millrace.stack.client;

import io.millrace.stack.socket.udp.UdpDatagram;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The sockets of one place: none before it is bound, one, or one of each family where a place of IPv6 is one of IPv4 too.
 * They are to look like the one socket that Linux has there: datagrams of both come in the order of their arrival, and
 * the peer of one makes the other deaf.
 */
final class UdpPair {
    private @Nullable UdpSocket<IpAddress> first;
    /** What hears IPv4 at the same port; null unless {@link #first} hears all of IPv6. */
    private @Nullable UdpSocket<IpAddress> second;

    /** The place is bound, or not any more. */
    void first(final @Nullable UdpSocket<IpAddress> socket) {
        first = socket;
    }

    /** The place is one of IPv4, too. */
    void second(final UdpSocket<IpAddress> socket) {
        second = socket;
    }

    /** The socket that was bound first; null before there is one. */
    @Nullable
    UdpSocket<IpAddress> first() {
        return first;
    }

    /** The one that hears IPv4 beside it; null if there is none. */
    @Nullable
    UdpSocket<IpAddress> second() {
        return second;
    }

    boolean isEmpty() {
        return first == null;
    }

    /** The socket of a family; null if there is none. */
    @Nullable
    UdpSocket<IpAddress> of(final int family) {
        final UdpSocket<IpAddress> bound = first;
        return bound == null || bound.local().address().family() == family ? bound : second;
    }

    /** The socket that is connected, else the first one. */
    @Nullable
    UdpSocket<IpAddress> peered() {
        final UdpSocket<IpAddress> other = second;
        return other != null && other.remote() != null ? other : first;
    }

    /** Whom it is connected to. */
    @Nullable
    Endpoint<IpAddress> remote() {
        final UdpSocket<IpAddress> current = peered();
        return current == null ? null : current.remote();
    }

    /** Has something done to the sockets that there are. */
    void each(final Consumer<UdpSocket<IpAddress>> change) {
        if (first != null) {
            change.accept(first);
        }
        if (second != null) {
            change.accept(second);
        }
    }

    /** The socket whose datagram waits longest. */
    @Nullable
    UdpSocket<IpAddress> earlier() {
        if (second == null) {
            return first;
        }
        drainDeaf();
        final UdpDatagram next = first == null ? null : first.peek();
        final UdpDatagram other = second == null ? null : second.peek();
        return other != null && (next == null || other.timestamp() < next.timestamp()) ? second : first;
    }

    /** Whether a datagram waits. */
    boolean readable() {
        drainDeaf();
        return (first != null && first.readable() > 0) || (second != null && second.readable() > 0);
    }

    /**
     * Drops what one socket would not hear: what comes for the family that is not the peer's, and what comes for groups of
     * IPv4 that were not joined.
     */
    void drainDeaf() {
        final UdpSocket<IpAddress> deaf = deaf();
        while (deaf != null && deaf.receive() != null) {
            // it is gone
        }
        final UdpSocket<IpAddress> other = second;
        UdpDatagram next = other == null || other.joinsGroups() ? null : other.peek();
        while (other != null && next != null && next.destination().isMulticast()) {
            other.receive();
            next = other.peek();
        }
    }

    /** The socket that the other one's peer makes deaf; null if there is none. */
    private @Nullable UdpSocket<IpAddress> deaf() {
        final UdpSocket<IpAddress> one = first;
        final UdpSocket<IpAddress> other = second;
        if (one == null || other == null) {
            return null;
        }
        return one.remote() != null ? other : other.remote() != null ? one : null;
    }
}

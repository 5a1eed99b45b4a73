package io.millrace.stack.client;

import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.socket.SocketSettings;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.UdpView;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket of application threads. Datagrams wait in the stack until a thread receives them.
 *
 * <p>Thread-safe.
 *
 * @param <A> family of its addresses
 */
public final class UdpChannel<A extends IpAddress> extends PacketChannel<A, ShardUdp> {
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

    /**
     * Whether a socket that is bound to the unspecified address of IPv6, or sends without being bound, has the same port
     * of IPv4 too; not unless set, and heeded when it gets its place. Addresses of IPv4 are given and told as such.
     * IPV6_V6ONLY switched off.
     */
    public void dualStack(final boolean value) throws IOException {
        tell(shard -> shard.dualStack(value));
    }

    /**
     * Whether {@link #bind} may take a place that others have, if they permit it too: SO_REUSEADDR. What comes for one
     * host is then for the socket that was bound last.
     */
    public void reuseAddress(final boolean value) throws IOException {
        tell(shard -> shard.reuseAddress(value));
    }

    /**
     * Whether {@link #bind} may share a place with others that permit it too: SO_REUSEPORT. What comes for one host is
     * then spread over them, one peer's always for the same one.
     */
    public void reusePort(final boolean value) throws IOException {
        tell(shard -> shard.reusePort(value));
    }

    /**
     * Sends what remains of a buffer as one datagram, with what is different from the {@linkplain #settings settings}:
     * source address, TTL, DSCP and ECN, flow label, interface, size of segments.
     *
     * @param to whom; null for the peer that it is connected to
     * @param options left alone, and not looked at any more when the call returns
     * @return how many bytes
     * @throws IllegalArgumentException if an option is out of its range
     */
    public int send(final ByteBuffer source, final @Nullable Endpoint<A> to, final SendOptions options)
            throws IOException {
        options.check();
        return transmit(source, to, options);
    }

    /**
     * Takes the oldest ICMP error that waits: who reported what about which datagram. Errors wait once {@link
     * #allErrors} is set, up to 64; {@link Readiness#ERROR} is set as long as one does. MSG_ERRQUEUE.
     *
     * @return null if none waits
     */
    public @Nullable IcmpErrorRepr takeIcmpError() throws IOException {
        return call(ShardUdp::nextError);
    }

    /**
     * Takes the oldest notice of a datagram for which {@link SendOptions#stages} asked: they are numbered from 0. Up to 1024
     * wait; {@link Readiness#ERROR} is set as long as one does, though no other call fails. MSG_ERRQUEUE.
     *
     * @return null if none waits
     */
    public @Nullable SendNotice takeSendNotice() throws IOException {
        return call(shard -> shard.notices().take());
    }

    /** How many datagrams had notices asked for: the number of the next one. */
    public long noticesAsked() throws IOException {
        final Long asked = call(ShardUdp::noticesAsked);
        return asked == null ? 0 : asked;
    }

    /**
     * Adds a notice that the next send is complete, for programs that count sends as MSG_ZEROCOPY does. A datagram is
     * copied when it is sent, so that it is as soon as the call returns.
     */
    public void noticeComplete() throws IOException {
        tell(ShardUdp::noticeComplete);
    }

    /**
     * Sets whether errors of whatever it sends are told, not only those of the peer that it is connected to, and all of
     * them wait for {@link #takeIcmpError}: IP_RECVERR.
     */
    public void allErrors(final boolean told) throws IOException {
        tell(shard -> shard.allErrors(told));
    }

    /**
     * Asks the stack's socket something, to join a group for instance, on the shard's thread. The socket must not be
     * kept, read or closed by the function.
     *
     * @throws IllegalStateException if it has no place yet
     */
    public <T> @Nullable T ask(final Function<? super UdpSocket<?>, ? extends @Nullable T> question)
            throws IOException {
        return call(shard -> {
            final UdpSocket<?> socket = shard.socket();
            if (socket == null) {
                throw new IllegalStateException("not bound");
            }
            return question.apply(socket);
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
        tell(shard -> shard.settings(change));
    }

    /**
     * Sets how many bytes of payload wait to be received, at least 1: SO_RCVBUF. What comes when there is no room is
     * lost.
     */
    public void receiveBuffer(final int bytes) throws IOException {
        tell(shard -> shard.receiveBuffer(bytes));
    }

    /**
     * Sets of how many bytes the datagrams are in which what is longer is sent, the last one perhaps shorter:
     * UDP_SEGMENT. What the transmit queue has no room for then is lost.
     *
     * @param bytes 1 to 65,527; 0, unless set, to send all as one datagram
     * @throws IllegalArgumentException if it is out of range
     */
    public void segmentSize(final int bytes) throws IOException {
        if (bytes < 0 || bytes > UdpView.MAX_PAYLOAD) {
            throw new IllegalArgumentException("segmentSize is " + bytes + "; it is 0 to " + UdpView.MAX_PAYLOAD);
        }
        tell(shard -> shard.segmentSize(bytes));
    }

    /**
     * Sets whether {@link #receive} takes several datagrams that one peer sent in one size, the last one perhaps shorter,
     * and gives their payloads one behind the other: UDP_GRO. {@link Received#segmentLength()} tells the size.
     */
    public void coalesce(final boolean value) throws IOException {
        tell(shard -> shard.coalesce(value));
    }

    /**
     * Joins a multicast group, of IPv4 too if it is {@linkplain #dualStack dual}: what is sent to it and comes in by that
     * interface is received then. A socket of both families hears no other groups of IPv4; one of a single family that
     * never joined any hears all that the host is in. IP_ADD_MEMBERSHIP, IPV6_JOIN_GROUP.
     *
     * @return false if it is a member already
     * @throws IllegalArgumentException if it is no group, or there is no such interface
     * @throws IllegalStateException if it has no place yet
     */
    public boolean join(final IpAddress group, final int interfaceIndex) throws IOException {
        return Boolean.TRUE.equals(call(shard -> shard.member(group, interfaceIndex, true)));
    }

    /** Takes {@link #join} back. Returns false if it is no member. */
    public boolean leave(final IpAddress group, final int interfaceIndex) throws IOException {
        return Boolean.TRUE.equals(call(shard -> shard.member(group, interfaceIndex, false)));
    }

    /** Bytes of the datagram that waits longest; 0 if none does. */
    public int available() throws IOException {
        final Integer count = call(ShardUdp::nextLength);
        return count == null ? 0 : count;
    }
}

package io.millrace.bench.socketapi;

import io.millrace.stack.client.PacketChannel;
import io.millrace.stack.client.Readiness;
import io.millrace.stack.client.SocketError;
import io.millrace.stack.client.StackClient;
import io.millrace.stack.client.TcpChannel;
import io.millrace.stack.socket.SendOptions;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A socket that receives and sends packet by packet. */
abstract sealed class PacketDescriptor extends Descriptor permits UdpDescriptor, RawDescriptor, PingDescriptor {
    static final int LONGEST = 65_535;

    PacketDescriptor(StackClient client, int domain, Settings settings) {
        super(client, domain, settings);
    }

    abstract PacketChannel<IpAddress, ?> channel();

    /** What the program gets of the bytes received: cut at their front, perhaps. */
    ByteBuffer delivered(ByteBuffer received) {
        return received;
    }

    /** What the stack is to send for a program's bytes, in native memory. */
    abstract ByteBuffer toSend(int length, @Nullable Endpoint<IpAddress> to) throws IOException, ErrnoException;

    @Override
    public final void listen(int backlog) throws ErrnoException {
        throw new ErrnoException(Linux.EOPNOTSUPP);
    }

    @Override
    public final TcpDescriptor accept() throws ErrnoException {
        throw new ErrnoException(Linux.EOPNOTSUPP);
    }

    @Override
    public final Received receive(long length, int flags) throws IOException, ErrnoException {
        if ((flags & Linux.MSG_OOB) != 0 && protocol() != Linux.IPPROTO_UDP) {
            throw new ErrnoException(Linux.EOPNOTSUPP);
        }
        if ((flags & Linux.MSG_ERRQUEUE) != 0) {
            return error(length);
        }
        final ByteBuffer whole = ByteBuffer.allocate(LONGEST);
        final int passed = flags & (TcpChannel.PEEK | TcpChannel.DONT_WAIT);
        final PacketChannel.Received<IpAddress> received = channel().receive(whole, passed);
        if (received == null) {
            final boolean waited = waits() && (flags & Linux.MSG_DONTWAIT) == 0;
            if (waited && (channel().readiness().bits() & Readiness.PEER_CLOSED) != 0) {
                return new Received(0, null); // it was shut down, which Linux tells only those who wait
            }
            throw new ErrnoException(Linux.EAGAIN);
        }
        final ByteBuffer delivered = delivered(whole.flip());
        final long count = delivered.remaining();
        return new Received(
                (flags & Linux.MSG_TRUNC) != 0 ? count : Math.min(count, length), received.source(), received, null);
    }

    /** Takes an error that waits: as much of the packet as it quotes, and whom that was for. */
    Received error(long length) throws IOException, ErrnoException {
        throw new ErrnoException(Linux.EAGAIN);
    }

    @Override
    public final long send(long length, int flags, @Nullable Endpoint<IpAddress> to)
            throws IOException, ErrnoException {
        return send(length, flags, to, new SendOptions());
    }

    /** Sends with what is different for this packet. */
    final long send(long length, int flags, @Nullable Endpoint<IpAddress> to, SendOptions options)
            throws IOException, ErrnoException {
        if ((flags & Linux.MSG_OOB) != 0 && !(protocol() == Linux.IPPROTO_UDP && goesBy6(to == null ? remote() : to))) {
            throw new ErrnoException(Linux.EOPNOTSUPP); // as Linux: UDP over IPv6 does not look at it
        }
        if (length > LONGEST) {
            throw new ErrnoException(SocketError.EMSGSIZE.number());
        }
        final IpAddress bound = to == null ? null : bound();
        final Endpoint<IpAddress> peer = to == null ? null : orSelf(to, bound);
        if (peer != null) {
            requireWay(peer.address(), bound);
        }
        transmit((int) length, flags, peer, options);
        return length;
    }

    private boolean goesBy6(@Nullable Endpoint<IpAddress> to) {
        return domain == Linux.AF_INET6 && (to == null || !(to.address() instanceof Ipv4Address));
    }

    /**
     * Checks that something leads to a group or a broadcast address of IPv4: a route, an interface that was chosen, or
     * the address that the socket is bound to; ENETUNREACH otherwise, as on Linux.
     */
    final void requireWay(IpAddress to, @Nullable IpAddress bound) throws IOException, ErrnoException {
        final boolean all = to.equals(Ipv4Address.BROADCAST);
        final boolean group = to instanceof Ipv4Address && to.isMulticast();
        if ((!all && !group) || (domain == Linux.AF_INET6 && !takesPlainIpv4())) {
            return;
        }
        final boolean chosen;
        synchronized (settings) {
            chosen = !settings.device.isEmpty() || (group && settings.ip.choosesInterface());
        }
        if (!chosen && !isOurs(bound) && !Boolean.TRUE.equals(client.call(stack -> stack.routeTo(to) != null))) {
            throw new ErrnoException(SocketError.ENETUNREACH.number());
        }
    }

    private boolean isOurs(@Nullable IpAddress bound) throws IOException {
        return bound != null && Boolean.TRUE.equals(client.call(stack -> stack.hasAddress(bound)));
    }

    /** The address that it is bound to; null for none. */
    abstract @Nullable IpAddress bound() throws IOException;

    /** Sends a packet, or keeps it to make it longer. */
    void transmit(int length, int flags, @Nullable Endpoint<IpAddress> to, SendOptions options)
            throws IOException, ErrnoException {
        channel().send(toSend(length, to), destination(to));
    }

    /** Whom the stack is told that it goes to. */
    @Nullable
    Endpoint<IpAddress> destination(@Nullable Endpoint<IpAddress> to) {
        return to;
    }

    @Override
    void shut(int how) throws IOException, ErrnoException {
        channel().shutdown(how != Linux.SHUT_WR, how != Linux.SHUT_RD);
    }

    @Override
    public void close() {
        channel().close();
    }

    @Override
    public final int unsent(boolean neverSentOnly) throws ErrnoException {
        if (neverSentOnly) {
            throw new ErrnoException(Linux.ENOTTY);
        }
        return 0; // a packet is with the device as soon as it is sent
    }

    @Override
    @Nullable
    Endpoint<IpAddress> local() throws IOException {
        final IpAddress address = bound();
        return address == null ? null : new Endpoint<>(address, 0); // there are no ports
    }

    @Override
    boolean isBound() throws IOException {
        return bound() != null;
    }

    @Override
    public final Readiness readiness() {
        return channel().readiness();
    }

    @Override
    @Nullable
    final SocketError takeError() throws IOException {
        return channel().takeError();
    }

    @Override
    public final void nonBlocking(boolean value) {
        super.nonBlocking(value);
        channel().configureBlocking(!value);
    }

    @Override
    final boolean listens() {
        return false;
    }
}

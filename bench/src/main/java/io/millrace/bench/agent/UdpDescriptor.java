package io.millrace.bench.agent;

import io.millrace.stack.client.Readiness;
import io.millrace.stack.client.SocketError;
import io.millrace.stack.client.StackClient;
import io.millrace.stack.client.TcpChannel;
import io.millrace.stack.client.UdpChannel;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A socket of type SOCK_DGRAM. */
final class UdpDescriptor extends Descriptor {
    private static final int LONGEST = 65_535;

    private final UdpChannel<IpAddress> channel;

    UdpDescriptor(StackClient client, int domain, Settings settings) throws IOException {
        super(domain, settings);
        channel = client.openUdp();
    }

    @Override
    void bind(@Nullable Endpoint<IpAddress> local) throws IOException {
        channel.reuseAddress(settings.reuseAddress || settings.reusePort);
        channel.bind(local == null ? new Endpoint<>(Addresses.any(domain), 0) : local);
    }

    @Override
    void connect(@Nullable Endpoint<IpAddress> remote) throws IOException {
        if (remote == null) {
            channel.disconnect();
        } else {
            channel.connect(remote);
        }
    }

    @Override
    void listen(int backlog) throws ErrnoException {
        throw new ErrnoException(Linux.EOPNOTSUPP);
    }

    @Override
    TcpDescriptor accept() throws ErrnoException {
        throw new ErrnoException(Linux.EOPNOTSUPP);
    }

    @Override
    Received receive(long length, int flags) throws IOException, ErrnoException {
        if ((flags & Linux.MSG_OOB) != 0) {
            throw new ErrnoException(Linux.EOPNOTSUPP);
        }
        if ((flags & Linux.MSG_ERRQUEUE) != 0) {
            throw new ErrnoException(Linux.EAGAIN);
        }
        final ByteBuffer dropped = ByteBuffer.allocate((int) Math.min(length, LONGEST));
        final int passed = flags & (TcpChannel.PEEK | TcpChannel.DONT_WAIT);
        final UdpChannel.Received<IpAddress> received = channel.receive(dropped, passed);
        if (received == null) {
            if ((channel.readiness().bits() & Readiness.PEER_CLOSED) != 0) {
                return new Received(0, null); // it was shut down
            }
            throw new ErrnoException(Linux.EAGAIN);
        }
        final long count = (flags & Linux.MSG_TRUNC) != 0 ? received.length() : dropped.position();
        return new Received(count, received.source());
    }

    @Override
    long send(long length, int flags, @Nullable Endpoint<IpAddress> to) throws IOException, ErrnoException {
        if ((flags & Linux.MSG_OOB) != 0) {
            throw new ErrnoException(Linux.EOPNOTSUPP);
        }
        if (length > LONGEST) {
            throw new ErrnoException(SocketError.EMSGSIZE.number());
        }
        return channel.send(ByteBuffer.allocate((int) length), to);
    }

    @Override
    void shutdown(int how) throws IOException {
        channel.shutdown(how != Linux.SHUT_WR, how != Linux.SHUT_RD);
    }

    @Override
    void close() {
        channel.close();
    }

    @Override
    @Nullable
    Endpoint<IpAddress> remote() throws IOException {
        return channel.remote();
    }

    @Override
    int unread() throws IOException {
        return channel.available();
    }

    @Override
    int unsent(boolean neverSentOnly) throws ErrnoException {
        if (neverSentOnly) {
            throw new ErrnoException(Linux.ENOTTY);
        }
        return 0; // a datagram is with the device as soon as it is sent
    }

    @Override
    Readiness readiness() {
        return channel.readiness();
    }

    @Override
    @Nullable
    SocketError takeError() throws IOException {
        return channel.takeError();
    }

    @Override
    void nonBlocking(boolean value) {
        super.nonBlocking(value);
        channel.configureBlocking(!value);
    }

    @Override
    void applySettings() throws IOException {
        final Settings now;
        synchronized (settings) {
            now = settings.copy();
        }
        channel.receiveTimeout(now.receiveTimeout);
        channel.settings(now::apply);
        if (now.receiveBuffer() != Settings.UNSET) {
            channel.receiveBuffer(now.receiveBuffer());
        }
    }

    @Override
    int type() {
        return Linux.SOCK_DGRAM;
    }

    @Override
    int protocol() {
        return Linux.IPPROTO_UDP;
    }

    @Override
    boolean listens() {
        return false;
    }
}

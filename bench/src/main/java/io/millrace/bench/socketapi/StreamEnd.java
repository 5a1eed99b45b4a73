package io.millrace.bench.socketapi;

import io.millrace.stack.client.Readiness;
import io.millrace.stack.client.TcpChannel;
import io.millrace.stack.client.TcpServerChannel;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a stream socket has in the stack: a channel, or while it listens a listener in its place. Any thread; it goes from
 * one to the other under a lock of its own, so that nobody finds neither.
 */
final class StreamEnd {
    private final TcpDescriptor socket;
    private final Settings settings;
    private final Object transition = new Object();
    private volatile TcpChannel<IpAddress> channel;
    private volatile @Nullable TcpServerChannel<IpAddress> server;
    private volatile @Nullable Endpoint<IpAddress> bound;
    private boolean closed; // with transition

    StreamEnd(TcpDescriptor socket, TcpChannel<IpAddress> channel) {
        this.socket = socket;
        this.settings = socket.settings;
        this.channel = channel;
    }

    /** Its channel: while it listens, the one that was closed for that. */
    TcpChannel<IpAddress> channel() {
        return channel;
    }

    /** Its listener; null if it does not listen. */
    @Nullable
    TcpServerChannel<IpAddress> server() {
        return server;
    }

    /** Where it was bound; null for nowhere. */
    @Nullable
    Endpoint<IpAddress> bound() {
        return bound;
    }

    /** Binds; EINVAL if it is bound already. */
    void bind(Endpoint<IpAddress> wanted) throws IOException, ErrnoException {
        synchronized (transition) {
            if (bound != null || server != null) {
                throw new ErrnoException(Linux.EINVAL);
            }
            channel.reuseAddress(settings.reuseAddress);
            channel.reusePort(settings.reusePort);
            channel.dualStack(isDual());
            channel.bind(wanted);
            bound = wanted;
            synchronized (settings) {
                settings.ip.bound(wanted.address());
            }
        }
    }

    /** Takes an address of the interface that the socket is bound to for its own, on the way to a peer. */
    void bindToDevice(IpAddress remote) throws IOException, ErrnoException {
        synchronized (transition) {
            final String device = settings.device;
            if (device.isEmpty() || bound != null) {
                return;
            }
            final IpAddress local = Interfaces.addressOf(socket.client, device, remote);
            if (local == null) {
                throw new ErrnoException(Linux.ENETUNREACH);
            }
            final Endpoint<IpAddress> wanted = new Endpoint<>(local, 0);
            bound = wanted;
            channel.bind(wanted);
        }
    }

    /** Begins to listen, or changes how many connections may wait. */
    void listen(int places) throws IOException, ErrnoException {
        synchronized (transition) {
            if (closed) {
                throw new ErrnoException(Linux.EBADF);
            }
            final TcpServerChannel<IpAddress> running = server;
            if (running != null) {
                running.listen(List.of(), places);
                return;
            }
            if (channel.remote() != null) {
                throw new ErrnoException(Linux.EINVAL);
            }
            final TcpServerChannel<IpAddress> begun = socket.client.openTcpServer();
            channel.close(); // its port becomes the listener's
            final Settings now;
            synchronized (settings) {
                now = settings.copy();
            }
            begun.configure(now::apply);
            begun.reuseAddress(now.reuseAddress);
            begun.reusePort(now.reusePort);
            try {
                begun.listen(ends(), places);
            } catch (IOException e) {
                begun.close();
                reopen();
                throw e;
            }
            begun.receiveTimeout(now.receiveTimeout);
            server = begun;
        }
    }

    /** Where to listen: a socket of IPv6 that is bound to no address hears IPv4 too. */
    private List<Endpoint<IpAddress>> ends() {
        final Endpoint<IpAddress> local = bound;
        final int port = local == null ? 0 : local.port();
        final boolean any = local == null || local.address().isUnspecified();
        if (any && isDual()) {
            return List.of(
                    new Endpoint<>(Ipv6Address.UNSPECIFIED, port), new Endpoint<>(Ipv4Address.UNSPECIFIED, port));
        }
        return List.of(socket.orAny(local));
    }

    private boolean isDual() {
        return socket.domain == Linux.AF_INET6 && !socket.isV6Only();
    }

    /** Listens no more, but is still bound. Returns false if it did not listen. */
    boolean unlisten() throws IOException {
        synchronized (transition) {
            final TcpServerChannel<IpAddress> listening = server;
            if (listening == null || closed) {
                return false;
            }
            server = null;
            listening.close();
            reopen();
            return true;
        }
    }

    /** A fresh channel where the socket is bound. */
    private void reopen() throws IOException {
        final TcpChannel<IpAddress> fresh = socket.client.openTcp();
        channel = fresh;
        final Endpoint<IpAddress> local = bound;
        if (local != null) {
            fresh.reuseAddress(true);
            fresh.reusePort(true);
            fresh.dualStack(isDual());
            fresh.bind(local);
        }
        fresh.configureBlocking(!socket.isNonBlocking());
        apply();
    }

    /** Hands on what was set. */
    void apply() throws IOException {
        final Settings now;
        synchronized (settings) {
            now = settings.copy();
            settings.tcp.applied();
        }
        final TcpServerChannel<IpAddress> listening = server;
        if (listening == null) {
            channel.receiveTimeout(now.receiveTimeout);
            channel.sendTimeout(now.sendTimeout);
            channel.reuseAddress(now.reuseAddress);
            channel.reusePort(now.reusePort);
            channel.options(now::apply);
        } else {
            listening.receiveTimeout(now.receiveTimeout);
            listening.reuseAddress(now.reuseAddress);
            listening.reusePort(now.reusePort);
            listening.configure(now::apply);
        }
    }

    /** Where it is; null for nowhere. */
    @Nullable
    Endpoint<IpAddress> local() throws IOException {
        final TcpServerChannel<IpAddress> listening = server;
        if (listening == null) {
            return channel.local();
        }
        final List<Endpoint<IpAddress>> places = listening.local();
        return places.isEmpty() ? bound : places.getFirst();
    }

    /** What can be done without waiting. */
    Readiness readiness() {
        synchronized (transition) { // in between it has neither
            final TcpServerChannel<IpAddress> listening = server;
            return listening == null ? channel.readiness() : listening.readiness();
        }
    }

    /** From now on no call that is under way opens anything in its place; returns its listener, if it listens. */
    @Nullable
    TcpServerChannel<IpAddress> leave() {
        synchronized (transition) {
            closed = true;
            return server;
        }
    }

    /** Whether it was {@linkplain #leave left}, once a transition that is under way is over. */
    boolean isClosed() {
        synchronized (transition) {
            return closed;
        }
    }
}

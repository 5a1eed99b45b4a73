package io.millrace.stack.client;

import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.socket.tcp.ListenerInfo;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The shard's end of a socket that listens, in one place or several. */
final class ShardListener extends ShardSocket {
    private static final int FIRST_PORT = 32_768;
    private static final int LAST_PORT = 60_999;

    private final PortClaim claim;
    private final List<TcpListener<IpAddress>> listeners = new ArrayList<>(1);
    private final List<Consumer<? super TcpListener<?>>> changes = new ArrayList<>(0);
    /** Whose turn it is, once for each connection that waits. */
    private final ArrayDeque<TcpListener<IpAddress>> arrivals = new ArrayDeque<>();

    private boolean closed;

    ShardListener(final ClientService service) {
        super(service);
        claim = new PortClaim(service.claims(), this);
        service.add(this);
    }

    /** Changes the listeners, now or as soon as it listens. */
    void change(final Consumer<? super TcpListener<?>> change) {
        if (listeners.isEmpty()) {
            changes.add(change);
        } else {
            listeners.forEach(change);
        }
    }

    /** What the listeners counted, in the order of {@link #local()}. */
    List<ListenerInfo> info() {
        final List<ListenerInfo> all = new ArrayList<>();
        listeners.forEach(listener -> all.add(listener.info()));
        return all;
    }

    void reuseAddress(final boolean value) {
        claim.reuseAddress(value);
    }

    void reusePort(final boolean value) {
        claim.reusePort(value);
    }

    /** Where it listens. */
    List<Endpoint<IpAddress>> local() {
        final List<Endpoint<IpAddress>> places = new ArrayList<>();
        listeners.forEach(listener -> places.add(listener.local()));
        return places;
    }

    @Override
    int serve(final int kind, final Operation operation) {
        if (closed) {
            return SocketError.EBADF.result();
        }
        return switch (kind) {
            case Operation.LISTEN -> listen(operation);
            case Operation.ACCEPT -> accept(operation);
            case Operation.TAKE_ERROR -> 0;
            case Operation.CLOSE, Operation.ABORT -> close();
            default -> SocketError.EOPNOTSUPP.result();
        };
    }

    @SuppressWarnings("unchecked") // the channel hands in endpoints
    private int listen(final Operation operation) {
        final int backlog = Math.max(1, operation.length);
        if (!listeners.isEmpty()) {
            listeners.forEach(listener -> listener.backlog(backlog));
            return 0;
        }
        final List<Endpoint<IpAddress>> wanted = (List<Endpoint<IpAddress>>) operation.argument;
        if (wanted == null || wanted.isEmpty()) {
            return SocketError.EINVAL.result();
        }
        if (wanted.getFirst().port() != 0) {
            return listen(wanted, wanted.getFirst().port(), backlog);
        }
        for (int candidate = FIRST_PORT; candidate <= LAST_PORT; candidate++) {
            if (listen(wanted, candidate, backlog) == 0) {
                return 0;
            }
        }
        return SocketError.EADDRINUSE.result();
    }

    private int listen(final List<Endpoint<IpAddress>> wanted, final int at, final int backlog) {
        for (final Endpoint<IpAddress> place : wanted) {
            final Endpoint<IpAddress> local = new Endpoint<>(place.address(), at);
            final SocketError refused = listen(local, backlog);
            if (refused != null) {
                stop();
                return refused.result();
            }
        }
        return 0;
    }

    private @Nullable SocketError listen(final Endpoint<IpAddress> local, final int backlog) {
        if (!claim.take(local)) {
            return SocketError.EADDRINUSE;
        }
        try {
            final TcpListener<IpAddress> listener = service.stack().listen(local, backlog, claim.reusesPort(), null);
            listener.onWaiting(() -> {
                arrivals.add(listener);
                readiness.arrived();
                update();
            });
            listeners.add(listener);
            changes.forEach(change -> change.accept(listener));
            return null;
        } catch (final AddressInUseException e) {
            return SocketError.EADDRINUSE;
        } catch (final IllegalArgumentException e) {
            return SocketError.EADDRNOTAVAIL;
        }
    }

    private int accept(final Operation operation) {
        if (listeners.isEmpty()) {
            return SocketError.EINVAL.result();
        }
        for (TcpListener<IpAddress> next = arrivals.poll(); next != null; next = arrivals.poll()) {
            if (next.waiting() == 0) {
                continue; // closed since
            }
            final ShardTcp end = new ShardTcp(service);
            final TcpSocket<IpAddress> connection = next.accept(end);
            if (connection != null) {
                end.accepted(connection);
                operation.answer = end;
                return 0;
            }
        }
        return SocketError.EAGAIN.result();
    }

    private int close() {
        closed = true;
        stop();
        service.remove(this);
        return 0;
    }

    private void stop() {
        listeners.forEach(TcpListener::close);
        listeners.clear();
        arrivals.clear();
        claim.release();
    }

    @Override
    void end() {
        close();
    }

    @Override
    void update() {
        final int reads = Readiness.READABLE | Readiness.READ_NORMAL;
        int bits = closed ? reads | Readiness.HANG_UP : 0;
        for (int i = 0; i < listeners.size(); i++) {
            bits |= listeners.get(i).waiting() > 0 ? reads : 0;
        }
        readiness.set(bits);
    }
}

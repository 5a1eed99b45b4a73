package io.millrace.stack.client;

import io.millrace.stack.client.StreamState.Phase;
import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.socket.SendStage;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpOptions;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.TcpState;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The shard's end of a TCP connection, which may not have begun, or be over. */
final class ShardTcp extends ShardSocket implements TcpHandler {
    private static final int CLOSED = Readiness.READABLE
            | Readiness.READ_NORMAL
            | Readiness.WRITABLE
            | Readiness.WRITE_NORMAL
            | Readiness.HANG_UP;

    private final PortClaim claim;
    private final List<Consumer<? super TcpOptions>> early = new ArrayList<>(0);
    private final StreamState state = new StreamState();
    private @Nullable Endpoint<IpAddress> bound;
    private boolean dual;
    private boolean boundToBoth;
    private boolean closed;
    private final Settlement settlement = new Settlement();
    private final SendNotices notices;

    ShardTcp(final ClientService service) {
        super(service);
        claim = new PortClaim(service.claims(), this);
        notices = new SendNotices(service.stack().counters());
        service.add(this);
        update();
    }

    /** Takes over a connection that a listener accepted, right before the listener hands it out. */
    void accepted(final TcpSocket<?> connection) {
        state.socket = connection;
        state.phase = Phase.CONNECTED;
        state.established = true;
        update();
    }

    @Nullable
    TcpSocket<?> socket() {
        return state.socket;
    }

    void reuseAddress(final boolean value) {
        claim.reuseAddress(value);
    }

    void reusePort(final boolean value) {
        claim.reusePort(value);
    }

    /** Whether the unspecified address of IPv6 stands for both families; heeded when it is bound. */
    void dualStack(final boolean value) {
        dual = value;
    }

    /** Changes options now, or as soon as there is a connection. */
    void options(final Consumer<? super TcpOptions> change) {
        final TcpSocket<?> current = state.socket;
        if (current == null) {
            early.add(change);
        } else {
            change.accept(current.options());
        }
    }

    /** How far it is, and what can be read. */
    StreamState state() {
        return state;
    }

    /** Our end, as far as it is known. */
    @Nullable
    Endpoint<? extends IpAddress> local() {
        final TcpSocket<?> current = state.socket;
        return current == null ? bound : current.local();
    }

    @Override
    int serve(final int kind, final Operation operation) {
        if (closed) {
            return SocketError.EBADF.result();
        }
        return switch (kind) {
            case Operation.BIND -> bind(operation);
            case Operation.CONNECT -> connect(operation);
            case Operation.FINISH_CONNECT -> finishConnect();
            case Operation.SEND -> send(operation);
            case Operation.RECEIVE -> state.receive(operation);
            case Operation.SHUTDOWN -> shutdown(operation.flags);
            case Operation.TAKE_ERROR -> takeError();
            case Operation.CLOSE -> close((Runnable) operation.argument);
            case Operation.ABORT -> abort();
            default -> SocketError.EOPNOTSUPP.result();
        };
    }

    @SuppressWarnings("unchecked") // the channel hands in an endpoint
    private int bind(final Operation operation) {
        final Endpoint<IpAddress> local = (Endpoint<IpAddress>) operation.argument;
        if (local == null || bound != null || (state.phase != Phase.IDLE && !state.over)) {
            return SocketError.EINVAL.result();
        }
        final IpAddress address = local.address();
        if (!address.isUnspecified() && !hasAddress(address)) {
            return SocketError.EADDRNOTAVAIL.result();
        }
        final boolean both = dual && local.address().equals(Ipv6Address.UNSPECIFIED);
        if (local.port() != 0 && !(take(local) && (!both || take(any4(local))))) {
            claim.release();
            return SocketError.EADDRINUSE.result();
        }
        bound = local;
        boundToBoth = both;
        return 0;
    }

    private boolean take(final Endpoint<IpAddress> local) {
        return (claim.reusesPort() || !service.stack().tcp().listensAt(local)) && claim.take(local);
    }

    private static Endpoint<IpAddress> any4(final Endpoint<IpAddress> any6) {
        return new Endpoint<>(Ipv4Address.UNSPECIFIED, any6.port());
    }

    @SuppressWarnings("unchecked") // the channel hands in an endpoint, or null to disconnect
    private int connect(final Operation operation) {
        final Endpoint<IpAddress> remote = (Endpoint<IpAddress>) operation.argument;
        if (remote == null) {
            giveUp();
            return 0;
        }
        return switch (state.phase) {
            case IDLE -> begin(remote);
            case CONNECTING -> outcome();
            case CONNECTED -> SocketError.EISCONN.result();
        };
    }

    private int begin(final Endpoint<IpAddress> remote) {
        final boolean by4 = boundToBoth && remote.address() instanceof Ipv4Address;
        final Endpoint<IpAddress> from = by4 && bound != null ? any4(bound) : bound;
        if (from != null && from.address().family() != remote.address().family()) {
            return SocketError.EINVAL.result();
        }
        if (!isReachable(remote)) {
            return SocketError.ENETUNREACH.result();
        }
        state.restart();
        final TcpSocket<?> opened;
        try {
            opened = from == null
                    ? service.stack().connect(remote, this)
                    : service.stack().connect(from, remote, this);
        } catch (final AddressInUseException e) {
            return SocketError.EADDRINUSE.result();
        } catch (final IllegalArgumentException e) {
            return SocketError.ECONNREFUSED.result(); // port 0, or nobody's address
        }
        state.socket = opened;
        if (opened.state() == TcpState.CLOSED) {
            disconnect(); // onClosed says so too
            return SocketError.EADDRNOTAVAIL.result(); // no port is left
        }
        try {
            early.forEach(change -> change.accept(opened.options()));
        } catch (final RuntimeException e) {
            disconnect(); // not without what was asked for; nothing was sent yet
            throw e;
        }
        if (opened.synRoom() > 0) {
            opened.awaitSynData();
            state.phase = Phase.CONNECTED; // as far as the application is concerned
            update();
            return 0;
        }
        state.phase = Phase.CONNECTING;
        return SocketError.EINPROGRESS.result();
    }

    private boolean isReachable(final Endpoint<IpAddress> remote) {
        final IpAddress address = remote.address();
        return address.isUnicast()
                && !service.stack().isBroadcast(address)
                && (!remote.zone().isEmpty() || service.stack().sourceTowards(address) != null);
    }

    private int finishConnect() {
        final TcpSocket<?> current = state.socket;
        if (state.opensBySending() && current != null) {
            state.phase = Phase.CONNECTING;
            current.releaseSyn();
            update();
        }
        return switch (state.phase) {
            case IDLE -> state.takenError(SocketError.ENOTCONN);
            case CONNECTING -> outcome();
            case CONNECTED -> 0;
        };
    }

    /** What became of an attempt; once told, it is no attempt any more. */
    private int outcome() {
        if (state.over) {
            final int why = state.takenError(SocketError.ECONNABORTED);
            disconnect();
            return why;
        }
        if (!state.established) {
            return SocketError.EALREADY.result();
        }
        state.phase = Phase.CONNECTED;
        return 0;
    }

    private void disconnect() {
        final TcpSocket<?> current = state.socket;
        if (current != null) {
            current.handler(NOBODY);
            current.abort();
            notices.reached(Long.MAX_VALUE);
        }
        state.restart();
        state.phase = Phase.IDLE;
    }

    /** Disconnects, and tells of it as Linux does, even who wanted that. What was to be told before still is. */
    private void giveUp() {
        final SocketError next = state.isAlive() ? SocketError.ECONNRESET : state.error();
        disconnect();
        state.error(next);
    }

    private int send(final Operation operation) {
        if (state.phase == Phase.IDLE || state.over || state.writeShut) {
            final boolean begun = (operation.flags & TcpChannel.BEGUN) != 0;
            return begun ? SocketError.EPIPE.result() : state.takenError(SocketError.EPIPE);
        }
        final TcpSocket<?> current = state.socket;
        final boolean opens = state.opensBySending();
        final boolean early = (operation.flags & TcpChannel.EARLY) != 0;
        if (current == null || !(state.established || opens || early)) {
            return SocketError.EAGAIN.result();
        }
        if (operation.length == 0) {
            return 0;
        }
        final boolean more = (operation.flags & TcpChannel.MORE) != 0;
        final int length = opens && !early ? Math.min(operation.length, current.synRoom()) : operation.length;
        if (opens) {
            state.phase = Phase.CONNECTING;
        }
        final int sent = current.send(operation.memory, operation.offset, length, more);
        if (sent < 0) {
            return SocketError.EPIPE.result();
        }
        state.full = sent < length;
        if (sent > 0) {
            notices.sent(current, operation, sent);
        }
        if (opens) {
            update();
        }
        return sent == 0 && operation.length > 0 ? SocketError.EAGAIN.result() : sent;
    }

    private int shutdown(final int how) {
        final TcpSocket<?> current = state.socket;
        if (state.phase != Phase.IDLE && !state.over && !state.established) {
            giveUp();
            return 0;
        }
        state.readShut |= (how & TcpChannel.SHUT_READ) != 0;
        if (state.phase == Phase.IDLE || state.over || (current != null && current.state() == TcpState.TIME_WAIT)) {
            return SocketError.ENOTCONN.result(); // but it is shut, as on Linux
        }
        if ((how & TcpChannel.SHUT_WRITE) != 0 && !state.writeShut && current != null) {
            state.writeShut = true;
            current.shutdownOutput();
        }
        if (state.readShut && state.writeShut && current != null) {
            current.refuseText(); // and not before: who shut the input only may still have to answer, as on Linux
        }
        return 0;
    }

    private int takeError() {
        final SocketError taken = state.takeError();
        return taken == null ? 0 : taken.number();
    }

    /** Nobody reads any more: what comes now is answered with a reset, as RFC 1122 section 4.2.2.13 says. */
    private int close(final @Nullable Runnable whenSettled) {
        closed = true;
        settlement.await(whenSettled);
        releasePort();
        final TcpSocket<?> current = state.socket;
        if (state.over || current == null) {
            service.remove(this);
        } else {
            current.closeBoth();
        }
        tellSettled();
        return 0;
    }

    private void tellSettled() {
        settlement.tell(state.over ? null : state.socket);
    }

    private int abort() {
        closed = true;
        releasePort();
        final TcpSocket<?> current = state.socket;
        if (state.over || current == null) {
            service.remove(this);
        } else {
            current.abort();
        }
        return 0;
    }

    private void releasePort() {
        claim.release();
        bound = null;
    }

    @Override
    void end() {
        abort();
        state.ended();
        service.remove(this);
    }

    @Override
    void update() {
        final int bits = closed ? CLOSED : state.readiness();
        final boolean told = state.error() == null && notices.isEmpty();
        readiness.set(told ? bits : bits | Readiness.ERROR);
    }

    @Override
    public void onConnected(final TcpSocket<?> connection) {
        state.established = true;
        readiness.drained();
        update();
    }

    @Override
    public void onReadable(final TcpSocket<?> connection) {
        if (closed) {
            return;
        }
        readiness.arrived();
        update();
    }

    @Override
    public void onUrgent(final TcpSocket<?> connection) {
        if (!closed) {
            readiness.arrived();
            update();
        }
    }

    @Override
    public void onWritable(final TcpSocket<?> connection) {
        state.full = false;
        readiness.drained();
        update();
    }

    @Override
    public void onSendStage(
            final TcpSocket<?> connection, final SendStage stage, final long position, final long micros) {
        notices.passed(stage, position, micros);
        noticed();
    }

    @Override
    public void onAcknowledged(final TcpSocket<?> connection, final long bytes) {
        if (notices.reached(bytes)) {
            noticed();
        }
    }

    private void noticed() {
        readiness.arrived();
        update();
    }

    /** What was sent and is to be told of. */
    SendNotices notices() {
        return notices;
    }

    @Override
    public void onDelivered(final TcpSocket<?> connection) {
        tellSettled();
    }

    @Override
    public void onClosed(final TcpSocket<?> connection, final CloseReason why) {
        if (closed) {
            state.ended();
            service.remove(this);
        } else {
            state.ended(connection, why);
            notices.reached(Long.MAX_VALUE);
        }
        tellSettled();
        readiness.arrived();
        readiness.drained();
        update();
    }

    private static final TcpHandler NOBODY = new TcpHandler() {};
}

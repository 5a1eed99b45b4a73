package io.millrace.stack.client;

import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.socket.SendStage;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpOptions;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.TcpState;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The shard's end of a TCP connection, which may not have begun, or be over. */
final class ShardTcp extends ShardSocket implements TcpHandler {
    private enum Phase {
        /** Never connected, or not any more. */
        IDLE,
        /** An attempt began, and nobody was told what became of it. */
        CONNECTING,
        /** It was established. */
        CONNECTED
    }

    private final PortClaim claim;
    private final List<Consumer<? super TcpOptions>> early = new ArrayList<>(0);
    private Phase phase = Phase.IDLE;
    private @Nullable TcpSocket<?> socket;
    private @Nullable Endpoint<IpAddress> bound;
    private @Nullable SocketError error;
    private boolean established;
    /** The connection is over, in whatever way. */
    private boolean over;

    private boolean peerClosed;
    private boolean readShut;
    private boolean writeShut;
    /** The stack took less than it was given, and will say when there is room. */
    private boolean full;

    private boolean closed;
    private final Settlement settlement = new Settlement();

    private Remainder remainder = Remainder.NONE;
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
        socket = connection;
        phase = Phase.CONNECTED;
        established = true;
        update();
    }

    @Nullable
    TcpSocket<?> socket() {
        return socket;
    }

    void reuseAddress(final boolean value) {
        claim.reuseAddress(value);
    }

    void reusePort(final boolean value) {
        claim.reusePort(value);
    }

    /** Changes options now, or as soon as there is a connection. */
    void options(final Consumer<? super TcpOptions> change) {
        final TcpSocket<?> current = socket;
        if (current == null) {
            early.add(change);
        } else {
            change.accept(current.options());
        }
    }

    /** Bytes that can be read now. */
    int unread() {
        final TcpSocket<?> current = socket;
        return over ? remainder.size() : current == null ? 0 : current.readable();
    }

    int urgentLeft() {
        final TcpSocket<?> current = socket;
        return over || current == null ? 0 : current.urgentLeft();
    }

    /** Our end, as far as it is known. */
    @Nullable
    Endpoint<? extends IpAddress> local() {
        final TcpSocket<?> current = socket;
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
            case Operation.RECEIVE -> receive(operation);
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
        if (local == null || bound != null || (phase != Phase.IDLE && !over)) {
            return SocketError.EINVAL.result();
        }
        final IpAddress address = local.address();
        if (!address.isUnspecified() && !hasAddress(address)) {
            return SocketError.EADDRNOTAVAIL.result();
        }
        if (local.port() != 0
                && ((!claim.reusesPort() && service.stack().tcp().listensAt(local)) || !claim.take(local))) {
            return SocketError.EADDRINUSE.result();
        }
        bound = local;
        return 0;
    }

    @SuppressWarnings("unchecked") // the channel hands in an endpoint, or null to disconnect
    private int connect(final Operation operation) {
        final Endpoint<IpAddress> remote = (Endpoint<IpAddress>) operation.argument;
        if (remote == null) {
            giveUp();
            return 0;
        }
        return switch (phase) {
            case IDLE -> begin(remote);
            case CONNECTING -> outcome();
            case CONNECTED -> SocketError.EISCONN.result();
        };
    }

    private int begin(final Endpoint<IpAddress> remote) {
        final Endpoint<IpAddress> from = bound;
        if (from != null && from.address().family() != remote.address().family()) {
            return SocketError.EINVAL.result();
        }
        if (!isReachable(remote)) {
            return SocketError.ENETUNREACH.result();
        }
        restart();
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
        socket = opened;
        if (opened.state() == TcpState.CLOSED) {
            return SocketError.EADDRNOTAVAIL.result(); // no port is left; onClosed says so too
        }
        try {
            early.forEach(change -> change.accept(opened.options()));
        } catch (final RuntimeException e) {
            disconnect(); // not without what was asked for; nothing was sent yet
            throw e;
        }
        if (opened.synRoom() > 0) {
            opened.awaitSynData();
            phase = Phase.CONNECTED; // as far as the application is concerned
            update();
            return 0;
        }
        phase = Phase.CONNECTING;
        return SocketError.EINPROGRESS.result();
    }

    private boolean isReachable(final Endpoint<IpAddress> remote) {
        final IpAddress address = remote.address();
        return address.isUnicast()
                && !service.stack().isBroadcast(address)
                && (!remote.zone().isEmpty() || service.stack().sourceTowards(address) != null);
    }

    private int finishConnect() {
        final TcpSocket<?> current = socket;
        if (opensBySending() && current != null) {
            phase = Phase.CONNECTING;
            current.releaseSyn();
            update();
        }
        return switch (phase) {
            case IDLE -> error == null ? SocketError.ENOTCONN.result() : takenError();
            case CONNECTING -> outcome();
            case CONNECTED -> 0;
        };
    }

    /** Whether the SYN waits for what is sent first. */
    private boolean opensBySending() {
        return phase == Phase.CONNECTED && !established && !over;
    }

    /** What became of an attempt; once told, it is no attempt any more. */
    private int outcome() {
        if (over) {
            final SocketError why = error == null ? SocketError.ECONNABORTED : error;
            disconnect();
            return why.result();
        }
        if (!established) {
            return SocketError.EALREADY.result();
        }
        phase = Phase.CONNECTED;
        return 0;
    }

    private void disconnect() {
        final TcpSocket<?> current = socket;
        if (current != null) {
            current.handler(NOBODY);
            current.abort();
            notices.reached(Long.MAX_VALUE);
        }
        restart();
        phase = Phase.IDLE;
    }

    /** Disconnects, and tells of it as Linux does, even who wanted that. What was to be told before still is. */
    private void giveUp() {
        final TcpSocket<?> current = socket;
        final boolean alive = current != null && !over && current.state() != TcpState.TIME_WAIT;
        final SocketError untold = error;
        disconnect();
        error = alive ? SocketError.ECONNRESET : untold;
    }

    private void restart() {
        socket = null;
        error = null;
        established = false;
        over = false;
        peerClosed = false;
        readShut = false;
        writeShut = false;
        full = false;
        remainder = Remainder.NONE;
    }

    private int send(final Operation operation) {
        if (phase == Phase.IDLE || over || writeShut) {
            return error == null ? SocketError.EPIPE.result() : takenError();
        }
        final TcpSocket<?> current = socket;
        final boolean opens = opensBySending();
        final boolean early = (operation.flags & TcpChannel.EARLY) != 0;
        if (current == null || !(established || opens || early)) {
            return SocketError.EAGAIN.result();
        }
        if (operation.length == 0) {
            return 0;
        }
        final boolean more = (operation.flags & TcpChannel.MORE) != 0;
        final int length = opens && !early ? Math.min(operation.length, current.synRoom()) : operation.length;
        phase = opens ? Phase.CONNECTING : phase;
        final int sent = current.send(operation.memory, operation.offset, length, more);
        if (sent < 0) {
            return SocketError.EPIPE.result();
        }
        full = sent < length;
        if (sent > 0) {
            notices.sent(current, operation, sent);
        }
        if (opens) {
            update();
        }
        return sent == 0 && operation.length > 0 ? SocketError.EAGAIN.result() : sent;
    }

    private int receive(final Operation operation) {
        final boolean peek = (operation.flags & TcpChannel.PEEK) != 0;
        final TcpSocket<?> current = socket;
        noteEnd();
        final int beforeMark = urgentLeft() - 1;
        final int room = beforeMark > 0 ? Math.min(operation.length, beforeMark) : operation.length;
        if (beforeMark == 0
                && (operation.flags & (TcpChannel.CONTINUED | TcpChannel.WAIT_ALL)) == TcpChannel.CONTINUED) {
            return SocketError.EAGAIN.result(); // one call does not read across the mark
        }
        if (phase == Phase.IDLE && !over) {
            if ((operation.flags & TcpChannel.CONTINUED) != 0) {
                return 0; // another thread disconnected it, which the next call is told
            }
            return error != null ? takenError() : readShut ? 0 : SocketError.ENOTCONN.result();
        }
        if (over) {
            if (remainder.size() > 0) {
                return remainder.receive(operation.memory, operation.offset, room, peek);
            }
        } else if (current != null && current.readable() > 0) {
            return peek
                    ? current.peek(operation.memory, operation.offset, room)
                    : current.receive(operation.memory, operation.offset, room);
        }
        if (peerClosed) {
            return 0;
        }
        if (error != null) {
            return (operation.flags & TcpChannel.CONTINUED) == 0 ? takenError() : 0;
        }
        return over || readShut ? 0 : SocketError.EAGAIN.result();
    }

    private int shutdown(final int how) {
        final TcpSocket<?> current = socket;
        if (phase != Phase.IDLE && !over && !established) {
            giveUp();
            return 0;
        }
        readShut |= (how & TcpChannel.SHUT_READ) != 0;
        if (phase == Phase.IDLE || over || (current != null && current.state() == TcpState.TIME_WAIT)) {
            return SocketError.ENOTCONN.result(); // but it is shut, as on Linux
        }
        if ((how & TcpChannel.SHUT_WRITE) != 0 && !writeShut && current != null) {
            writeShut = true;
            current.shutdownOutput();
        }
        if (readShut && writeShut && current != null) {
            current.refuseText(); // and not before: who shut the input only may still have to answer, as on Linux
        }
        return 0;
    }

    private int takeError() {
        final SocketError taken = error;
        error = null;
        return taken == null ? 0 : taken.number();
    }

    private int takenError() {
        return -takeError();
    }

    /** Nobody reads any more: what comes now is answered with a reset, as RFC 1122 section 4.2.2.13 says. */
    private int close(final @Nullable Runnable whenSettled) {
        closed = true;
        settlement.await(whenSettled);
        releasePort();
        final TcpSocket<?> current = socket;
        if (over || current == null) {
            service.remove(this);
        } else {
            current.closeBoth();
        }
        tellSettled();
        return 0;
    }

    private void tellSettled() {
        settlement.tell(over ? null : socket);
    }

    private int abort() {
        closed = true;
        releasePort();
        final TcpSocket<?> current = socket;
        if (over || current == null) {
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
        over = true;
        service.remove(this);
    }

    @Override
    void update() {
        final int reads = Readiness.READABLE | Readiness.READ_NORMAL;
        final int writes = Readiness.WRITABLE | Readiness.WRITE_NORMAL;
        int bits = error == null && notices.isEmpty() ? 0 : Readiness.ERROR;
        if (closed) {
            bits |= reads | writes | Readiness.HANG_UP;
        } else if (phase == Phase.IDLE && !over) {
            bits |= writes | Readiness.HANG_UP | (readShut ? reads | Readiness.PEER_CLOSED : 0);
        } else if (over) {
            bits |= reads | writes | Readiness.HANG_UP | Readiness.PEER_CLOSED;
        } else if (established) {
            noteEnd();
            final boolean noMore = peerClosed || readShut;
            bits |= noMore || (socket != null && socket.readReady()) ? reads : 0;
            bits |= noMore ? Readiness.PEER_CLOSED : 0;
            bits |= urgentLeft() > 0 ? Readiness.URGENT : 0;
            bits |= writeShut || !full ? writes : 0;
            bits |= noMore && writeShut ? Readiness.HANG_UP : 0;
        } else if (opensBySending()) {
            bits |= writes;
        }
        readiness.set(bits);
    }

    @Override
    public void onConnected(final TcpSocket<?> connection) {
        established = true;
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

    /** Looks at whether the peer sends no more: calls come in between what the stack takes in and what it tells of it. */
    private void noteEnd() {
        final TcpSocket<?> current = socket;
        if (current != null && established && !over && !closed) {
            peerClosed |= switch (current.state()) {
                case CLOSE_WAIT, LAST_ACK, CLOSING, TIME_WAIT -> true;
                default -> current.finished();
            };
        }
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
        full = false;
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
        over = true;
        tellSettled();
        readiness.arrived();
        readiness.drained();
        if (closed) {
            service.remove(this);
        } else {
            notices.reached(Long.MAX_VALUE);
            remainder = Remainder.of(connection);
            error = CloseMeaning.of(connection, why, peerClosed && !writeShut);
            peerClosed |= why == CloseReason.NORMAL;
        }
        update();
    }

    private static final TcpHandler NOBODY = new TcpHandler() {};
}

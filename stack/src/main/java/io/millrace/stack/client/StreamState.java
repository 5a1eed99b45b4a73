package io.millrace.stack.client;

import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.TcpState;
import org.jspecify.annotations.Nullable;

/**
 * How far a {@link ShardTcp} and its connection are, and what calls and readiness make of that, as on Linux. It outlives
 * the connection: what was not read, and what it ended with, is still to be told. Shard only.
 */
final class StreamState {
    /** What the application was told of connecting. */
    enum Phase {
        /** Never connected, or not any more. */
        IDLE,
        /** An attempt began, and nobody was told what became of it. */
        CONNECTING,
        /** It was established. */
        CONNECTED
    }

    Phase phase = Phase.IDLE;

    @Nullable
    TcpSocket<?> socket;

    /** What the next call is told; null for nothing. */
    private @Nullable SocketError error;

    boolean established;
    /** The connection is over, in whatever way. */
    boolean over;

    private boolean peerClosed;
    boolean readShut;
    boolean writeShut;
    /** The stack took less than it was given, and will say when there is room. */
    boolean full;

    private Remainder remainder = Remainder.NONE;

    /** Forgets the connection; the phase stays. */
    void restart() {
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

    /** What the next call is told; null for nothing. */
    @Nullable
    SocketError error() {
        return error;
    }

    /** Sets what the next call is told; null for nothing. */
    void error(final @Nullable SocketError next) {
        error = next;
    }

    /** What this call is told, and no other; null for nothing. */
    @Nullable
    SocketError takeError() {
        final SocketError taken = error;
        error = null;
        return taken;
    }

    /** The error, which there must be, as the result of this call, and of no other. */
    private int takenError() {
        final SocketError taken = takeError();
        return taken == null ? 0 : taken.result();
    }

    /** The error as the result of this call, and of no other; another one if there is none. */
    int takenError(final SocketError otherwise) {
        return error == null ? otherwise.result() : takenError();
    }

    /** Whether the SYN waits for what is sent first. */
    boolean opensBySending() {
        return phase == Phase.CONNECTED && !established && !over;
    }

    /** Whether neither end has finished with the connection. */
    boolean isAlive() {
        final TcpSocket<?> current = socket;
        return current != null && !over && current.state() != TcpState.TIME_WAIT;
    }

    /** Bytes that can be read now. */
    int unread() {
        final TcpSocket<?> current = socket;
        return over ? remainder.size() : current == null ? 0 : current.readable();
    }

    /** Bytes up to the end of urgent data, as {@link TcpSocket#urgentLeft}. */
    int urgentLeft() {
        final TcpSocket<?> current = socket;
        return over || current == null ? 0 : current.urgentLeft();
    }

    /** Serves {@link Operation#RECEIVE}. */
    int receive(final Operation operation) {
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

    /** Looks at whether the peer sends no more: calls come in between what the stack takes in and what it tells of it. */
    private void noteEnd() {
        final TcpSocket<?> current = socket;
        if (current != null && established && !over) {
            peerClosed |= switch (current.state()) {
                case CLOSE_WAIT, LAST_ACK, CLOSING, TIME_WAIT -> true;
                default -> current.finished();
            };
        }
    }

    /** The connection is over, and nobody is left who would want to know more. */
    void ended() {
        over = true;
    }

    /** The connection is over: keeps what is still to be read and told. */
    void ended(final TcpSocket<?> connection, final CloseReason why) {
        over = true;
        remainder = Remainder.of(connection);
        error = CloseMeaning.of(connection, why, peerClosed && !writeShut);
        peerClosed |= why == CloseReason.NORMAL;
    }

    /** The bits of {@link Readiness} for a socket that is not closed, errors left out. */
    int readiness() {
        final int reads = Readiness.READABLE | Readiness.READ_NORMAL;
        final int writes = Readiness.WRITABLE | Readiness.WRITE_NORMAL;
        if (over) {
            return reads | writes | Readiness.HANG_UP | Readiness.PEER_CLOSED;
        }
        if (phase == Phase.IDLE) {
            return writes | Readiness.HANG_UP | (readShut ? reads | Readiness.PEER_CLOSED : 0);
        }
        if (!established) {
            return opensBySending() ? writes : 0;
        }
        noteEnd();
        final boolean noMore = peerClosed || readShut;
        int bits = noMore || (socket != null && socket.readReady()) ? reads : 0;
        bits |= noMore ? Readiness.PEER_CLOSED : 0;
        bits |= urgentLeft() > 0 ? Readiness.URGENT : 0;
        bits |= writeShut || !full ? writes : 0;
        bits |= noMore && writeShut ? Readiness.HANG_UP : 0;
        return bits;
    }
}

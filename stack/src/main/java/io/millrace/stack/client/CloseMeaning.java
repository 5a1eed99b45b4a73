package io.millrace.stack.client;

import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpSocket;
import org.jspecify.annotations.Nullable;

/** The error that the end of a connection is to an application, as on Linux. */
final class CloseMeaning {
    private CloseMeaning() {}

    /**
     * What the next call is told.
     *
     * @param onlySends whether the peer had closed its side and we had not closed ours
     * @return null for an end that is no error
     */
    static @Nullable SocketError of(final TcpSocket<?> connection, final CloseReason why, final boolean onlySends) {
        final int reported = connection.icmpError();
        if (reported != 0 && (why == CloseReason.UNREACHABLE || why == CloseReason.REFUSED)) {
            final int family = connection.remote().address().family();
            return IcmpMeaning.of(family, reported >>> Byte.SIZE, reported & 0xFF);
        }
        return switch (why) {
            case NORMAL -> null;
            case RESET -> onlySends ? SocketError.EPIPE : SocketError.ECONNRESET;
            case REFUSED -> SocketError.ECONNREFUSED;
            case TIMEOUT -> SocketError.ETIMEDOUT;
            case ABORTED -> SocketError.ECONNABORTED;
            case UNREACHABLE -> SocketError.EHOSTUNREACH;
            case EXHAUSTED -> SocketError.EADDRNOTAVAIL;
            case STACK_CLOSED -> SocketError.ENETDOWN;
        };
    }
}

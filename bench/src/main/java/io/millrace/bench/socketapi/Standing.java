package io.millrace.bench.socketapi;

import io.millrace.stack.client.TcpChannel;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.TcpState;
import java.io.IOException;

/** How far a socket is, as far as options ask. */
enum Standing {
    /** Not connected, or not any more: CLOSED of RFC 9293. */
    CLOSED,
    /** It listens. */
    LISTENING,
    /** It has a connection, or begins one, or that is not over yet. */
    CONNECTED;

    /** How far a connection is. */
    static Standing of(TcpChannel<?> channel) throws IOException {
        if (channel.remote() == null) {
            return CLOSED;
        }
        final TcpState state = channel.ask(TcpSocket::state);
        return state == TcpState.CLOSED || state == TcpState.TIME_WAIT ? CLOSED : CONNECTED;
    }
}

package io.millrace.stack.client;

import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.TcpState;
import org.jspecify.annotations.Nullable;

/** Who closed a connection and waits until what was sent before has arrived, or never will: SO_LINGER. Shard only. */
final class Settlement {
    private @Nullable Runnable waiting;

    /** Somebody waits; null for nobody. */
    void await(final @Nullable Runnable whenSettled) {
        waiting = whenSettled;
    }

    /**
     * Tells who waits, once, unless the peer has something to acknowledge.
     *
     * @param socket the connection; null if it is over, or never was
     */
    void tell(final @Nullable TcpSocket<?> socket) {
        final Runnable told = waiting;
        if (told == null || (socket != null && isSending(socket.state()))) {
            return;
        }
        waiting = null;
        told.run();
    }

    private static boolean isSending(final TcpState state) {
        return state == TcpState.FIN_WAIT_1 || state == TcpState.CLOSING || state == TcpState.LAST_ACK;
    }
}

package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.SendStage;

/**
 * What happens to connections. The methods are called within the stack's poll, on its thread, between segments, never
 * within another call of the application; they may use any method of any socket, close and abort included.
 *
 * <p>Events tell of changes: whoever leaves data unread, or has more to write than fits, is called again after something
 * changed, not over and over.
 */
public interface TcpHandler {
    /** The connection is established. */
    default void onConnected(final TcpSocket<?> socket) {}

    /** New data can be read, or the peer closed its side: {@link TcpSocket#receive} returns -1 once all is read. */
    default void onReadable(final TcpSocket<?> socket) {}

    /**
     * The peer calls data urgent up to a place that is farther than before: {@link TcpSocket#urgentLeft} says how far. The
     * data itself comes with {@link #onReadable}, after this or long after (RFC 9293 section 3.8.5).
     */
    default void onUrgent(final TcpSocket<?> socket) {}

    /** After the send buffer was full, at least a third of it is free. */
    default void onWritable(final TcpSocket<?> socket) {}

    /**
     * A byte that was sent passed a stage that the connection was asked to tell of, by {@link TcpTimes#stages(int)} or
     * {@link TcpSocket#stamp}. Each stage is told once, in the order of time, in the poll that follows at the latest; what
     * is not acknowledged when the connection ends is not told.
     *
     * @param position of the byte in what was sent, from 0
     * @param micros when, on the clock that the stack is told
     */
    default void onSendStage(
            final TcpSocket<?> socket, final SendStage stage, final long position, final long micros) {}

    /**
     * The peer acknowledged more, if {@link TcpTimes#acknowledgments()} is set: whoever keeps what was sent, to send it
     * again over another connection for instance, no longer needs it. Not called for every acknowledgment if several came at
     * once.
     *
     * @param bytes acknowledged since the connection began
     */
    default void onAcknowledged(final TcpSocket<?> socket, final long bytes) {}

    /**
     * After our side was closed, the peer acknowledged all that was sent. Not told of where that ends the connection:
     * {@link #onClosed} follows at once.
     */
    default void onDelivered(final TcpSocket<?> socket) {}

    /**
     * The connection is over; called once for every socket, and the last call for it. After {@link CloseReason#NORMAL}
     * all data has been read by now, or was left unread for as long as TIME-WAIT lasts. What is unread after this call
     * is discarded.
     */
    default void onClosed(final TcpSocket<?> socket, final CloseReason why) {}
}

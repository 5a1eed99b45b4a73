package io.millrace.stack.socket.icmp;

import io.millrace.stack.wire.IcmpErrorRepr;

/** What an application does with echo replies. */
@FunctionalInterface
public interface PingHandler {
    /**
     * A reply came. Called within the stack's poll, on its thread. The same reply may come several times, and for a group
     * one from each member.
     *
     * @param socket that asked
     * @param reply the reply in place, valid until this method returns
     */
    void onReply(PingSocket<?> socket, EchoReply reply);

    /**
     * An error came about a request: the host or a router on the way to it reports it. Called within the stack's poll, on
     * its thread. Does nothing unless overridden.
     *
     * @param socket that asked
     * @param error who reports what; {@link IcmpErrorRepr#echoSequence} says which request. Valid until this method
     *     returns
     */
    default void onError(final PingSocket<?> socket, final IcmpErrorRepr error) {}
}

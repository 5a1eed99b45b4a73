package io.millrace.stack.socket.icmp;

/** What an application does with echo replies. */
@FunctionalInterface
public interface PingHandler {
    /**
     * A reply came. Called within the stack's poll, on its thread.
     *
     * @param socket that asked
     * @param reply the reply in place, valid until this method returns
     */
    void onReply(PingSocket<?> socket, EchoReply reply);
}

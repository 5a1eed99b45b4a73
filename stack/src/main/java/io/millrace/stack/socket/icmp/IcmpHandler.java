package io.millrace.stack.socket.icmp;

/** What an application does with ICMP messages. */
@FunctionalInterface
public interface IcmpHandler {
    /**
     * A message came. Called within the stack's poll, on its thread.
     *
     * @param socket that it came for
     * @param message the message in place, valid until this method returns
     */
    void onMessage(IcmpSocket<?> socket, IcmpMessage message);
}

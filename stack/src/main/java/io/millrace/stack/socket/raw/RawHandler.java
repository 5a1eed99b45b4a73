package io.millrace.stack.socket.raw;

/** What an application does with IP packets. */
@FunctionalInterface
public interface RawHandler {
    /**
     * A packet came. Called within the stack's poll, on its thread, before any other socket sees the packet.
     *
     * @param socket that it came for
     * @param packet the packet in place, valid until this method returns; what others will see, so not to be changed
     */
    void onPacket(RawSocket socket, RawPacket packet);
}

package io.millrace.stack.socket.raw;

import io.millrace.stack.wire.IcmpErrorRepr;

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

    /**
     * A router or host reported an error about a packet with the socket's version and protocol, to where raw sockets sent
     * of late. That is all that can be checked, so it is no proof. What was too big for its path has made later packets
     * smaller already, or {@link io.millrace.stack.socket.IpOutput#TOO_BIG}. Called as {@link #onPacket}.
     *
     * @param error what happened, valid until this method returns
     */
    default void onError(final RawSocket socket, final IcmpErrorRepr error) {}
}

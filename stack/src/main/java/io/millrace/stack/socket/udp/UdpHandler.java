package io.millrace.stack.socket.udp;

import io.millrace.stack.wire.IcmpErrorRepr;

/** What an application does with datagrams. */
@FunctionalInterface
public interface UdpHandler {
    /**
     * A datagram came. Called within the stack's poll, on its thread.
     *
     * @param socket that it came for
     * @param datagram the datagram in place, valid until this method returns
     */
    void onDatagram(UdpSocket<?> socket, UdpDatagram datagram);

    /**
     * An ICMP error came about a datagram that the socket sent, or may have sent if it is not connected. Called within
     * the stack's poll, on its thread. Does nothing unless overridden; {@link UdpSocket#takeError} gives the last one
     * later.
     *
     * @param socket that it came for
     * @param error who reports what about a datagram to whom; valid until this method returns
     */
    default void onError(final UdpSocket<?> socket, final IcmpErrorRepr error) {}
}

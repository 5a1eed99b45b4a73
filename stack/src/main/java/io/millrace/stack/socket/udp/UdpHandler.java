package io.millrace.stack.socket.udp;

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
}

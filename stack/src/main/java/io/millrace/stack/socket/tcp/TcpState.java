package io.millrace.stack.socket.tcp;

/** The states of RFC 9293 section 3.3.2. */
public enum TcpState {
    /** No connection. */
    CLOSED,
    /** A listener, which is no connection yet. */
    LISTEN,
    /** We sent a SYN and wait for the peer's. */
    SYN_SENT,
    /** Both SYNs were sent, ours is not acknowledged yet. */
    SYN_RECEIVED,
    /** Data flows both ways. */
    ESTABLISHED,
    /** We closed; our FIN is not acknowledged yet. */
    FIN_WAIT_1,
    /** We closed and the peer knows; it may still send. */
    FIN_WAIT_2,
    /** The peer closed; we may still send. */
    CLOSE_WAIT,
    /** Both closed at the same time; our FIN is not acknowledged yet. */
    CLOSING,
    /** The peer closed, then we did; our FIN is not acknowledged yet. */
    LAST_ACK,
    /** Both closed; late segments are kept from a new connection with the same addresses and ports. */
    TIME_WAIT;

    /** Whether both ends know each other's sequence numbers: ESTABLISHED or later. */
    boolean isSynchronized() {
        return ordinal() >= ESTABLISHED.ordinal();
    }

    /** Whether the application may still queue data. */
    boolean canQueue() {
        return this == ESTABLISHED || this == CLOSE_WAIT || this == SYN_SENT || this == SYN_RECEIVED;
    }

    /** Whether queued data and our FIN may be sent. */
    boolean canTransmit() {
        return this == ESTABLISHED || this == CLOSE_WAIT || this == FIN_WAIT_1 || this == CLOSING || this == LAST_ACK;
    }

    /** Whether the peer's data is still to come. */
    boolean canReceive() {
        return this == ESTABLISHED || this == FIN_WAIT_1 || this == FIN_WAIT_2;
    }
}

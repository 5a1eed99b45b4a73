package io.millrace.stack.socket.udp;

import io.millrace.stack.socket.PacketQueue;

/**
 * What a UDP socket is from its first moment on. {@link #defaults()} suits most; each {@code with} method returns a
 * changed copy.
 *
 * @param shared whether others that want it too may be bound to the same address and port: SO_REUSEPORT. A datagram to
 *     one host then goes to one of them, which a keyed hash of both ends chooses, so that one peer stays with one socket
 *     as long as none is opened or closed; a datagram to a group goes to each member
 * @param reused whether others that want it too may be bound to the same address and port: SO_REUSEADDR. A datagram to
 *     one host then goes to the one that was bound last; a datagram to a group goes to each member
 * @param errors whether ICMP errors are told although the socket is not connected; those of a connected socket always are
 * @param queuePackets most datagrams that wait when there is no handler, 1 to 65,535; 0 for the stack's
 *     setting
 * @param queueBytes most bytes of payload that wait, at least 1; one datagram alone may be longer
 */
public record UdpConfig(boolean shared, boolean reused, boolean errors, int queuePackets, int queueBytes) {
    private static final UdpConfig DEFAULTS = new UdpConfig(false, false, false, 0, PacketQueue.DEFAULT_BYTES);

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public UdpConfig {
        if (queuePackets < 0 || queuePackets > 0xFFFF) {
            throw new IllegalArgumentException("queuePackets is " + queuePackets + "; it is 0 to 65535");
        }
        if (queueBytes < 1) {
            throw new IllegalArgumentException("queueBytes is " + queueBytes + "; it is at least 1");
        }
    }

    /** Alone at its place, no errors unless connected, the stack's queue and 256 KiB. */
    public static UdpConfig defaults() {
        return DEFAULTS;
    }

    /** The same, shared or not. */
    public UdpConfig withShared(final boolean newShared) {
        return new UdpConfig(newShared, reused, errors, queuePackets, queueBytes);
    }

    /** The same, reused or not. */
    public UdpConfig withReused(final boolean newReused) {
        return new UdpConfig(shared, newReused, errors, queuePackets, queueBytes);
    }

    /** The same, with ICMP errors told or not. */
    public UdpConfig withErrors(final boolean newErrors) {
        return new UdpConfig(shared, reused, newErrors, queuePackets, queueBytes);
    }

    /** The same with another queue. */
    public UdpConfig withQueue(final int packets, final int bytes) {
        return new UdpConfig(shared, reused, errors, packets, bytes);
    }
}

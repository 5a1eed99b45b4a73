package io.millrace.stack.socket.udp;

import java.util.Arrays;

/**
 * A local address and port, and the sockets that are bound to it: one, or several that share it. Those that are connected
 * hold the place without receiving by it.
 */
@SuppressWarnings("ReferenceEquality") // a socket is itself, not its value
final class UdpBinding {
    final int family;
    final long hi;
    final long lo;
    final int port;
    final boolean shared;
    private UdpSocket<?>[] receivers = new UdpSocket<?>[1];
    private int count;
    private int holders;

    UdpBinding(final int family, final long hi, final long lo, final int port, final boolean shared) {
        this.family = family;
        this.hi = hi;
        this.lo = lo;
        this.port = port;
        this.shared = shared;
    }

    boolean is(final int otherFamily, final long otherHi, final long otherLo, final int otherPort) {
        return port == otherPort && lo == otherLo && hi == otherHi && family == otherFamily;
    }

    /** Sockets that receive. */
    int count() {
        return count;
    }

    UdpSocket<?> receiver(final int index) {
        return receivers[index];
    }

    /** Whether no socket holds the place any more. */
    boolean isUnused() {
        return holders == 0;
    }

    void hold() {
        holders++;
    }

    void release() {
        holders--;
    }

    void add(final UdpSocket<?> socket) {
        if (count == receivers.length) {
            receivers = Arrays.copyOf(receivers, 2 * count);
        }
        receivers[count++] = socket;
    }

    /** Removes a socket; the others keep their order. Harmless if it is not there. */
    void remove(final UdpSocket<?> socket) {
        for (int i = 0; i < count; i++) {
            if (receivers[i] == socket) {
                final UdpSocket<?>[] left = new UdpSocket<?>[Math.max(1, count - 1)];
                System.arraycopy(receivers, 0, left, 0, i);
                System.arraycopy(receivers, i + 1, left, i, count - i - 1);
                receivers = left;
                count--;
                return;
            }
        }
    }
}

package io.millrace.stack.socket.udp;

import java.util.Arrays;

/**
 * A local address and port, and the sockets that are bound to it: one, or several that share or reuse it. Those that are
 * connected hold the place without receiving by it.
 */
@SuppressWarnings("ReferenceEquality") // a socket is itself, not its value
final class UdpBinding {
    final int family;
    final long hi;
    final long lo;
    final int port;
    /** In the order of binding. */
    private UdpSocket<?>[] receivers = new UdpSocket<?>[1];

    private int count;
    /** Of them, those that share the place. */
    private int sharing;

    private int holders;
    private int notSharing;
    private int notReusing;
    private int neither;

    UdpBinding(final int family, final long hi, final long lo, final int port) {
        this.family = family;
        this.hi = hi;
        this.lo = lo;
        this.port = port;
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

    /** Whether a socket may be bound here too: both it and each other share the place, or both reuse it. */
    boolean admits(final UdpConfig config) {
        final int opposed = config.shared() && config.reused()
                ? neither
                : config.shared() ? notSharing : config.reused() ? notReusing : holders;
        return opposed == 0;
    }

    void hold(final UdpConfig config) {
        countHolder(config, 1);
    }

    void release(final UdpConfig config) {
        countHolder(config, -1);
    }

    /** A socket that holds the place is about to permit something else. */
    void permit(final UdpSocket<?> socket, final UdpConfig changed) {
        release(socket.config());
        hold(changed);
        for (int i = 0; i < count; i++) {
            if (receivers[i] == socket) {
                sharing += (changed.shared() ? 1 : 0) - (socket.config().shared() ? 1 : 0);
            }
        }
    }

    private void countHolder(final UdpConfig config, final int change) {
        holders += change;
        notSharing += config.shared() ? 0 : change;
        notReusing += config.reused() ? 0 : change;
        neither += config.shared() || config.reused() ? 0 : change;
    }

    /** Whether {@link #choose} looks at the hash. */
    boolean isShared() {
        return sharing > 1 && receivers[count - 1].config().shared();
    }

    /**
     * The socket that a datagram is for: the latest, or, if that shares the place, one of those that do.
     *
     * @param mixed hash of both ends
     */
    UdpSocket<?> choose(final long mixed) {
        if (!isShared()) {
            return receivers[count - 1];
        }
        int index = (int) (((mixed >>> 32) * sharing) >>> 32);
        if (sharing == count) {
            return receivers[index];
        }
        for (int i = 0; ; i++) {
            if (receivers[i].config().shared() && index-- == 0) {
                return receivers[i];
            }
        }
    }

    void add(final UdpSocket<?> socket) {
        if (count == receivers.length) {
            receivers = Arrays.copyOf(receivers, 2 * count);
        }
        receivers[count++] = socket;
        sharing += socket.config().shared() ? 1 : 0;
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
                sharing -= socket.config().shared() ? 1 : 0;
                return;
            }
        }
    }
}

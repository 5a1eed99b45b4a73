package io.millrace.stack.socket.tcp;

/**
 * For how long a connection had data to send or to be acknowledged, and what it waited for meanwhile other than the
 * network: what Linux's {@code tcp_info} calls busy time, and the times in it that the peer's window or our buffer was
 * the limit. Microseconds; belongs to a {@link Transfer}.
 */
final class BusyTime {
    private static final int IDLE = 0;
    private static final int NETWORK = 1;
    private static final int WINDOW = 2;
    private static final int BUFFER = 3;

    private int limit;
    private long since;
    private long busy;

    /** Starts anew. */
    void clear() {
        limit = IDLE;
        busy = 0;
    }

    /** Busy so far, the present included. */
    long at(final long now) {
        return limit == IDLE ? busy : busy + now - since;
    }

    /** Leaves with the connection for how long it was busy. */
    void rest(final TcpConnection c, final long now) {
        final long all = Integer.toUnsignedLong(c.busyBefore) + at(now);
        c.busyBefore = (int) all;
        final long more = all - Integer.toUnsignedLong(c.busyBefore);
        if (more > 0) {
            c.hindrances().busyBefore += more;
        }
    }

    /** For how long a connection was busy until it rested last. */
    static long before(final TcpConnection c) {
        final Hindrances hindrances = c.hindrancesOrNull();
        return Integer.toUnsignedLong(c.busyBefore) + (hindrances == null ? 0 : hindrances.busyBefore);
    }

    /** As much of it as was the peer's window's fault and has not been added to {@link Hindrances} yet. */
    long windowLimited(final long now) {
        return limit == WINDOW ? now - since : 0;
    }

    /** As much of it as was our buffer's fault and has not been added to {@link Hindrances} yet. */
    long bufferLimited(final long now) {
        return limit == BUFFER ? now - since : 0;
    }

    /** What there was to send was sent, as far as possible. */
    void update(final TcpConnection c, final long now) {
        final int next = limit(c);
        if (next != limit) {
            settle(c, now);
            limit = next;
        }
    }

    /** Adds what is open to what is known. */
    private void settle(final TcpConnection c, final long now) {
        if (limit != IDLE) {
            busy += now - since;
        }
        if (limit == WINDOW) {
            c.hindrances().windowLimited += now - since;
        } else if (limit == BUFFER) {
            c.hindrances().bufferLimited += now - since;
        }
        since = now;
    }

    private static int limit(final TcpConnection c) {
        final int unsent = c.notSent();
        if (unsent == 0 && c.allAcknowledged()) {
            return IDLE;
        }
        final int next = unsent == 0 ? c.mss : Math.min(unsent, c.mss);
        if (CongestionRoom.of(c) < next) {
            return NETWORK; // a larger buffer, or a larger window of the peer's, would not help
        }
        if (unsent == 0) {
            return c.wantsWrite ? BUFFER : NETWORK;
        }
        return c.window - (c.nxt - c.una) < next ? WINDOW : NETWORK;
    }
}

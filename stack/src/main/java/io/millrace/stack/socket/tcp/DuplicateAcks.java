package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.tcp.recovery.Delivery;

/** Duplicate acknowledgments in a row, where the peer has no SACK: each stands for a segment that arrived. */
final class DuplicateAcks {
    /** How many mean a loss. */
    private static final int THRESHOLD = 3;

    private int count;

    void clear() {
        count = 0;
    }

    int count() {
        return count;
    }

    /** Bytes that they stand for. */
    int bytes(final TcpConnection c) {
        return count * c.mss;
    }

    /** Whether they mean a loss. */
    boolean meanLoss() {
        return count >= THRESHOLD;
    }

    /**
     * An acknowledgment came.
     *
     * @param fast whether fast recovery is under way
     * @return bytes that arrived
     */
    int arrived(
            final TcpConnection c,
            final Delivery delivery,
            final int acknowledged,
            final boolean duplicate,
            final boolean fast) {
        if (acknowledged == 0) {
            if (duplicate && count < c.inFlight() / Math.max(1, c.mss)) {
                count++;
                return c.mss;
            }
            return 0;
        }
        final int known = Math.max(0, Math.min(count, delivery.segments - 1));
        count = fast ? count - known : 0;
        return Math.max(0, delivery.bytes - known * c.mss);
    }
}

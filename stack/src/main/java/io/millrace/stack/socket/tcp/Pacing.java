package io.millrace.stack.socket.tcp;

/**
 * Spreads what the congestion window allows over the round trip, so that queues on the way see no bursts: at twice the
 * window each round trip while that grows exponentially, at a fifth more than the window afterwards, so that pacing
 * itself never holds the window back. Whoever was silent may begin with an initial window at once, as without pacing.
 *
 * <p>Only paths of {@value #LEAST_ROUND_TRIP} microseconds and more are paced: on shorter ones the timer would be coarser
 * than the gaps.
 */
final class Pacing {
    private static final int LEAST_ROUND_TRIP = 2_000;

    /** How far ahead of its time a segment may leave, so that the timer need not fire for each. */
    private static final int SLACK = 500;

    private Pacing() {}

    /** What is about to be sent follows on silence, or it does not. */
    static void start(final TcpConnection c, final long now) {
        final Transfer transfer = c.transferOrNull();
        if (transfer == null) {
            return;
        }
        transfer.sendAt = TcpConnection.NEVER;
        if (c.rtt.smoothed() >= LEAST_ROUND_TRIP) {
            if (c.allAcknowledged()) {
                transfer.paceAt = now - time(c, 10 * c.mss);
            } else {
                transfer.paceAt = Math.max(transfer.paceAt, now - time(c, 2 * c.mss));
            }
        }
    }

    /** Whether a segment may leave now; if not, the connection's timer will tell. */
    static boolean allows(final TcpConnection c, final long now) {
        final Transfer transfer = c.transferOrNull();
        if (transfer == null || c.rtt.smoothed() < LEAST_ROUND_TRIP || transfer.paceAt <= now + SLACK) {
            return true;
        }
        transfer.sendAt = transfer.paceAt;
        return false;
    }

    /** How many of {@code wanted} full segments may leave now, the first of which {@linkplain #allows may}. */
    static int most(final TcpConnection c, final int wanted, final long now) {
        final Transfer transfer = c.transferOrNull();
        if (transfer == null || c.rtt.smoothed() < LEAST_ROUND_TRIP || wanted <= 1) {
            return wanted;
        }
        final long each = Math.max(1, time(c, c.mss));
        return (int) Math.min(wanted, Math.max(0, now + SLACK - transfer.paceAt) / each + 1);
    }

    /** Whether a segment waits for its time. */
    static boolean waits(final TcpConnection c) {
        final Transfer transfer = c.transferOrNull();
        return transfer != null && transfer.sendAt != TcpConnection.NEVER;
    }

    /** A segment left. */
    static void onSent(final TcpConnection c, final int bytes) {
        if (c.rtt.smoothed() >= LEAST_ROUND_TRIP) {
            c.transfer().paceAt += time(c, bytes);
        }
    }

    /** Microseconds that bytes take at the pacing rate. */
    private static long time(final TcpConnection c, final int bytes) {
        final long perRoundTrip = (long) c.congestion.window() * (c.congestion.inSlowStart() ? 200 : 120) / 100;
        return (long) bytes * c.rtt.smoothed() / Math.max(1, perRoundTrip);
    }
}

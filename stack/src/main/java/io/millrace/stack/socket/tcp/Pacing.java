package io.millrace.stack.socket.tcp;

/**
 * Spreads what the congestion window allows over the round trip, so that queues on the way see no long bursts: at twice
 * the window each round trip while that grows exponentially, at a fifth more than the window afterwards, so that pacing
 * itself never holds the window back. Whoever was silent may begin with an initial window at once, as without pacing. BBR
 * says itself at which rate.
 *
 * <p>Segments leave in bursts of up to half a window, {@value #MOST_SEGMENTS} at most: the timer fires less often, and at
 * a queue that is short it is the connections with large windows that lose, not those that try to catch up with them.
 *
 * <p>The round trip is the smoothed one, or the least of late if that is shorter: a first round trip that took long since
 * one of both ends was busy must not slow down what comes after it. Only paths of {@value #LEAST_ROUND_TRIP} microseconds
 * and more are paced: on shorter ones the timer would be coarser than the gaps.
 */
final class Pacing {
    private static final int LEAST_ROUND_TRIP = 2_000;

    /** Most segments of a burst. */
    private static final int MOST_SEGMENTS = 16;

    /** How far ahead of its time a segment may leave, so that the timer need not fire for each; nanoseconds. */
    private static final long SLACK = 500_000;

    /** When a connection sent last that was silent; nanoseconds, further back than any clock. */
    static final long LONG_AGO = Long.MIN_VALUE / 4;

    private static final double UNLIMITED = Double.POSITIVE_INFINITY;
    private static final double SECOND = 1e9;

    private Pacing() {}

    /** What is about to be sent follows on silence, or it does not. */
    static void start(final TcpConnection c, final long now) {
        final Transfer transfer = c.transferOrNull();
        if (transfer == null) {
            return;
        }
        transfer.sendAt = TcpConnection.NEVER;
        final double before = transfer.paceRate;
        transfer.paceRate = rate(c);
        if (transfer.paceRate == UNLIMITED) {
            return;
        }
        final long ahead = transfer.paceAt - now * 1000;
        if (ahead > 0 && transfer.paceRate > before && before > 0) {
            // What left took its time at a rate that is no longer right.
            transfer.paceAt = now * 1000 + (long) (ahead * (before / transfer.paceRate));
        }
        // What the time since then allows, up to a burst, or an initial window after a silence. Never less than a
        // burst, which is waited for: it would not come.
        final long most = Math.max(burst(c), c.allAcknowledged() && !c.congestion.setsRate() ? 10L * c.mss : 0);
        transfer.paceAt = Math.max(transfer.paceAt, now * 1000 - time(transfer, most));
    }

    /** Whether a segment may leave now; if not, the connection's timer will tell. */
    static boolean allows(final TcpConnection c, final long now) {
        return allows(c, 0, now);
    }

    /** Whether a burst of new data may begin now; if not, the connection's timer will tell. */
    static boolean allowsBurst(final TcpConnection c, final long now) {
        // What an application writes little by little is not gathered.
        return allows(c, Math.min(burst(c), c.notSent()), now);
    }

    private static boolean allows(final TcpConnection c, final int bytes, final long now) {
        final Transfer transfer = c.transferOrNull();
        if (transfer == null || transfer.paceRate == UNLIMITED) {
            return true;
        }
        final long at = transfer.paceAt + time(transfer, bytes);
        if (at <= now * 1000 + SLACK) {
            return true;
        }
        transfer.sendAt = Math.min(transfer.sendAt, (at + 999) / 1000);
        return false;
    }

    /** How many of {@code wanted} full segments may leave now, the first of which {@linkplain #allows may}. */
    static int most(final TcpConnection c, final int wanted, final long now) {
        final Transfer transfer = c.transferOrNull();
        if (transfer == null || transfer.paceRate == UNLIMITED || wanted <= 1) {
            return wanted;
        }
        final long each = Math.max(1, time(transfer, c.mss));
        return (int) Math.min(wanted, Math.max(0, now * 1000 + SLACK - transfer.paceAt) / each + 1);
    }

    /** Whether segments leave one after the other. */
    static boolean spreads(final TcpConnection c) {
        final Transfer transfer = c.transferOrNull();
        return transfer != null && transfer.paceRate != UNLIMITED;
    }

    /** Whether a segment waits for its time. */
    static boolean waits(final TcpConnection c) {
        final Transfer transfer = c.transferOrNull();
        return transfer != null && transfer.sendAt != TcpConnection.NEVER;
    }

    /** A segment left. */
    static void onSent(final TcpConnection c, final int bytes) {
        final Transfer transfer = c.transfer();
        if (transfer.paceRate != UNLIMITED) {
            transfer.paceAt += time(transfer, bytes);
        }
    }

    /** What is sent again after a timeout has waited long enough: at a low rate several would pass, and nothing be sent. */
    static void onTimeout(final TcpConnection c, final long now) {
        final Transfer transfer = c.transfer();
        transfer.paceAt = Math.min(transfer.paceAt, now * 1000);
    }

    /** Bytes that leave in one go. */
    private static int burst(final TcpConnection c) {
        return c.congestion.setsRate()
                ? c.congestion.quantum(c.mss)
                : Math.clamp(c.congestion.window() / 2, 2 * c.mss, MOST_SEGMENTS * c.mss);
    }

    /** Bytes a second at which a connection sends; infinite if it is not paced. */
    static double rate(final TcpConnection c) {
        final double most = c.settings().maxPacingRateSet();
        if (c.congestion.setsRate()) {
            // Who measured next to nothing, since the peer's window was closed most of the time, still tries.
            return Math.min(most, Math.max(c.mss, c.congestion.pacingRate(c.rtt.smoothed())));
        }
        return c.settings().pacing() ? Math.min(most, windowRate(c)) : most;
    }

    /** Bytes a second of a window spread over its round trip, whether it is or not; infinite if that is too short. */
    static double windowRate(final TcpConnection c) {
        final Transfer transfer = c.transferOrNull();
        final int least =
                transfer == null ? c.leastRoundTrip : transfer.recovery.rack().leastRoundTrip();
        final int roundTrip = least > 0 ? Math.min(least, c.rtt.smoothed()) : c.rtt.smoothed();
        return roundTrip < LEAST_ROUND_TRIP
                ? UNLIMITED
                : c.congestion.window() * (c.congestion.inSlowStart() ? 2.0 : 1.2) * 1e6 / roundTrip;
    }

    /** Nanoseconds that bytes take. */
    private static long time(final Transfer transfer, final long bytes) {
        return (long) (bytes * SECOND / transfer.paceRate);
    }
}

package io.millrace.stack.socket.tcp.congestion;

/**
 * TCP Hybla (Caini and Firrincieli, 2004): the window grows with time, not with round trips, as fast as Reno's would over a
 * path of {@value #REFERENCE_ROUND_TRIP} microseconds, so that connections with long round trips get the rate that those
 * with short ones get. Rho is how many times as long the path is, at least one: then this is Reno. A loss halves the window
 * as Reno's. The sender is expected to spread what leaves, since a window may grow to its 2^rho within a round trip.
 */
final class Hybla {
    /** Microseconds; the authors' value, and Linux's. */
    static final int REFERENCE_ROUND_TRIP = 25_000;

    /** Bounds what a round trip that took seconds makes of the window. */
    static final double MOST_RHO = 16;

    private static final int UNKNOWN = Integer.MAX_VALUE;

    private Hybla() {}

    /** A round trip was measured, microseconds. The least one counts: queues, too, make round trips longer. */
    static void onSample(final CongestionControl state, final int micros) {
        state.roundLeast = Math.min(state.roundLeast, micros);
    }

    static double rho(final CongestionControl state) {
        return state.roundLeast == UNKNOWN
                ? 1
                : Math.clamp((double) state.roundLeast / REFERENCE_ROUND_TRIP, 1, MOST_RHO);
    }

    /** What a window may be times what it was a round trip ago, in slow start. */
    static double slowStartFactor(final CongestionControl state) {
        return Math.pow(2, rho(state));
    }

    /** Bytes by which the window grows in slow start for so many acknowledged. */
    static long slowStartGrowth(final CongestionControl state, final int acknowledged) {
        return (long) (acknowledged * (slowStartFactor(state) - 1));
    }

    /** Congestion avoidance: rho^2 segments each round trip. */
    static void onAcknowledged(final CongestionControl state, final int acknowledged, final int mss) {
        final double window = state.exactWindow();
        final double rho = rho(state);
        state.setExactWindow(window + rho * rho * mss * acknowledged / window);
    }
}

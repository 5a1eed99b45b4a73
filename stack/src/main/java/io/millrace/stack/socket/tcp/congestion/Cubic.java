package io.millrace.stack.socket.tcp.congestion;

/**
 * CUBIC (RFC 9438): the window follows a cubic function of the time since the last reduction, whose plateau is the window
 * before it, and is never below what Reno would have. Windows are bytes here; the constant C, in segments, is multiplied
 * by the segment size where it is used.
 */
final class Cubic {
    /** Section 4.1. */
    static final double C = 0.4;

    /** Section 4.6. */
    static final double BETA = 0.7;

    /**
     * When slow start ends with a loss (section 4.10 leaves it open how the two go together): the window has doubled within
     * the last round trip, and half of it is what is known to have passed.
     */
    private static final double BETA_SLOW_START = 0.5;

    /** RFC 8511 section 3.1. */
    static final double BETA_MARKED = 0.85;

    /** Section 4.3: growth of the Reno-friendly window that is fair with {@link #BETA}. */
    private static final double ALPHA = 3.0 * (1.0 - BETA) / (1.0 + BETA);

    private static final long NO_EPOCH = -1;

    private Cubic() {}

    static void onAcknowledged(
            final CongestionControl state,
            final int acknowledged,
            final int mss,
            final long nowMicros,
            final int srttMicros) {
        if (state.epochStart == NO_EPOCH) {
            startEpoch(state, mss, nowMicros);
        } else if (state.epochStart < NO_EPOCH) {
            state.epochStart = nowMicros - (NO_EPOCH - 1 - state.epochStart); // it goes on
        }
        final double window = state.exactWindow();

        // Section 4.3. Once it has reached the window before the reduction, it grows like Reno itself.
        final double alpha = state.renoWindow >= state.priorWindow ? 1.0 : ALPHA;
        state.renoWindow += alpha * acknowledged * mss / window;

        final double elapsed = (nowMicros - state.epochStart) / 1e6;
        if (cubic(state, elapsed, mss) < state.renoWindow) {
            state.setExactWindow(Math.max(window, state.renoWindow));
            return;
        }
        // Sections 4.4 and 4.5.
        final double ahead = cubic(state, elapsed + srttMicros / 1e6, mss);
        final double target = Math.max(window, Math.min(ahead, 1.5 * window));
        state.setExactWindow(window + (target - window) * acknowledged / window);
    }

    /** Section 5.8: the time does not count in which the application is what limits, or else the function runs away. */
    static void stop(final CongestionControl state, final long nowMicros) {
        if (state.epochStart >= 0) {
            state.epochStart = NO_EPOCH - 1 - Math.max(0, nowMicros - state.epochStart);
        }
    }

    /** Section 4.6, with fast convergence, section 4.7. */
    static int threshold(final CongestionControl state, final int inFlight, final int mss, final boolean marked) {
        final int window = state.window;
        state.priorWindow = window;
        state.maxWindow = window < state.maxWindow ? (int) Math.round(window * (1.0 + BETA) / 2.0) : window;
        state.epochStart = -1;
        // Of the window rather than of what is in flight, since the window is never more than twice as large (RFC
        // 7661).
        final long used = Math.min(Math.max(window, inFlight), 2L * inFlight);
        final double lost = overshot(state, mss) ? BETA_SLOW_START : BETA;
        return Math.max((int) (used * (marked ? BETA_MARKED : lost)), 2 * mss);
    }

    /** Whether the window was doubled until the loss at hand, the first one: not if it is what the connection began with. */
    private static boolean overshot(final CongestionControl state, final int mss) {
        return state.threshold == CongestionControl.UNLIMITED
                && state.slowRounds < 0
                && state.window > CongestionControl.initialWindow(mss);
    }

    private static void startEpoch(final CongestionControl state, final int mss, final long nowMicros) {
        state.epochStart = nowMicros;
        state.uncounted = 0;
        state.renoWindow = state.window;
        // Figure 2. Above the plateau, for instance after slow start without a loss, the function starts at its middle.
        if (state.maxWindow > state.window) {
            state.k = (float) Math.cbrt((state.maxWindow - state.window) / (C * mss));
        } else {
            state.k = 0;
            state.maxWindow = state.window;
        }
    }

    /** Figure 1. */
    private static double cubic(final CongestionControl state, final double seconds, final int mss) {
        final double x = seconds - state.k;
        return C * mss * x * x * x + state.maxWindow;
    }
}

package io.millrace.stack.socket.tcp.congestion;

/** Reno (RFC 5681): one segment more each round trip, half the window after a loss. */
final class Reno {
    static final double BETA = 0.5;

    static final double BETA_MARKED = 0.8;

    private Reno() {}

    static void onAcknowledged(final CongestionControl state, final int acknowledged, final int mss) {
        state.uncounted += acknowledged;
        if (state.uncounted >= state.window) {
            state.uncounted -= state.window;
            state.setWindow((long) state.window + mss);
        }
    }

    /** RFC 5681, equation 4; after a mark the factor of RFC 8511 section 3.1. */
    static int threshold(final int inFlight, final int mss, final boolean marked) {
        return Math.max((int) (inFlight * (marked ? BETA_MARKED : BETA)), 2 * mss);
    }
}

package io.millrace.stack.socket.tcp.congestion;

/** Reno (RFC 5681): one segment more each round trip, half the window after a loss. */
final class Reno {
    private Reno() {}

    static void onAcknowledged(final CongestionControl state, final int acknowledged, final int mss) {
        state.uncounted += acknowledged;
        if (state.uncounted >= state.window) {
            state.uncounted -= state.window;
            state.setWindow((long) state.window + mss);
        }
    }

    /** RFC 5681, equation 4. */
    static int threshold(final int inFlight, final int mss) {
        return Math.max(inFlight / 2, 2 * mss);
    }
}

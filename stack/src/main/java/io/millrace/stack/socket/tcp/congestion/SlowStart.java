package io.millrace.stack.socket.tcp.congestion;

import io.millrace.stack.wire.TcpSeq;

/**
 * When to leave slow start before a queue overflows: HyStart++ (RFC 9406). Each round trip has its least time; if that
 * rises, growth slows to a quarter for five rounds, and goes on as before should it fall again.
 */
final class SlowStart {
    /** RFC 9406 section 4.3. */
    static final int LEAST_THRESHOLD = 4_000;

    static final int MOST_THRESHOLD = 16_000;
    static final int DIVISOR = 8;
    static final int SAMPLES = 8;
    static final int GROWTH_DIVISOR = 4;
    static final int ROUNDS = 5;
    /** Segments that one acknowledgment counts for at most, L. */
    static final int MOST_SEGMENTS = 8;

    private static final int UNKNOWN = Integer.MAX_VALUE;

    private SlowStart() {}

    /** A round trip was measured during slow start. Returns whether slow start is over. */
    static boolean onSample(final CongestionControl state, final int micros, final int una, final int nxt) {
        state.roundLeast = Math.min(state.roundLeast, micros);
        if (state.roundSamples < SAMPLES) {
            state.roundSamples++;
        }
        boolean over = false;
        if (state.roundSamples == SAMPLES && state.lastRoundLeast != UNKNOWN) {
            if (state.slowRounds < 0) {
                final int threshold = Math.clamp(state.lastRoundLeast / DIVISOR, LEAST_THRESHOLD, MOST_THRESHOLD);
                if (state.roundLeast >= state.lastRoundLeast + threshold) {
                    state.slowRounds = 0;
                    state.slowBaseline = state.roundLeast;
                }
            } else if (state.roundLeast < state.slowBaseline) {
                state.slowRounds = -1; // it was jitter
            }
        }
        if (TcpSeq.ge(una, state.roundEnd)) {
            if (state.slowRounds >= 0 && ++state.slowRounds >= ROUNDS) {
                over = true;
            }
            state.roundEnd = nxt;
            state.lastRoundLeast = state.roundLeast;
            state.roundLeast = UNKNOWN;
            state.roundSamples = 0;
        }
        return over;
    }

    /** Bytes by which the window grows for so many acknowledged. */
    static int growth(final CongestionControl state, final int acknowledged) {
        return state.slowRounds < 0 ? acknowledged : acknowledged / GROWTH_DIVISOR;
    }
}

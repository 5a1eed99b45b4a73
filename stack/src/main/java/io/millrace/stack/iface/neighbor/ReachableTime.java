package io.millrace.stack.iface.neighbor;

import io.millrace.stack.random.Entropy;

/** How long neighbours count as reachable after they answered: a random time, so that hosts do not ask in step. */
final class ReachableTime {
    /** REACHABLE_TIME (RFC 4861 section 10) in microseconds. */
    private static final int BASE = 30_000_000;

    /** How long one serves (RFC 4861 section 6.3.2: a new one at least every few hours). */
    private static final long DRAW = 7_200_000_000L;

    private final Entropy entropy;
    private long micros;
    private long nextDraw;

    ReachableTime(final Entropy entropy) {
        this.entropy = entropy;
    }

    /** The time that is valid now, in microseconds. */
    long micros(final long now) {
        if (now >= nextDraw) {
            nextDraw = now + DRAW;
            // RFC 4861 section 10: MIN_RANDOM_FACTOR 0.5 to MAX_RANDOM_FACTOR 1.5.
            micros = BASE / 2L + entropy.nextInt(BASE + 1);
        }
        return micros;
    }
}

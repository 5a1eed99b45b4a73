package io.millrace.stack.socket;

import io.millrace.stack.random.Entropy;

/**
 * Limits how often something is done. Tokens come back every 20 ms, and each time up to two of them are withheld at
 * random: whoever watches when the limit bites learns nothing about what others did (CVE-2020-25705).
 *
 * <p>Not thread-safe.
 */
public final class TokenBucket {
    private static final long REFILL_MICROS = 20_000;
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final int JITTER = 3;

    private final long perSecond;
    private final long burst;
    private final Entropy entropy;
    private long tokens;
    private long filledAt;

    /**
     * Makes a full bucket.
     *
     * @param perSecond tokens that come back each second, at least 1
     * @param burst tokens that it holds, at least 1
     * @param entropy where the jitter comes from
     * @throws IllegalArgumentException if one of the numbers is less
     */
    public TokenBucket(final int perSecond, final int burst, final Entropy entropy) {
        if (perSecond < 1 || burst < 1) {
            throw new IllegalArgumentException(
                    "a rate of " + perSecond + " per second with bursts of " + burst + "; both are at least 1");
        }
        this.perSecond = perSecond;
        this.burst = burst;
        this.entropy = entropy;
        this.tokens = burst;
    }

    /** Takes a token if there is one. */
    public boolean take(final long nowMicros) {
        final long elapsed = nowMicros - filledAt;
        if (elapsed >= REFILL_MICROS) {
            refill(nowMicros, elapsed);
        }
        if (tokens == 0) {
            return false;
        }
        tokens--;
        return true;
    }

    private void refill(final long nowMicros, final long elapsed) {
        // Beyond a second the bucket is full anyway unless its burst exceeds its rate; the bound keeps the product
        // small.
        final long back = Math.min(elapsed, 100 * MICROS_PER_SECOND) * perSecond / MICROS_PER_SECOND;
        if (back == 0) {
            return;
        }
        final long filled = Math.min(burst, tokens + back);
        tokens = Math.max(Math.min(filled, 1), filled - entropy.nextInt(JITTER));
        filledAt = nowMicros;
    }
}

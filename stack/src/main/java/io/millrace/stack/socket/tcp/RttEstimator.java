package io.millrace.stack.socket.tcp;

/**
 * Round-trip time and retransmission timeout (RFC 6298). Times are microseconds. Not thread-safe.
 */
final class RttEstimator {
    private int smoothed;
    private int variation;
    private int base;
    private int backoff;

    /** Starts without a sample. */
    RttEstimator(final int initialRto) {
        this.base = initialRto;
    }

    /** Smoothed round-trip time; 0 before the first sample. */
    int smoothed() {
        return smoothed;
    }

    /** Its variation. */
    int variation() {
        return variation;
    }

    /** How many times the timeout has been doubled since the last sample of new data. */
    int backoff() {
        return backoff;
    }

    /** The timeout, doubled as often as it expired, section 5.5. */
    int rto(final int max) {
        return (int) Math.min((long) base << Math.min(backoff, 30), max);
    }

    /**
     * Takes a sample, sections 2.2 and 2.3.
     *
     * @param min the least by which the timeout exceeds the round-trip time: in place of section 2's clock granularity,
     *     and of a least timeout, which would leave no room for delayed acknowledgments when the path is nearly as long
     */
    void sample(final long micros, final int min, final int max) {
        final int rtt = (int) Math.max(1, Math.min(micros, max));
        if (smoothed == 0) {
            smoothed = rtt;
            variation = rtt / 2;
        } else {
            variation += (Math.abs(smoothed - rtt) - variation) / 4;
            smoothed = Math.max(1, smoothed + (rtt - smoothed) / 8);
        }
        base = (int) Math.min(smoothed + Math.max(4L * variation, min), max);
    }

    /** New data was acknowledged: the path works. */
    void resetBackoff() {
        backoff = 0;
    }

    /** The timeout expired. */
    void backOff() {
        backoff++;
    }

    /** The handshake's SYN was lost: section 5.7, the timeout starts at 3 seconds. */
    void restartAfterLostSyn(final int fallback) {
        if (smoothed == 0) {
            base = Math.max(base, fallback);
        }
        backoff = 0;
    }
}

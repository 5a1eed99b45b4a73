package io.millrace.stack.socket.tcp.congestion;

import io.millrace.stack.socket.tcp.recovery.DeliveryRate;

/**
 * What {@link Bbr} knows of its path (draft-ietf-ccwg-bbr section 5.5): bandwidth and round-trip time, how much may be in
 * flight by what was lost in the long and in the short run, and how acknowledgments bunch. A round is one by packets: it
 * ends when something arrives that was sent after it began.
 */
final class BbrModel {
    private static final int UNKNOWN = Integer.MAX_VALUE;

    /** Rounds that each of the two slots of the filter for bunched acknowledgments spans, of ten in all. */
    private static final int AGGREGATION_ROUNDS = 5;

    /** Bytes a second that are safe at any time scale. */
    double bandwidth;
    /** By what was lost of late. */
    double shortBandwidth = Double.POSITIVE_INFINITY;

    /** Most of the present cycle of probing, and of the one before. */
    private double cycleBandwidth;

    private double lastBandwidth;

    /** Least round trip of the last ten seconds; the largest int if unknown. */
    int leastRoundTrip = UNKNOWN;

    /** Bounds of what is in flight, by what was lost in the last probes, and since. */
    int longTerm = Bbr.UNBOUNDED;

    int shortTerm = Bbr.UNBOUNDED;

    long rounds;
    boolean roundStart;
    private long roundEnd;

    boolean lossInRound;
    boolean lossRoundStart;
    long lossRoundEnd;

    /** Most of the last round. */
    double bandwidthLatest;

    long flightLatest;

    private long aggregationStart;
    private long aggregated;
    private double extra;
    private double lastExtra;
    private long extraRound;

    void begin(final int roundTrip, final long now) {
        bandwidth = 0;
        cycleBandwidth = 0;
        lastBandwidth = 0;
        leastRoundTrip = roundTrip > 0 ? roundTrip : UNKNOWN;
        longTerm = Bbr.UNBOUNDED;
        forgetShortTerm();
        rounds = 0;
        roundStart = false;
        roundEnd = 0;
        lossRoundStart = false;
        lossRoundEnd = 0;
        forgetCongestion();
        startAggregation(now);
        extra = 0;
        lastExtra = 0;
        extraRound = 0;
    }

    /** The bandwidth is known from before. */
    void remember(final double bytesPerSecond) {
        lastBandwidth = bytesPerSecond;
        bandwidth = bytesPerSecond;
    }

    /** Most of both cycles. */
    double mostBandwidth() {
        return Math.max(cycleBandwidth, lastBandwidth);
    }

    /** A cycle of probing ended; one without a sample is none. */
    void advanceCycle() {
        if (cycleBandwidth > 0) {
            lastBandwidth = cycleBandwidth;
            cycleBandwidth = 0;
        }
    }

    void startRound(final DeliveryRate rate) {
        roundEnd = rate.delivered();
    }

    /** Bytes: a multiple of bandwidth times round trip; the first window while that is unknown. */
    double product(final Bbr bbr, final double gain) {
        return product(bbr, bandwidth, gain);
    }

    /** As above, for another bandwidth. */
    double product(final Bbr bbr, final double rate, final double gain) {
        return leastRoundTrip == UNKNOWN
                ? CongestionControl.initialWindow(bbr.mss)
                : gain * rate * leastRoundTrip / 1e6;
    }

    /** Near the start of what an acknowledgment does. */
    void update(final Bbr bbr, final double sample, final long now) {
        final DeliveryRate rate = bbr.rate;
        lossRoundStart = false;
        bandwidthLatest = Math.max(bandwidthLatest, sample);
        flightLatest = Math.max(flightLatest, rate.sampleDelivered());
        if (rate.hasSample() && rate.priorDelivered() >= lossRoundEnd) {
            lossRoundEnd = rate.delivered();
            lossRoundStart = true;
        }
        updateRound(bbr, rate);
        if (sample > 0 && (sample >= mostBandwidth() || !rate.sampleLimited())) {
            cycleBandwidth = Math.max(cycleBandwidth, sample);
        }
        if (lossRoundStart) {
            if (lossInRound && !bbr.state.accelerates()) {
                slowDown(bbr);
            }
            lossInRound = false;
        }
        updateAggregation(bbr, now);
    }

    /** Near its end. */
    void advance(final DeliveryRate rate, final double sample) {
        if (lossRoundStart) {
            bandwidthLatest = sample;
            flightLatest = rate.sampleDelivered();
        }
        bandwidth = Math.min(mostBandwidth(), shortBandwidth);
    }

    private void updateRound(final Bbr bbr, final DeliveryRate rate) {
        roundStart = rate.hasSample() && rate.priorDelivered() >= roundEnd;
        if (roundStart) {
            startRound(rate);
            rounds++;
            bbr.cycle.roundsSinceUp++;
        }
    }

    /** Section 5.5.10.3. */
    private void slowDown(final Bbr bbr) {
        if (mostBandwidth() == 0) {
            return; // a bound of nothing would never be left again
        }
        if (shortBandwidth == Double.POSITIVE_INFINITY) {
            shortBandwidth = mostBandwidth();
        }
        if (shortTerm == Bbr.UNBOUNDED) {
            shortTerm = bbr.window;
        }
        shortBandwidth = Math.max(bandwidthLatest, Bbr.BETA * shortBandwidth);
        shortTerm = (int) Math.min(Math.max((double) flightLatest, Bbr.BETA * shortTerm), Bbr.UNBOUNDED);
    }

    void forgetShortTerm() {
        shortBandwidth = Double.POSITIVE_INFINITY;
        shortTerm = Bbr.UNBOUNDED;
    }

    void forgetCongestion() {
        lossInRound = false;
        bandwidthLatest = 0;
        flightLatest = 0;
    }

    /** Section 5.5.9: by how much the acknowledgments of late exceeded what the bandwidth explains. */
    double extraAcked() {
        return Math.max(extra, lastExtra);
    }

    void startAggregation(final long now) {
        aggregationStart = now;
        aggregated = 0;
    }

    private void updateAggregation(final Bbr bbr, final long now) {
        double expected = bandwidth * (now - aggregationStart) / 1e6;
        if (aggregated <= expected) {
            startAggregation(now);
            expected = 0;
        }
        aggregated += bbr.rate.newlyDelivered();
        if (rounds - extraRound >= (bbr.filled ? AGGREGATION_ROUNDS : 1)) {
            lastExtra = bbr.filled ? extra : 0;
            extra = 0;
            extraRound = rounds;
        }
        extra = Math.max(extra, Math.min(aggregated - expected, bbr.window));
    }
}

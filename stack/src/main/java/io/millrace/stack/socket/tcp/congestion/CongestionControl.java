package io.millrace.stack.socket.tcp.congestion;

import io.millrace.stack.socket.tcp.recovery.DeliveryRate;
import org.jspecify.annotations.Nullable;

/**
 * Congestion control of one connection: the window in bytes and what its algorithm needs to move it. What happens to
 * lost segments is not decided here; the connection's loss recovery tells what it found.
 *
 * <p>Sizes are bytes, times microseconds. Not thread-safe; allocates nothing.
 */
public final class CongestionControl {
    /** No loss has been seen: the window grows exponentially until one is. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    /** Largest window kept; the largest that a window field with the largest shift can tell. */
    static final int MAX_WINDOW = 0xFFFF << 14;

    int window;
    int threshold = UNLIMITED;
    /**
     * What has not been turned into window yet: with Reno bytes acknowledged in congestion avoidance (RFC 5681, 3.1),
     * with Cubic and Hybla the fraction of a byte, in units of 2^-31.
     */
    int uncounted;

    /** What {@link #undo} goes back to. */
    private int windowBefore;

    private int thresholdBefore = UNLIMITED;
    private int maxWindowBefore;

    /** BBR's model, while data is in flight; what it leaves when that is over comes next. */
    private @Nullable Bbr bbr;
    /** BBR: bytes a second that the path carries, as last known; 0 if it is not. */
    private float bandwidth;
    /** BBR: bytes that may be in flight by what was lost in the long run. */
    private int longTerm = Bbr.UNBOUNDED;

    /** Cubic: window before the last reduction, bytes. */
    int maxWindow;
    /** Cubic: seconds from the start of the epoch until the window is {@link #maxWindow} again. */
    float k;
    /** Cubic: the window that Reno would have. */
    double renoWindow;
    /** Cubic: window right before the last reduction. */
    int priorWindow;
    /**
     * Slow start: least round trip of the round, and of the one before, microseconds; the largest int if unknown. Hybla:
     * least round trip of all.
     */
    int roundLeast = Integer.MAX_VALUE;

    int lastRoundLeast = Integer.MAX_VALUE;
    /** Slow start: least round trip when growth was slowed. */
    int slowBaseline;
    /** Slow start: sequence number whose acknowledgment ends the round. */
    int roundEnd;

    /** A byte, as the next two: each connection has these, and a million may have to fit. */
    private byte algorithm;

    byte roundSamples;
    /** Slow start: rounds of slow growth so far; -1 if growth is exponential. */
    byte slowRounds = -1;

    /** Cubic: when the epoch began; -1 if it has to begin; less by how long it had lasted while it stands still. */
    long epochStart = -1;

    /**
     * Makes the state of a new connection.
     *
     * @param mss bytes of payload in a full segment
     */
    public CongestionControl(final CongestionAlgorithm algorithm, final int mss) {
        this.algorithm = (byte) algorithm.tag();
        this.window = first(mss);
    }

    /** Initial window: ten segments (RFC 6928 section 2). */
    public static int initialWindow(final int mss) {
        return Math.min(10 * mss, Math.max(2 * mss, 14_600));
    }

    /**
     * The handshake is done and the segment size known.
     *
     * @param seq sequence number of our first byte
     * @param synLost whether a SYN had to be sent again, after which one segment is the start (RFC 5681 section 3.1)
     * @param segments of the first window; 0 for {@link #initialWindow}
     */
    public void start(final int seq, final int mss, final boolean synLost, final int segments) {
        roundEnd = seq;
        window = synLost && limits() ? mss : first(mss, segments);
    }

    /** The algorithm. */
    public CongestionAlgorithm algorithm() {
        return CongestionAlgorithm.of(algorithm);
    }

    /** Goes on with another algorithm, from the window that there is. */
    public void algorithm(final CongestionAlgorithm value, final int mss) {
        final boolean limited = limits();
        algorithm = (byte) value.tag();
        if (limited != limits()) {
            window = first(mss);
            threshold = UNLIMITED;
        }
        uncounted = 0;
        epochStart = -1;
        maxWindow = 0;
        roundLeast = Integer.MAX_VALUE;
        lastRoundLeast = Integer.MAX_VALUE;
        bandwidth = 0;
        longTerm = Bbr.UNBOUNDED;
    }

    /** Whether a model of the path is kept while data is in flight, {@link #model}, and there is none yet. */
    public boolean wantsModel() {
        return algorithm == CongestionAlgorithm.BBR_TAG && bbr == null;
    }

    /**
     * Data is about to be in flight.
     *
     * @param value that nobody else uses; it belongs to this connection until {@link #takeModel}
     * @param roundTrip least round-trip time, or else the smoothed one; 0 if unknown
     * @param sack whether the peer tells what arrived out of order
     * @param seed of what is drawn at random
     */
    public void model(
            final Bbr value, final int mss, final int roundTrip, final boolean sack, final int seed, final long now) {
        bbr = value;
        value.begin(window, mss, bandwidth, longTerm, roundTrip, sack, seed, now);
    }

    /** BBR's model, or null if there is none. */
    public @Nullable Bbr model() {
        return bbr;
    }

    /** Takes the model away, and keeps what outlasts it. */
    public @Nullable Bbr takeModel() {
        final Bbr taken = bbr;
        if (taken != null) {
            bandwidth = taken.filled ? (float) taken.model.mostBandwidth() : 0;
            longTerm = taken.model.longTerm;
            bbr = null;
        }
        return taken;
    }

    /** What is measured while data is in flight, or null if nothing is. */
    public @Nullable DeliveryRate deliveryRate() {
        final Bbr current = bbr;
        return current == null ? null : current.rate();
    }

    /** Whether the algorithm says at which rate to send, {@link #pacingRate}. */
    public boolean setsRate() {
        return algorithm == CongestionAlgorithm.BBR_TAG;
    }

    /** Bytes a second to send at, if the algorithm says so. */
    public double pacingRate(final int srttMicros) {
        final Bbr current = bbr;
        return current != null
                ? current.pacingRate()
                : Bbr.State.STARTUP.pacingGain * window * 1e6 / (srttMicros > 0 ? srttMicros : 1000);
    }

    /** Bytes that leave in one go at that rate. */
    public int quantum(final int mss) {
        final Bbr current = bbr;
        return current == null ? 2 * mss : current.quantum();
    }

    /**
     * Segments arrived, or were found to be lost; only with a model.
     *
     * @param inFlight bytes in the network now
     * @param roundTrip of the latest that arrived; -1 if unknown
     * @param limited whether the window kept more from being sent
     */
    public void onSample(
            final int mss, final int inFlight, final int roundTrip, final boolean limited, final long nowMicros) {
        final Bbr current = bbr;
        if (current != null) {
            current.onSample(mss, inFlight, roundTrip, limited, nowMicros);
            window = current.window;
        }
    }

    /** What is about to be sent follows on silence; only with a model. */
    public void onRestart(final long nowMicros) {
        final Bbr current = bbr;
        if (current != null) {
            current.onRestart(nowMicros);
            window = current.window;
        }
    }

    private int first(final int mss, final int segments) {
        return segments > 0 && limits() ? segments * mss : first(mss);
    }

    private int first(final int mss) {
        return limits() ? initialWindow(mss) : MAX_WINDOW;
    }

    /** Whether there is a congestion window at all. */
    private boolean limits() {
        return algorithm != CongestionAlgorithm.NONE_TAG;
    }

    /** Bytes that may be in flight. */
    public int window() {
        return window;
    }

    /** Slow start threshold; {@link #UNLIMITED} before the first loss. */
    public int threshold() {
        return threshold;
    }

    /** Whether the window grows by what is acknowledged. */
    public boolean inSlowStart() {
        return window < threshold;
    }

    /** By how much the window may outgrow in a round trip what was in flight before: two, but for Hybla's slow start. */
    public double mostGrowth() {
        return algorithm == CongestionAlgorithm.HYBLA_TAG && inSlowStart() ? Hybla.slowStartFactor(this) : 2;
    }

    /**
     * New data was acknowledged, outside of loss recovery, while the window was what held the sender back.
     *
     * @param acknowledged bytes
     * @param srttMicros smoothed round-trip time; 0 if unknown
     * @param spread whether what the window allows does not leave at once
     */
    public void onAcknowledged(
            final int acknowledged, final int mss, final long nowMicros, final int srttMicros, final boolean spread) {
        if (acknowledged <= 0 || !limits() || setsRate()) {
            return;
        }
        if (inSlowStart()) {
            // Peers acknowledge whole bursts at once; eight segments bound the burst that follows, if there would
            // be one (RFC 9406, 4.2).
            final int counted = spread ? acknowledged : Math.min(acknowledged, SlowStart.MOST_SEGMENTS * mss);
            final long growth = algorithm == CongestionAlgorithm.HYBLA_TAG
                    ? Hybla.slowStartGrowth(this, counted)
                    : SlowStart.growth(this, counted);
            setWindow(Math.min(window + growth, Math.max(threshold, window + mss)));
            return;
        }
        switch (algorithm) {
            case CongestionAlgorithm.RENO_TAG, CongestionAlgorithm.DCTCP_TAG ->
                Reno.onAcknowledged(this, acknowledged, mss);
            case CongestionAlgorithm.CUBIC_TAG -> Cubic.onAcknowledged(this, acknowledged, mss, nowMicros, srttMicros);
            case CongestionAlgorithm.HYBLA_TAG -> Hybla.onAcknowledged(this, acknowledged, mss);
            case CongestionAlgorithm.BBR_TAG -> {
                // onSample sees to it.
            }
            default -> throw new IllegalStateException("algorithm " + algorithm);
        }
    }

    /** New data was acknowledged while the application, not the window, was what held the sender back. */
    public void onUnused(final long nowMicros) {
        Cubic.stop(this, nowMicros);
    }

    /**
     * A round trip was measured.
     *
     * @param micros of a segment that was sent once
     * @param una first sequence number not acknowledged
     * @param nxt next one to be sent
     */
    public void onRoundTrip(final int micros, final int una, final int nxt) {
        if (algorithm == CongestionAlgorithm.HYBLA_TAG) {
            Hybla.onSample(this, micros);
        } else if (algorithm == CongestionAlgorithm.CUBIC_TAG
                && threshold == UNLIMITED
                && SlowStart.onSample(this, micros, una, nxt)) {
            threshold = window;
        }
    }

    /**
     * Segments were lost, others still arrive: the window is reduced to the new threshold.
     *
     * @param inFlight bytes sent and not acknowledged
     */
    public void onLoss(final int inFlight, final int mss) {
        onLoss(inFlight, mss, false);
    }

    /**
     * As above.
     *
     * @param marked whether the window has been reduced for a mark of the same window of data: then both together reduce it
     *     by as much as the loss alone would have (RFC 3168 section 6.1.2)
     */
    public void onLoss(final int inFlight, final int mss, final boolean marked) {
        final Bbr current = bbr;
        if (current != null) {
            current.onFastRecovery();
            return;
        }
        remember();
        reduceForLoss(inFlight, mss, marked);
        window = threshold;
    }

    /**
     * A router on the way marked a segment instead of dropping it: the window is reduced, by less than for a loss, since
     * routers mark before their queues are full (RFC 8511).
     *
     * @param inFlight bytes sent and not acknowledged
     * @param share of bytes that were marked of late, 0 to 1; only DCTCP asks for it
     */
    public void onMarked(final int inFlight, final int mss, final double share) {
        final Bbr current = bbr;
        if (current != null) {
            current.onMarked();
            return;
        }
        if (algorithm == CongestionAlgorithm.DCTCP_TAG) {
            threshold = Dctcp.threshold(window, mss, share);
            uncounted = 0;
        } else {
            reduceThreshold(inFlight, mss, true);
        }
        window = Math.min(window, threshold);
        remember(); // this is not undone when an earlier loss turns out to be none
    }

    private void remember() {
        windowBefore = window;
        thresholdBefore = threshold;
        maxWindowBefore = maxWindow;
    }

    /** Nothing was lost after all: all is as it was before the last reduction (RFC 4015 section 3.2). */
    public void undo() {
        final Bbr current = bbr;
        if (current != null) {
            current.onSpurious();
            window = current.window;
            return;
        }
        window = Math.max(window, windowBefore);
        threshold = thresholdBefore;
        maxWindow = maxWindowBefore;
        uncounted = 0;
        epochStart = -1;
    }

    /**
     * The retransmission timer expired: the window falls to one segment (RFC 5681 section 3.1).
     *
     * @param inFlight bytes sent and not acknowledged
     * @param repeated whether the same data timed out before, so that the threshold stays
     */
    public void onTimeout(final int inFlight, final int mss, final boolean repeated) {
        onTimeout(inFlight, mss, repeated, false);
    }

    /**
     * As above.
     *
     * @param marked as of {@link #onLoss(int, int, boolean)}
     */
    public void onTimeout(final int inFlight, final int mss, final boolean repeated, final boolean marked) {
        final Bbr current = bbr;
        if (current != null) {
            current.onTimeout(mss);
            window = mss;
            return;
        }
        if (!repeated) {
            remember();
            reduceForLoss(inFlight, mss, marked);
        }
        window = limits() ? mss : MAX_WINDOW;
        uncounted = 0;
        epochStart = -1;
        maxWindow = 0; // RFC 9438 section 4.8: the next epoch does not head for it
    }

    /** A timeout left data in the network: the segment that is sent again now does not have to wait for it. */
    public void holdAtLeast(final int bytes) {
        final Bbr current = bbr;
        window = Math.max(window, bytes);
        if (current != null) {
            current.window = window;
        }
    }

    /** Loss recovery ended: the window is the new threshold (RFC 9937 section 6.4). */
    public void onRecovered() {
        final Bbr current = bbr;
        if (current != null) {
            current.onRecovered();
            window = current.window;
            return;
        }
        window = threshold == UNLIMITED ? window : threshold;
        uncounted = 0;
    }

    /**
     * What had timed out is repaired. BBR's recovery is over with that, as after a fast one (draft-ietf-ccwg-bbr, section
     * 5.6.4.4); the others grow on from where they are.
     */
    public void onTimeoutRepaired() {
        if (bbr != null) {
            onRecovered();
        }
    }

    /**
     * Nothing was sent for longer than a retransmission timeout: the window is stale (RFC 5681 section 4.1).
     *
     * @param segments as for {@link #start}
     */
    public void onIdle(final int mss, final int segments) {
        if (setsRate()) {
            return; // the rate is what holds it back, section 5.4.1 of its draft
        }
        window = Math.min(window, first(mss, segments));
        epochStart = -1;
    }

    /** The segments became smaller or larger: the window holds at least one. */
    public void onMssChanged(final int mss) {
        window = Math.max(window, mss);
    }

    void setWindow(final long bytes) {
        window = (int) Math.min(bytes, MAX_WINDOW);
    }

    /** The window with the fraction of a byte that it has besides. */
    double exactWindow() {
        return window + uncounted * 0x1p-31;
    }

    void setExactWindow(final double bytes) {
        final double kept = Math.min(bytes, MAX_WINDOW);
        window = (int) kept;
        uncounted = (int) ((kept - window) * 0x1p31);
    }

    private void reduceForLoss(final int inFlight, final int mss, final boolean marked) {
        final double more = switch (algorithm) {
            case CongestionAlgorithm.RENO_TAG, CongestionAlgorithm.HYBLA_TAG -> Reno.BETA / Reno.BETA_MARKED;
            case CongestionAlgorithm.CUBIC_TAG -> Cubic.BETA / Cubic.BETA_MARKED;
            default -> 0; // DCTCP: RFC 8257 section 3.5
        };
        if (marked && more > 0) {
            uncounted = 0;
            epochStart = -1;
            threshold = Math.max((int) Math.round(threshold * more), 2 * mss);
        } else {
            reduceThreshold(inFlight, mss, false);
        }
    }

    private void reduceThreshold(final int inFlight, final int mss, final boolean marked) {
        uncounted = 0;
        threshold = switch (algorithm) {
            case CongestionAlgorithm.NONE_TAG -> MAX_WINDOW;
            case CongestionAlgorithm.BBR_TAG -> threshold; // no model, so nothing is in flight
            case CongestionAlgorithm.RENO_TAG, CongestionAlgorithm.DCTCP_TAG, CongestionAlgorithm.HYBLA_TAG ->
                Reno.threshold(inFlight, mss, marked);
            case CongestionAlgorithm.CUBIC_TAG -> Cubic.threshold(this, inFlight, mss, marked);
            default -> throw new IllegalStateException("algorithm " + algorithm);
        };
    }
}

package io.millrace.stack.socket.tcp.congestion;

import io.millrace.stack.socket.tcp.recovery.DeliveryRate;

/**
 * BBR, version 3 (draft-ietf-ccwg-bbr): a model of the path, its bandwidth and its least round-trip time, from which the
 * pacing rate and the window follow; probes for more of one and for less of the other take turns. {@link BbrModel} keeps
 * the model, {@link BbrCycle} probes for bandwidth, {@link BbrProbeRtt} for the round-trip time; this class has the state
 * that they share, the other phases, and what comes out of it all.
 *
 * <p>Only connections with data in flight have one; what outlasts that is {@link CongestionControl}'s. Bytes,
 * microseconds, bytes a second. Not thread-safe; allocates nothing.
 */
public final class Bbr implements DeliveryRate.Losses {
    /** The phases, section 5.1. */
    enum State {
        STARTUP(2.77, 2),
        DRAIN(0.5, 2),
        DOWN(0.9, 2),
        CRUISE(1, 2),
        REFILL(1, 2),
        UP(1.25, 2.25),
        PROBE_RTT(1, 0.5);

        /** Of the bandwidth. */
        final double pacingGain;
        /** Of the product of bandwidth and least round-trip time. */
        final double windowGain;

        State(final double pacingGain, final double windowGain) {
            this.pacingGain = pacingGain;
            this.windowGain = windowGain;
        }

        /** Whether it belongs to ProbeBW. */
        boolean probesBandwidth() {
            return this == DOWN || this == CRUISE || this == REFILL || this == UP;
        }

        /** Whether more than is known to pass is sent, or is about to be. */
        boolean accelerates() {
            return this == STARTUP || this == REFILL || this == UP;
        }
    }

    /** No bound. */
    static final int UNBOUNDED = CongestionControl.MAX_WINDOW;

    /** Section 2.5. */
    static final double LOSS_THRESHOLD = 0.02;

    static final double BETA = 0.7;
    static final double HEADROOM = 0.15;

    /** Of the bandwidth, so that queues do not grow by errors of measurement. */
    private static final double PACING_MARGIN = 0.99;

    private static final int LEAST_SEGMENTS = 4;
    private static final int MOST_QUANTUM = 65_536;
    /** Section 5.3.1.3: ranges that were lost within a round when Startup ends by that. */
    private static final int STARTUP_LOSSES = 6;

    private static final int DRAIN_ROUNDS = 3;

    final DeliveryRate rate = new DeliveryRate();
    final BbrModel model = new BbrModel();
    final BbrCycle cycle = new BbrCycle(this);
    final BbrProbeRtt probeRtt = new BbrProbeRtt(this);

    State state = State.STARTUP;
    /** Bandwidth was once used in full, as far as can be told. */
    boolean filled;
    /** It is since the search for it began last. */
    boolean filledNow;

    int mss;
    int window;
    /** The window as it was before recovery or ProbeRTT. */
    private int priorWindow;
    /** Bytes in flight now. */
    int inFlight;

    boolean windowLimited;
    boolean idleRestart;
    boolean selective;

    private double filledAt;
    private int filledRounds;
    private long drainStart;
    private double pacingRate;
    private State undoState = State.PROBE_RTT;
    private double undoBandwidth;
    private int undoShortTerm;
    private int undoLongTerm;
    private int lostRanges;
    private boolean recovering;
    private long recoveryRound;
    private int random;

    /**
     * Data is about to be in flight.
     *
     * @param bandwidth known from before, bytes a second; 0 if none is
     * @param longTerm bound of what may be in flight, known from before; {@link #UNBOUNDED} if none is
     * @param roundTrip least or smoothed round-trip time; 0 if unknown
     * @param seed of what is drawn
     */
    void begin(
            final int windowNow,
            final int segment,
            final double bandwidth,
            final int longTerm,
            final int roundTrip,
            final boolean sack,
            final int seed,
            final long now) {
        rate.begin(this);
        mss = segment;
        window = windowNow;
        selective = sack;
        priorWindow = 0;
        inFlight = 0;
        windowLimited = false;
        idleRestart = false;
        lostRanges = 0;
        recovering = false;
        random = seed | 1;
        undoState = State.PROBE_RTT;
        model.begin(roundTrip, now);
        model.longTerm = longTerm;
        probeRtt.begin(roundTrip, now);
        cycle.begin();
        resetFilled();
        filled = bandwidth > 0;
        pacingRate = State.STARTUP.pacingGain * windowNow * 1e6 / (roundTrip > 0 ? roundTrip : 1000);
        state = State.STARTUP;
        if (filled) { // it rested; the model is as good as anybody's after a silence, section 5.4.1
            model.remember(bandwidth);
            cycle.startDown(now);
            cycle.startCruise();
            idleRestart = true;
            pacingRate = model.bandwidth * PACING_MARGIN;
        }
    }

    /** What is measured, for the segments that are sent. */
    public DeliveryRate rate() {
        return rate;
    }

    /** Bytes a second. */
    double pacingRate() {
        return pacingRate;
    }

    /** Section 5.6.3: bytes that may leave in one go. */
    int quantum() {
        return (int) Math.max(Math.min(pacingRate / 1000, MOST_QUANTUM), 2 * mss);
    }

    /** Section 5.4.1: what is about to be sent follows on silence. */
    void onRestart(final long now) {
        if (!rate.isLimited()) {
            return;
        }
        idleRestart = true;
        model.startAggregation(now);
        if (state.probesBandwidth()) {
            pace(1);
        } else if (state == State.PROBE_RTT) {
            probeRtt.checkDone(now);
        }
    }

    /**
     * Segments arrived, or were found to be lost.
     *
     * @param flight bytes in flight now
     * @param roundTrip of the latest segment that arrived; -1 if unknown
     * @param limited whether the window kept more from being sent
     */
    void onSample(final int segment, final int flight, final int roundTrip, final boolean limited, final long now) {
        mss = segment;
        inFlight = flight;
        windowLimited |= limited;
        // A round trip shorter than any before it is one that this sample may take, too.
        final int least = roundTrip > 0 ? Math.min(model.leastRoundTrip, roundTrip) : model.leastRoundTrip;
        final double sample = rate.rate(least);
        model.update(this, sample, now);
        checkFilled(sample);
        if (state == State.STARTUP) {
            checkStartupLoss();
            if (filled) {
                state = State.DRAIN;
                drainStart = model.rounds;
            }
        }
        if (state == State.DRAIN && (inFlight <= target(1) || model.rounds > drainStart + DRAIN_ROUNDS)) {
            cycle.startDown(now);
        }
        cycle.update(sample, now);
        probeRtt.update(roundTrip, now);
        model.advance(rate, sample);
        pace(state.pacingGain);
        updateWindow();
        if (model.roundStart) {
            windowLimited = false;
        }
    }

    /** Section 5.3.1.2. */
    private void checkFilled(final double sample) {
        if (filledNow || !model.roundStart || rate.sampleLimited() || !rate.hasSample()) {
            return;
        }
        if (sample >= filledAt * 1.25) {
            resetFilled();
            filledAt = sample;
            return;
        }
        filledRounds++;
        filledNow = filledRounds >= 3;
        filled |= filledNow;
    }

    void resetFilled() {
        filledAt = 0;
        filledRounds = 0;
        filledNow = false;
    }

    /** The search for the full bandwidth begins at a rate. */
    void searchFrom(final double sample) {
        resetFilled();
        filledAt = sample;
    }

    /** Section 5.3.1.3. */
    private void checkStartupLoss() {
        if (!model.lossRoundStart) {
            return;
        }
        final boolean many = selective ? lostRanges >= STARTUP_LOSSES && tooMuch() : lostRanges > 0;
        // As long as no sample was good for anything it can't be said that the bandwidth is used in full.
        if (recovering && model.rounds > recoveryRound && many && model.mostBandwidth() > 0) {
            undoState = State.STARTUP;
            filled = true;
            filledNow = true;
            model.longTerm = (int) Math.min(Math.max(model.product(this, 1), (double) model.flightLatest), UNBOUNDED);
        }
        lostRanges = 0;
    }

    /** Whether the losses of the sample say that too much was in flight. */
    boolean tooMuch() {
        return tooMuch(rate.sampleLost(), rate.sampleFlight());
    }

    /**
     * One segment is no rate: with fewer than 50 in flight each single loss would be more than the threshold, and who has
     * little of a link that others fill could never probe for more. Google's QUIC wants two losses in a round, too.
     */
    private boolean tooMuch(final long lost, final int flight) {
        return selective ? lost > Math.max(flight * LOSS_THRESHOLD, mss) : lost > 0;
    }

    // Losses, section 5.5.10.

    @Override
    public void onLost(
            final boolean apart, final int bytes, final int flight, final long lostSince, final boolean limited) {
        noteCongestion();
        if (apart) {
            lostRanges++;
        }
        if (cycle.probeSample && tooMuch(lostSince, flight)) {
            final double before = flight - bytes;
            final double lostBefore = lostSince - bytes;
            final double prefix = (LOSS_THRESHOLD * before - lostBefore) / (1 - LOSS_THRESHOLD);
            cycle.onTooMuch((int) Math.max(before + Math.max(prefix, 0), 0), limited);
        }
    }

    /** A loss, or a mark of a router, within this round. */
    void noteCongestion() {
        if (!model.lossInRound) {
            model.lossRoundEnd = rate.delivered();
            save();
        }
        model.lossInRound = true;
    }

    /** A router marked what is in flight. */
    void onMarked() {
        noteCongestion();
        if (cycle.probeSample) {
            cycle.onTooMuch(inFlight, false);
        }
    }

    void onFastRecovery() {
        save();
        recovering = true;
        recoveryRound = model.rounds;
    }

    void onTimeout(final int segment) {
        save();
        recovering = true;
        recoveryRound = model.rounds;
        window = segment;
    }

    void onRecovered() {
        recovering = false;
        restoreWindow();
    }

    private void save() {
        saveWindow();
        undoState = State.PROBE_RTT;
        undoBandwidth = model.shortBandwidth;
        undoShortTerm = model.shortTerm;
        undoLongTerm = model.longTerm;
    }

    /** Too much was in flight while probing: to be taken back if it was not. */
    void leftUp() {
        undoState = State.UP;
    }

    /** Section 5.5.11. */
    void onSpurious() {
        recovering = false;
        restoreWindow();
        model.lossInRound = false;
        resetFilled();
        model.shortBandwidth = Math.max(model.shortBandwidth, undoBandwidth);
        model.shortTerm = Math.max(model.shortTerm, undoShortTerm);
        model.longTerm = Math.max(model.longTerm, undoLongTerm);
        if (undoState == State.STARTUP && state != State.STARTUP) {
            filled = false;
            state = state == State.PROBE_RTT ? state : State.STARTUP;
        } else if (undoState == State.UP && state != State.UP && state != State.PROBE_RTT) {
            cycle.startRefill();
        }
        undoState = State.PROBE_RTT;
    }

    void saveWindow() {
        priorWindow = recovering || state == State.PROBE_RTT ? Math.max(priorWindow, window) : window;
    }

    void restoreWindow() {
        window = Math.max(window, priorWindow);
    }

    // What comes out of it, section 5.6.

    private void pace(final double gain) {
        final double next = gain * model.bandwidth * PACING_MARGIN;
        if (next > 0 && (filled || next > pacingRate)) {
            pacingRate = Math.max(next, 1);
        }
    }

    /** Bytes that at least may be in flight. */
    int least() {
        return LEAST_SEGMENTS * mss;
    }

    /** What should be in flight for a multiple of the product of bandwidth and round-trip time. */
    long target(final double gain) {
        return budget(model.product(this, gain));
    }

    private long budget(final double bytes) {
        final long cap = (long) Math.max(Math.max(bytes, 3.0 * quantum()), least());
        return state == State.UP ? cap + 2L * mss : cap;
    }

    private void updateWindow() {
        final long most = budget(model.product(this, state.windowGain) + model.extraAcked());
        final long grown = window + rate.newlyDelivered();
        long next = window;
        if (filled) {
            next = Math.min(grown, most);
        } else if (window < most || rate.delivered() < CongestionControl.initialWindow(mss)) {
            next = grown;
        }
        next = Math.max(next, least());
        if (state == State.PROBE_RTT) {
            next = Math.min(next, probeRtt.window());
        }
        int cap = UNBOUNDED;
        if (state == State.PROBE_RTT || state == State.CRUISE) {
            cap = cycle.withHeadroom();
        } else if (state.probesBandwidth()) {
            cap = model.longTerm;
        }
        cap = Math.max(Math.min(cap, model.shortTerm), least());
        window = (int) Math.min(next, cap);
    }

    /** A number from 0 to 1, drawn by xorshift: it only keeps connections apart. */
    double draw() {
        random ^= random << 13;
        random ^= random >>> 17;
        random ^= random << 5;
        return (random >>> 8) / (double) (1 << 24);
    }
}

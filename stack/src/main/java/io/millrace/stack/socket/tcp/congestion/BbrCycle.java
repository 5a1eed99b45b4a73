package io.millrace.stack.socket.tcp.congestion;

/**
 * ProbeBW of {@link Bbr} (draft-ietf-ccwg-bbr section 5.3.3): slower than the network delivers, as fast as it, until the
 * pipe is full again, faster; and what is learned from losses meanwhile.
 */
final class BbrCycle {
    /** What acknowledgments tell of. */
    private enum Feedback {
        NOTHING,
        REFILLING,
        PROBE_STARTING,
        PROBE,
        PROBE_STOPPING
    }

    private static final long LEAST_WAIT = 2_000_000;
    private static final int WAIT_SPREAD = 1_000_000;
    private static final int MOST_ROUNDS = 63;
    private static final int MOST_DOUBLINGS = 30;

    /** Whether what is found to be lost may be the probe's fault. */
    boolean probeSample;

    int roundsSinceUp;

    private final Bbr bbr;
    private Feedback feedback = Feedback.NOTHING;
    private long since;
    private long wait;
    private int upRounds;
    private long upAcked;
    private long ackedPerIncrease = Long.MAX_VALUE;
    private boolean wentTooHigh;
    private boolean precautionary;

    BbrCycle(final Bbr bbr) {
        this.bbr = bbr;
    }

    void begin() {
        probeSample = false;
        roundsSinceUp = 0;
        feedback = Feedback.NOTHING;
        since = 0;
        wait = 0;
        upRounds = 0;
        upAcked = 0;
        ackedPerIncrease = Long.MAX_VALUE;
        wentTooHigh = false;
        precautionary = false;
    }

    void startDown(final long now) {
        bbr.model.forgetCongestion();
        ackedPerIncrease = Long.MAX_VALUE;
        roundsSinceUp = bbr.draw() < 0.5 ? 0 : 1;
        wait = LEAST_WAIT + (long) (bbr.draw() * WAIT_SPREAD);
        since = now;
        stopFeedback();
        bbr.state = Bbr.State.DOWN;
    }

    /** What comes from the probe yet is the last of it. */
    void stopFeedback() {
        feedback = Feedback.PROBE_STOPPING;
        bbr.model.startRound(bbr.rate);
    }

    void startCruise() {
        bbr.state = Bbr.State.CRUISE;
    }

    void startRefill() {
        bbr.model.forgetShortTerm();
        upRounds = 0;
        upAcked = 0;
        precautionary = false;
        feedback = Feedback.REFILLING;
        bbr.model.startRound(bbr.rate);
        bbr.state = Bbr.State.REFILL;
    }

    private void startUp(final double sample) {
        feedback = Feedback.PROBE_STARTING;
        bbr.model.startRound(bbr.rate);
        bbr.searchFrom(sample);
        bbr.state = Bbr.State.UP;
        raiseSlope();
    }

    void update(final double sample, final long now) {
        if (!bbr.filled || adaptLongTerm()) {
            return;
        }
        switch (bbr.state) {
            case DOWN -> {
                if (!refillDue(now) && drained()) {
                    startCruise();
                }
            }
            case CRUISE -> refillDue(now);
            case REFILL -> {
                if (bbr.model.roundStart) {
                    probeSample = true;
                    startUp(sample);
                }
            }
            case UP -> {
                if (downDue(sample)) {
                    wentTooHigh = false; // as far as is known
                    startDown(now);
                }
            }
            default -> {
                // Not probing for bandwidth.
            }
        }
    }

    private boolean refillDue(final long now) {
        final double rounds = Math.min(Math.min(bbr.model.product(bbr, 1), bbr.window) / bbr.mss, MOST_ROUNDS);
        if (now > since + wait || roundsSinceUp >= rounds) {
            startRefill();
            return true;
        }
        return false;
    }

    private boolean drained() {
        return bbr.inFlight <= withHeadroom()
                && bbr.inFlight <= Math.max(bbr.model.product(bbr, bbr.model.mostBandwidth(), 1), bbr.least());
    }

    private boolean downDue(final double sample) {
        if (wentTooHigh && bbr.inFlight >= bbr.model.longTerm) {
            precautionary = true;
            return true;
        }
        if (bbr.windowLimited && bbr.window >= bbr.model.longTerm) {
            bbr.searchFrom(sample); // the bound, not the path, limits the bandwidth
            return false;
        }
        return bbr.filledNow;
    }

    /** What may be in flight such that others find room. */
    int withHeadroom() {
        final int longTerm = bbr.model.longTerm;
        if (longTerm == Bbr.UNBOUNDED) {
            return longTerm;
        }
        final int headroom = Math.max(bbr.mss, (int) (Bbr.HEADROOM * longTerm));
        return Math.max(longTerm - headroom, bbr.least());
    }

    /** Returns whether that decided on the next state. */
    private boolean adaptLongTerm() {
        final boolean probing = bbr.state.probesBandwidth();
        if (feedback == Feedback.PROBE_STARTING && bbr.model.roundStart) {
            feedback = Feedback.PROBE;
        }
        if (feedback == Feedback.PROBE_STOPPING && bbr.model.roundStart) {
            probeSample = false;
            feedback = Feedback.NOTHING;
            if (probing && !bbr.rate.sampleLimited()) {
                bbr.model.advanceCycle();
            }
            if (probing && precautionary && !wentTooHigh) {
                startRefill();
                return true;
            }
        }
        if (!bbr.tooMuch() && bbr.model.longTerm != Bbr.UNBOUNDED) {
            bbr.model.longTerm = Math.max(bbr.model.longTerm, bbr.rate.sampleFlight());
            if (bbr.state == Bbr.State.UP) {
                probeUpward();
            }
        }
        return false;
    }

    private void raiseSlope() {
        final int growth = 1 << upRounds;
        upRounds = Math.min(upRounds + 1, MOST_DOUBLINGS);
        ackedPerIncrease = Math.max(bbr.window / growth, bbr.mss);
    }

    private void probeUpward() {
        if (!bbr.windowLimited || bbr.window < bbr.model.longTerm) {
            return;
        }
        upAcked += bbr.rate.newlyDelivered();
        if (upAcked >= ackedPerIncrease) {
            final long increases = upAcked / ackedPerIncrease;
            upAcked -= increases * ackedPerIncrease;
            bbr.model.longTerm = (int) Math.min(bbr.model.longTerm + increases * bbr.mss, Bbr.UNBOUNDED);
        }
        if (bbr.model.roundStart) {
            raiseSlope();
        }
    }

    /** Too much was lost of what was sent while probing, with so much in flight at the point where it became so. */
    void onTooMuch(final int flight, final boolean limited) {
        wentTooHigh = true;
        probeSample = false; // once for each probe
        if (!limited) {
            final double target = Math.min(bbr.model.product(bbr, 1), bbr.window);
            bbr.model.longTerm = (int) Math.min(Math.max(flight, target * Bbr.BETA), Bbr.UNBOUNDED);
        }
        if (bbr.state == Bbr.State.UP) {
            bbr.leftUp();
            startDown(bbr.rate.now());
        }
    }
}

package io.millrace.stack.socket.tcp.congestion;

/**
 * The least round-trip time of {@link Bbr}, and ProbeRTT, which measures it anew (draft-ietf-ccwg-bbr section 5.3.4):
 * when no round trip has been as short as the shortest for a while, little is sent for a moment, so that queues drain.
 */
final class BbrProbeRtt {
    private static final long INTERVAL = 5_000_000;
    private static final long LEAST_LIFETIME = 10_000_000;
    private static final long DURATION = 200_000;
    private static final int UNKNOWN = Integer.MAX_VALUE;

    private final Bbr bbr;
    private int least = UNKNOWN;
    private long leastAt;
    private long modelAt;
    private long doneAt;
    private boolean roundDone;

    BbrProbeRtt(final Bbr bbr) {
        this.bbr = bbr;
    }

    void begin(final int roundTrip, final long now) {
        least = roundTrip > 0 ? roundTrip : UNKNOWN;
        leastAt = now;
        modelAt = now;
        doneAt = 0;
        roundDone = false;
    }

    void update(final int roundTrip, final long now) {
        final boolean expired = now > leastAt + INTERVAL;
        // One that equals the least shows as well that queues are empty; clocks of microseconds seldom show two.
        if (roundTrip >= 0 && (roundTrip <= least || expired)) {
            least = Math.max(1, roundTrip);
            leastAt = now;
        }
        if (least <= bbr.model.leastRoundTrip || now > modelAt + LEAST_LIFETIME) {
            bbr.model.leastRoundTrip = least;
            modelAt = leastAt;
        }
        if (bbr.state != Bbr.State.PROBE_RTT && expired && !bbr.idleRestart) {
            bbr.saveWindow();
            bbr.state = Bbr.State.PROBE_RTT;
            doneAt = 0;
            bbr.cycle.stopFeedback();
        }
        if (bbr.state == Bbr.State.PROBE_RTT) {
            go(now);
        }
        if (bbr.rate.sampleDelivered() > 0) {
            bbr.idleRestart = false;
        }
    }

    private void go(final long now) {
        bbr.rate.limit(bbr.inFlight); // its samples tell nothing of the bandwidth
        if (doneAt == 0) {
            if (bbr.inFlight <= window()) {
                doneAt = now + DURATION;
                roundDone = false;
                bbr.model.startRound(bbr.rate);
            }
            return;
        }
        roundDone |= bbr.model.roundStart;
        if (roundDone) {
            checkDone(now);
        }
    }

    /** Goes on with what was interrupted, if enough time has passed. */
    void checkDone(final long now) {
        if (doneAt == 0 || now <= doneAt) {
            return;
        }
        leastAt = now;
        bbr.restoreWindow();
        bbr.model.forgetShortTerm();
        if (bbr.filled) {
            bbr.cycle.startDown(now);
            bbr.cycle.startCruise();
        } else {
            bbr.state = Bbr.State.STARTUP;
        }
    }

    /** Most that is in flight meanwhile. */
    int window() {
        final double half = bbr.model.product(bbr, Bbr.State.PROBE_RTT.windowGain);
        return (int) Math.min(Math.max(half, bbr.least()), Bbr.UNBOUNDED);
    }
}

package io.millrace.stack.socket.tcp.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.socket.tcp.recovery.Delivery;
import io.millrace.stack.socket.tcp.recovery.SentSegments;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** BBR over a simulated path: the example test cases of draft-ietf-ccwg-bbr, appendix A, and what they leave out. */
class BbrTest {
    private static final double BANDWIDTH = 1_250_000;
    private static final long DELAY = 40_000;

    private static BbrPath path() {
        return new BbrPath(BANDWIDTH, DELAY);
    }

    private static void assertNear(final double expected, final double actual, final double share) {
        assertEquals(expected, actual, expected * share);
    }

    /** Appendix A.1. */
    @Test
    void shouldLeaveStartupWhenTheBandwidthGrowsNoMore() {
        final BbrPath path = path();
        assertSame(Bbr.State.STARTUP, path.bbr.state);
        path.runUntil(Bbr.State.DRAIN);
        assertTrue(path.bbr.filled);
        assertNear(BANDWIDTH, path.bbr.model.bandwidth, 0.02);
        assertTrue(path.now < 1_000_000 + 15 * DELAY, "doubled each round: " + path.now);
    }

    /** Appendix A.3. */
    @Test
    void shouldLeaveDrainWhenTheQueueIsEmpty() {
        final BbrPath path = path();
        path.runUntil(Bbr.State.DRAIN);
        assertNear(0.5 * BANDWIDTH, path.congestion.pacingRate(0), 0.05);
        path.runUntil(Bbr.State.CRUISE);
        assertTrue(path.inFlight() <= path.product() * 1.05 + 3 * BbrPath.MSS, "in flight " + path.inFlight());
    }

    /** Appendix A.4. */
    @Test
    void shouldLeaveDrainInTimeWhenThePathBecameSlower() {
        final BbrPath path = path();
        path.runUntil(Bbr.State.DRAIN);
        path.bandwidth *= 0.4;
        final long rounds = path.bbr.model.rounds;
        while (path.bbr.state == Bbr.State.DRAIN) {
            path.run(1000);
        }
        assertTrue(path.bbr.model.rounds <= rounds + 5, "rounds " + (path.bbr.model.rounds - rounds));
    }

    /** Section 5.3.3. */
    @Test
    void shouldCycleThroughThePhasesThatProbeForBandwidth() {
        final BbrPath path = path();
        path.runUntil(Bbr.State.DOWN);
        path.runUntil(Bbr.State.CRUISE);
        path.runUntil(Bbr.State.REFILL);
        path.runUntil(Bbr.State.UP);
        assertNear(1.25 * BANDWIDTH, path.congestion.pacingRate(0), 0.05);
        path.runUntil(Bbr.State.DOWN);
        assertNear(0.9 * BANDWIDTH, path.congestion.pacingRate(0), 0.05);
        final long from = path.now;
        path.runUntil(Bbr.State.REFILL);
        assertTrue(path.now - from < 3_100_000, "waited " + (path.now - from));
    }

    /** Appendix A.2. */
    @Test
    void shouldLeaveStartupWhenMuchIsLostThoughTheApplicationOffersLittle() {
        final BbrPath path = path();
        path.offered = 40 * BbrPath.MSS;
        path.run(500_000);
        assertSame(Bbr.State.STARTUP, path.bbr.state, "the application holds it back, not the path");
        path.dropEach = 5;
        path.runUntil(Bbr.State.DRAIN);
        assertTrue(path.bbr.filled);
        assertTrue(path.bbr.model.longTerm < Bbr.UNBOUNDED);
    }

    /** Appendix A.7. */
    @Test
    void shouldStayInStartupWhenTheApplicationIsTheLimit() {
        final BbrPath path = path();
        path.offered = 5 * BbrPath.MSS;
        path.run(4_000_000);
        assertSame(Bbr.State.STARTUP, path.bbr.state);
        assertFalse(path.bbr.filled);
    }

    /** Appendix A.5. */
    @Test
    void shouldStopProbingWhenTheBandwidthGrowsNoMore() {
        final BbrPath path = path();
        path.runUntil(Bbr.State.UP);
        path.runUntil(Bbr.State.DOWN);
        assertEquals(0, path.dropped);
        assertTrue(path.bbr.filledNow);
        assertEquals(Bbr.UNBOUNDED, path.bbr.model.longTerm, "nothing was lost");
    }

    /** Appendix A.18. */
    @Test
    void shouldRememberHowMuchWasInFlightWhenProbingLosesTooMuch() {
        final BbrPath path = path();
        path.runUntil(Bbr.State.UP);
        path.queue = 4 * BbrPath.MSS;
        path.run(5 * DELAY);
        assertTrue(path.dropped > 0);
        final int bound = path.bbr.model.longTerm;
        assertTrue(bound >= 0.7 * path.product() && bound < 1.5 * path.product(), "bound " + bound);
        path.runUntil(Bbr.State.CRUISE);
        path.run(200_000);
        assertTrue(path.congestion.window() <= Math.max(0.85 * path.bbr.model.longTerm + 1, 4 * BbrPath.MSS));
    }

    @Test
    void shouldGoOnProbingWhenOneOfFewSegmentsIsLostAndStopWithTheSecond() {
        final BbrPath path = new BbrPath(12 * BbrPath.MSS * 1e6 / DELAY, DELAY);
        path.runUntil(Bbr.State.UP);
        final int flight = 14 * BbrPath.MSS;
        path.bbr.onLost(true, BbrPath.MSS, flight, BbrPath.MSS, false);
        assertSame(Bbr.State.UP, path.bbr.state);
        assertEquals(Bbr.UNBOUNDED, path.bbr.model.longTerm);
        path.bbr.onLost(true, BbrPath.MSS, flight, 2 * BbrPath.MSS, false);
        assertSame(Bbr.State.DOWN, path.bbr.state);
        assertEquals(flight - BbrPath.MSS, path.bbr.model.longTerm, "as much as left before the second");
    }

    /** Section 5.5.10.3. */
    @Test
    void shouldSlowDownForAWhileWhenSomethingIsLostBetweenProbes() {
        final BbrPath path = path();
        path.runUntil(Bbr.State.UP);
        path.runUntil(Bbr.State.CRUISE);
        path.bandwidth *= 0.5;
        path.queue = 10 * BbrPath.MSS;
        path.run(10 * DELAY);
        assertTrue(path.bbr.model.shortBandwidth < 0.75 * BANDWIDTH, "it was " + path.bbr.model.shortBandwidth);
        assertTrue(path.bbr.model.shortTerm < Bbr.UNBOUNDED);
        path.runUntil(Bbr.State.REFILL);
        assertEquals(Double.POSITIVE_INFINITY, path.bbr.model.shortBandwidth);
        assertEquals(Bbr.UNBOUNDED, path.bbr.model.shortTerm);
    }

    /** A mark tells of as much as a loss, before there is one. */
    @Test
    void shouldSlowDownForAWhileWhenARouterMarksBetweenProbes() {
        final BbrPath path = path();
        path.runUntil(Bbr.State.UP);
        path.runUntil(Bbr.State.CRUISE);
        path.bandwidth *= 0.5;
        path.marksAt = 10 * BbrPath.MSS;
        path.run(20 * DELAY); // with what waits, round trips take longer
        assertTrue(path.marked > 0);
        assertEquals(0, path.dropped);
        assertTrue(path.bbr.model.shortBandwidth < 0.75 * BANDWIDTH, "it was " + path.bbr.model.shortBandwidth);
        assertTrue(path.bbr.model.shortTerm < Bbr.UNBOUNDED);
        path.runUntil(Bbr.State.REFILL);
        assertEquals(Double.POSITIVE_INFINITY, path.bbr.model.shortBandwidth);
        assertEquals(Bbr.UNBOUNDED, path.bbr.model.shortTerm);
    }

    @Test
    void shouldRememberHowMuchWasInFlightWhenProbingIsMarked() {
        final BbrPath path = path();
        path.runUntil(Bbr.State.UP);
        path.marksAt = 4 * BbrPath.MSS;
        path.run(5 * DELAY);
        assertTrue(path.marked > 0);
        assertEquals(0, path.dropped);
        assertTrue(path.bbr.state != Bbr.State.UP);
        final int bound = path.bbr.model.longTerm;
        assertTrue(bound >= 0.7 * path.product() && bound < 1.5 * path.product(), "bound " + bound);
        path.runUntil(Bbr.State.CRUISE);
        path.run(200_000);
        assertTrue(path.congestion.window() <= Math.max(0.85 * path.bbr.model.longTerm + 1, 4 * BbrPath.MSS));
    }

    /** The path stays full: a mark is no reason to send less than it carries for longer than a round of probing. */
    @Test
    void shouldFillThePathThoughALittleQueueIsMarked() {
        final BbrPath path = path();
        path.marksAt = 5 * BbrPath.MSS;
        path.run(5_000_000);
        final long before = path.delivered();
        path.run(10_000_000);
        final double share = (path.delivered() - before) / (10 * BANDWIDTH);
        assertTrue(share > 0.7, "it was " + share);
        assertEquals(0, path.dropped);
    }

    /** Appendix A.15. */
    @Test
    void shouldForgetTheBandwidthWhenThePathBecameTenTimesSlower() {
        final BbrPath path = path();
        path.queue = 50 * BbrPath.MSS;
        path.runUntil(Bbr.State.UP);
        path.runUntil(Bbr.State.CRUISE);
        path.bandwidth /= 10;
        path.run(25_000_000); // two cycles of probing
        assertTrue(path.bbr.model.mostBandwidth() < 0.15 * BANDWIDTH, "still " + path.bbr.model.mostBandwidth());
    }

    /** Appendix A.14. */
    @Test
    void shouldFindTheBandwidthWhenThePathBecameTenTimesFaster() {
        final BbrPath path = path();
        path.runUntil(Bbr.State.CRUISE);
        path.bandwidth *= 10;
        path.run(15_000_000);
        assertTrue(path.bbr.model.mostBandwidth() > 9 * BANDWIDTH, "found " + path.bbr.model.mostBandwidth());
    }

    /** Appendix A.10. */
    @Test
    void shouldSendLittleForAMomentWhenNoRoundTripWasShortForAWhile() {
        final BbrPath path = path();
        path.runUntil(Bbr.State.CRUISE);
        path.delay += 5_000; // a longer way: all later round trips exceed the least
        path.runUntil(Bbr.State.PROBE_RTT);
        path.run(100_000);
        assertTrue(path.inFlight() <= 0.55 * path.product() + 4 * BbrPath.MSS, "in flight " + path.inFlight());
        final long from = path.now;
        path.runUntil(Bbr.State.CRUISE);
        assertTrue(path.now - from >= 100_000 && path.now - from < 400_000, "it took " + (path.now - from));
        path.run(11_000_000);
        assertTrue(path.bbr.model.leastRoundTrip >= 45_000, "the longer way is known");
    }

    /** Appendix A.22. */
    @Test
    void shouldGoOnWithStartupAfterProbeRttWhenTheBandwidthIsNotKnown() {
        final BbrPath path = path();
        path.offered = 20 * BbrPath.MSS;
        path.run(500_000);
        path.delay += 5_000;
        path.runUntil(Bbr.State.PROBE_RTT);
        path.runUntil(Bbr.State.STARTUP);
        assertFalse(path.bbr.filled);
    }

    /** Appendix A.11. */
    @Test
    void shouldNotProbeForTheRoundTripWhenSilenceHasDrainedTheQueue() {
        final BbrPath path = path();
        path.runUntil(Bbr.State.CRUISE);
        path.offered = 0;
        path.run(6_000_000);
        assertEquals(0, path.inFlight());
        path.offered = 10 * BbrPath.MSS;
        path.run(200_000);
        assertTrue(path.bbr.state != Bbr.State.PROBE_RTT, "in " + path.bbr.state);
    }

    /** Appendix A.13. */
    @Test
    void shouldKeepFourSegmentsInFlightWhenThePathHoldsLessThanOne() {
        final BbrPath path = new BbrPath(10_000, 10_000);
        path.run(10_000_000);
        assertTrue(path.congestion.window() >= 4 * BbrPath.MSS);
        assertNear(10_000, path.bbr.model.bandwidth, 0.1);
    }

    /** Appendix A.19. */
    @Test
    void shouldTakeBackWhatALossDidWhenThereWasNone() {
        final BbrPath path = path();
        path.runUntil(Bbr.State.UP);
        final int window = path.congestion.window();
        path.congestion.onLoss(path.inFlight(), BbrPath.MSS);
        path.bbr.onLost(true, BbrPath.MSS, path.inFlight(), path.inFlight() / 2, false);
        assertSame(Bbr.State.DOWN, path.bbr.state);
        assertTrue(path.bbr.model.longTerm < Bbr.UNBOUNDED);
        path.congestion.undo();
        assertSame(Bbr.State.REFILL, path.bbr.state);
        assertEquals(Bbr.UNBOUNDED, path.bbr.model.longTerm);
        assertTrue(path.congestion.window() >= window);
    }

    /** Section 5.6.4.4. */
    @Test
    void shouldSendOneSegmentAfterATimeoutAndTheOldWindowAfterRecovery() {
        final BbrPath path = path();
        path.runUntil(Bbr.State.CRUISE);
        final int window = path.congestion.window();
        path.congestion.onTimeout(path.inFlight(), BbrPath.MSS, false);
        assertEquals(BbrPath.MSS, path.congestion.window());
        path.congestion.onRecovered();
        assertEquals(window, path.congestion.window());
    }

    /** Section 5.3.2. */
    @Test
    void shouldFillThePathWhenOneOfAHundredSegmentsIsLostForNoReason() {
        final BbrPath path = path();
        path.dropEach = 100;
        path.run(2_000_000);
        final long before = path.bbr.rate.delivered();
        path.run(10_000_000);
        assertTrue(path.bbr.rate.delivered() - before > 0.8 * 10 * BANDWIDTH, "loss is not congestion");
    }

    /** A token bucket holds no queue, so that nothing but losses tells of it: section 5.5.10. */
    @ParameterizedTest
    @ValueSource(ints = {8, 40, 200})
    void shouldSendHardlyMoreThanAPolicerLetsThrough(final int segmentsAtOnce) {
        final BbrPath path = path();
        path.policed = 0.25 * BANDWIDTH;
        path.policedAtOnce = segmentsAtOnce * BbrPath.MSS;
        path.run(5_000_000);
        final long before = path.bbr.rate.delivered();
        final long droppedBefore = path.dropped;
        path.run(20_000_000);
        final double delivered = path.bbr.rate.delivered() - before;
        final double dropped = (path.dropped - droppedBefore) * (double) BbrPath.MSS;
        assertTrue(delivered > 0.85 * 20 * path.policed, "delivered " + delivered / 20 + " bytes/s");
        assertTrue(dropped < Bbr.LOSS_THRESHOLD * (delivered + dropped), "lost " + dropped / 20 + " bytes/s");
    }

    /** Section 5.5.9: what is not acknowledged for a while must not keep back what the path could carry. */
    @ParameterizedTest
    @ValueSource(longs = {10_000, 40_000, 100_000})
    void shouldFillThePathThoughAcknowledgmentsComeInBunches(final long micros) {
        final BbrPath path = path();
        path.acknowledgedEach = micros;
        path.run(3_000_000);
        final long before = path.bbr.rate.delivered();
        path.run(10_000_000);
        final double share = (path.bbr.rate.delivered() - before) / (10.0 * BANDWIDTH);
        assertTrue(share > 0.95, "used " + share + " of the path");
    }

    @Test
    void shouldGoOnWithWhatItKnewAfterARest() {
        final BbrPath path = path();
        path.runUntil(Bbr.State.CRUISE);
        assertSame(path.bbr, path.congestion.takeModel());
        assertNull(path.congestion.deliveryRate());
        assertTrue(path.congestion.wantsModel());
        path.congestion.model(path.bbr, BbrPath.MSS, (int) DELAY, true, 3, 60_000_000);
        assertSame(Bbr.State.CRUISE, path.bbr.state);
        assertNear(BANDWIDTH, path.congestion.pacingRate(0), 0.03);
    }

    /** Section 4.1: a sample is too good to be true only if it took less than the least round trip, its own included. */
    @Test
    void shouldMeasureTheBandwidthWhenTheHandshakeTookLongerThanWhatFollows() {
        final BbrPath path = new BbrPath(BANDWIDTH, DELAY, 3 * DELAY, true);
        path.run(DELAY + DELAY / 2);
        assertTrue(path.bbr.model.bandwidth > 0, "one round trip tells something");
    }

    @Test
    void shouldGoOnSendingWhenSomethingIsLostBeforeTheBandwidthIsKnown() {
        final CongestionControl congestion = new CongestionControl(CongestionAlgorithm.BBR, BbrPath.MSS);
        final Bbr bbr = new Bbr();
        final SentSegments sent = new SentSegments();
        final Delivery delivery = new Delivery();
        sent.reset(0);
        congestion.model(bbr, BbrPath.MSS, (int) DELAY, false, 7, 0);
        sent.measure(bbr.rate());
        final double rate = congestion.pacingRate(0);
        congestion.onLoss(BbrPath.MSS, BbrPath.MSS);
        long now = 0;
        for (int end = BbrPath.MSS; end <= 4 * BbrPath.MSS; end += BbrPath.MSS) {
            sent.append(end, now, false);
            bbr.onLost(true, BbrPath.MSS, BbrPath.MSS, BbrPath.MSS, false);
            now += DELAY / 10; // too soon to tell how fast
            bbr.rate().startSample(now);
            delivery.clear();
            sent.acknowledge(end, delivery);
            congestion.onSample(BbrPath.MSS, 0, -1, false, now);
        }
        assertEquals(4, bbr.model.rounds);
        assertFalse(bbr.filled, "nothing is known");
        assertEquals(rate, congestion.pacingRate(0));
        assertEquals(Double.POSITIVE_INFINITY, bbr.model.shortBandwidth);
    }
}

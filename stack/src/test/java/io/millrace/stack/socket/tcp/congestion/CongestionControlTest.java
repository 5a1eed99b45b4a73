package io.millrace.stack.socket.tcp.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Origin;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CongestionControlTest {
    private static final int MSS = 1000;
    private static final int RTT = 100_000;

    private static CongestionControl reno() {
        return new CongestionControl(CongestionAlgorithm.RENO, MSS);
    }

    private static CongestionControl cubic() {
        return new CongestionControl(CongestionAlgorithm.CUBIC, MSS);
    }

    @ParameterizedTest
    @CsvSource({"1460, 14600", "1000, 10000", "536, 5360", "2000, 14600", "8960, 17920", "88, 880"})
    @Origin("RFC 6928 2")
    void shouldStartWithTenSegments(final int mss, final int window) {
        assertEquals(window, CongestionControl.initialWindow(mss));
        final CongestionControl state = reno();
        state.start(0, mss, false, 0);
        assertEquals(window, state.window());
        state.start(0, mss, true, 0);
        assertEquals(mss, state.window(), "after a lost SYN");
    }

    @ParameterizedTest
    @EnumSource(
            value = CongestionAlgorithm.class,
            names = {"RENO", "CUBIC"})
    @Origin("smoltcp:socket::tcp::congestion::reno::slow_start_works")
    @Origin("smoltcp:socket::tcp::congestion::cubic::slow_start_works")
    @Origin("RFC 5681 3.1")
    void shouldDoubleEachRoundTripInSlowStart(final CongestionAlgorithm algorithm) {
        final CongestionControl state = new CongestionControl(algorithm, MSS);
        assertTrue(state.inSlowStart());
        for (int i = 0; i < 10; i++) {
            state.onAcknowledged(MSS, MSS, i, RTT, false);
        }
        assertEquals(20 * MSS, state.window());
        state.onAcknowledged(300, MSS, 11, RTT, false);
        assertEquals(20 * MSS + 300, state.window(), "by no more than was acknowledged");
        state.onAcknowledged(0, MSS, 12, RTT, false);
        state.onAcknowledged(-1, MSS, 12, RTT, false);
        assertEquals(20 * MSS + 300, state.window());
    }

    @Test
    void shouldNotGrowBeyondTheThresholdInSlowStart() {
        final CongestionControl state = reno();
        state.onTimeout(20 * MSS, MSS, false);
        state.onAcknowledged(20 * MSS, MSS, 1, RTT, false);
        assertEquals(9 * MSS, state.window(), "one, and eight more");
        state.onAcknowledged(20 * MSS, MSS, 2, RTT, true);
        assertEquals(10 * MSS, state.window());
    }

    @ParameterizedTest
    @CsvSource({"RENO, false", "RENO, true", "CUBIC, false", "CUBIC, true"})
    @Origin("smoltcp:socket::tcp::congestion::reno::progress_to_ca_via_loss")
    @Origin("smoltcp:socket::tcp::congestion::reno::progress_to_ca_via_rto")
    @Origin("smoltcp:socket::tcp::congestion::cubic::progress_to_ca_via_loss")
    @Origin("smoltcp:socket::tcp::congestion::cubic::progress_to_ca_via_rto")
    void shouldAvoidCongestionFromTheThresholdOn(final CongestionAlgorithm algorithm, final boolean timeout) {
        final CongestionControl state = new CongestionControl(algorithm, MSS);
        long now = 0;
        for (int i = 0; i < 30; i++) {
            state.onAcknowledged(MSS, MSS, ++now, RTT, false);
        }
        assertEquals(40 * MSS, state.window());
        final int threshold = 20 * MSS; // of Cubic, too: slow start may have overshot by half (RFC 9438 4.10)
        if (timeout) {
            state.onTimeout(40 * MSS, MSS, false);
            for (int window = MSS; window < threshold; window += MSS) {
                assertEquals(window, state.window(), "in slow start again");
                state.onAcknowledged(MSS, MSS, ++now, RTT, false);
            }
        } else {
            state.onLoss(40 * MSS, MSS);
            state.onRecovered();
        }
        assertEquals(threshold, state.threshold());
        assertEquals(threshold, state.window());
        for (int i = 0; i < threshold / MSS; i++) {
            state.onAcknowledged(MSS, MSS, ++now, RTT, false);
        }
        assertTrue(
                state.window() >= threshold && state.window() <= threshold + MSS,
                "a segment at most for a window of acknowledgments: " + state.window());
    }

    @Test
    @Origin("smoltcp:socket::tcp::congestion::reno::congestion_avoidance_works")
    @Origin("RFC 5681 3.1")
    void shouldGrowByOneSegmentEachRoundTripInAvoidance() {
        final CongestionControl state = reno();
        state.onLoss(20 * MSS, MSS);
        assertEquals(10 * MSS, state.window());
        assertEquals(10 * MSS, state.threshold());
        for (int round = 1; round <= 5; round++) {
            final int window = state.window();
            for (int acknowledged = 0; acknowledged < window; acknowledged += MSS) {
                state.onAcknowledged(MSS, MSS, round, RTT, false);
            }
            assertEquals((10 + round) * MSS, state.window());
        }
    }

    @ParameterizedTest
    @CsvSource({"RENO, 20, 10", "RENO, 3, 2", "RENO, 1, 2", "CUBIC, 20, 14", "CUBIC, 1, 2"})
    @Origin("smoltcp:socket::tcp::congestion::reno::reno_min_cwnd")
    @Origin("RFC 5681 3.1, equation 4")
    void shouldFallToOneSegmentAfterATimeout(
            final CongestionAlgorithm algorithm, final int inFlight, final int threshold) {
        final CongestionControl state = new CongestionControl(algorithm, MSS);
        state.onTimeout(inFlight * MSS, MSS, false);
        assertEquals(MSS, state.window());
        assertEquals(threshold * MSS, state.threshold());
        assertTrue(state.inSlowStart());
    }

    @ParameterizedTest
    @EnumSource(
            value = CongestionAlgorithm.class,
            names = {"RENO", "CUBIC"})
    @Origin("smoltcp:socket::tcp::congestion::reno::repeated_rto_holds_ssthresh")
    @Origin("smoltcp:socket::tcp::congestion::cubic::repeated_rto_holds_ssthresh")
    @Origin("RFC 5681 3.1")
    void shouldKeepTheThresholdWhenTheSameDataTimesOutAgain(final CongestionAlgorithm algorithm) {
        final CongestionControl state = new CongestionControl(algorithm, MSS);
        state.onTimeout(20 * MSS, MSS, false);
        final int threshold = state.threshold();
        state.onTimeout(MSS, MSS, true);
        assertEquals(threshold, state.threshold());
        assertEquals(MSS, state.window());
    }

    @ParameterizedTest
    @EnumSource(
            value = CongestionAlgorithm.class,
            names = {"RENO", "CUBIC"})
    @Origin("RFC 9937 6.4")
    void shouldGoOnWithTheThresholdWhenRecoveryEnds(final CongestionAlgorithm algorithm) {
        final CongestionControl state = new CongestionControl(algorithm, MSS);
        state.onLoss(20 * MSS, MSS);
        state.onRecovered();
        assertEquals(state.threshold(), state.window());
    }

    @ParameterizedTest
    @EnumSource(
            value = CongestionAlgorithm.class,
            names = {"RENO", "CUBIC"})
    @Origin("RFC 4015 3.2")
    void shouldGoBackToTheWindowBeforeWhenNothingWasLost(final CongestionAlgorithm algorithm) {
        final CongestionControl state = new CongestionControl(algorithm, MSS);
        state.onLoss(10 * MSS, MSS);
        state.undo();
        assertEquals(10 * MSS, state.window());
        assertEquals(CongestionControl.UNLIMITED, state.threshold());
        state.onLoss(10 * MSS, MSS);
        final int window = state.window();
        final int threshold = state.threshold();
        state.onTimeout(8 * MSS, MSS, false);
        state.undo();
        assertEquals(window, state.window());
        assertEquals(threshold, state.threshold());
    }

    @Test
    @Origin("RFC 5681 4.1")
    void shouldFallToTheInitialWindowAfterIdling() {
        final CongestionControl state = reno();
        for (int i = 0; i < 30; i++) {
            state.onAcknowledged(MSS, MSS, i, RTT, false);
        }
        state.onIdle(MSS, 0);
        assertEquals(10 * MSS, state.window());
        state.onTimeout(10 * MSS, MSS, false);
        state.onIdle(MSS, 0);
        assertEquals(MSS, state.window(), "never up");
    }

    /**
     * RFC 9438 section 4.2: after a reduction from W_max to 0.7 W_max, the window is W_max again after
     * K = cbrt(0.3 W_max / 0.4) seconds, flat there, and as far beyond after another K.
     */
    @Test
    @Origin("RFC 9438 4.2, figures 1 and 2")
    @Origin("smoltcp:socket::tcp::congestion::cubic::congestion_avoidance_works")
    void shouldFollowTheCubicFunction() {
        final CongestionControl state = cubic();
        final int segments = 1000;
        state.window = segments * MSS;
        state.threshold = state.window;
        state.onLoss(segments * MSS, MSS);
        assertEquals(700 * MSS, state.window());
        final double k = Math.cbrt(0.3 * segments / 0.4);
        assertEquals(9.086, k, 0.001);
        long now = 1_000_000;
        final long start = now;
        while (now - start < 2 * k * 1e6) {
            // One round trip of 100 ms: the whole window is acknowledged, segment by segment.
            final int acknowledgments = state.window() / MSS;
            for (int i = 0; i < acknowledgments; i++) {
                state.onAcknowledged(MSS, MSS, now, RTT, false);
            }
            now += RTT;
            // The window follows the function at a time between now and a round trip ahead.
            final double t = (now - start) / 1e6;
            final double low = (0.4 * Math.pow(t - RTT / 1e6 - k, 3) + segments) * MSS;
            final double high = (0.4 * Math.pow(t + RTT / 1e6 - k, 3) + segments) * MSS;
            assertTrue(
                    state.window() >= low - 2 * MSS && state.window() <= high + 2 * MSS,
                    () -> "window " + state.window() + " at " + t + " s, not between " + low + " and " + high);
        }
    }

    /** A round trip in which the whole window is acknowledged. */
    private static void round(final CongestionControl state, final long now) {
        for (int left = state.window() / MSS; left > 0; left--) {
            state.onAcknowledged(MSS, MSS, now, RTT, false);
        }
    }

    @Test
    @Origin("RFC 9438 5.8")
    void shouldGoOnWhereItWasWhenTheApplicationWasTheLimitForAWhile() {
        final CongestionControl state = cubic();
        state.window = 100 * MSS;
        state.threshold = state.window;
        state.onLoss(100 * MSS, MSS);
        long now = 1_000_000;
        for (int i = 0; i < 10; i++, now += RTT) {
            round(state, now);
        }
        final int before = state.window();
        final CongestionControl busy = cubic();
        busy.window = 100 * MSS;
        busy.threshold = busy.window;
        busy.onLoss(100 * MSS, MSS);
        for (int i = 0; i <= 10; i++) {
            round(busy, 1_000_000 + i * RTT);
        }
        for (int i = 0; i < 600; i++, now += RTT) {
            state.onUnused(now);
        }
        assertEquals(before, state.window());
        round(state, now);
        assertEquals(busy.window(), state.window(), 2 * MSS, "as if there had been no minute");
    }

    @Test
    @Origin("RFC 9438 4.8")
    void shouldGrowFromWhereAvoidanceBeginsAfterATimeout() {
        final CongestionControl state = cubic();
        state.window = 100 * MSS;
        state.threshold = state.window;
        state.onTimeout(100 * MSS, MSS, false);
        state.onRecovered();
        assertEquals(70 * MSS, state.window());
        final long start = 1_000_000;
        for (long now = start; now <= start + 2_000_000; now += RTT) {
            round(state, now);
        }
        // 0.4 t^3 beyond 70, or what Reno would have; the concave part towards 100 would be at 93 by now.
        assertTrue(state.window() <= 86 * MSS, "window: " + state.window());
    }

    @Test
    void shouldHalveWhenSlowStartEndsWithALoss() {
        final CongestionControl state = cubic();
        state.onAcknowledged(10 * MSS, MSS, 1, RTT, true);
        assertEquals(20 * MSS, state.window());
        state.onLoss(20 * MSS, MSS);
        assertEquals(10 * MSS, state.window(), "what passed a round trip before");
        assertEquals(20 * MSS, state.maxWindow);
        state.onLoss(10 * MSS, MSS);
        assertEquals(7 * MSS, state.window());
    }

    @Test
    void shouldNotHalveWhenNothingWasDoubled() {
        final CongestionControl first = cubic();
        first.onLoss(10 * MSS, MSS);
        assertEquals(7 * MSS, first.window(), "the initial window");
        final CongestionControl slowed = cubic();
        slowed.window = 20 * MSS;
        slowed.slowRounds = 0;
        slowed.onLoss(20 * MSS, MSS);
        assertEquals(14 * MSS, slowed.window(), "growth had slowed already");
    }

    @Test
    @Origin("RFC 9438 4.7")
    @Origin("smoltcp:socket::tcp::congestion::cubic::fast_convergence_reduces_w_max")
    void shouldGiveRoomWhenTheNextLossComesEarlier() {
        final CongestionControl state = cubic();
        state.window = 100 * MSS;
        state.onLoss(100 * MSS, MSS);
        assertEquals(100.0 * MSS, state.maxWindow, 0.1);
        state.window = 80 * MSS;
        state.onLoss(80 * MSS, MSS);
        assertEquals(0.85 * 80 * MSS, state.maxWindow, 0.1);
    }

    @Test
    @Origin("RFC 9438 4.3")
    void shouldNotBeSlowerThanRenoOnShortPaths() {
        final CongestionControl state = cubic();
        state.window = 20 * MSS;
        state.threshold = state.window;
        state.onLoss(20 * MSS, MSS);
        assertEquals(14 * MSS, state.window());
        long now = 1_000_000;
        final int shortRtt = 1_000;
        for (int round = 0; round < 20; round++) {
            final int acknowledgments = state.window() / MSS;
            for (int i = 0; i < acknowledgments; i++) {
                state.onAcknowledged(MSS, MSS, now, shortRtt, false);
            }
            now += shortRtt;
        }
        // Reno with this reduction grows by 3 * 0.3 / 1.7 segments each round trip until it is where it was, then by 1.
        final double expected = 14 + 0.529 * 11.3 + (20 - 11.3);
        assertEquals(expected, state.window() / (double) MSS, 1.0);
    }

    @Test
    @Origin("RFC 9438 4.4")
    void shouldNotGrowByMoreThanHalfEachRoundTrip() {
        final CongestionControl state = cubic();
        state.window = 1000 * MSS;
        state.onLoss(1000 * MSS, MSS);
        state.onAcknowledged(MSS, MSS, 1_000_000, RTT, false);
        final int before = state.window();
        // An hour later the function is sky-high.
        int acknowledged = 0;
        while (acknowledged < before) {
            state.onAcknowledged(MSS, MSS, 3_600_000_000L, RTT, false);
            acknowledged += MSS;
        }
        assertTrue(state.window() <= before * 1.7, "from " + before + " to " + state.window());
    }

    @Test
    void shouldNotOverflowWhateverIsAcknowledged() {
        for (final CongestionAlgorithm algorithm : EnumSet.complementOf(EnumSet.of(CongestionAlgorithm.BBR))) {
            final CongestionControl state = new CongestionControl(algorithm, 65_000);
            state.window = Integer.MAX_VALUE - 10;
            state.onAcknowledged(1 << 30, 65_000, 5, RTT, false);
            assertTrue(state.window() > 0);
            state.onLoss(1 << 30, 65_000);
            for (int i = 0; i < 1000; i++) {
                state.onAcknowledged(1 << 30, 65_000, 1_000_000_000L * i, RTT, false);
                assertTrue(state.window() > 0 && state.window() <= CongestionControl.MAX_WINDOW);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = CongestionAlgorithm.class,
            names = {"RENO", "CUBIC"})
    @Origin("smoltcp:socket::tcp::congestion::reno::zero_length_ack_does_not_grow_window")
    @Origin("smoltcp:socket::tcp::congestion::reno::zero_length_ack_does_not_exit_fast_recovery")
    @Origin("smoltcp:socket::tcp::congestion::cubic::zero_length_ack_does_not_exit_fast_recovery")
    void shouldNotMoveForWhatAcknowledgesNothing(final CongestionAlgorithm algorithm) {
        final CongestionControl state = new CongestionControl(algorithm, MSS);
        state.onAcknowledged(0, MSS, 1, RTT, false);
        assertEquals(10 * MSS, state.window());
        state.onLoss(10 * MSS, MSS);
        final int window = state.window();
        state.onAcknowledged(0, MSS, 2, RTT, false);
        assertEquals(window, state.window());
        assertEquals(state.threshold(), state.window());
    }

    @ParameterizedTest
    @EnumSource(
            value = CongestionAlgorithm.class,
            names = {"RENO", "CUBIC"})
    @Origin("smoltcp:socket::tcp::congestion::reno::fast_recovery_works")
    @Origin("smoltcp:socket::tcp::congestion::cubic::fast_recovery_works")
    void shouldAvoidCongestionAfterRecovery(final CongestionAlgorithm algorithm) {
        final CongestionControl state = new CongestionControl(algorithm, MSS);
        state.onLoss(10 * MSS, MSS);
        state.onRecovered();
        assertEquals(algorithm == CongestionAlgorithm.RENO ? 5 * MSS : 7 * MSS, state.window());
        final int window = state.window();
        state.onAcknowledged(MSS, MSS, 30_000, RTT, false);
        assertTrue(state.window() < window + MSS, "less than a segment for each acknowledgment");
    }

    @ParameterizedTest
    @EnumSource(
            value = CongestionAlgorithm.class,
            names = {"RENO", "CUBIC"})
    @Origin("smoltcp:socket::tcp::congestion::reno::test_reno")
    @Origin("smoltcp:socket::tcp::congestion::reno::reno_set_rwnd")
    void shouldStayWithinItsLimitsWhateverHappens(final CongestionAlgorithm algorithm) {
        final java.util.SplittableRandom random = new java.util.SplittableRandom(1);
        final CongestionControl state = new CongestionControl(algorithm, MSS);
        long now = 0;
        for (int i = 0; i < 200_000; i++) {
            now += random.nextInt(200_000);
            switch (random.nextInt(50)) {
                case 0 -> state.onLoss(random.nextInt(1 << 30), MSS);
                case 1 -> state.onTimeout(random.nextInt(1 << 30), MSS, random.nextBoolean());
                case 2 -> state.onRecovered();
                case 3 -> state.undo();
                case 4 -> state.onIdle(MSS, 0);
                case 5 -> state.onRoundTrip(random.nextInt(1_000_000), i, i + 10);
                default -> state.onAcknowledged(random.nextInt(1 << 24), MSS, now, RTT, false);
            }
            assertTrue(state.window() >= MSS && state.window() <= CongestionControl.MAX_WINDOW, "step " + i);
            assertTrue(state.threshold() >= 2 * MSS, "step " + i);
        }
    }
}

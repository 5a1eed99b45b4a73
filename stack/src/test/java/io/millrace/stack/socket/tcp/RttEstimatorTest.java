package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;

class RttEstimatorTest {
    private static final int MIN = 1;
    private static final int MAX = 60_000_000;

    @Test
    @Origin("RFC 6298 2.1")
    void shouldStartAtOneSecond() {
        final RttEstimator rtt = new RttEstimator(1_000_000);
        assertEquals(1_000_000, rtt.rto(MAX));
        assertEquals(0, rtt.smoothed());
    }

    @Test
    @Origin("RFC 6298 2.2")
    @Origin("RFC 6298 2.3")
    void shouldFollowTheFormulas() {
        final RttEstimator rtt = new RttEstimator(1_000_000);
        rtt.sample(100_000, MIN, MAX);
        assertEquals(100_000, rtt.smoothed());
        assertEquals(50_000, rtt.variation());
        assertEquals(300_000, rtt.rto(MAX));
        rtt.sample(180_000, MIN, MAX);
        // RTTVAR = 3/4 * 50 + 1/4 * |100 - 180| = 57.5; SRTT = 7/8 * 100 + 1/8 * 180 = 110.
        assertEquals(57_500, rtt.variation());
        assertEquals(110_000, rtt.smoothed());
        assertEquals(340_000, rtt.rto(MAX));
        rtt.sample(110_000, MIN, MAX);
        assertEquals(43_125, rtt.variation());
        assertEquals(110_000, rtt.smoothed());
        assertEquals(282_500, rtt.rto(MAX));
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_rtt_estimator")
    void shouldComeDownToTheRoundTripWhenThatIsSteady() {
        final int[] milliseconds = {
            6000, 5000, 4252, 3692, 3272, 2956, 2720, 2540, 2408, 2308, 2232, 2176, 2132, 2100, 2076, 2060, 2048, 2036,
            2028, 2024, 2020, 2016, 2012, 2012
        };
        final RttEstimator rtt = new RttEstimator(1_000_000);
        for (final int expected : milliseconds) {
            rtt.sample(2_000_000, MIN, MAX);
            assertEquals(expected, rtt.rto(MAX) / 1000.0, 12, "but for what each rounds");
        }
    }

    @Test
    void shouldConvergeAndKeepTheLeastMargin() {
        final RttEstimator rtt = new RttEstimator(1_000_000);
        for (int i = 0; i < 100; i++) {
            rtt.sample(50_000, 200_000, MAX);
        }
        assertEquals(50_000, rtt.smoothed());
        assertEquals(250_000, rtt.rto(MAX));
    }

    @Test
    @Origin("RFC 6298 5.5")
    void shouldDoubleUpToTheLimitAndNoFurther() {
        final RttEstimator rtt = new RttEstimator(1_000_000);
        int expected = 1_000_000;
        for (int i = 0; i < 100; i++) {
            assertEquals(expected, rtt.rto(MAX));
            rtt.backOff();
            expected = Math.min(MAX, expected * 2);
        }
        rtt.resetBackoff();
        assertEquals(1_000_000, rtt.rto(MAX));
    }

    @Test
    @Origin("RFC 6298 5.7")
    void shouldStartAtThreeSecondsAfterALostSyn() {
        final RttEstimator rtt = new RttEstimator(1_000_000);
        rtt.backOff();
        rtt.restartAfterLostSyn(3_000_000);
        assertEquals(3_000_000, rtt.rto(MAX));
        rtt.sample(10_000, 200_000, MAX);
        assertEquals(210_000, rtt.rto(MAX));
    }

    @Test
    void shouldStandAnySample() {
        final RttEstimator rtt = new RttEstimator(1_000_000);
        for (final long sample : new long[] {0, -5, Long.MAX_VALUE, 1, Long.MAX_VALUE, Long.MAX_VALUE, 0}) {
            rtt.sample(sample, 200_000, MAX);
            assertTrue(rtt.smoothed() > 0 && rtt.rto(MAX) > 0 && rtt.rto(MAX) <= MAX);
        }
    }
}

package io.millrace.stack.socket.tcp.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TCP Hybla: Caini and Firrincieli, 2004. */
class HyblaTest {
    private static final int MSS = 1000;

    private static CongestionControl hybla(final int roundTrip) {
        final CongestionControl state = new CongestionControl(CongestionAlgorithm.HYBLA, MSS);
        state.start(0, MSS, false, 0);
        state.onRoundTrip(roundTrip, 0, 0);
        return state;
    }

    /** Acknowledges a window of data, segment by segment. */
    private static void round(final CongestionControl state, final int roundTrip) {
        final int window = state.window();
        for (int acknowledged = 0; acknowledged < window; acknowledged += MSS) {
            state.onAcknowledged(MSS, MSS, 0, roundTrip, true);
        }
    }

    @ParameterizedTest
    @CsvSource({"1000, 20000", "25000, 20000", "50000, 40000", "75000, 80000", "100000, 160000", "37500, 28284"})
    void shouldDoubleEach25MillisecondsInSlowStart(final int roundTrip, final int window) {
        final CongestionControl state = hybla(roundTrip);
        round(state, roundTrip);
        assertEquals(window, state.window(), 10);
    }

    @ParameterizedTest
    @CsvSource({"1000, 1", "25000, 1", "50000, 4", "100000, 16", "62500, 6.25"})
    void shouldGrowBySquareOfRhoSegmentsEachRoundTripInAvoidance(final int roundTrip, final double segments) {
        final CongestionControl state = hybla(roundTrip);
        state.onLoss(2000 * MSS, MSS);
        assertEquals(1000 * MSS, state.window(), "half, as Reno");
        round(state, roundTrip);
        assertEquals(1000 * MSS + segments * MSS, state.window(), 0.02 * segments * MSS);
    }

    @Test
    void shouldNotLoseFractionsOfBytes() {
        final CongestionControl state = hybla(25_000);
        state.onLoss(20_000 * MSS, MSS);
        for (int i = 0; i < 20_000; i++) {
            state.onAcknowledged(1, MSS, 0, 25_000, true); // each makes a ten-thousandth of a byte
        }
        assertEquals(10_000 * MSS + 2, state.window(), 1);
    }

    @Test
    void shouldGrowAsRenoUntilARoundTripIsKnown() {
        final CongestionControl state = new CongestionControl(CongestionAlgorithm.HYBLA, MSS);
        round(state, 100_000);
        assertEquals(20 * MSS, state.window());
    }

    @Test
    void shouldGoByTheLeastRoundTrip() {
        final CongestionControl state = hybla(50_000);
        state.onRoundTrip(200_000, 0, 0);
        round(state, 200_000);
        assertEquals(40 * MSS, state.window());
    }

    @Test
    void shouldBoundWhatARoundTripOfSecondsDoes() {
        final CongestionControl state = hybla(30_000_000);
        state.onAcknowledged(MSS, MSS, 0, 30_000_000, true);
        assertEquals(10 * MSS + ((1 << 16) - 1) * MSS, state.window());
        round(state, 30_000_000);
        assertEquals(CongestionControl.MAX_WINDOW, state.window());
    }

    @Test
    void shouldStopSlowStartAtTheThreshold() {
        final CongestionControl state = hybla(100_000);
        state.onTimeout(40 * MSS, MSS, false);
        assertEquals(MSS, state.window());
        state.onAcknowledged(MSS, MSS, 0, 100_000, false);
        assertEquals(16 * MSS, state.window());
        state.onAcknowledged(MSS, MSS, 0, 100_000, false);
        assertEquals(20 * MSS, state.window());
    }

    @Test
    @Origin("RFC 8511 3.1")
    void shouldReduceByLessForAMark() {
        final CongestionControl state = hybla(100_000);
        state.onMarked(10 * MSS, MSS, 1);
        assertEquals(8 * MSS, state.window());
        state.onLoss(10 * MSS, MSS, true);
        assertEquals(5 * MSS, state.window(), "both together as the loss alone");
    }

    @Test
    void shouldForgetAnotherAlgorithmsRoundTrips() {
        final CongestionControl state = new CongestionControl(CongestionAlgorithm.CUBIC, MSS);
        state.start(0, MSS, false, 0);
        state.onRoundTrip(400_000, 0, 10_000);
        state.algorithm(CongestionAlgorithm.HYBLA, MSS);
        round(state, 400_000);
        assertEquals(20 * MSS, state.window());
        assertTrue(state.mostGrowth() == 2);
    }
}

package io.millrace.stack.socket.tcp.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;

class SlowStartTest {
    private static final int MSS = 1000;

    private final CongestionControl state = new CongestionControl(CongestionAlgorithm.CUBIC, MSS);
    private int seq = 1;

    SlowStartTest() {
        state.start(seq, MSS, false, 0);
    }

    /** A round trip in which ten segments are acknowledged; the window grows as it does. */
    private int round(final int micros) {
        final int before = state.window();
        for (int i = 1; i <= 10; i++) {
            state.onRoundTrip(micros, seq + i * MSS, seq + (10 + i) * MSS);
            state.onAcknowledged(MSS, MSS, 0, micros, false);
        }
        seq += 10 * MSS;
        return state.window() - before;
    }

    @Test
    @Origin("RFC 9406 4.2")
    void shouldGrowExponentiallyWhileTheRoundTripIsSteady() {
        for (int i = 0; i < 5; i++) {
            assertEquals(10 * MSS, round(50_000 + i * 500));
        }
        assertTrue(state.inSlowStart());
    }

    @Test
    @Origin("RFC 9406 4.2")
    void shouldSlowDownAndThenLeaveWhenTheRoundTripRises() {
        round(50_000);
        round(50_000);
        int rounds = 0;
        while (state.threshold() == CongestionControl.UNLIMITED && rounds < 20) {
            assertTrue(round(60_000) < 10 * MSS, "slower");
            rounds++;
        }
        // The one amid which it slowed down counts; only the next one's first acknowledgment shows that it is over.
        assertEquals(SlowStart.ROUNDS + 1, rounds);
        assertFalse(state.inSlowStart());
    }

    @Test
    @Origin("RFC 9406 4.2")
    void shouldGoOnWhenTheRoundTripFallsAgain() {
        round(50_000);
        round(50_000);
        assertTrue(round(60_000) < 10 * MSS);
        round(50_000);
        assertEquals(10 * MSS, round(50_000));
        for (int i = 0; i < 8; i++) {
            assertEquals(10 * MSS, round(50_000));
        }
        assertTrue(state.inSlowStart());
    }

    @Test
    @Origin("RFC 9406 4.3")
    void shouldNotMindRisesBelowTheThreshold() {
        round(20_000);
        assertEquals(10 * MSS, round(20_000 + SlowStart.LEAST_THRESHOLD - 1));
    }
}

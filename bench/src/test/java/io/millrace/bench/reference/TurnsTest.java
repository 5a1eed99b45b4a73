package io.millrace.bench.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TurnsTest {
    @Test
    void shouldTakeTheMedianOfRatiosAndNotTheRatioOfMedians() {
        final Turns turns = Turns.of(new double[] {1, 20, 30, 4, 50}, new double[] {2, 10, 60, 1, 50});
        assertEquals(20, turns.millrace());
        assertEquals(10, turns.reference());
        assertEquals(1, turns.ratio());
        assertEquals(0.5, turns.lowRatio());
        assertEquals(2, turns.highRatio());
        assertEquals(5, turns.rounds());
        assertEquals(
                "millrace  20.00 Mpps   testpmd  10.00 Mpps   ratio 1.00 (0.50 to 2.00, 5 turns)",
                turns.text("Mpps", "testpmd"));
    }

    @Test
    void shouldSayThatThereIsNoReferenceWhenItHadNoTurn() {
        final Turns turns = Turns.of(new double[] {3, 1}, new double[0]);
        assertEquals(2, turns.millrace());
        assertEquals(0, turns.ratio());
        assertTrue(turns.text("Gbit/s", "Linux").endsWith("Linux not measured"));
    }
}

package io.millrace.bench.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class StallsTest {
    private static final long MARGIN = Stalls.MARGIN;

    @Test
    void shouldSeeNoneWhenTheClockIsLookedAtOftenEnough() {
        final Stalls stalls = new Stalls(0);
        for (long now = 0; now < 10 * MARGIN; now += Stalls.SHORTEST) {
            stalls.look(now);
        }
        assertEquals(0, stalls.count());
        assertFalse(stalls.disturbed(5 * MARGIN));
    }

    @Test
    void shouldDistrustTheTimeAroundAStallAndItsLengthAfterIt() {
        final Stalls stalls = new Stalls(10 * MARGIN);
        stalls.look(14 * MARGIN);
        assertEquals(1, stalls.count());
        assertEquals(4 * MARGIN, stalls.total());
        assertFalse(stalls.disturbed(9 * MARGIN - 1));
        assertTrue(stalls.disturbed(9 * MARGIN));
        assertTrue(stalls.disturbed(19 * MARGIN));
        assertFalse(stalls.disturbed(19 * MARGIN + 1));
    }

    @Test
    void shouldRememberALongStallBehindShortOnes() {
        final Stalls stalls = new Stalls(0);
        stalls.look(100 * MARGIN);
        stalls.look(100 * MARGIN + Stalls.SHORTEST + 1);
        stalls.look(400 * MARGIN);
        assertEquals(3, stalls.count());
        assertTrue(stalls.disturbed(150 * MARGIN));
        assertTrue(stalls.disturbed(201 * MARGIN));
        assertTrue(stalls.disturbed(500 * MARGIN));
        assertFalse(stalls.disturbed(800 * MARGIN));
    }
}

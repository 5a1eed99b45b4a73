package io.millrace.dataplane.pipeline.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class MacTableTest {
    private static final long MAC = 0x0200_0000_0001L;

    private final MacTable table = new MacTable(4, 100, new Random(1));

    @Test
    void shouldKnowAStationPerVlanWhenItWasHeard() {
        assertEquals(MacTable.LEARNED, table.learn(MAC, 0, 1, 0));
        assertEquals(MacTable.LEARNED, table.learn(MAC, 7, 2, 0));
        assertEquals(MacTable.SAME, table.learn(MAC, 7, 2, 1));
        assertEquals(1, table.port(MAC, 0, 1));
        assertEquals(2, table.port(MAC, 7, 1));
        assertEquals(MacTable.UNKNOWN, table.port(MAC, 8, 1));
    }

    @Test
    void shouldFollowAStationWhenItMoves() {
        table.learn(MAC, 0, 1, 0);
        assertEquals(MacTable.MOVED, table.learn(MAC, 0, 3, 1));
        assertEquals(3, table.port(MAC, 0, 1));
    }

    @Test
    void shouldForgetAStationWhenItIsNotHeardForTooLong() {
        table.learn(MAC, 0, 1, 0);
        table.learn(MAC + 1, 0, 1, 50);
        assertEquals(1, table.port(MAC, 0, 100));
        assertEquals(MacTable.UNKNOWN, table.port(MAC, 0, 101));
        assertEquals(1, table.sweep(2 * table.slots(), 101));
        assertEquals(1, table.size());
        assertEquals(1, table.entries(101).size());
    }

    @Test
    void shouldStayBoundedWhenThereAreTooManyStations() {
        for (int i = 0; i < 4; i++) {
            assertEquals(MacTable.LEARNED, table.learn(MAC + i, 0, 1, 0));
        }
        assertEquals(MacTable.FULL, table.learn(MAC + 4, 0, 1, 0));
        assertFalse(table.fix(MAC + 4, 0, 1));
        assertTrue(table.remove(MAC, 0));
        assertEquals(MacTable.LEARNED, table.learn(MAC + 4, 0, 1, 0));
    }

    @Test
    void shouldNeitherMoveNorAgeNorFlushWhenSetByHand() {
        assertTrue(table.fix(MAC, 0, 2));
        table.learn(MAC + 1, 0, 1, 0);
        assertEquals(MacTable.REFUSED, table.learn(MAC, 0, 1, 0));
        assertEquals(2, table.port(MAC, 0, 1_000_000));
        table.flush();
        assertEquals(1, table.size());
        assertEquals(new MacTable.Entry(MAC, 0, 2, true, 0), table.entries(5).getFirst());
        assertTrue(table.remove(MAC, 0));
        assertFalse(table.remove(MAC, 0));
    }

    @Test
    void shouldAgreeWithAMapWhenStationsComeAndGo() {
        final int most = 500;
        final MacTable large = new MacTable(most, Long.MAX_VALUE / 2, new Random(7));
        final Map<Long, Integer> reference = new HashMap<>();
        final Random random = new Random(42);
        for (int step = 0; step < 200_000; step++) {
            final long mac = random.nextInt(900);
            final int port = random.nextInt(4);
            if (random.nextInt(3) == 0) {
                assertEquals(reference.remove(mac) != null, large.remove(mac, 0));
            } else if (large.learn(mac, 0, port, 0) != MacTable.FULL) {
                reference.put(mac, port);
            } else {
                assertEquals(most, reference.size());
            }
            final long asked = random.nextInt(900);
            assertEquals(reference.getOrDefault(asked, MacTable.UNKNOWN), large.port(asked, 0, 0));
        }
        assertEquals(reference.size(), large.size());
        large.flush();
        assertEquals(0, large.size());
    }
}

package io.millrace.stack.iface.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.random.Entropy;
import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PathMtusTest {
    private static final int LINK = 9000;

    private final PathMtus paths = new PathMtus(Entropy.seeded(1));

    @Test
    @Origin("RFC 1191 3")
    @Origin("RFC 8201 4")
    void shouldLowerAndNeverRaise() {
        assertEquals(LINK, paths.get(4, 0, 1, LINK, 0));
        assertTrue(paths.lower(4, 0, 1, 1400, 9000, LINK, 0));
        assertEquals(1400, paths.get(4, 0, 1, LINK, 1));
        assertEquals(LINK, paths.get(4, 0, 2, LINK, 1));
        assertEquals(LINK, paths.get(6, 0, 1, LINK, 1));
        assertFalse(paths.lower(4, 0, 1, 1400, 9000, LINK, 1));
        assertFalse(paths.lower(4, 0, 1, 1500, 9000, LINK, 1));
        assertFalse(paths.lower(4, 0, 1, 1300, 1300, LINK, 1), "a packet that would have fitted");
        assertTrue(paths.lower(4, 0, 1, 1300, 9000, LINK, 1));
        assertEquals(1300, paths.get(4, 0, 1, LINK, 1));
        assertEquals(1280, paths.get(4, 0, 1, 1280, 1), "no more than the link takes");
    }

    @ParameterizedTest
    @Origin("RFC 8021 2")
    @CsvSource({"4, 575, false", "4, 576, true", "4, 67, false", "6, 1279, false", "6, 1280, true", "6, 0, false"})
    void shouldIgnoreWhatIsBelowTheFloor(final int family, final int reported, final boolean followed) {
        assertEquals(followed, paths.lower(family, 1, 2, reported, 9000, LINK, 0));
        assertEquals(followed ? reported : LINK, paths.get(family, 1, 2, LINK, 0));
    }

    @ParameterizedTest
    @Origin("RFC 1191 7.1")
    @CsvSource({"9000, 8166", "8166, 4352", "1500, 1492", "1492, 1006", "1006, 576", "65535, 8166"})
    void shouldGoToTheNextPlateauIfTheRouterDoesNotTell(final int length, final int expected) {
        assertTrue(paths.lower(4, 0, 1, 0, length, LINK, 0));
        assertEquals(expected, paths.get(4, 0, 1, LINK, 0));
    }

    @Test
    void shouldStayAtTheFloorIfTheRouterDoesNotTell() {
        assertTrue(paths.lower(4, 0, 1, 0, 600, LINK, 0));
        assertFalse(paths.lower(4, 0, 1, 0, 576, LINK, 0));
        assertEquals(576, paths.get(4, 0, 1, LINK, 0));
    }

    @Test
    @Origin("RFC 1191 6.3")
    void shouldForgetAfterTenMinutes() {
        paths.lower(6, 1, 2, 1400, 9000, LINK, 5);
        assertEquals(1400, paths.get(6, 1, 2, LINK, 600_000_004));
        assertEquals(LINK, paths.get(6, 1, 2, LINK, 600_000_005));
        assertTrue(paths.lower(6, 1, 2, 1450, 9000, LINK, 600_000_005));
    }

    @Test
    void shouldForgetTheOldestUnderAFloodOfReports() {
        paths.lower(6, 1, 2, 1400, 9000, LINK, 0);
        for (int i = 0; i < 100_000; i++) {
            assertTrue(paths.lower(6, 7, i, 1300, 9000, LINK, 1 + i));
            assertEquals(1300, paths.get(6, 7, i, LINK, 1 + i));
        }
        assertEquals(LINK, paths.get(6, 1, 2, LINK, 100_001));
    }
}

package io.millrace.dataplane.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DelayLineTest {
    private static final int CAPACITY = 100;

    private final DelayLine line = new DelayLine(CAPACITY);
    private final long[] out = new long[CAPACITY];

    private record Waiting(long handle, long due, long number) {}

    /** Times from a narrow range are often equal, those from a wide one seldom; a long delay fills the line. */
    @ParameterizedTest
    @CsvSource({"1, 1, 0", "2, 5, 0", "3, 50, 0", "4, 50, 60", "5, 1000000, 0", "6, 1, 300", "7, 300, 300"})
    void shouldDoAsASortedListWhenPacketsComeAndGo(final long seed, final long jitter, final long delay) {
        final SplittableRandom random = new SplittableRandom(seed);
        final PriorityQueue<Waiting> model =
                new PriorityQueue<>(Comparator.comparingLong(Waiting::due).thenComparingLong(Waiting::number));
        long number = 0;
        long now = 0;
        int fullest = 0;
        for (int step = 0; step < 20_000; step++) {
            if (random.nextInt(5) < 3 && line.room() > 0) {
                final long due = now + delay + random.nextLong(jitter);
                line.add(~number, due);
                model.add(new Waiting(~number, due, number));
                number++;
            } else if (random.nextInt(100) == 0 && !line.isEmpty()) {
                assertEquals(model.remove().handle(), line.removeFirst());
            } else {
                final int max = random.nextInt(4);
                final int taken = line.take(out, 1, max, now);
                for (int i = 0; i < taken; i++) {
                    assertEquals(model.remove().handle(), out[1 + i]);
                }
                assertTrue(taken == max || model.isEmpty() || model.element().due() > now);
            }
            now += random.nextInt(3);
            fullest = Math.max(fullest, line.size());
            assertEquals(model.size(), line.size());
            assertEquals(CAPACITY - model.size(), line.room());
            assertEquals(model.isEmpty(), line.isEmpty());
            assertEquals(model.isEmpty() ? Long.MAX_VALUE : model.element().due(), line.firstDue());
        }
        assertTrue(delay < 300 || fullest == CAPACITY, () -> "never full");
    }

    @Test
    void shouldKeepTheOrderOfThoseThatAreDueTogether() {
        line.add(1, 20);
        line.add(2, 10);
        line.add(3, 20);
        line.add(4, 10);
        assertEquals(4, line.take(out, 0, 10, 20));
        assertEquals("2 4 1 3", out[0] + " " + out[1] + " " + out[2] + " " + out[3]);
    }

    @Test
    void shouldHoldBackWhatIsNotDue() {
        line.add(1, 20);
        assertEquals(0, line.take(out, 0, 10, 19));
        assertEquals(0, line.take(out, 0, 0, 20));
        assertEquals(1, line.take(out, 0, 10, 20));
    }

    @Test
    void shouldRefuseMoreThanItHolds() {
        for (int i = 0; i < CAPACITY; i++) {
            line.add(i, -i);
        }
        assertThrows(IllegalStateException.class, () -> line.add(7, 7));
        assertEquals(CAPACITY, line.take(out, 0, CAPACITY, Long.MAX_VALUE));
        assertThrows(IllegalStateException.class, line::removeFirst);
        assertEquals(0, line.take(out, 0, CAPACITY, Long.MAX_VALUE));
    }

    @Test
    void shouldRefuseToHoldNothing() {
        assertThrows(IllegalArgumentException.class, () -> new DelayLine(0));
        assertThrows(IllegalArgumentException.class, () -> new DelayLine(Integer.MAX_VALUE));
        assertEquals(1, new DelayLine(1).room());
    }

    @Test
    void shouldAllocateNothing() {
        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        final SplittableRandom random = new SplittableRandom(9);
        final long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 50; i++) {
            line.add(i, random.nextInt(1000));
        }
        assertEquals(50, line.take(out, 0, CAPACITY, 1000));
        assertEquals(0, threads.getCurrentThreadAllocatedBytes() - before);
    }
}

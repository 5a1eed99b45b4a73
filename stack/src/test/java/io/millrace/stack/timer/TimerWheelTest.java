package io.millrace.stack.timer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimerWheelTest {
    private static final class Node extends TimerNode {}

    @Test
    void shouldDeliverAtTheDeadlineAndNotBefore() {
        final TimerWheel wheel = new TimerWheel(0);
        final Node node = new Node();
        wheel.set(node, 1_000_003);
        assertEquals(1_000_003, wheel.next());
        assertNull(wheel.poll(1_000_002));
        assertTrue(node.timerSet());
        assertSame(node, wheel.poll(1_000_003));
        assertFalse(node.timerSet());
        assertNull(wheel.poll(2_000_000));
        assertEquals(Long.MAX_VALUE, wheel.next());
    }

    @Test
    void shouldForgetWhatWasCancelledOrMoved() {
        final TimerWheel wheel = new TimerWheel(0);
        final Node cancelled = new Node();
        final Node moved = new Node();
        wheel.set(cancelled, 100);
        wheel.set(moved, 200);
        wheel.cancel(cancelled);
        wheel.cancel(cancelled);
        wheel.setNoLater(moved, 5000);
        assertEquals(200, moved.timerDeadline());
        wheel.set(moved, 5000);
        assertNull(wheel.poll(4999));
        assertSame(moved, wheel.poll(5000));
        assertEquals(0, wheel.count());
    }

    @Test
    void shouldDeliverAtOnceWhenTheDeadlineHasPassed() {
        final TimerWheel wheel = new TimerWheel(1_000_000);
        final Node node = new Node();
        wheel.set(node, 5);
        assertTrue(wheel.next() <= 1_000_000);
        assertSame(node, wheel.poll(1_000_000));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 128, 8_192, 524_288, 1L << 33, 1L << 50, Long.MAX_VALUE - 1})
    void shouldFindFarDeadlines(final long deadline) {
        final TimerWheel wheel = new TimerWheel(0);
        final Node node = new Node();
        wheel.set(node, deadline);
        assertNull(wheel.poll(deadline - 1));
        assertSame(node, wheel.poll(deadline));
    }

    @Test
    void shouldAgreeWithAListWhateverIsDone() {
        final SplittableRandom random = new SplittableRandom(1);
        long now = random.nextLong(1L << 40);
        final TimerWheel wheel = new TimerWheel(now);
        final List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            nodes.add(new Node());
        }
        for (int i = 0; i < 100_000; i++) {
            final Node node = nodes.get(random.nextInt(nodes.size()));
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> wheel.set(node, now + random.nextLong(1L << random.nextInt(1, 36)));
                case 3 -> wheel.cancel(node);
                default -> now = step(wheel, nodes, now, random);
            }
        }
    }

    private static long step(
            final TimerWheel wheel, final List<Node> nodes, final long before, final SplittableRandom random) {
        long earliest = Long.MAX_VALUE;
        for (final Node node : nodes) {
            earliest = node.timerSet() ? Math.min(earliest, node.timerDeadline()) : earliest;
        }
        assertTrue(wheel.next() <= earliest, "next() is late");
        final long now = random.nextInt(3) == 0 && wheel.next() != Long.MAX_VALUE
                ? Math.max(before, wheel.next())
                : before + random.nextLong(1L << random.nextInt(1, 30));
        for (TimerNode due = wheel.poll(now); due != null; due = wheel.poll(now)) {
            assertFalse(due.timerSet());
            assertTrue(due.timerDeadline() <= now, "early");
        }
        for (final Node node : nodes) {
            assertFalse(node.timerSet() && node.timerDeadline() <= now, "late");
        }
        assertTrue(wheel.next() > now, "time would stand still for whoever waits for next()");
        return now;
    }
}

package io.millrace.bench.serve.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeadlineListTest {
    private final List<String> expired = new ArrayList<>();
    private final DeadlineList list = new DeadlineList(10);

    @Test
    void shouldExpireInOrderWhenDeadlinesPass() {
        list.arm(entry("a"), 0);
        list.arm(entry("b"), 5);
        list.expire(9);
        assertEquals(List.of(), expired);
        list.expire(10);
        assertEquals(List.of("a"), expired);
        list.expire(15);
        assertEquals(List.of("a", "b"), expired);
        assertTrue(list.isEmpty());
    }

    @Test
    void shouldStartAnewWhenArmedAgain() {
        final var a = entry("a");
        list.arm(a, 0);
        list.arm(entry("b"), 1);
        list.arm(a, 2);
        list.expire(11);
        assertEquals(List.of("b"), expired);
        list.expire(12);
        assertEquals(List.of("b", "a"), expired);
    }

    @Test
    void shouldMoveWhenArmedInAnotherList() {
        final var other = new DeadlineList(100);
        final var a = entry("a");
        list.arm(a, 0);
        other.arm(a, 0);
        assertTrue(list.isEmpty());
        assertTrue(a.isIn(other));
        list.expire(1_000);
        assertEquals(List.of(), expired);
    }

    @Test
    void shouldForgetWhenDisarmedInTheMiddle() {
        final var b = entry("b");
        list.arm(entry("a"), 0);
        list.arm(b, 0);
        list.arm(entry("c"), 0);
        b.disarm();
        b.disarm();
        assertFalse(b.isIn(list));
        list.expireAll();
        assertEquals(List.of("a", "c"), expired);
    }

    @Test
    void shouldExpireWhenTheClockWraps() {
        list.arm(entry("a"), Long.MAX_VALUE - 2);
        list.expire(Long.MAX_VALUE);
        assertEquals(List.of(), expired);
        list.expire(Long.MIN_VALUE + 7);
        assertEquals(List.of("a"), expired);
    }

    private DeadlineList.Entry entry(String name) {
        return new DeadlineList.Entry() {
            @Override
            protected void expired() {
                expired.add(name);
            }
        };
    }
}

package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;

/** Paths that lose full segments without a word: RFC 4821, RFC 8899. */
class TcpBlackHoleTest {
    private static final int FULL = 1460;
    private static final int SMALLER = 1240;

    private static TcpHarness established() {
        return TcpHarness.established(TcpHarness.plain().sendBuffer(65_536).build(), 65_535);
    }

    /** Time passes until something is sent; returns the size of its payload. */
    private static int next(final TcpHarness h) {
        for (int i = 0; i < 1000; i++) {
            final var sent = h.takeSent();
            if (!sent.isEmpty()) {
                return sent.getFirst().payload.length;
            }
            h.advance(100_000);
        }
        throw new AssertionError("nothing was sent");
    }

    @Test
    @Origin("RFC 4821 7.7")
    void shouldSendSmallerSegmentsWhenFullOnesAreLostAgain() {
        try (TcpHarness h = established()) {
            h.write("x".repeat(4 * FULL));
            h.takeSent();
            assertEquals(FULL, next(h), "the first timeout blames congestion");
            assertEquals(SMALLER, next(h));
            assertEquals(1, h.counters.get(StackCounter.TCP_BLACK_HOLES));
            h.send(Seg.ack(1, 1 + SMALLER).win(65_535)); // this one passed
            h.takeSent().forEach(segment -> assertTrue(segment.payload.length <= SMALLER, segment::toString));
            h.send(Seg.ack(1, 1 + 4 * FULL).win(65_535));
            h.write("y".repeat(3 * FULL));
            assertEquals(SMALLER, h.takeSent().getFirst().payload.length, "others are not tried at all");
        }
    }

    @Test
    @Origin("RFC 4821 7.7")
    void shouldNotBlameTheSizeWhenSmallSegmentsAreLostToo() {
        try (TcpHarness h = established()) {
            h.write("small");
            h.takeSent();
            for (int i = 0; i < 4; i++) {
                assertEquals(5, next(h));
            }
            assertEquals(0, h.counters.get(StackCounter.TCP_BLACK_HOLES));
        }
    }

    @Test
    void shouldSendSmallerSegmentsWhenThoseThatAWindowMadeShorterAreLostAgain() {
        final int window = 1300; // less than a full segment, more than every path carries
        try (TcpHarness h =
                TcpHarness.established(TcpHarness.plain().sendBuffer(65_536).build(), window)) {
            h.write("x".repeat(2 * FULL));
            assertEquals(window, h.takeSent().getFirst().payload.length);
            assertEquals(window, next(h), "the first timeout blames congestion");
            assertEquals(SMALLER, next(h));
            assertEquals(1, h.counters.get(StackCounter.TCP_BLACK_HOLES));
            h.send(Seg.ack(1, 1 + SMALLER).win(window)); // this one passed
            h.takeSent().forEach(segment -> assertTrue(segment.payload.length <= SMALLER, segment::toString));
        }
    }

    @Test
    @Origin("RFC 8899 4.3")
    void shouldGoNoFurtherDownThanTheLeastSize() {
        try (TcpHarness h = established()) {
            h.write("x".repeat(FULL));
            h.takeSent();
            int least = FULL;
            for (int i = 0; i < 10; i++) {
                least = Math.min(least, next(h));
            }
            assertEquals(SMALLER, least);
            assertEquals(1, h.counters.get(StackCounter.TCP_BLACK_HOLES));
        }
    }
}

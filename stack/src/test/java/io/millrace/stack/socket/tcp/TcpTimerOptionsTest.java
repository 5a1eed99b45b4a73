package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Timeouts that one connection has otherwise than the stack. */
class TcpTimerOptionsTest {
    /** The configured least, and the round trip of a handshake that took no time. */
    private static final long TIMEOUT = 200_001;

    /** A connection of a listener that was told something, with three bytes on their way. */
    private static TcpHarness inFlight(final Consumer<TcpTimerOptions> set) {
        final TcpHarness h = new TcpHarness(TcpHarness.plain().build());
        set.accept(h.listen(1).options().timers());
        h.send(Seg.syn(0).mss(1460).win(8192));
        h.expect(Seg.synAck(0, 1));
        h.send(Seg.ack(1, 1).win(8192));
        h.write("abc");
        h.expect(Seg.ack(1, 1).text("abc"));
        return h;
    }

    private static void expectAfter(final TcpHarness h, final long micros) {
        h.advance(micros - 1);
        h.expectNothing();
        h.advance(1);
        h.expect(Seg.ack(1, 1).text("abc"));
    }

    @Test
    void shouldSendAgainSoonerWhenTheLeastTimeoutIsSet() {
        try (TcpHarness h = inFlight(timers -> timers.minRto(5_000))) {
            expectAfter(h, 5_001);
            expectAfter(h, 10_002);
        }
    }

    @Test
    void shouldGiveUpConnectingInTimeButNoConnection() {
        try (TcpHarness h =
                new TcpHarness(TcpHarness.plain().connectTimeout(9_000_000).build())) {
            assertEquals(9_000_000, h.connect().options().timers().connect());
            h.socket().options().timers().connect(2_500_000);
            h.poll();
            h.expect(Seg.syn(0));
            h.advance(1_000_000);
            h.expect(Seg.syn(0));
            h.advance(1_499_999);
            assertEquals(TcpState.SYN_SENT, h.state());
            h.advance(1);
            assertEquals("closed TIMEOUT", h.events.getLast());
            h.expectNothing();
        }
        try (TcpHarness h =
                new TcpHarness(TcpHarness.plain().connectTimeout(2_500_000).build())) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0));
            h.advance(2_499_999);
            h.takeSent();
            h.send(Seg.synAck(0, 1).mss(1460));
            h.expect(Seg.ack(1, 1));
            h.advance(100_000_000);
            assertEquals(TcpState.ESTABLISHED, h.state());
        }
    }

    @Test
    void shouldDoubleTheTimeoutUpToTheLongestThatIsSet() {
        try (TcpHarness h = inFlight(timers -> timers.maxRto(1_000_000))) {
            expectAfter(h, TIMEOUT);
            expectAfter(h, 2 * TIMEOUT);
            expectAfter(h, 4 * TIMEOUT);
            expectAfter(h, 1_000_000);
            expectAfter(h, 1_000_000);
        }
    }

    @Test
    void shouldNotDoubleTheTimeoutOfAThinStreamAtFirst() {
        try (TcpHarness h = inFlight(timers -> timers.thinLinearTimeouts(true))) {
            for (int i = 0; i < 1 + TcpTimerOptions.THIN_RETRIES; i++) {
                expectAfter(h, TIMEOUT);
            }
            expectAfter(h, 2 * TIMEOUT);
            expectAfter(h, 4 * TIMEOUT);
        }
    }

    @Test
    void shouldDoubleTheTimeoutWhenAStreamIsNotThin() {
        try (TcpHarness h = TcpHarness.established(TcpHarness.plain().build(), 8192)) {
            h.socket().options().timers().thinLinearTimeouts(true);
            h.write("x".repeat(4 * 1460));
            assertEquals(4, h.takeSent().size());
            h.advance(TIMEOUT);
            assertFalse(h.takeSent().isEmpty());
            h.advance(2 * TIMEOUT - 1);
            h.expectNothing();
            h.advance(1);
            assertFalse(h.takeSent().isEmpty());
        }
    }

    @Test
    void shouldAcknowledgeSoonerWhenTheDelayIsShorter() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().timers().delayedAck(10_000);
            h.send(Seg.data(1, 1, "x"));
            h.advance(9_999);
            h.expectNothing();
            h.advance(1);
            h.expect(Seg.ack(1, 2));
            h.socket().options().timers().delayedAck(0);
            h.send(Seg.data(2, 1, "y"));
            h.expect(Seg.ack(1, 3));
        }
    }

    @Test
    void shouldRefuseTimesOutOfRange() {
        try (TcpHarness h = TcpHarness.established()) {
            final TcpTimerOptions timers = h.socket().options().timers();
            assertThrows(IllegalArgumentException.class, () -> timers.minRto(999));
            assertThrows(IllegalArgumentException.class, () -> timers.minRto(60_000_001));
            assertThrows(IllegalArgumentException.class, () -> timers.maxRto(999_999));
            assertThrows(IllegalArgumentException.class, () -> timers.maxRto(120_000_001));
            assertThrows(IllegalArgumentException.class, () -> timers.delayedAck(-1));
            assertThrows(IllegalArgumentException.class, () -> timers.delayedAck(500_001));
            assertEquals(200_000, timers.minRto());
            assertEquals(60_000_000, timers.maxRto());
            assertEquals(40_000, timers.delayedAck());
        }
    }
}

package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.testkit.Origin;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is sent again: timeouts, fast retransmit, fast recovery. */
class TcpRetransmitTest {
    private static final int MSS = 1000;

    /** Sends {@code segments} full segments and forgets them; the peer's window is large. */
    private static TcpHarness inFlight(final int segments) {
        final TcpHarness h =
                new TcpHarness(TcpHarness.plain().sendBuffer(100_000).burst(64).build());
        h.listen(1);
        h.send(Seg.syn(0).mss(MSS).win(65535));
        h.expect(Seg.synAck(0, 1));
        h.send(ack(1));
        h.write("x".repeat(segments * MSS));
        assertEquals(segments, h.takeSent().size());
        return h;
    }

    private static Seg ack(final int number) {
        return Seg.ack(1, number).win(65535);
    }

    private static Seg full(final int segment) {
        return Seg.ack(1 + segment * MSS, 1).len(MSS);
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_data_retransmit")
    @Origin("smoltcp:socket::tcp::test_retransmit_exponential_backoff")
    @Origin("RFC 6298 5")
    void shouldDoubleTheTimeoutEachTime() {
        try (TcpHarness h = inFlight(1)) {
            final long timeout = 200_001; // the handshake took no time at all
            for (int i = 0; i < 5; i++) {
                h.advance((timeout << i) - 1);
                h.expectNothing();
                h.advance(1);
                h.expect(full(0));
            }
            h.send(ack(1001));
            h.advance(100_000_000);
            h.expectNothing();
        }
    }

    @Test
    @Origin("RFC 9293 3.8.3")
    void shouldGiveUpWhenNothingIsAcknowledged() {
        try (TcpHarness h = inFlight(1)) {
            h.advance(1_500_000_000L);
            assertEquals(List.of("connected", "closed TIMEOUT"), h.events);
            final List<Seg> sent = h.takeSent();
            assertEquals(16, sent.size(), "15 times the data, then a reset");
        }
    }

    @Test
    void shouldGiveUpAfterTheUserTimeout() {
        final TcpConfig config = TcpHarness.plain().userTimeout(1_000_000).build();
        try (TcpHarness h = TcpHarness.established(config, 8192)) {
            h.write("abc");
            h.advance(999_999);
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.advance(1);
            assertEquals("closed TIMEOUT", h.events.getLast());
        }
    }

    @Test
    @Origin(
            value = "smoltcp:socket::tcp::test_data_retransmit_bursts",
            differs = "a timeout has one segment repeated, and acknowledgments the others (RFC 5681 3.1)")
    @Origin("RFC 5681 3.1")
    void shouldSendOneSegmentAfterATimeoutAndTwoAfterItsAck() {
        try (TcpHarness h = inFlight(4)) {
            h.advance(210_000);
            h.expect(full(0));
            h.expectNothing();
            h.send(ack(1001));
            h.expect(full(1));
            h.expect(full(2));
            h.expectNothing();
            h.send(ack(2001));
            h.expect(full(3));
            h.expectNothing();
        }
    }

    @Test
    void shouldSkipWhatWasAcknowledgedMeanwhile() {
        try (TcpHarness h = inFlight(4)) {
            h.advance(210_000);
            h.expect(full(0));
            h.send(ack(3001));
            h.expect(full(3));
            h.send(ack(4001));
            h.advance(10_000_000);
            h.expectNothing();
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_queue_during_retransmission")
    void shouldSendNewDataAfterTheOld() {
        try (TcpHarness h = inFlight(2)) {
            h.advance(210_000);
            h.expect(full(0));
            h.write("y".repeat(MSS));
            h.expectNothing();
            h.send(ack(2001));
            h.expect(Seg.ack(2001, 1).len(MSS));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_retransmit_timer_restart_on_partial_ack")
    @Origin("RFC 6298 5.3")
    void shouldRestartTheTimerWhenSomethingNewIsAcknowledged() {
        try (TcpHarness h = inFlight(2)) {
            h.advance(150_000);
            h.send(ack(1001));
            h.advance(150_000);
            h.expectNothing();
            h.advance(700_000);
            h.expect(full(1));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_fast_retransmit_after_triple_duplicate_ack")
    @Origin("RFC 5681 3.2")
    void shouldRetransmitAfterThreeDuplicates() {
        try (TcpHarness h = inFlight(6)) {
            h.send(ack(1));
            h.send(ack(1));
            h.expectNothing();
            h.send(ack(1));
            h.expect(full(0));
            h.expectNothing();
            h.send(ack(1));
            h.expectNothing();
            assertEquals(1, h.counters.get(StackCounter.TCP_FAST_RETRANSMITS));
            h.send(ack(6001));
            h.expectNothing();
            assertEquals(0, h.socket().unacknowledged());
        }
    }

    @Test
    @Origin("RFC 6582 3.2")
    void shouldRetransmitTheNextHoleAtEachPartialAck() {
        try (TcpHarness h = inFlight(8)) {
            for (int i = 0; i < 3; i++) {
                h.send(ack(1));
            }
            h.expect(full(0));
            h.send(ack(3001));
            h.expect(full(3));
            h.send(ack(5001));
            h.expect(full(5));
            h.send(ack(8001));
            h.expectNothing();
            assertEquals(1, h.counters.get(StackCounter.TCP_FAST_RETRANSMITS), "one recovery");
            assertEquals(3, h.counters.get(StackCounter.TCP_RETRANSMITS));
        }
    }

    @Test
    @Origin("RFC 5681 3.2")
    void shouldSendNewDataWhenDuplicatesShowThatOthersHaveLeft() {
        try (TcpHarness h = inFlight(10)) {
            h.write("y".repeat(20 * MSS));
            h.expectNothing();
            h.send(ack(1));
            h.expect(full(10)); // limited transmit, RFC 3042
            h.send(ack(1));
            h.expect(full(11));
            h.send(ack(1));
            h.expect(full(0));
            h.expectNothing();
            // Cubic's threshold is 0.7 of 12 segments; each duplicate inflates the window by one.
            int sent = 0;
            for (int i = 0; i < 8; i++) {
                h.send(ack(1));
                sent += h.takeSent().size();
            }
            assertTrue(sent >= 6 && sent <= 8, "sent " + sent);
        }
    }

    @Test
    @Origin("RFC 5681 2")
    void shouldNotMistakeOtherSegmentsForDuplicates() {
        try (TcpHarness h = inFlight(4)) {
            for (int i = 0; i < 4; i++) {
                h.send(Seg.data(1 + i, 1, "a").win(65535));
            }
            for (int i = 0; i < 4; i++) {
                h.send(Seg.ack(5, 1).win(65000 - i));
            }
            h.takeSent();
            assertEquals(0, h.counters.get(StackCounter.TCP_FAST_RETRANSMITS));
        }
        try (TcpHarness h = TcpHarness.established()) {
            for (int i = 0; i < 5; i++) {
                h.send(Seg.ack(1, 1));
            }
            h.expectNothing();
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_fast_retransmit_zero_window")
    void shouldNotRetransmitIntoAClosedWindow() {
        try (TcpHarness h = inFlight(4)) {
            for (int i = 0; i < 5; i++) {
                h.send(Seg.ack(1, 1).win(0));
            }
            h.expectNothing();
            h.send(Seg.ack(1, 1).win(65535));
            h.advance(250_000);
            h.expect(full(0));
        }
    }

    @Test
    @Origin("RFC 6582 3.2")
    void shouldNotRecoverAgainForDuplicatesOfWhatATimeoutRepeated() {
        try (TcpHarness h = inFlight(6)) {
            h.advance(210_000);
            h.expect(full(0));
            for (int i = 0; i < 5; i++) {
                h.send(ack(1));
            }
            h.takeSent();
            assertEquals(0, h.counters.get(StackCounter.TCP_FAST_RETRANSMITS));
        }
    }

    @Test
    void shouldKeepToTheCongestionWindowAfterALoss() {
        try (TcpHarness h = inFlight(10)) {
            h.write("y".repeat(50 * MSS));
            h.advance(250_000);
            h.expect(full(0));
            h.expectNothing();
            h.send(ack(10_001));
            // One segment, grown by one acknowledgment in slow start, at most by what it covers up to the threshold.
            assertTrue(h.takeSent().size() <= 9);
        }
    }

    @Test
    @Origin("RFC 6298 3")
    void shouldNotTimeWhatWasSentTwice() {
        try (TcpHarness h = inFlight(1)) {
            h.advance(210_000);
            h.expect(full(0));
            h.advance(10);
            h.send(ack(1001));
            h.write("x".repeat(MSS));
            h.takeSent();
            // Karn: no sample from that acknowledgment, so the doubled timeout stays until there is one.
            h.advance(390_000);
            h.expectNothing();
            h.advance(20_000);
            h.expect(full(1));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_data_retransmit_bursts_half_ack_close")
    void shouldRepeatDataAndFinTogether() {
        try (TcpHarness h = inFlight(1)) {
            h.queue("abc");
            h.closeSocket();
            h.expect(Seg.fin(1001, 1).text("abc"));
            h.send(ack(1001));
            h.advance(210_000);
            h.expect(Seg.fin(1001, 1).text("abc"));
            h.send(ack(1005));
            assertEquals(TcpState.FIN_WAIT_2, h.state());
        }
    }
}

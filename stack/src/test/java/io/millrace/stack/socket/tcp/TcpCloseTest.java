package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How connections end: in order, at once, from both sides. */
class TcpCloseTest {
    private static final String NORMAL = "closed NORMAL";

    @Test
    void shouldNotAnswerAnAcknowledgmentWithoutTextThatIsNumberedBehindAFinAhead() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.fin(5, 1)); // behind a gap
            h.expect(Seg.ack(1, 1));
            h.send(Seg.ack(6, 1)); // else two ends that both wait for what was lost would keep each other busy
            h.expectNothing();
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_close")
    @Origin("smoltcp:socket::tcp::test_fin_wait_1_close")
    @Origin("smoltcp:socket::tcp::test_fin_wait_2_close")
    @Origin("smoltcp:socket::tcp::test_closed_close")
    void shouldDoNothingWhenClosedAgain() {
        try (TcpHarness h = ClosingStates.finWait1()) {
            h.closeSocket();
            h.expectNothing();
            assertEquals(TcpState.FIN_WAIT_1, h.state());
        }
        try (TcpHarness h = ClosingStates.finWait2()) {
            h.closeSocket();
            h.expectNothing();
        }
        try (TcpHarness h = ClosingStates.lastAck()) {
            h.closeSocket();
            h.expectNothing();
            h.send(Seg.ack(2, 2));
            h.closeSocket();
            h.expectNothing();
            assertEquals(TcpState.CLOSED, h.state());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_abort")
    void shouldResetWhenAborted() {
        try (TcpHarness h = TcpHarness.established()) {
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc"));
            h.socket().abort();
            h.poll();
            h.expect(Seg.rstAck(4, 1));
            assertEquals(List.of("closed ABORTED"), h.events);
            h.socket().abort();
            h.poll();
            h.expectNothing();
            assertEquals(1, h.events.size());
            assertEquals(-1, h.queue("x"));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_fin_wait_1_fin_ack")
    @Origin("smoltcp:socket::tcp::test_fin_wait_2_fin")
    @Origin("smoltcp:socket::tcp::test_time_wait_from_fin_wait_2_ack")
    @Origin("smoltcp:socket::tcp::test_local_close")
    void shouldPassThroughFinWaitToTimeWait() {
        try (TcpHarness h = ClosingStates.timeWait()) {
            assertEquals(List.of("readable", NORMAL), h.events);
            assertEquals(0, h.engine.connections());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_fin_wait_1_fin_fin")
    @Origin("smoltcp:socket::tcp::test_closing_ack_fin")
    @Origin("smoltcp:socket::tcp::test_time_wait_from_closing_no_ack")
    @Origin("smoltcp:socket::tcp::test_simultaneous_close")
    @Origin("RFC 9293 3.6, figure 13")
    void shouldCloseWhenBothSidesCloseAtOnce() {
        try (TcpHarness h = ClosingStates.finWait1()) {
            h.send(Seg.fin(1, 1));
            h.expect(Seg.ack(2, 2));
            assertEquals(TcpState.CLOSING, h.state());
            h.send(Seg.ack(2, 2));
            h.expectNothing();
            assertEquals(1, h.engine.timeWaits());
            assertEquals(NORMAL, h.events.getLast());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_simultaneous_close_combined_fin_ack")
    void shouldSkipFinWait2WhenFinAndAckComeTogether() {
        try (TcpHarness h = ClosingStates.finWait1()) {
            h.send(Seg.fin(1, 2));
            h.expect(Seg.ack(2, 2));
            assertEquals(1, h.engine.timeWaits());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_simultaneous_close_raced")
    void shouldAcknowledgeThePeersFinWithOurOwnWhenTheyCross() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().close(); // not polled: the FIN has not left yet
            h.deliver(Seg.fin(1, 1).text("abc"));
            h.poll();
            h.expect(Seg.fin(1, 5));
            assertEquals(TcpState.CLOSING, h.state());
            h.send(Seg.ack(5, 2));
            assertEquals("abc", h.read());
            assertEquals(NORMAL, h.events.getLast());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_fin_with_data")
    void shouldSendFinWithTheLastData() {
        try (TcpHarness h = TcpHarness.established()) {
            h.queue("abcdef");
            h.closeSocket();
            h.expect(Seg.fin(1, 1).text("abcdef"));
            h.expectNothing();
            h.send(Seg.ack(1, 4));
            assertEquals(TcpState.FIN_WAIT_1, h.state());
            h.send(Seg.ack(1, 8));
            assertEquals(TcpState.FIN_WAIT_2, h.state());
            assertEquals(-1, h.queue("more"));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_mutual_close_with_data_1")
    @Origin("smoltcp:socket::tcp::test_mutual_close_with_data_2")
    void shouldCloseBothWaysWithDataUnderWay() {
        try (TcpHarness h = TcpHarness.established()) {
            h.queue("abc");
            h.closeSocket();
            h.expect(Seg.fin(1, 1).text("abc"));
            h.send(Seg.fin(1, 5).text("de"));
            h.expect(Seg.ack(5, 4));
            assertEquals("de", h.read());
            assertEquals(NORMAL, h.events.getLast());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_fin_wait_1_recv")
    @Origin("smoltcp:socket::tcp::test_fin_wait_2_recv")
    void shouldReceiveAfterOurSideIsClosed() {
        try (TcpHarness h = ClosingStates.finWait1()) {
            h.send(Seg.data(1, 1, "abc"));
            assertEquals("abc", h.read());
            h.send(Seg.data(4, 2, "def"));
            assertEquals(TcpState.FIN_WAIT_2, h.state());
            assertEquals("def", h.read());
            assertFalse(h.socket().finished());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_close_wait_ack")
    void shouldSendAfterThePeersSideIsClosed() {
        try (TcpHarness h = ClosingStates.closeWait()) {
            assertTrue(h.socket().finished());
            assertEquals(-1, h.socket().receive(Frames.ofHex("00"), 0, 1));
            h.write("abcdef");
            h.expect(Seg.data(1, 2, "abcdef"));
            h.send(Seg.ack(2, 7));
            h.expectNothing();
            assertEquals(TcpState.CLOSE_WAIT, h.state());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_close_wait_close")
    @Origin("smoltcp:socket::tcp::test_last_ack_fin_ack")
    @Origin("smoltcp:socket::tcp::test_remote_close")
    void shouldEndWithoutTimeWaitWhenThePeerClosedFirst() {
        try (TcpHarness h = ClosingStates.lastAck()) {
            h.send(Seg.ack(2, 2));
            h.expectNothing();
            assertEquals(0, h.engine.timeWaits());
            assertEquals(List.of("readable", NORMAL), h.events);
        }
    }

    /** RFC 9293 section 3.10.7.4, seventh: text behind a FIN is ignored, also where nobody would read it. */
    @Test
    void shouldIgnoreTextBehindTheFinWhenBothSidesAreClosed() {
        try (TcpHarness h = ClosingStates.closeWait()) {
            h.queue("abc");
            h.socket().closeBoth();
            h.poll();
            h.expect(Seg.fin(1, 2).text("abc"));
            h.send(Seg.data(2, 1, "evil"));
            assertEquals(TcpState.LAST_ACK, h.state());
            h.takeSent();
            h.send(Seg.ack(2, 5));
            assertEquals(NORMAL, h.events.getLast());
        }
    }

    @Test
    @Origin("RFC 9293 3.10.5")
    void shouldSendNoResetWhenAbortedAfterBothFins() {
        try (TcpHarness h = ClosingStates.closeWait()) {
            h.closeSocket();
            h.expect(Seg.fin(1, 2));
            h.socket().abort();
            h.poll();
            h.expectNothing();
            assertEquals("closed ABORTED", h.events.getLast());
        }
        try (TcpHarness h = ClosingStates.finWait1()) {
            h.send(Seg.fin(1, 1));
            h.expect(Seg.ack(2, 2));
            h.socket().abort();
            h.poll();
            h.expectNothing();
            assertEquals("closed ABORTED", h.events.getLast());
        }
    }

    @Test
    void shouldResetWhenAbortedAfterBothSidesClosedAndThePeerCannotKnow() {
        try (TcpHarness h = ClosingStates.closeWait()) {
            h.send(Seg.ack(2, 1).win(0));
            h.queue("abc");
            h.socket().close();
            h.poll(); // the FIN waits for the window
            h.expectNothing();
            assertEquals(TcpState.LAST_ACK, h.state());
            h.socket().abort();
            h.poll();
            h.expect(Seg.rstAck(1, 2));
        }
        try (TcpHarness h = ClosingStates.finWait1()) {
            h.send(Seg.fin(1, 1).text("abc"));
            h.expect(Seg.ack(2, 5));
            h.socket().closeBoth(); // without reading it
            h.poll();
            h.expect(Seg.rstAck(2, 5));
        }
    }

    @Test
    @Origin(
            value = "smoltcp:socket::tcp::test_last_ack_ack_not_of_fin",
            differs = "an ACK of nothing new is ignored (RFC 9293 3.10.7.4), smoltcp answers it")
    @Origin("smoltcp:socket::tcp::test_last_ack_partial_ack_no_challenge_ack")
    void shouldStayInLastAckUntilTheFinIsAcknowledged() {
        try (TcpHarness h = ClosingStates.closeWait()) {
            h.queue("abc");
            h.closeSocket();
            h.expect(Seg.fin(1, 2).text("abc"));
            h.send(Seg.ack(2, 1));
            h.expectNothing();
            assertEquals(TcpState.LAST_ACK, h.state());
            h.send(Seg.ack(2, 4));
            h.expectNothing();
            assertEquals(TcpState.LAST_ACK, h.state());
            h.send(Seg.ack(2, 5));
            assertEquals(TcpState.CLOSED, h.state());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_retransmit_fin")
    @Origin("smoltcp:socket::tcp::test_retransmit_fin_wait")
    void shouldRepeatTheFinUntilItIsAcknowledged() {
        try (TcpHarness h = ClosingStates.finWait1()) {
            h.advance(250_000);
            h.expect(Seg.fin(1, 1));
            h.send(Seg.fin(1, 1));
            h.expect(Seg.ack(2, 2));
            h.advance(500_000);
            h.expect(Seg.fin(1, 2));
            h.send(Seg.ack(2, 2));
            h.advance(10_000_000);
            h.expectNothing();
        }
        try (TcpHarness h = ClosingStates.lastAck()) {
            h.advance(2_000_000_000L);
            assertEquals("closed TIMEOUT", h.events.getLast());
            assertTrue(h.takeSent().size() > 10);
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_fin_after_missing")
    void shouldWaitForMissingDataBeforeTheFinCounts() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.fin(4, 1).text("456"));
            h.expect(Seg.ack(1, 1));
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.send(Seg.data(1, 1, "123"));
            h.expect(Seg.ack(1, 8));
            assertEquals(TcpState.CLOSE_WAIT, h.state());
            assertEquals("123456", h.read());
            assertTrue(h.socket().finished());
        }
    }

    @Test
    void shouldStayInClosingUntilTheFinIsAcknowledged() {
        try (TcpHarness h = ClosingStates.finWait1()) {
            h.send(Seg.fin(1, 1));
            h.expect(Seg.ack(2, 2));
            h.send(Seg.ack(2, 1));
            assertEquals(TcpState.CLOSING, h.state());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_rst")
    @Origin("smoltcp:socket::tcp::test_rx_close_rst")
    void shouldTellWhenThePeerResets() {
        try (TcpHarness h = TcpHarness.established()) {
            h.then = new TcpHandler() {
                @Override
                public void onClosed(final TcpSocket<?> socket, final CloseReason why) {
                    assertEquals("abc", h.read(), "what came before can be read");
                }
            };
            h.send(Seg.data(1, 1, "abc"));
            h.send(Seg.rstAck(4, 1));
            h.expectNothing();
            assertEquals(List.of("readable", "closed RESET"), h.events);
            assertEquals(0, h.engine.connections());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_rst_no_ack")
    void shouldFollowAResetWithoutAck() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.rst(1));
            assertEquals(List.of("closed RESET"), h.events);
        }
    }
}

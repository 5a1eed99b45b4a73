package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.AddressInUseException;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scenarios of the life of a connection, each from the state that the one before leads to. */
class TcpScenarioTest {
    private static TcpHarness closeWait() {
        final TcpHarness h = TcpHarness.established();
        h.send(Seg.fin(1, 1));
        h.expect(Seg.ack(1, 2));
        assertEquals(TcpState.CLOSE_WAIT, h.state());
        return h;
    }

    private static TcpHarness finWait1() {
        final TcpHarness h = TcpHarness.established();
        h.closeSocket();
        h.expect(Seg.fin(1, 1));
        assertEquals(TcpState.FIN_WAIT_1, h.state());
        return h;
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_listen")
    @Origin("smoltcp:socket::tcp::test_listen_sanity")
    void shouldListenOnceAtAnEnd() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.listen(1);
            assertThrows(AddressInUseException.class, () -> h.listen(1));
            h.expectNothing();
        }
    }

    @Test
    @Origin(
            value = "smoltcp:socket::tcp::test_connect_twice",
            differs = "connecting makes a socket each time, so none can be used twice")
    @Origin("smoltcp:socket::tcp::test_syn_sent_sanity")
    void shouldConnectFromAnotherPortTheSecondTime() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            final TcpSocket<?> first = h.connect();
            final TcpSocket<?> second = h.connect();
            assertEquals(TcpState.SYN_SENT, first.state());
            assertEquals(TcpState.SYN_SENT, second.state());
            assertNotEquals(first.local().port(), second.local().port());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_syn_received_no_window_scaling")
    void shouldNotScaleWindowsWhenThePeerDoesNot() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain()
                .windowScaling(true)
                .receiveBuffer(1 << 20)
                .bufferMemory(4 << 20)
                .build())) {
            h.listen(1);
            h.send(Seg.syn(0).mss(1460).win(3000));
            h.expect(Seg.synAck(0, 1).ws(-1).win(65535));
            h.send(Seg.ack(1, 1).win(3000));
            h.write("x".repeat(4000));
            assertEquals(2, h.takeSent().size(), "3000 bytes and no more");
            assertEquals(0, h.socket().info(new TcpInfo()).sendWindowScale);
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_fin")
    void shouldAcknowledgeAFinAndWaitForOurs() {
        closeWait().close();
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_send_no_ack_send")
    void shouldSendWithoutWaitingForAnAcknowledgment() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().noDelay(true);
            h.write("abcdef");
            h.expect(Seg.data(1, 1, "abcdef"));
            h.write("foobar");
            h.expect(Seg.data(7, 1, "foobar"));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_retransmit_for_dup_ack")
    @Origin("smoltcp:socket::tcp::test_timer_retransmit")
    void shouldNotLetADuplicatePutTheTimerOff() {
        try (TcpHarness h = TcpHarness.established()) {
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc"));
            h.advance(150_000);
            h.send(Seg.ack(1, 1));
            h.expectNothing();
            h.advance(50_001);
            h.expect(Seg.data(1, 1, "abc"));
            h.advance(400_002);
            h.expect(Seg.data(1, 1, "abc"));
            h.send(Seg.ack(1, 4));
            h.advance(10_000_000);
            h.expectNothing();
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_close_wait_retransmit_reset_after_ack")
    void shouldGoOnSendingInCloseWaitAtTheWindowsPace() {
        try (TcpHarness h = TcpHarness.established(TcpHarness.plain().build(), 6)) {
            h.send(Seg.fin(1, 1).win(6));
            h.expect(Seg.ack(1, 2));
            h.write("abcdef123456ABCDEF");
            h.expect(Seg.data(1, 2, "abcdef"));
            h.advance(5_000);
            h.send(Seg.ack(2, 7).win(6));
            h.expect(Seg.data(7, 2, "123456"));
            h.advance(5_000);
            h.send(Seg.ack(2, 13).win(6));
            h.expect(Seg.data(13, 2, "ABCDEF"));
            assertEquals(0, h.counters.get(StackCounter.TCP_RETRANSMITS));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_closing_close")
    @Origin("smoltcp:socket::tcp::test_last_ack_close")
    void shouldStayClosingWhenClosedAgain() {
        try (TcpHarness h = finWait1()) {
            h.send(Seg.fin(1, 1));
            h.expect(Seg.ack(2, 2));
            h.closeSocket();
            assertEquals(TcpState.CLOSING, h.state());
            h.expectNothing();
        }
        try (TcpHarness h = closeWait()) {
            h.closeSocket();
            h.expect(Seg.fin(1, 2));
            h.closeSocket();
            assertEquals(TcpState.LAST_ACK, h.state());
            h.expectNothing();
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_closed_timeout")
    void shouldSendOneResetAndNothingMoreWhenAborted() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().userTimeout(200_000);
            h.socket().abort();
            h.expect(Seg.rstAck(1, 1));
            assertEquals(Long.MAX_VALUE, afterEvents(h));
            h.expectNothing();
        }
    }

    private static long afterEvents(final TcpHarness h) {
        h.poll();
        return h.engine.pollAt(h.now);
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_fin_wait_1_timeout")
    void shouldGiveUpInFinWait1AfterTheUserTimeout() {
        final TcpConfig config = TcpHarness.plain().userTimeout(1_000_000).build();
        try (TcpHarness h = TcpHarness.established(config, 4096)) {
            h.closeSocket();
            h.expect(Seg.fin(1, 1));
            h.advance(999_999);
            h.takeSent();
            h.advance(1);
            h.expect(Seg.rstAck(2, 1));
            assertEquals("closed TIMEOUT", h.events.getLast());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_rx_close_fin")
    @Origin("smoltcp:socket::tcp::test_rx_close_fin_in_fin_wait_1")
    @Origin("smoltcp:socket::tcp::test_rx_close_fin_in_fin_wait_2")
    void shouldReadWhatCameWithTheFinAndThenTheEnd() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.fin(1, 1).text("abc"));
            assertReadsToTheEnd(h);
        }
        try (TcpHarness h = finWait1()) {
            h.send(Seg.fin(1, 1).text("abc"));
            assertEquals(TcpState.CLOSING, h.state());
            assertReadsToTheEnd(h);
        }
        try (TcpHarness h = finWait1()) {
            h.send(Seg.ack(1, 2));
            assertEquals(TcpState.FIN_WAIT_2, h.state());
            h.send(Seg.fin(1, 2).text("abc"));
            assertEquals(TcpState.TIME_WAIT, h.state());
            assertReadsToTheEnd(h);
        }
    }

    private static void assertReadsToTheEnd(final TcpHarness h) {
        h.expect(Seg.ack(h.state() == TcpState.CLOSE_WAIT ? 1 : 2, 5));
        assertEquals("abc", h.read());
        assertEquals(-1, h.socket().receive(Frames.ofBytes(new byte[4]), 0, 4));
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_delayed_ack_win")
    void shouldNotHurryForAWindowUpdateThatIsSmall() {
        final TcpConfig config = TcpHarness.plain().delayedAck(10_000).build();
        try (TcpHarness h = TcpHarness.established(config, 4096)) {
            h.send(Seg.data(1, 1, "abc"));
            assertEquals("abc", h.read());
            h.expectNothing();
            h.advance(9_999);
            h.expectNothing();
            h.advance(1);
            h.expect(Seg.ack(1, 4));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 1024})
    @Origin("smoltcp:socket::tcp::test_buffer_wraparound_tx")
    @Origin("smoltcp:socket::tcp::test_peek_slice_buffer_wrap")
    void shouldSendAndPeekAcrossTheEdgesOfTheBuffersChunks(final int chunk) {
        final TcpConfig config =
                TcpHarness.plain().chunkSize(chunk).noDelay(true).build();
        try (TcpHarness h = TcpHarness.established(config, 8192);
                Arena arena = Arena.ofConfined()) {
            final MemorySegment peeked = arena.allocate(256);
            int at = 1;
            for (int i = 0; i < 40; i++) {
                final String text =
                        "0123456789abcdefghijklmnopqrstuvwxyz".repeat(2).substring(i % 7, 40 + i % 9);
                h.write(text);
                h.expect(Seg.data(at, at, text));
                h.send(Seg.data(at, at + text.length(), text));
                final int count = h.socket().peek(peeked, 0, 256);
                assertEquals(text, new String(Frames.bytes(peeked, 0, count), StandardCharsets.US_ASCII));
                assertEquals(text, h.read(), "what was peeked at is still there");
                at += text.length();
                h.advance(100_000);
                h.expect(Seg.ack(at, at));
            }
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_zero_window_probe_not_capped_by_cwnd")
    void shouldProbeAClosedWindowWhateverTheCongestionWindow() {
        try (TcpHarness h = TcpHarness.established(
                TcpHarness.plain().sendBuffer(60_000).bufferMemory(1 << 21).build(), 65_535)) {
            h.write("x".repeat(40_000));
            final int sent = h.takeSent().size();
            assertEquals(10, sent, "the congestion window is full");
            h.send(Seg.ack(1, 1).win(0));
            h.advance(250_000); // the timeout finds that the window was taken back
            h.takeSent();
            h.advance(1_000_000);
            assertEquals(1, h.takeSent().getFirst().payload.length);
            assertEquals(1, h.window() / 1460, "although the congestion window is one segment");
        }
    }
}

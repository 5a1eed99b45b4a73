package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.wire.TcpView;
import io.millrace.testkit.Origin;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What arrives: order, windows, acknowledgments. */
class TcpReceiveTest {
    @Test
    @Origin("RFC 2883 4")
    void shouldReportWhatCameTwice() {
        final TcpConfig config = TcpHarness.plain().sack(true).build();
        try (TcpHarness h = new TcpHarness(config)) {
            h.listen(1);
            h.send(Seg.syn(0).mss(1460).win(8192).sackOk(true));
            h.expect(Seg.synAck(0, 1).sackOk(true));
            h.send(Seg.ack(1, 1).win(8192));
            h.send(Seg.data(1, 1, "abcdef"));
            h.advance(100_000);
            h.expect(Seg.ack(1, 7).sack());
            h.send(Seg.data(1, 1, "abcdef")); // all of it old
            h.expect(Seg.ack(1, 7).sack(1, 7));
            h.send(Seg.data(4, 1, "defghi")); // half of it old
            h.expect(Seg.ack(1, 10).sack(4, 7));
            h.send(Seg.data(20, 1, "xyz"));
            h.expect(Seg.ack(1, 10).sack(20, 23));
            h.send(Seg.data(20, 1, "xyz")); // ahead of a gap, twice
            h.expect(Seg.ack(1, 10).sack(20, 23, 20, 23));
            h.send(Seg.data(30, 1, "z"));
            h.expect(Seg.ack(1, 10).sack(30, 31, 20, 23));
        }
    }

    @Test
    @Origin("RFC 2883 4")
    void shouldReportAllThatCameTwiceWhenItCameInOneBurst() {
        try (TcpHarness h = withSack()) {
            h.send(Seg.data(1, 1, "abcdef"));
            h.advance(100_000);
            h.expect(Seg.ack(1, 7).sack());
            h.deliver(Seg.data(1, 1, "abc"));
            h.deliver(Seg.data(4, 1, "def"));
            h.poll();
            h.expect(Seg.ack(1, 7).sack(1, 7));
        }
    }

    @Test
    @Origin("RFC 2883 4")
    void shouldReportTheFirstOfTwoRangesWhenBothCameTwiceInOneBurst() {
        try (TcpHarness h = withSack()) {
            h.send(Seg.data(4, 1, "def"));
            h.expect(Seg.ack(1, 1).sack(4, 7));
            h.send(Seg.data(10, 1, "jkl"));
            h.expect(Seg.ack(1, 1).sack(10, 13, 4, 7));
            h.deliver(Seg.data(1, 1, "abc"));
            h.deliver(Seg.data(4, 1, "def"));
            h.deliver(Seg.data(7, 1, "ghi"));
            h.deliver(Seg.data(10, 1, "jkl"));
            h.poll();
            h.expect(Seg.ack(1, 13).sack(4, 7));
            h.send(Seg.data(10, 1, "jkl"));
            h.expect(Seg.ack(1, 13).sack(10, 13)); // nothing is left of before
        }
    }

    @Test
    @Origin("RFC 5681 4.2")
    void shouldAnswerAFinBehindAGapEachTimeThatItComes() {
        try (TcpHarness h = withSack()) {
            for (int times = 0; times < 2; times++) {
                h.send(Seg.fin(4, 1));
                h.expect(Seg.ack(1, 1));
            }
        }
    }

    private static TcpHarness withSack() {
        final TcpHarness h = new TcpHarness(TcpHarness.plain().sack(true).build());
        h.listen(1);
        h.send(Seg.syn(0).mss(1460).sackOk(true));
        h.expect(Seg.synAck(0, 1).sackOk(true));
        h.send(Seg.ack(1, 1));
        return h;
    }

    private static TcpHarness withBuffer(final int bytes) {
        return TcpHarness.established(TcpHarness.plain().receiveBuffer(bytes).build(), 4096);
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_recv")
    @Origin("smoltcp:socket::tcp::test_delayed_ack")
    void shouldAcknowledgeAfterAWhileWhenNothingElseIsSent() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.data(1, 1, "abcdef"));
            h.expectNothing();
            h.advance(39_999);
            h.expectNothing();
            h.advance(1);
            h.expect(Seg.ack(1, 7).win(8192 - 6));
            assertEquals("abcdef", h.read());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_delayed_ack_reply")
    void shouldAcknowledgeWithTheAnswer() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.data(1, 1, "abcdef"));
            h.write("xyz");
            h.expect(Seg.data(1, 7, "xyz"));
            h.advance(100_000);
            h.expectNothing();
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_delayed_ack_every_rmss")
    @Origin("smoltcp:socket::tcp::test_delayed_ack_every_rmss_or_more")
    @Origin("RFC 5681 4.2")
    void shouldAcknowledgeEverySecondFullSegmentAtOnce() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.ack(1, 1).len(1000));
            h.expectNothing();
            h.send(Seg.ack(1001, 1).len(1000));
            h.expect(Seg.ack(1, 2001));
            h.send(Seg.ack(2001, 1).len(1000));
            h.expectNothing();
            h.send(Seg.ack(3001, 1).len(1));
            h.expect(Seg.ack(1, 3002));
        }
    }

    @Test
    void shouldAcknowledgeAtOnceAtTheStartOfAConnection() {
        try (TcpHarness h =
                TcpHarness.established(TcpHarness.plain().quickAcks(2).build(), 4096)) {
            h.send(Seg.data(1, 1, "a"));
            h.expect(Seg.ack(1, 2));
            h.send(Seg.data(2, 1, "b"));
            h.expect(Seg.ack(1, 3));
            h.send(Seg.data(3, 1, "c"));
            h.expectNothing();
        }
    }

    @Test
    void shouldAcknowledgeOnceForABurst() {
        try (TcpHarness h = TcpHarness.established()) {
            for (int i = 0; i < 4; i++) {
                h.deliver(Seg.ack(1 + 1000 * i, 1).len(1000));
            }
            h.poll();
            h.expect(Seg.ack(1, 4001));
            h.expectNothing();
            assertEquals(List.of("readable"), h.events);
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_out_of_order")
    void shouldPutSegmentsInOrder() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.data(5, 1, "efgh"));
            h.expect(Seg.ack(1, 1));
            h.send(Seg.data(9, 1, "ij"));
            h.expect(Seg.ack(1, 1));
            assertEquals(0, h.socket().readable());
            h.send(Seg.data(1, 1, "abcd"));
            h.expect(Seg.ack(1, 11));
            assertEquals("abcdefghij", h.read());
            assertEquals(2, h.counters.get(StackCounter.TCP_OUT_OF_ORDER));
        }
    }

    @Test
    void shouldKeepWhatIsNewWhenSegmentsOverlap() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.data(4, 1, "defg"));
            h.expect(Seg.ack(1, 1));
            h.send(Seg.data(1, 1, "abcdef"));
            h.expect(Seg.ack(1, 8));
            h.send(Seg.data(3, 1, "cdefghij"));
            h.expect(Seg.ack(1, 11));
            assertEquals("abcdefghij", h.read());
        }
    }

    @Test
    @Origin("RFC 9293 3.4")
    void shouldReceiveAcrossTheWrapOfSequenceNumbers() {
        final TcpHarness h = new TcpHarness(TcpHarness.plain().build());
        try (h) {
            h.remoteIss = -3;
            h.listen(1);
            h.send(Seg.syn(0).mss(1460));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.ack(1, 1));
            h.send(Seg.data(5, 1, "56789"));
            h.expect(Seg.ack(1, 1));
            h.send(Seg.data(1, 1, "1234"));
            h.expect(Seg.ack(1, 10));
            assertEquals("123456789", h.read());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_rfc2018_cases")
    @Origin("RFC 2018 4")
    void shouldReportBlocksAsRfc2018Shows() {
        // Case 2: the first of eight segments of 500 bytes is lost.
        try (TcpHarness h = withSack()) {
            for (int i = 1; i < 8; i++) {
                h.send(Seg.ack(5001 + 500 * (i - 1), 1).len(500).seq(501 + 500 * (i - 1)));
                h.expect(Seg.ack(1, 1).sack(501, 1001 + 500 * (i - 1)));
            }
        }
        // Case 3: the second, fourth, sixth and eighth are lost.
        try (TcpHarness h = withSack()) {
            h.send(Seg.ack(1, 1).len(500));
            h.advance(50_000);
            h.expect(Seg.ack(1, 501).sack());
            h.send(Seg.ack(1001, 1).len(500));
            h.expect(Seg.ack(1, 501).sack(1001, 1501));
            h.send(Seg.ack(2001, 1).len(500));
            h.expect(Seg.ack(1, 501).sack(2001, 2501, 1001, 1501));
            h.send(Seg.ack(3001, 1).len(500));
            h.expect(Seg.ack(1, 501).sack(3001, 3501, 2001, 2501, 1001, 1501));
            // The fourth arrives after all, then the second.
            h.send(Seg.ack(1501, 1).len(500));
            h.expect(Seg.ack(1, 501).sack(1001, 2501, 3001, 3501));
            h.send(Seg.ack(501, 1).len(500));
            h.expect(Seg.ack(1, 2501).sack(3001, 3501));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_sack_no_overflow_on_near_max_seqnumber")
    void shouldReportBlocksAcrossTheWrapOfSequenceNumbers() {
        final TcpHarness h = new TcpHarness(TcpHarness.plain().sack(true).build());
        try (h) {
            h.remoteIss = -20;
            h.listen(1);
            h.send(Seg.syn(0).mss(1460).sackOk(true));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.ack(1, 1));
            h.send(Seg.ack(11, 1).len(20));
            h.expect(Seg.ack(1, 1).sack(11, 31));
        }
    }

    @Test
    void shouldHoldABoundedNumberOfGaps() {
        final TcpConfig config = TcpHarness.plain().reassemblyRanges(4).build();
        try (TcpHarness h = TcpHarness.established(config, 4096)) {
            for (int i = 0; i < 10; i++) {
                h.send(Seg.data(3 + 2 * i, 1, "x"));
                h.expect(Seg.ack(1, 1));
            }
            assertEquals(6, h.counters.get(StackCounter.TCP_REASSEMBLY_LIMIT));
            assertEquals(4, h.counters.get(StackCounter.TCP_OUT_OF_ORDER));
            h.send(Seg.data(4, 1, "x"));
            h.expect(Seg.ack(1, 1));
            h.send(Seg.data(1, 1, "xx"));
            h.expect(Seg.ack(1, 6));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_old_data_ack_not_rate_limited")
    @Origin("smoltcp:socket::tcp::test_duplicate_seq_ack")
    void shouldAnswerDataOutsideTheWindowAndDropIt() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.data(1, 1, "abc"));
            h.advance(40_000);
            h.expect(Seg.ack(1, 4));
            for (int i = 0; i < 30; i++) {
                h.send(Seg.data(1, 1, "abc"));
                h.expect(Seg.ack(1, 4));
            }
            h.send(Seg.data(8193, 1, "x"));
            h.expect(Seg.ack(1, 4));
            h.send(Seg.data(-5000, 1, "x"));
            h.expect(Seg.ack(1, 4));
            assertEquals("abc", h.read());
            assertEquals(32, h.counters.get(StackCounter.TCP_OUT_OF_WINDOW));
        }
    }

    @Test
    void shouldTakeThePartThatFitsTheWindow() {
        try (TcpHarness h = withBuffer(6)) {
            h.send(Seg.data(1, 1, "abc"));
            assertEquals("abc", h.read());
            h.takeSent();
            h.send(Seg.fin(1, 1).text("abcdefghijkl"));
            h.expect(Seg.ack(1, 10));
            assertEquals("defghi", h.read());
            assertEquals(TcpState.ESTABLISHED, h.state(), "the FIN lies beyond");
        }
    }

    @Test
    void shouldTellOfTheWindowWhenTheApplicationHasRead() {
        try (TcpHarness h = withBuffer(1000)) {
            h.send(Seg.ack(1, 1).len(1000));
            h.advance(40_000);
            h.expect(Seg.ack(1, 1001).win(0));
            assertEquals(1000, h.read().length());
            h.expect(Seg.ack(1, 1001).win(1000));
        }
    }

    @Test
    @Origin("RFC 9293 3.8.6.2.2")
    void shouldNotOpenTheWindowByLittle() {
        try (TcpHarness h = withBuffer(4000)) {
            for (int i = 0; i < 4; i++) {
                h.send(Seg.ack(1 + 1000 * i, 1).len(1000));
            }
            h.takeSent();
            h.socket().consume(100);
            h.poll();
            h.expectNothing();
            h.send(Seg.data(4001, 1, "x"));
            h.expect(Seg.ack(1, 4001).win(0));
            h.socket().consume(1900);
            h.poll();
            h.expect(Seg.ack(1, 4001).win(2000));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_zero_window_ack")
    @Origin("smoltcp:socket::tcp::test_zero_window_ack_not_rate_limited")
    void shouldAnswerProbesOfAClosedWindow() {
        try (TcpHarness h = withBuffer(6)) {
            h.send(Seg.data(1, 1, "abcdef"));
            h.advance(40_000);
            h.takeSent();
            for (int i = 0; i < 30; i++) {
                h.send(Seg.data(7, 1, "g"));
                h.expect(Seg.ack(1, 7).win(0));
            }
            assertEquals("abcdef", h.read());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_zero_window_fin")
    void shouldTakeAFinIntoAClosedWindow() {
        try (TcpHarness h = withBuffer(6)) {
            h.send(Seg.data(1, 1, "abcdef"));
            h.advance(40_000);
            h.expect(Seg.ack(1, 7).win(0));
            h.send(Seg.fin(7, 1));
            h.expect(Seg.ack(1, 8));
            assertEquals(TcpState.CLOSE_WAIT, h.state());
            assertEquals("abcdef", h.read());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_close_wait_no_window_update")
    void shouldNotTellOfTheWindowWhenThePeerSendsNoMore() {
        try (TcpHarness h = withBuffer(100)) {
            h.send(Seg.fin(1, 1).len(100));
            h.expect(Seg.ack(1, 102));
            h.read();
            h.expectNothing();
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_psh_receive")
    void shouldDeliverWhetherPushedOrNot() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.data(1, 1, "abc").flags(TcpView.PSH));
            assertEquals("abc", h.read());
            h.send(Seg.data(4, 1, "def"));
            assertEquals("def", h.read());
        }
    }

    @Test
    @Origin("RFC 6093 4")
    void shouldTakeUrgentDataInLine() {
        try (TcpHarness h = TcpHarness.established()) {
            final Seg urgent = Seg.data(1, 1, "abc").flags(TcpView.URG);
            urgent.urgent = 60_000;
            h.send(urgent);
            assertEquals("abc", h.read());
        }
    }

    @Test
    void shouldNeverTakeBackWindowThatWasOffered() {
        final TcpConfig config = TcpHarness.plain()
                .windowScaling(true)
                .receiveBuffer(1 << 20)
                .bufferMemory(4 << 20)
                .build();
        try (TcpHarness h = new TcpHarness(config)) {
            h.listen(1);
            h.send(Seg.syn(0).mss(1460).ws(0));
            h.takeSent();
            h.send(Seg.ack(1, 1));
            int edge = 65_536;
            int seq = 1;
            for (int i = 0; i < 100; i++) {
                final int length = 1 + i * 7 % 1000;
                h.send(Seg.ack(seq, 1).len(length));
                seq += length;
                h.advance(40_000);
                for (final Seg ack : h.takeSent()) {
                    final int newEdge = ack.ack + (ack.window << 5);
                    assertTrue(newEdge >= edge, "from " + edge + " back to " + newEdge);
                    edge = newEdge;
                }
            }
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_peek_slice")
    void shouldLetTheApplicationReadInPlace() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.data(1, 1, "abc"));
            assertEquals(3, h.socket().readSpan());
            assertEquals(
                    'a',
                    h.socket()
                            .readMemory()
                            .get(
                                    java.lang.foreign.ValueLayout.JAVA_BYTE,
                                    h.socket().readOffset()));
            assertEquals(3, h.socket().readable());
            h.socket().consume(1);
            assertEquals("bc", h.read());
        }
    }
}

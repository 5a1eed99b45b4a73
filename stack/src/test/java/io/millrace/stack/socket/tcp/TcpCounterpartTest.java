package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.Net;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpView;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Scenarios with the same steps as another stack's tests of losses, timeouts and what is refused. */
class TcpCounterpartTest {
    private static final int MSS = 1000;
    /** The least timeout, and what the handshake measured. */
    private static final long RTO = 200_001;

    private static TcpHarness withBuffer(final int bytes) {
        return TcpHarness.established(TcpHarness.plain().receiveBuffer(bytes).build(), 4096);
    }

    /** A peer that takes segments of so many bytes. */
    private static TcpHarness withPeerMss(final int mss, final TcpConfig config) {
        final TcpHarness h = new TcpHarness(config);
        h.listen(1);
        h.send(Seg.syn(0).mss(mss).win(65_535));
        h.expect(Seg.synAck(0, 1));
        h.send(ack(1));
        h.events.clear();
        return h;
    }

    private static TcpHarness withPeerMss(final int mss) {
        return withPeerMss(mss, TcpHarness.plain().sendBuffer(100_000).burst(64).build());
    }

    private static Seg ack(final int number) {
        return Seg.ack(1, number).win(65_535);
    }

    private static Seg full(final int index) {
        return Seg.ack(1 + index * MSS, 1).len(MSS);
    }

    /** The application reads so many bytes, and the engine is polled. */
    static String read(final TcpHarness h, final int bytes) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment target = arena.allocate(bytes);
            final int count = h.socket().receive(target, 0, bytes);
            h.poll();
            return new String(Frames.bytes(target, 0, count), StandardCharsets.US_ASCII);
        }
    }

    // ---- what was lost ----------------------------------------------------------------------------------------------

    @Test
    @Origin("smoltcp:socket::tcp::test_data_retransmit_bursts_half_ack")
    void shouldRepeatOnlyTheSecondSegmentWhenTheFirstWasAcknowledged() {
        try (TcpHarness h = withPeerMss(MSS)) {
            h.write("x".repeat(2 * MSS));
            h.expect(full(0));
            h.expect(full(1));
            h.advance(5_000);
            h.send(ack(1001));
            h.advance(250_000);
            h.expect(full(1));
            h.advance(50_000);
            h.expectNothing();
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_data_retransmit_ack_more_than_expected")
    void shouldTakeAnAckOfWhatWasNotYetRepeated() {
        try (TcpHarness h = withPeerMss(MSS)) {
            h.write("x".repeat(3 * MSS));
            assertEquals(3, h.takeSent().size());
            h.advance(250_000);
            h.expect(full(0));
            h.send(ack(1001));
            h.takeSent();
            h.send(ack(3001));
            assertEquals(0, h.socket().unacknowledged());
            h.advance(5_000_000);
            h.expectNothing();
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_congestion_window_limits_data_in_flight")
    @Origin("RFC 6928 1")
    void shouldKeepToTheInitialWindow() {
        try (TcpHarness h = withPeerMss(MSS)) {
            h.write("x".repeat(20 * MSS));
            assertEquals(10, h.takeSent().size());
            h.send(ack(1001));
            assertEquals(2, h.takeSent().size(), "one that was acknowledged, and one of slow start");
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_congestion_window_doesnt_limit_fast_retransmit")
    void shouldRetransmitThoughTheWindowIsFull() {
        try (TcpHarness h = withPeerMss(MSS)) {
            h.write("x".repeat(20 * MSS));
            assertEquals(10, h.takeSent().size());
            h.send(ack(1));
            h.send(ack(1));
            h.takeSent(); // limited transmit (RFC 3042)
            h.send(ack(1));
            h.expect(full(0));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_fast_retransmit_duplicate_detection")
    void shouldCountDuplicatesAnewWhenSomethingNewIsAcknowledged() {
        try (TcpHarness h = withPeerMss(MSS)) {
            h.send(ack(1));
            h.send(ack(1)); // nothing is in flight
            h.write("x".repeat(4 * MSS));
            assertEquals(4, h.takeSent().size());
            h.send(ack(1));
            h.send(ack(1));
            h.send(ack(3001));
            h.send(ack(3001));
            h.send(ack(3001));
            h.send(ack(4001));
            h.expectNothing();
            assertEquals(0, h.counters.get(StackCounter.TCP_FAST_RETRANSMITS));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_fast_retransmit_dup_acks_counter")
    void shouldCountManyDuplicates() {
        try (TcpHarness h = withPeerMss(MSS)) {
            h.write("x".repeat(3 * MSS));
            assertEquals(3, h.takeSent().size());
            for (int i = 0; i < 70_000; i++) {
                h.send(ack(1));
            }
            h.expect(full(0));
            h.expectNothing();
            assertEquals(1, h.counters.get(StackCounter.TCP_FAST_RETRANSMITS));
        }
    }

    // ---- timeouts ---------------------------------------------------------------------------------------------------

    @Test
    @Origin("smoltcp:socket::tcp::test_connect_timeout")
    void shouldGiveUpASynAfterTheUserTimeout() {
        try (TcpHarness h =
                new TcpHarness(TcpHarness.plain().userTimeout(100_000).build())) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0));
            h.advance(99_999);
            assertEquals(TcpState.SYN_SENT, h.state());
            h.advance(1_500_000);
            assertEquals(List.of("closed TIMEOUT"), h.events);
            h.takeSent();
            h.advance(10_000_000);
            h.expectNothing();
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_timeout")
    @Origin("RFC 9293 3.8.3")
    void shouldGiveUpAfterTheUserTimeout() {
        try (TcpHarness h =
                TcpHarness.established(TcpHarness.plain().userTimeout(2_000_000).build(), 4096)) {
            h.advance(10_000_000); // nothing is under way
            h.write("abcdef");
            h.expect(Seg.data(1, 1, "abcdef"));
            h.advance(RTO);
            h.expect(Seg.data(1, 1, "abcdef"));
            h.advance(2_000_000 - RTO - 1);
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.takeSent();
            h.advance(1_500_000);
            assertEquals("closed TIMEOUT", h.events.getLast());
            final List<Seg> last = h.takeSent();
            assertEquals(TcpView.RST, last.getLast().flags & TcpView.RST);
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_last_ack_timeout")
    void shouldGiveUpAFinAfterTheUserTimeout() {
        try (TcpHarness h = ClosingStates.lastAck()) {
            h.socket().options().userTimeout(1_000_000);
            h.advance(900_000);
            assertEquals(TcpState.LAST_ACK, h.state());
            h.takeSent();
            h.advance(2_000_000);
            assertEquals("closed TIMEOUT", h.events.getLast());
            h.takeSent();
            h.advance(10_000_000);
            h.expectNothing();
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_listen_timeout")
    void shouldListenForever() {
        final TcpConfig config = TcpHarness.plain().userTimeout(100_000).build();
        try (TcpHarness h = new TcpHarness(config)) {
            h.listen(1);
            h.poll();
            assertEquals(Long.MAX_VALUE, h.engine.pollAt(h.now));
            h.advance(1_000_000);
            h.send(Seg.syn(0));
            h.expect(Seg.synAck(0, 1));
        }
    }

    // ---- what is outside of the window ------------------------------------------------------------------------------

    @Test
    @Origin("smoltcp:socket::tcp::test_established_receive_partially_outside_window")
    @Origin("smoltcp:socket::tcp::test_established_receive_partially_outside_window_fin")
    void shouldTakeThePartThatIsNewAndItsFin() {
        for (final boolean fin : new boolean[] {false, true}) {
            try (TcpHarness h = TcpHarness.established()) {
                h.send(Seg.data(1, 1, "abc"));
                assertEquals("abc", h.read());
                h.send((fin ? Seg.fin(1, 1) : Seg.ack(1, 1)).text("abcdef"));
                assertEquals("def", h.read());
                assertEquals(fin ? TcpState.CLOSE_WAIT : TcpState.ESTABLISHED, h.state());
            }
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_recv_out_of_recv_win")
    void shouldNotTakeMoreThanItTold() {
        try (TcpHarness h = withBuffer(64)) {
            h.send(Seg.ack(1, 1).len(33));
            h.advance(40_000);
            h.expect(Seg.ack(1, 34).win(31));
            assertEquals(1, read(h, 1).length());
            h.expectNothing();
            h.send(Seg.ack(34, 1).len(32));
            h.advance(40_000);
            h.expect(Seg.ack(1, 65));
            assertEquals(63, h.read().length());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_bad_seq")
    @Origin("RFC 5961 7")
    void shouldAnswerWhatHasNoTextAndIsOutsideTheWindowOnlySoOften() {
        try (TcpHarness h =
                TcpHarness.established(TcpHarness.plain().challengeAcks(1).build(), 4096)) {
            int answers = 0;
            for (int i = 0; i < 100; i++) {
                h.send(Seg.ack(9000, 1));
                answers += h.takeSent().size();
            }
            assertTrue(answers >= 1 && answers <= 10, "answered " + answers);
            h.advance(10_000_000);
            h.send(Seg.ack(9000, 1));
            h.expect(Seg.ack(1, 1));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_bad_seq_challenge_ack_updated")
    void shouldAnswerWhatIsOldWithTheNumberOfTheMoment() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.ack(0, 1));
            h.expect(Seg.ack(1, 1));
            h.advance(2_000_000);
            h.send(Seg.data(1, 1, "a"));
            h.send(Seg.ack(0, 1));
            h.expect(Seg.ack(1, 2).win(8191));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_bad_seq_syn_with_data_rate_limited")
    @Origin("RFC 5961 4.2")
    void shouldLimitTheAnswersToSynsWithText() {
        try (TcpHarness h =
                TcpHarness.established(TcpHarness.plain().challengeAcks(10).build(), 4096)) {
            int answers = 0;
            for (int i = 0; i < 100; i++) {
                h.send(Seg.syn(9000).text("abcdef"));
                answers += h.takeSent().size();
            }
            assertTrue(answers >= 1 && answers <= 10, "answered " + answers);
            assertEquals(TcpState.ESTABLISHED, h.state());
        }
    }

    @Test
    void shouldAnswerASynWhateverWasRefusedShortlyBefore() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.ack(9000, 1));
            h.expect(Seg.ack(1, 1));
            h.send(Seg.ack(9000, 1));
            h.expectNothing();
            h.send(Seg.syn(9000));
            h.expect(Seg.ack(1, 1));
            h.send(Seg.syn(9000).text("abcdef"));
            h.expect(Seg.ack(1, 1));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_bad_seq_rst_dropped_silently")
    @Origin("RFC 5961 3.2")
    void shouldDropAResetOutsideTheWindowWhateverItsText() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.rst(9000));
            h.send(Seg.rst(9000).text("abcdef"));
            h.send(Seg.rstAck(9000, 1).text("abcdef"));
            h.expectNothing();
            assertEquals(TcpState.ESTABLISHED, h.state());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_rx_close_rst_with_hole")
    @Origin("smoltcp:socket::tcp::test_rx_close_fin_with_hole")
    void shouldEndWithoutAnEndOfTheStreamWhenSomethingIsMissing() {
        for (final boolean fin : new boolean[] {false, true}) {
            try (TcpHarness h = TcpHarness.established()) {
                h.then = new TcpHandler() {
                    @Override
                    public void onClosed(final TcpSocket<?> socket, final CloseReason why) {
                        assertEquals("abc", h.read(), "what came before the gap");
                        assertFalse(socket.finished(), "the FIN does not count");
                    }
                };
                h.send(Seg.data(1, 1, "abc"));
                h.send((fin ? Seg.fin(7, 1) : Seg.ack(7, 1)).text("ghi"));
                h.expect(Seg.ack(1, 4));
                h.send(Seg.rst(10)); // not where the peer is next, as far as is known here (RFC 5961 3.2)
                h.expect(Seg.ack(1, 4));
                h.send(Seg.rst(4));
                assertEquals("closed RESET", h.events.getLast());
            }
        }
    }

    // ---- ends -------------------------------------------------------------------------------------------------------

    @Test
    @Origin("smoltcp:socket::tcp::test_time_wait_no_window_update")
    void shouldNotTellOfTheWindowInTimeWait() {
        try (TcpHarness h = withBuffer(100)) {
            h.closeSocket();
            h.expect(Seg.fin(1, 1));
            h.send(Seg.ack(1, 2));
            assertEquals(TcpState.FIN_WAIT_2, h.state());
            h.send(Seg.fin(1, 2).len(90));
            h.expect(Seg.ack(2, 92).win(9));
            assertEquals(1, h.engine.timeWaits());
            assertEquals(90, h.read().length());
            h.expectNothing();
        }
    }

    @Test
    @Origin(
            value = "smoltcp:socket::tcp::test_last_ack_duplicate_ack_challenge_ack",
            differs =
                    "an ACK of nothing new is not answered, or two ends could answer each other for ever; the FIN comes"
                            + " again anyway (RFC 9293 3.10.7.4 has it ignored)")
    void shouldNotAnswerADuplicateInLastAck() {
        try (TcpHarness h = ClosingStates.lastAck()) {
            h.send(Seg.ack(2, 1));
            h.expectNothing();
            assertEquals(TcpState.LAST_ACK, h.state());
            h.advance(250_000);
            h.expect(Seg.fin(1, 2));
            h.send(Seg.ack(2, 2));
            assertEquals(TcpState.CLOSED, h.state());
        }
    }

    // ---- whose segment it is, and what was agreed on ----------------------------------------------------------------

    @Test
    @Origin("smoltcp:socket::tcp::test_doesnt_accept_wrong_ip")
    void shouldNotTouchAConnectionWithSegmentsFromOrToOtherAddresses() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.data(1, 1, "good")); // whose header stays in the harness's memory
            Net.put32(h.wire(), TcpView.SEQ_OFFSET, TcpHarness.REMOTE_ISS + 5);
            Net.put8(h.wire(), TcpView.DATA_OFFSET_FLAGS_OFFSET + 1, TcpView.RST);
            for (final boolean from : new boolean[] {true, false}) {
                final IpRepr ip = new IpRepr();
                ip.family = IpFamily.V4;
                ip.srcLo = TcpHarness.REMOTE.address().lo() + (from ? 9 : 0);
                ip.dstLo = TcpHarness.LOCAL.address().lo() + (from ? 0 : 9);
                ip.protocol = TcpView.PROTOCOL;
                ip.payloadLength = TcpView.MIN_LENGTH;
                h.deliverRaw(TcpView.MIN_LENGTH, ip);
                h.poll();
                assertEquals(TcpState.ESTABLISHED, h.state());
            }
            assertEquals(1, h.counters.get(StackCounter.TCP_STRAY_RESET), "to the listener");
            assertEquals(1, h.counters.get(StackCounter.TCP_NO_LISTENER));
            assertEquals("good", h.read());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_tsval_disabled_in_local_client")
    void shouldNotUseTimestampsThatItDidNotOffer() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0).noTs());
            h.send(Seg.synAck(0, 1).mss(1460).ts(500, 0));
            h.expect(Seg.ack(1, 1).noTs());
            h.write("abcdef");
            h.expect(Seg.data(1, 1, "abcdef").noTs());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_syn_received_window_scaling")
    void shouldScaleThePeersWindowAsItsSynSays() {
        final TcpConfig config = TcpHarness.plain().windowScaling(true).build();
        for (int shift = 0; shift <= 14; shift++) {
            try (TcpHarness h = new TcpHarness(config)) {
                h.listen(1);
                h.send(Seg.syn(0).mss(1460).win(42).ws(shift));
                h.expect(Seg.synAck(0, 1).ws(0));
                h.send(Seg.ack(1, 1).win(42));
                assertEquals(shift, h.socket().info(new TcpInfo()).sendWindowScale);
                h.write("x".repeat(1460));
                h.expect(Seg.ack(1, 1).len(Math.min(42 << shift, 1460)));
            }
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_fast_retransmit_duplicate_detection_with_data")
    void shouldNotTakeASegmentWithDataForTheThirdDuplicate() {
        try (TcpHarness h = withPeerMss(MSS)) {
            h.write("x".repeat(2 * MSS));
            assertEquals(2, h.takeSent().size());
            h.send(ack(1));
            h.send(ack(1));
            h.send(Seg.data(1, 1, "xxxxxx").win(65_535));
            h.advance(40_000);
            h.expect(Seg.ack(2001, 7));
            h.expectNothing();
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_fast_retransmit_duplicate_detection_with_window_update")
    void shouldNotTakeAWindowUpdateForTheThirdDuplicate() {
        try (TcpHarness h = withPeerMss(MSS)) {
            h.write("x".repeat(2 * MSS));
            assertEquals(2, h.takeSent().size());
            h.send(ack(1));
            h.send(ack(1));
            h.send(Seg.ack(1, 1).win(60_000));
            h.expectNothing();
        }
    }
}

package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpCustom;
import io.millrace.stack.socket.tcp.config.TcpCustoms;
import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scenarios with the same steps as another stack's tests of windows, and of what is sent into them. */
class TcpWindowCounterpartTest {
    /** The least timeout, and what the handshake measured. */
    private static final long RTO = 200_001;

    private static TcpHarness withWindow(final int window) {
        return TcpHarness.established(TcpHarness.plain().build(), window);
    }

    private static TcpHarness withBuffer(final int bytes) {
        return TcpHarness.established(TcpHarness.plain().receiveBuffer(bytes).build(), 4096);
    }

    // ---- closed windows --------------------------------------------------------------------------------------------

    @Test
    @Origin("smoltcp:socket::tcp::test_zero_window_probe_shift")
    void shouldProbeWithTheNextByteAfterAWhileWhenOneWasTakenAndTheWindowIsStillClosed() {
        try (TcpHarness h = withWindow(6)) {
            h.write("abcdef123456");
            h.expect(Seg.data(1, 1, "abcdef"));
            h.send(Seg.ack(1, 7).win(0));
            h.advance(RTO);
            h.expect(Seg.data(7, 1, "1"));
            h.advance(2 * RTO);
            h.expect(Seg.data(7, 1, "1"));
            h.advance(100_000);
            h.send(Seg.ack(1, 8).win(0));
            h.advance(RTO - 1);
            h.expectNothing();
            h.advance(1);
            h.expect(Seg.data(8, 1, "2"));
        }
    }

    @Test
    void shouldRepeatInTimeWhatIsLostAfterALongWhileOfProbes() {
        try (TcpHarness h = withWindow(6)) {
            h.write("abcdef123456");
            h.takeSent();
            h.send(Seg.ack(1, 7).win(0));
            for (int i = 0; i < 6; i++) {
                h.advance(RTO << i);
                h.expect(Seg.data(7, 1, "1"));
            }
            h.send(Seg.ack(1, 8).win(6));
            h.expect(Seg.data(8, 1, "23456"));
            h.advance(RTO);
            h.expect(Seg.data(8, 1, "23456"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Origin("RFC 9293 3.8.6.2.1")
    void shouldNotWaitForLongBeforeASmallWindowThatWasClosedForLong(final boolean emptyProbes) {
        try (TcpHarness h = withWindow(1000)) {
            if (emptyProbes) {
                h.engine.customs(TcpCustoms.of(TcpCustom.EMPTY_WINDOW_PROBES));
            }
            h.write("a".repeat(1000));
            h.takeSent();
            h.send(Seg.ack(1, 1001).win(0));
            h.write("b".repeat(1000));
            for (int i = 0; i < 6; i++) {
                h.advance(RTO << i);
                h.takeSent();
            }
            h.send(Seg.ack(1, 1001).win(400));
            if (emptyProbes) { // else some of it was sent before
                h.expectNothing();
                h.advance(RTO);
            }
            h.expect(Seg.data(1001, 1, "b".repeat(400)));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_zero_window_probe_backoff_no_reply")
    void shouldProbeLessOftenWhenThePeerIsSilent() {
        try (TcpHarness h = withWindow(6)) {
            h.write("abcdef123");
            h.takeSent();
            h.send(Seg.ack(1, 7).win(0));
            for (int i = 0; i < 6; i++) {
                h.advance((RTO << i) - 1);
                h.expectNothing();
                h.advance(1);
                h.expect(Seg.data(7, 1, "1"));
            }
            assertEquals(6, h.counters.get(StackCounter.TCP_WINDOW_PROBES));
            assertEquals(0, h.counters.get(StackCounter.TCP_RETRANSMITS), "a probe is none");
            final TcpInfo info = h.socket().info(new TcpInfo());
            assertEquals(0, info.totalRetransmits);
            assertEquals(0, info.bytesRetransmitted);
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_zero_window_ack_on_window_growth")
    @Origin("RFC 9293 3.8.6.2.2")
    void shouldTellOfAWindowThatOpensByHalfABuffer() {
        try (TcpHarness h = withBuffer(6)) {
            h.send(Seg.data(1, 1, "abcdef"));
            h.advance(40_000);
            h.expect(Seg.ack(1, 7).win(0));
            assertEquals("abc", TcpCounterpartTest.read(h, 3));
            h.expect(Seg.ack(1, 7).win(3));
            assertEquals("def", TcpCounterpartTest.read(h, 3));
            h.expect(Seg.ack(1, 7).win(6));
            h.expectNothing();
        }
    }

    @Test
    @Origin(
            value = "smoltcp:socket::tcp::test_window_update_with_delay_ack",
            differs =
                    "what may have filled the window is acknowledged at once (RFC 5681 4.2 allows it), and the window is"
                            + " told of when half the buffer is free (RFC 9293 3.8.6.2.2)")
    void shouldTellOfTheWindowByHalvesOfTheBuffer() {
        try (TcpHarness h = withBuffer(6)) {
            h.send(Seg.data(1, 1, "abcdef"));
            h.expect(Seg.ack(1, 7).win(0));
            assertEquals("ab", TcpCounterpartTest.read(h, 2));
            h.expectNothing();
            assertEquals("c", TcpCounterpartTest.read(h, 1));
            h.expect(Seg.ack(1, 7).win(3));
            assertEquals("d", TcpCounterpartTest.read(h, 1));
            h.expectNothing();
            assertEquals("ef", TcpCounterpartTest.read(h, 2));
            h.expect(Seg.ack(1, 7).win(6));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_announce_window_after_read")
    void shouldTellOfTheWindowInWhateverIsSentNext() {
        try (TcpHarness h = withBuffer(6)) {
            h.send(Seg.data(1, 1, "abc"));
            h.advance(40_000);
            h.expect(Seg.ack(1, 4).win(3));
            assertEquals("abc", h.read());
            h.expect(Seg.ack(1, 4).win(6));
            h.send(Seg.data(7, 1, "def"));
            h.expect(Seg.ack(1, 4).win(6));
            h.send(Seg.data(4, 1, "abc"));
            h.expect(Seg.ack(1, 10).win(0));
            assertEquals("abcdef", h.read());
            h.expect(Seg.ack(1, 10).win(6));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_buffer_wraparound_rx")
    void shouldReceiveAcrossTheEndOfTheBuffer() {
        final TcpConfig config =
                TcpHarness.plain().receiveBuffer(64).chunkSize(64).build();
        try (TcpHarness h = TcpHarness.established(config, 4096)) {
            int at = 1;
            for (int i = 0; i < 20; i++) {
                final String text = "abcdefghijklmnopqrstuvwxyz0123456789".substring(i % 5);
                h.send(Seg.data(at, 1, text));
                at += text.length();
                assertEquals(text, h.read());
                h.advance(100_000);
                h.takeSent();
            }
            h.send(Seg.ack(at, 1).len(64));
            assertEquals(64, h.read().length());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_sliding_window_recv")
    void shouldTellOfTheWindowInTheUnitsThatWereAgreedOn() {
        final TcpConfig config =
                TcpHarness.plain().windowScaling(true).receiveBuffer(262_143).build();
        try (TcpHarness h = new TcpHarness(config)) {
            h.listen(1);
            h.send(Seg.syn(0).mss(1460).win(4096).ws(0));
            h.expect(Seg.synAck(0, 1).ws(2));
            h.send(Seg.ack(1, 1));
            h.send(Seg.ack(1, 1).len(1400));
            h.advance(40_000);
            h.expect(Seg.ack(1, 1401).win((262_143 - 1400) >> 2));
        }
    }

    @Test
    @Origin(
            value = "smoltcp:socket::tcp::test_established_send_window_shrink",
            differs =
                    "an acknowledgment has the number of the window's edge, as Linux's: the next one lies outside of the"
                            + " window, and the peer would drop it (RFC 9293 3.10.7.4)")
    void shouldAcknowledgeFromWithinAWindowThatShrank() {
        try (TcpHarness h = withWindow(6)) {
            h.write("abcdef");
            h.expect(Seg.data(1, 1, "abcdef"));
            h.send(Seg.data(1, 1, "xyzxyz").win(3));
            h.write("foobar");
            h.advance(40_000);
            h.expect(Seg.ack(4, 7));
            h.expectNothing();
        }
    }

    // ---- in pieces, at the pace of the window -----------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Origin("smoltcp:socket::tcp::test_established_retransmit_reset_after_ack")
    @Origin("smoltcp:socket::tcp::test_fin_wait_1_retransmit_reset_after_ack")
    @Origin("smoltcp:socket::tcp::test_fin_wait_1_fin_with_data_queued")
    void shouldSendAtThePaceOfTheWindow(final boolean closed) {
        try (TcpHarness h = withWindow(6)) {
            h.write("abcdef123456ABCDEF");
            if (closed) {
                h.closeSocket();
            }
            h.expect(Seg.data(1, 1, "abcdef"));
            h.expectNothing();
            h.advance(5_000);
            h.send(Seg.ack(1, 7).win(6));
            assertEquals(closed ? TcpState.FIN_WAIT_1 : TcpState.ESTABLISHED, h.state());
            h.expect(Seg.data(7, 1, "123456"));
            h.advance(5_000);
            h.send(Seg.ack(1, 13).win(6));
            h.expect((closed ? Seg.fin(13, 1) : Seg.ack(13, 1)).text("ABCDEF"));
            h.expectNothing();
            assertEquals(0, h.counters.get(StackCounter.TCP_RETRANSMITS));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_send_fin")
    void shouldAcknowledgeThePeersFinWithWhatIsToBeSent() {
        try (TcpHarness h = TcpHarness.established()) {
            h.queue("abcdef"); // not polled: nothing has left yet
            h.deliver(Seg.fin(1, 1));
            h.poll();
            h.expect(Seg.data(1, 2, "abcdef"));
            h.expectNothing();
            assertEquals(TcpState.CLOSE_WAIT, h.state());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_simultaneous_close_raced_with_data")
    void shouldAcknowledgeThePeersFinWithOurDataAndFinWhenTheyCross() {
        try (TcpHarness h = TcpHarness.established()) {
            h.queue("abcdef");
            h.socket().close(); // not polled: nothing has left yet
            h.deliver(Seg.fin(1, 1));
            h.poll();
            h.expect(Seg.fin(1, 2).text("abcdef"));
            assertEquals(TcpState.CLOSING, h.state());
            h.send(Seg.ack(2, 8));
            h.expectNothing();
            assertEquals(1, h.engine.timeWaits());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_nagle_works_with_reduced_payload_from_options")
    void shouldNotHoldBackASegmentThatOptionsMakeFull() {
        final TcpConfig config = TcpHarness.plain().timestamps(true).build();
        try (TcpHarness h = new TcpHarness(config)) {
            h.listen(1);
            h.send(Seg.syn(0).mss(100).win(8192).ts(1, 0));
            h.takeSent();
            h.send(Seg.ack(1, 1).win(8192).ts(1, 0));
            h.write("abcdef");
            h.expect(Seg.data(1, 1, "abcdef"));
            h.write("x".repeat(88));
            h.expect(Seg.ack(7, 1).len(88));
            h.write("held back");
            h.expectNothing();
        }
    }
}

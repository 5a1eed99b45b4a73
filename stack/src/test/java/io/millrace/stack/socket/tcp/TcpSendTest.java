package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.stack.wire.TcpView;
import io.millrace.testkit.Origin;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is sent, and when: segment sizes, the peer's window, Nagle, probes. */
class TcpSendTest {
    /** Retransmission timeout after a handshake that took no time: the least, and the least round trip. */
    private static final long RTO = 200_001;

    private static TcpHarness withWindow(final int window) {
        return TcpHarness.established(TcpHarness.plain().build(), window);
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_send")
    @Origin("smoltcp:socket::tcp::test_psh_transmit")
    void shouldPushWhatEmptiesTheBuffer() {
        try (TcpHarness h = withWindow(8192)) {
            h.write("x".repeat(2000));
            final List<Seg> sent = h.takeSent();
            assertEquals(2, sent.size(), "Nagle waits for small segments only");
            assertEquals(0, sent.get(0).flags & TcpView.PSH);
            final Seg last = sent.get(1);
            assertEquals(540, last.payload.length);
            assertEquals(TcpView.PSH, last.flags & TcpView.PSH);
            h.send(Seg.ack(1, 2001).win(8192));
            h.expectNothing();
            assertEquals(8192, h.socket().writable());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_nagle")
    void shouldHoldASmallSegmentBackWhileOthersAreNotAcknowledged() {
        try (TcpHarness h = withWindow(8192)) {
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc"));
            h.write("def");
            h.write("ghi");
            h.expectNothing();
            h.send(Seg.ack(1, 4).win(8192));
            h.expect(Seg.data(4, 1, "defghi"));
        }
        try (TcpHarness h = withWindow(8192)) {
            h.socket().options().noDelay(true);
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc"));
            h.write("def");
            h.expect(Seg.data(4, 1, "def"));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_final_packet_in_stream_doesnt_wait_for_nagle")
    void shouldNotHoldTheLastSegmentBack() {
        try (TcpHarness h = withWindow(8192)) {
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc"));
            h.queue("def");
            h.closeSocket();
            h.expect(Seg.fin(4, 1).text("def"));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_send_buf_gt_win")
    @Origin("smoltcp:socket::tcp::test_fill_peer_window")
    void shouldFillThePeersWindowAndNoMore() {
        try (TcpHarness h = withWindow(3000)) {
            assertEquals(8192, h.queue("x".repeat(8192)));
            h.poll();
            h.expect(Seg.ack(1, 1).len(1460));
            h.expect(Seg.ack(1461, 1).len(1460));
            h.expectNothing();
            h.send(Seg.ack(1, 2921).win(3000));
            h.expect(Seg.ack(2921, 1).len(1460));
            h.expect(Seg.ack(4381, 1).len(1460));
            h.expectNothing();
        }
    }

    @Test
    @Origin("RFC 9293 3.8.6.2.1")
    void shouldUseASmallWindowWhenItIsHalfOfTheLargest() {
        try (TcpHarness h = withWindow(100)) {
            h.write("x".repeat(500));
            h.expect(Seg.ack(1, 1).len(100));
            h.send(Seg.ack(1, 101).win(50));
            h.expect(Seg.ack(101, 1).len(50));
            h.send(Seg.ack(1, 151).win(10));
            h.expectNothing();
            h.advance(300_000);
            h.expect(Seg.ack(151, 1).len(10));
        }
    }

    @Test
    void shouldLiveWithAWindowThatShrinks() {
        try (TcpHarness h = withWindow(6)) {
            h.write("abcdef123456");
            h.expect(Seg.data(1, 1, "abcdef"));
            h.send(Seg.ack(1, 1).win(3));
            h.expectNothing();
            h.send(Seg.ack(1, 7).win(6));
            h.expect(Seg.data(7, 1, "123456"));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_send_wrap")
    void shouldSendAcrossTheWrapOfSequenceNumbers() {
        final long first;
        try (TcpHarness probe = new TcpHarness(TcpHarness.plain().build())) {
            probe.poll();
            probe.connect();
            probe.poll();
            first = Integer.toUnsignedLong(probe.localIss);
        }
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            // RFC 6528's clock ticks every 4 us: at the right time, the sequence number starts just below the wrap.
            h.now += (0xFFFF_FFF0L - first) * 4;
            h.poll();
            h.connect();
            h.poll();
            assertTrue(h.localIss < 0 && h.localIss > -100, "starts at " + h.localIss);
            h.expect(Seg.syn(0));
            h.send(Seg.synAck(0, 1).mss(1460));
            h.takeSent();
            h.write("x".repeat(1000));
            h.expect(Seg.ack(1, 1).len(1000));
            h.advance(300_000);
            h.expect(Seg.ack(1, 1).len(1000));
            h.send(Seg.ack(1, 501));
            h.send(Seg.ack(1, 1001));
            h.takeSent();
            assertEquals(0, h.socket().unacknowledged());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_options_reduce_payload_when_remote_mss_limited")
    @Origin("smoltcp:socket::tcp::test_established_options_reduce_payload_when_local_mss_limited")
    @Origin("RFC 6691 2")
    void shouldTakeTheOptionsOffTheSegmentSize() {
        final TcpConfig config = TcpHarness.plain().timestamps(true).build();
        for (final int peerMss : new int[] {1000, 9000}) {
            try (TcpHarness h = new TcpHarness(config)) {
                h.listen(1);
                h.send(Seg.syn(0).mss(peerMss).win(8192).ts(1, 0));
                h.expect(Seg.synAck(0, 1).mss(1460));
                h.send(Seg.ack(1, 1).win(8192).ts(1, 0));
                h.write("x".repeat(2000));
                h.expect(Seg.ack(1, 1).len(Math.min(peerMss, 1460) - 12));
            }
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_established_tiny_mss_with_options_makes_progress")
    void shouldMakeProgressWithTheSmallestSegments() {
        final TcpConfig config =
                TcpHarness.plain().timestamps(true).minMss(28).noDelay(true).build();
        try (TcpHarness h = new TcpHarness(config)) {
            h.listen(1);
            h.send(Seg.syn(0).mss(1).win(8192).ts(1, 0));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.ack(1, 1).win(8192).ts(1, 0));
            h.write("x".repeat(40));
            h.expect(Seg.ack(1, 1).len(16));
            h.expect(Seg.ack(17, 1).len(16));
            h.expect(Seg.ack(33, 1).len(8));
        }
    }

    @Test
    void shouldSendSmallerSegmentsWhenThePathShrinks() {
        try (TcpHarness h = withWindow(8192)) {
            h.link.mtu = 1000;
            h.write("x".repeat(1500));
            h.expect(Seg.ack(1, 1).len(960));
            h.send(Seg.ack(1, 961).win(8192));
            h.expect(Seg.ack(961, 1).len(540));
            h.expectNothing();
        }
    }

    @Test
    void shouldStartWithTenSegments() {
        final TcpConfig config = TcpHarness.plain()
                .sendBuffer(65536)
                .bufferMemory(1 << 20)
                .burst(64)
                .build();
        try (TcpHarness h = TcpHarness.established(config, 65535)) {
            h.write("x".repeat(60_000));
            assertEquals(10, h.takeSent().size());
            h.send(Seg.ack(1, 1 + 10 * 1460).win(65535));
            assertEquals(18, h.takeSent().size(), "8 segments of growth for one acknowledgment");
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_zero_window_probe_enter_on_win_update")
    @Origin("smoltcp:socket::tcp::test_zero_window_probe_exit")
    @Origin("smoltcp:socket::tcp::test_zero_window_probe_backoff_nack_reply")
    void shouldProbeAClosedWindowUntilItOpens() {
        try (TcpHarness h = withWindow(6)) {
            h.write("abcdef123");
            h.expect(Seg.data(1, 1, "abcdef"));
            h.send(Seg.ack(1, 7).win(0));
            h.expectNothing();
            for (int i = 0; i < 6; i++) {
                h.advance((RTO << i) - 1);
                h.expectNothing();
                h.advance(1);
                h.expect(Seg.data(7, 1, "1"));
                h.send(Seg.ack(1, 7).win(0));
                h.expectNothing();
            }
            h.send(Seg.ack(1, 7).win(6));
            h.expect(Seg.data(7, 1, "123"));
            h.send(Seg.ack(1, 10).win(6));
            h.advance(100_000_000);
            h.expectNothing();
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_zero_window_probe_enter_on_send")
    @Origin("smoltcp:socket::tcp::test_zero_window_probe_exit_ack")
    void shouldGoOnWhenAProbeIsTaken() {
        try (TcpHarness h = withWindow(6)) {
            h.write("abcdef");
            h.expect(Seg.data(1, 1, "abcdef"));
            h.send(Seg.ack(1, 7).win(0));
            h.write("1234");
            h.expectNothing();
            h.advance(300_000);
            h.expect(Seg.data(7, 1, "1"));
            h.send(Seg.ack(1, 8).win(3));
            h.expect(Seg.data(8, 1, "234"));
        }
    }

    @Test
    void shouldGiveUpProbingWhenThePeerIsSilent() {
        final TcpConfig config = TcpHarness.plain().dataRetries(3).build();
        try (TcpHarness h = TcpHarness.established(config, 6)) {
            h.write("abcdef123");
            h.takeSent();
            h.send(Seg.ack(1, 7).win(0));
            for (int i = 0; i < 1200; i++) {
                h.advance(100_000);
                if (!h.takeSent().isEmpty()) {
                    h.send(Seg.ack(1, 7).win(0));
                }
            }
            assertEquals(TcpState.ESTABLISHED, h.state(), "a peer that answers is not given up");
            h.advance(1_000_000_000);
            assertEquals("closed TIMEOUT", h.events.getLast());
        }
    }

    @Test
    void shouldTakeNothingFromAProbeThatWasNotAcknowledged() {
        try (TcpHarness h = withWindow(6)) {
            h.write("abcdef123456");
            h.takeSent();
            h.send(Seg.ack(1, 7).win(0));
            h.advance(300_000);
            h.expect(Seg.data(7, 1, "1"));
            h.send(Seg.ack(1, 7).win(6));
            h.expect(Seg.data(7, 1, "123456"));
            assertTrue(h.counters.get(StackCounter.TCP_WINDOW_PROBES) == 1);
        }
    }

    @Test
    void shouldCallWhenTheBufferHasRoomAgain() {
        try (TcpHarness h = withWindow(65535)) {
            assertEquals(8192, h.queue("x".repeat(10_000)));
            assertEquals(0, h.queue("y"));
            assertEquals(0, h.socket().writeSpan());
            h.poll();
            h.takeSent();
            h.send(Seg.ack(1, 1461).win(65535));
            assertEquals(List.of(), h.events);
            h.send(Seg.ack(1, 4381).win(65535));
            assertEquals(List.of("writable"), h.events);
            h.send(Seg.ack(1, 5841).win(65535));
            assertEquals(List.of("writable"), h.events, "once");
        }
    }

    @Test
    void shouldSendWhatWasWrittenInPlace() {
        try (TcpHarness h = withWindow(8192)) {
            final TcpSocket<?> socket = h.socket();
            final int span = socket.writeSpan();
            assertEquals(1024, span);
            for (int i = 0; i < 3; i++) {
                socket.writeMemory()
                        .set(java.lang.foreign.ValueLayout.JAVA_BYTE, socket.writeOffset() + i, (byte) ('a' + i));
            }
            socket.commit(3);
            h.poll();
            h.expect(Seg.data(1, 1, "abc"));
        }
    }

    @Test
    void shouldTakeWhatWasWrittenInPlaceWhenItsMemoryMadeMemoryScarce() {
        // A buffer grows while three quarters of the memory are free, and the chunk of the span is the last of these.
        final TcpConfig config = TcpHarness.plain()
                .sendBuffer(4096)
                .sendBufferLimit(1 << 20)
                .bufferMemory(20 * 1024)
                .chunkSize(1024)
                .congestionControl(CongestionAlgorithm.NONE)
                .build();
        try (TcpHarness h = TcpHarness.established(config, 0)) {
            final TcpSocket<?> socket = h.socket();
            assertEquals(14 * 1024, h.queue("x".repeat(14 * 1024)));
            assertFalse(h.engine.chunks().pressed());
            final int span = socket.writeSpan();
            assertEquals(1024, span);
            assertTrue(h.engine.chunks().pressed());
            assertEquals(0, socket.writable());
            socket.commit(span);
            assertEquals(15 * 1024, socket.unacknowledged());
        }
    }
}

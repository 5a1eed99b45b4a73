package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What applications may do, above all from within their handlers. */
class TcpApiTest {
    /** An echo server that answers within the call. */
    private static final class Echo implements TcpHandler {
        @Override
        public void onReadable(final TcpSocket<?> socket) {
            for (int span = socket.readSpan(); span > 0; span = socket.readSpan()) {
                final int taken = socket.send(socket.readMemory(), socket.readOffset(), span);
                if (taken <= 0) {
                    return;
                }
                socket.consume(taken);
            }
            if (socket.finished()) {
                socket.close();
            }
        }

        @Override
        public void onWritable(final TcpSocket<?> socket) {
            onReadable(socket);
        }
    }

    @Test
    void shouldAnswerInTheSamePoll() {
        try (TcpHarness h = TcpHarness.established()) {
            h.then = new Echo();
            h.send(Seg.data(1, 1, "abc"));
            h.expect(Seg.data(1, 4, "abc"));
            h.send(Seg.fin(4, 4));
            h.expect(Seg.fin(4, 5));
            h.send(Seg.ack(5, 5));
            assertEquals(List.of("readable", "readable", "closed NORMAL"), h.events);
        }
    }

    @Test
    void shouldTellOfRoomLaterWhenAnotherCallFillsItBefore() {
        try (TcpHarness h = TcpHarness.established(TcpHarness.plain().build(), 0xFFFF)) {
            final MemorySegment text = Frames.ofBytes(new byte[16_384]);
            assertEquals(8192, h.socket().send(text, 0, 9000), "there is no room for the rest: it waits");
            h.poll();
            h.takeSent();
            h.then = new TcpHandler() {
                @Override
                public void onReadable(final TcpSocket<?> socket) {
                    assertEquals(8192, socket.send(text, 0, socket.writable()));
                    h.then = new TcpHandler() {};
                }
            };
            h.send(Seg.data(1, 1 + 8192, "a").win(0xFFFF));
            assertEquals(List.of("readable"), h.events);
            h.takeSent();
            h.send(Seg.ack(2, 1 + 16_384).win(0xFFFF));
            assertEquals(List.of("readable", "writable"), h.events);
        }
    }

    @Test
    void shouldAllowAbortInEveryCall() {
        for (final String when : List.of("connected", "readable", "writable")) {
            try (TcpHarness h =
                    new TcpHarness(TcpHarness.plain().sendBuffer(2000).build())) {
                h.then = aborting(when);
                h.listen(1);
                h.send(Seg.syn(0).mss(1460));
                h.send(Seg.ack(1, 1));
                if (!when.equals("connected")) {
                    h.queue("x".repeat(3000));
                    h.send(Seg.data(1, 1, "abc"));
                    h.send(Seg.ack(4, 1461));
                }
                h.poll();
                assertEquals("closed ABORTED", h.events.getLast(), when);
                assertEquals(1, Collections.frequency(h.events, "closed ABORTED"));
                assertEquals(0, h.engine.connections());
                h.takeSent();
            }
        }
    }

    private static TcpHandler aborting(final String when) {
        return new TcpHandler() {
            @Override
            public void onConnected(final TcpSocket<?> socket) {
                abortIf(socket, "connected");
            }

            @Override
            public void onReadable(final TcpSocket<?> socket) {
                abortIf(socket, "readable");
            }

            @Override
            public void onWritable(final TcpSocket<?> socket) {
                abortIf(socket, "writable");
            }

            @Override
            public void onClosed(final TcpSocket<?> socket, final CloseReason why) {
                socket.abort();
                socket.close();
                assertEquals(-1, socket.send(Frames.ofHex("00"), 0, 1));
            }

            private void abortIf(final TcpSocket<?> socket, final String now) {
                if (now.equals(when)) {
                    socket.abort();
                }
            }
        };
    }

    @Test
    void shouldAllowConnectAndCloseOfOthersInACall() {
        try (TcpHarness h = TcpHarness.established()) {
            final AtomicReference<TcpSocket<?>> second = new AtomicReference<>();
            final TcpSocket<?> first = h.socket();
            h.then = new TcpHandler() {
                @Override
                public void onReadable(final TcpSocket<?> socket) {
                    second.set(h.engine.connect(TcpHarness.REMOTE, new TcpHandler() {}));
                    first.abort();
                }
            };
            h.localIssKnown = true;
            h.send(Seg.data(1, 1, "abc"));
            h.expect(Seg.rstAck(1, 4));
            assertEquals(TcpState.SYN_SENT, second.get().state());
            assertEquals(1, h.takeSent().size());
            h.poll();
            assertEquals(List.of("readable", "closed ABORTED"), h.events);
        }
    }

    @Test
    void shouldReportWhatAHandlerThrowsAndGoOn() {
        try (TcpHarness h = TcpHarness.established()) {
            h.then = new TcpHandler() {
                @Override
                public void onReadable(final TcpSocket<?> socket) {
                    throw new IllegalArgumentException("oops");
                }
            };
            h.send(Seg.data(1, 1, "abc"));
            assertEquals(1, h.failures.size());
            h.expect(Seg.rstAck(1, 4));
            h.poll();
            assertEquals(List.of("readable", "closed ABORTED"), h.events);
        }
    }

    @Test
    void shouldHandEventsToTheNewHandler() {
        try (TcpHarness h = TcpHarness.established()) {
            final StringBuilder seen = new StringBuilder();
            h.socket().attachment("mine");
            h.socket().handler(new TcpHandler() {
                @Override
                public void onReadable(final TcpSocket<?> socket) {
                    seen.append(socket.attachment()).append(' ').append(socket.readable());
                }
            });
            h.send(Seg.data(1, 1, "abc"));
            assertEquals("mine 3", seen.toString());
            assertEquals(List.of(), h.events);
        }
    }

    @Test
    void shouldRefuseCountsThatCannotBe() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.data(1, 1, "abc"));
            assertThrows(IllegalArgumentException.class, () -> h.socket().consume(4));
            assertThrows(IllegalArgumentException.class, () -> h.socket().consume(-1));
            assertThrows(IllegalArgumentException.class, () -> h.socket().commit(8193));
            assertThrows(IllegalArgumentException.class, () -> h.socket().commit(-1));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_responds_to_keep_alive")
    void shouldAnswerKeepAlives() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.ack(0, 1));
            h.expect(Seg.ack(1, 1));
            h.send(Seg.data(0, 1, "x"));
            h.expect(Seg.ack(1, 1));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_sends_keep_alive")
    @Origin("smoltcp:socket::tcp::test_established_keep_alive_timeout")
    @Origin("RFC 9293 3.8.4")
    void shouldProbeASilentPeerAndGiveItUp() {
        final TcpConfig config = TcpHarness.plain()
                .keepAliveIdle(1_000_000)
                .keepAliveInterval(100_000)
                .keepAliveProbes(3)
                .build();
        try (TcpHarness h = TcpHarness.established(config, 4096)) {
            h.advance(999_999);
            h.expectNothing();
            h.advance(1);
            h.expect(Seg.ack(0, 1));
            h.send(Seg.ack(1, 1));
            h.advance(999_000);
            h.expectNothing();
            h.advance(1_000);
            for (int i = 0; i < 3; i++) {
                h.expect(Seg.ack(0, 1));
                h.advance(100_000);
            }
            h.expect(Seg.rstAck(1, 1));
            assertEquals(List.of("closed TIMEOUT"), h.events);
        }
    }

    /**
     * RFC 9293 MUST-26, as on Linux: while the timer runs for what was sent, that finds out whether the peer is there.
     */
    @Test
    @Origin("RFC 9293 3.8.4")
    void shouldNotProbeASilentPeerWhileWhatWasSentIsNotAcknowledged() {
        final TcpConfig config = TcpHarness.plain()
                .keepAliveIdle(1_000_000)
                .keepAliveInterval(100_000)
                .keepAliveProbes(3)
                .build();
        try (TcpHarness h = TcpHarness.established(config, 4096)) {
            h.advance(500_000);
            h.write("abc");
            h.advance(20_000_000);
            assertTrue(h.takeSent().stream().allMatch(segment -> segment.seq == 1 && segment.payload.length == 3));
            assertEquals(0, h.counters.get(StackCounter.TCP_KEEP_ALIVES));
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.send(Seg.ack(1, 4));
            h.advance(999_999);
            h.expectNothing();
            h.advance(1);
            h.expect(Seg.ack(3, 1));
            h.write("defg"); // what is sent while it is asked counts as the question
            h.advance(5_000_000);
            assertEquals(1, h.counters.get(StackCounter.TCP_KEEP_ALIVES));
            h.send(Seg.ack(1, 8).win(0));
            h.queue("x");
            h.poll();
            h.takeSent();
            h.advance(5_000_000);
            assertTrue(h.takeSent().stream().allMatch(segment -> segment.seq == 8 && segment.payload.length == 1));
            assertEquals(1, h.counters.get(StackCounter.TCP_KEEP_ALIVES));
        }
    }

    @Test
    void shouldCloseEverythingInOrder() {
        try (TcpHarness h = TcpHarness.established()) {
            h.engine.closeAll();
            h.poll();
            h.expect(Seg.fin(1, 1));
            h.send(Seg.fin(1, 2));
            h.expect(Seg.ack(2, 2));
            assertEquals(0, h.engine.connections());
        }
    }

    @Test
    void shouldTellEveryConnectionWhenTheStackCloses() {
        final TcpHarness h = TcpHarness.established();
        h.write("abc");
        h.takeSent();
        h.engine.close();
        h.expect(Seg.rstAck(4, 1));
        assertEquals(List.of("closed STACK_CLOSED"), h.events);
    }

    @Test
    void shouldSendPiecesAsOneSegment() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().noDelay(true).sendBuffer(10);
            final MemorySegment[] pieces = {
                Frames.ofBytes("abc".getBytes(StandardCharsets.US_ASCII)),
                Frames.ofBytes("defgh".getBytes(StandardCharsets.US_ASCII)),
                Frames.ofBytes("ijklm".getBytes(StandardCharsets.US_ASCII))
            };
            final int taken = h.socket().sendGather(pieces, new long[] {0, 1, 0}, new int[] {3, 4, 5}, 0, 3);
            assertEquals(10, taken); // which ends within the last
            h.poll();
            h.expect(Seg.ack(1, 1).text("abcefghijk"));
            h.closeSocket();
            assertEquals(-1, h.socket().sendGather(pieces, new long[3], new int[] {3, 5, 5}, 1, 2));
        }
    }

    @Test
    void shouldHoldASmallSegmentBackWhileMoreFollows() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().noDelay(true);
            final MemorySegment text = Frames.ofBytes("abcdef".getBytes(StandardCharsets.US_ASCII));
            h.socket().send(text, 0, 3, true);
            h.poll();
            h.expectNothing();
            h.socket().send(text, 3, 1, false);
            h.poll();
            h.expect(Seg.ack(1, 1).text("abcd"));
            h.socket().send(text, 4, 2, true);
            h.poll();
            h.expectNothing();
            h.send(Seg.ack(1, 5)); // an acknowledgment is as good
            h.expect(Seg.ack(5, 1).text("ef"));
        }
    }

    @Test
    void shouldTouchNothingWhenWhatIsToBeMovedIsNotThere() {
        try (TcpHarness h = TcpHarness.established()) {
            final MemorySegment text = Frames.ofBytes("0123456789".getBytes(StandardCharsets.US_ASCII));
            final TcpSocket<?> socket = h.socket();
            assertThrows(IndexOutOfBoundsException.class, () -> socket.send(text, 0, 5_000));
            assertThrows(IndexOutOfBoundsException.class, () -> socket.send(text, -1, 2));
            assertThrows(IndexOutOfBoundsException.class, () -> socket.send(text, 0, -1));
            final MemorySegment[] pieces = {text, text};
            final long[] offsets = {0, 8};
            assertThrows(
                    IndexOutOfBoundsException.class, () -> socket.sendGather(pieces, offsets, new int[] {10, 3}, 0, 2));
            assertEquals(0, socket.unacknowledged());
            assertEquals(h.engine.chunks.capacity(), h.engine.chunks.available());
            assertEquals(2, socket.send(text, 8, 2));
            h.poll();
            h.expect(Seg.data(1, 1, "89"));
            h.send(Seg.data(1, 3, "abc"));
            assertThrows(IndexOutOfBoundsException.class, () -> socket.receive(text, 0, -1));
            assertThrows(IndexOutOfBoundsException.class, () -> socket.receive(text, 8, 3));
            assertEquals(0, socket.peek(text, 10, 0));
            assertEquals(3, socket.receive(text, 7, 3));
        }
    }
}

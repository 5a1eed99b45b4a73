package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpRuns;
import io.millrace.stack.wire.TcpView;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Segments of a burst that are one to their connection do what they would do one by one. */
class TcpReceiveRunTest {
    private static final int ROUNDS = 300;

    private static TcpHarness open(final TcpRuns runs) {
        return TcpHarness.established(TcpHarness.plain().sack(true).runs(runs).build(), 4096);
    }

    private static long coalesced(final TcpHarness h) {
        return h.counters.get(StackCounter.TCP_SEGMENTS_COALESCED);
    }

    @Test
    void shouldTellOfThemOnceWhenSegmentsFollowOnOneAnother() {
        try (TcpHarness h = open(TcpRuns.ON)) {
            h.deliver(Seg.data(1, 1, "abc").win(4096));
            h.deliver(Seg.data(4, 1, "def").win(4096));
            h.deliver(Seg.data(7, 1, "ghi").win(4096));
            h.poll();
            assertEquals(List.of("readable"), h.events);
            assertEquals(2, coalesced(h));
            assertEquals("abcdefghi", h.read());
            h.advance(100_000);
            h.expect(Seg.ack(1, 10));
            h.expectNothing();
            final TcpInfo info = new TcpInfo();
            h.socket().info(info);
            assertEquals(1 + 3, info.segmentsIn);
        }
    }

    @Test
    void shouldAcknowledgeAtOnceWhenARunHoldsTwoFullSegments() {
        try (TcpHarness h = open(TcpRuns.ON)) {
            h.deliver(Seg.data(1, 1, "x".repeat(1000)).win(4096));
            h.deliver(Seg.data(1001, 1, "y".repeat(1000)).win(4096));
            h.poll();
            h.expect(Seg.ack(1, 2001));
        }
    }

    @Test
    void shouldDelayTheNextAcknowledgmentStillWhenRunsCameBefore() {
        try (TcpHarness h = open(TcpRuns.ON)) {
            h.deliver(Seg.data(1, 1, "x".repeat(1000)).win(4096));
            h.deliver(Seg.data(1001, 1, "y".repeat(1000)).win(4096));
            h.poll();
            h.expect(Seg.ack(1, 2001));
            h.send(Seg.data(2001, 1, "z".repeat(1000)).win(4096));
            h.expectNothing(); // a full segment is one of the longest seen, not as long as a run
            h.send(Seg.data(3001, 1, "z".repeat(1000)).win(4096));
            h.expect(Seg.ack(1, 4001));
        }
    }

    @Test
    void shouldNotMakeThemOneWhenOneWasMarkedOnItsWay() {
        try (TcpHarness h = open(TcpRuns.ON)) {
            h.deliver(Seg.data(1, 1, "abc").win(4096).ecn(Ecn.CAPABLE));
            h.deliver(Seg.data(4, 1, "def").win(4096).ecn(Ecn.CONGESTED));
            h.deliver(Seg.data(7, 1, "ghi").win(4096).ecn(Ecn.CAPABLE));
            h.poll();
            assertEquals(0, coalesced(h));
            assertEquals("abcdefghi", h.read());
        }
    }

    @Test
    void shouldEndARunWhenOneIsPushed() {
        try (TcpHarness h = open(TcpRuns.ON)) {
            h.deliver(Seg.data(1, 1, "abc").win(4096));
            h.deliver(Seg.data(4, 1, "def").win(4096).flags(TcpView.PSH));
            h.deliver(Seg.data(7, 1, "ghi").win(4096));
            h.deliver(Seg.data(10, 1, "jkl").win(4096));
            h.poll();
            assertEquals(2, coalesced(h));
            assertEquals("abcdefghijkl", h.read());
        }
    }

    @Test
    void shouldTakeWhatCameBeforeWhenTheConnectionIsClosedInTheSameBurst() {
        try (TcpHarness h = open(TcpRuns.ON)) {
            h.deliver(Seg.data(1, 1, "abc").win(4096));
            h.deliver(Seg.data(4, 1, "def").win(4096));
            h.deliver(Seg.fin(7, 1).win(4096));
            h.poll();
            assertEquals("abcdef", h.read());
            h.expect(Seg.ack(1, 8));
            assertEquals(TcpState.CLOSE_WAIT, h.state());
        }
    }

    @Test
    void shouldSendWhatARunAcknowledgesRoomFor() {
        try (TcpHarness h = TcpHarness.established(TcpHarness.plain().build(), 3)) {
            h.write("abcdef");
            h.expect(Seg.data(1, 1, "abc"));
            h.deliver(Seg.data(1, 4, "x").win(3));
            h.deliver(Seg.data(2, 4, "y").win(3));
            h.poll();
            h.expect(Seg.data(4, 3, "def"));
        }
    }

    @Test
    void shouldForgetWhatWaitsWhenTheApplicationAbortsMeanwhile() {
        try (TcpHarness h = open(TcpRuns.ON)) {
            h.deliver(Seg.data(1, 1, "abc").win(4096));
            h.deliver(Seg.data(4, 1, "def").win(4096));
            h.socket().abort();
            h.poll();
            h.expect(Seg.rstAck(1, 1));
            assertEquals(List.of("closed ABORTED"), h.events);
        }
    }

    @Test
    void shouldTakeNoMoreThanTheWindowWhenARunExceedsIt() {
        try (TcpHarness h = open(TcpRuns.ON)) {
            for (int i = 0; i < 9; i++) {
                h.deliver(Seg.data(1 + 1000 * i, 1, "x".repeat(1000)).win(4096));
            }
            h.poll();
            assertEquals(8192, h.socket().readable());
        }
    }

    @Test
    void shouldComeOutTheSameAsOneByOneWhateverArrives() {
        long together = 0;
        for (int round = 0; round < ROUNDS; round++) {
            try (TcpHarness ours = open(TcpRuns.ON);
                    TcpHarness single = open(TcpRuns.OFF)) {
                final List<String> seen = transfer(ours, round);
                assertEquals(transfer(single, round), seen, "seed " + round);
                together += coalesced(ours);
                assertEquals(0, coalesced(single));
            }
        }
        assertTrue(together > ROUNDS, "runs: " + together);
    }

    /** Segments in bursts, mostly in order; returns what the application read and the peer was sent, burst by burst. */
    private static List<String> transfer(final TcpHarness h, final long seed) {
        final SplittableRandom random = new SplittableRandom(seed);
        final StringBuilder stream = new StringBuilder();
        for (int i = 0; i < 8_000; i++) {
            stream.append((char) ('a' + random.nextInt(26)));
        }
        final List<String> seen = new ArrayList<>();
        int next = 0;
        while (next < stream.length()) {
            final int burst = 1 + random.nextInt(8);
            for (int i = 0; i < burst && next < stream.length(); i++) {
                final int skipped = random.nextInt(12) == 0 ? random.nextInt(300) : 0;
                final int repeated = random.nextInt(12) == 0 ? random.nextInt(300) : 0;
                final int from = Math.max(0, Math.min(next + skipped - repeated, stream.length() - 1));
                final int to =
                        Math.min(stream.length(), from + (random.nextInt(3) == 0 ? 1 + random.nextInt(200) : 100));
                final Seg segment =
                        Seg.data(1 + from, 1, stream.substring(from, to)).win(random.nextInt(9) == 0 ? 3000 : 4096);
                if (random.nextInt(9) == 0) {
                    segment.flags(TcpView.PSH);
                }
                h.deliver(segment);
                if (skipped == 0) {
                    next = Math.max(next, to);
                }
            }
            h.poll();
            seen.add(h.socket().state() + " " + h.read() + " " + h.takeSent());
            h.advance(random.nextInt(60_000));
            seen.add(h.takeSent().toString());
        }
        return seen;
    }
}

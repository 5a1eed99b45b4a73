package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpRuns;
import io.millrace.stack.wire.TcpView;
import io.millrace.testkit.Origin;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Segments that are built in one pass are those that would be built one by one. */
class TcpSendRunTest {
    private static final int MSS = 1460;

    private static TcpConfig config(final TcpRuns runs) {
        return TcpHarness.plain().sendBuffer(1 << 16).runs(runs).build();
    }

    @Test
    void shouldSendTheSameSegmentsWhenRunsAreOff() {
        final List<String> together = transfer(TcpRuns.ON, 10);
        assertEquals(transfer(TcpRuns.OFF, 0), together);
        assertTrue(together.size() > 10, together::toString);
    }

    private static List<String> transfer(final TcpRuns runs, final int inRuns) {
        try (TcpHarness h = TcpHarness.established(config(runs), 60_000)) {
            h.write("x".repeat(7 * MSS + 100));
            h.advance(10_000);
            h.queue("y".repeat(3 * MSS));
            h.send(Seg.ack(1, 1 + 7 * MSS).win(60_000));
            h.advance(10_000);
            h.send(Seg.ack(1, 1 + 10 * MSS + 100).win(60_000));
            h.queue("z".repeat(2 * MSS));
            h.closeSocket();
            assertEquals(inRuns, h.counters.get(StackCounter.TCP_SEGMENTS_IN_RUNS));
            return h.takeSent().stream().map(Seg::toString).toList();
        }
    }

    @Test
    void shouldPushTheLastSegmentOnlyWhenItEndsTheData() {
        try (TcpHarness h = TcpHarness.established(config(TcpRuns.ON), 60_000)) {
            h.write("x".repeat(3 * MSS));
            assertEquals(List.of(false, false, true), pushes(h));
        }
    }

    @Test
    void shouldPushWhatLeavesTogetherThoughMoreFollows() {
        try (TcpHarness h = TcpHarness.established(config(TcpRuns.ON), 60_000)) {
            h.write("x".repeat(16 * MSS));
            assertEquals(
                    List.of(false, false, false, false, false, false, false, false, false, true),
                    pushes(h),
                    "an initial window at once: on so short a path it is one piece");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "4, true",
        "5, false", // half a window takes two segments, and the fifth is alone
    })
    void shouldPushNoSegmentByItselfWhileMoreFollows(final int room, final boolean pushed) {
        try (TcpHarness h = TcpHarness.established(config(TcpRuns.ON), room * MSS)) {
            h.write("x".repeat(16 * MSS));
            final List<Boolean> pushes = pushes(h);
            assertEquals(room, pushes.size());
            assertEquals(pushed, pushes.getLast());
        }
    }

    @Test
    @Origin("RFC 5682 2.1")
    void shouldPushWhatLeavesTogetherAfterATimeout() {
        try (TcpHarness h = TcpHarness.established(config(TcpRuns.ON), 60_000)) {
            h.write("x".repeat(16 * MSS));
            h.takeSent();
            h.advance(300_000);
            assertEquals(
                    List.of(1),
                    h.takeSent().stream().map(segment -> segment.seq).toList());
            h.send(Seg.ack(1, 1 + MSS).win(60_000));
            assertEquals(List.of(false, true), pushes(h), "new data first");
        }
    }

    private static List<Boolean> pushes(final TcpHarness h) {
        return h.takeSent().stream()
                .map(segment -> (segment.flags & TcpView.PSH) != 0)
                .toList();
    }

    @Test
    void shouldSendTheRestLaterWhenTheLinkHasNoRoomForARun() {
        try (TcpHarness h = TcpHarness.established(config(TcpRuns.ON), 60_000)) {
            h.link.room = 2;
            h.write("x".repeat(5 * MSS));
            assertEquals(2, h.takeSent().size());
            h.link.room = Integer.MAX_VALUE;
            h.advance(1_000);
            final List<Seg> rest = h.takeSent();
            assertEquals(
                    List.of(1 + 2 * MSS, 1 + 3 * MSS, 1 + 4 * MSS),
                    rest.stream().map(segment -> segment.seq).toList());
            h.send(Seg.ack(1, 1 + 5 * MSS).win(60_000));
            assertEquals(0, h.counters.get(StackCounter.TCP_RETRANSMITS));
        }
    }

    @Test
    void shouldSendARunAnewInSmallerSegmentsWhenThePathShrinks() {
        try (TcpHarness h = TcpHarness.established(config(TcpRuns.ON), 60_000)) {
            h.link.mtu = 540;
            h.write("x".repeat(1500));
            final List<Seg> sent = h.takeSent();
            assertEquals(
                    List.of(500, 500, 500),
                    sent.stream().map(segment -> segment.payload.length).toList());
        }
    }

    @Test
    void shouldSayOnceThatItSlowedDownWhenARunFollowsACongestionEcho() {
        try (TcpHarness h = new TcpHarness(
                TcpHarness.plain().sendBuffer(1 << 16).ecn(EcnMode.ACCEPT).build())) {
            h.listen(1);
            h.send(Seg.of(TcpView.SYN | Ecn.SETUP, 0).mss(MSS).win(60_000));
            h.takeSent();
            h.send(Seg.ack(1, 1).win(60_000));
            h.write("x".repeat(4 * MSS));
            h.takeSent();
            final Seg echo = Seg.ack(1, 1 + 4 * MSS).win(60_000);
            echo.flags |= TcpView.ECE;
            h.send(echo);
            h.write("y".repeat(3 * MSS));
            assertEquals(
                    List.of(TcpView.CWR, 0, 0),
                    h.takeSent().stream()
                            .map(segment -> segment.flags & TcpView.CWR)
                            .toList());
        }
    }
}

package io.millrace.stack.socket.tcp;

import static io.millrace.stack.socket.tcp.TcpRackTest.ack;
import static io.millrace.stack.socket.tcp.TcpRackTest.full;
import static io.millrace.stack.socket.tcp.TcpRackTest.open;
import static io.millrace.stack.socket.tcp.TcpRackTest.sack;
import static io.millrace.stack.socket.tcp.TcpRackTest.talk;
import static io.millrace.stack.socket.tcp.TcpRackTest.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.stack.socket.tcp.congestion.CongestionControl;
import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;

/** What proves that nothing was lost, and what does not. */
class TcpSpuriousTest {
    private static final int MSS = 1000;
    private static final int RTT = 50_000;
    private static final int WIDENED = 1 << 12; // of Rack.reorderingMemory

    private static long undone(final TcpHarness h) {
        return h.counters.get(StackCounter.TCP_SPURIOUS_RETRANSMITS);
    }

    private static int threshold(final TcpHarness h) {
        return h.socket().info(new TcpInfo()).slowStartThreshold;
    }

    /** The multiplier and the persistence of RFC 8985's reordering window. */
    private static short reorderingMemory(final TcpHarness h) {
        for (final var flow : h.engine.flows.toArray()) {
            if (flow instanceof TcpConnection c) {
                return (short) (c.recovery().rack().reorderingMemory() & ~WIDENED);
            }
        }
        throw new AssertionError("there is no connection");
    }

    private static void writeAll(final TcpHarness h, final int segments) {
        h.write("x".repeat(segments * MSS));
    }

    @Test
    @Origin("RFC 5682 2.1")
    void shouldNotTakeBackALossBecauseOfATimeoutAmidItsRecovery() {
        try (TcpHarness h = open(CongestionAlgorithm.RENO, true, RTT)) {
            writeAll(h, 8);
            h.takeSent();
            h.advance(RTT);
            h.send(sack(0, 1, 5));
            h.expect(full(0)); // and that is lost, too
            h.advance(250_000);
            h.expect(full(0));
            h.send(sack(0, 1, 6)); // this one was late, but the first is no less lost for that
            assertEquals(0, undone(h));
            assertEquals(4 * MSS, threshold(h));
        }
    }

    @Test
    @Origin("RFC 5682 3.1")
    void shouldTakeATimeoutBackWhenWhatWasSentBeforeIsAcknowledgedOneByOne() {
        for (final boolean sack : new boolean[] {true, false}) {
            try (TcpHarness h = open(CongestionAlgorithm.RENO, sack, RTT)) {
                writeAll(h, 30);
                final int sent = h.takeSent().size();
                h.advance(500_000);
                h.takeSent(); // a probe, and the first once more
                h.send(ack(1));
                assertTrue(
                        h.takeSent().stream().allMatch(segment -> segment.seq > sent * MSS),
                        "new data first, with SACK " + sack);
                h.send(ack(2));
                assertEquals(1, undone(h), "with SACK " + sack);
                assertTrue(h.window() >= 10 * MSS);
            }
        }
    }

    @Test
    @Origin("RFC 5682 3.1")
    void shouldNotTakeATimeoutBackWhenOnlyNewDataArrives() {
        try (TcpHarness h = open(CongestionAlgorithm.RENO, true, RTT)) {
            writeAll(h, 30);
            final int sent = h.takeSent().size();
            h.advance(500_000);
            final int probes = h.takeSent().size() - 1;
            h.send(ack(1));
            assertEquals(2, h.takeSent().size());
            final int fresh = sent + probes;
            h.send(sack(1, fresh, fresh + 2));
            assertEquals(0, undone(h));
            h.expect(full(1));
        }
    }

    @Test
    @Origin("RFC 5682 2.1")
    void shouldSendAgainWhatWasLostWhenTheWindowHasNoRoomForNewData() {
        try (TcpHarness h = open(CongestionAlgorithm.RENO, false, RTT)) {
            h.send(Seg.ack(1, 1).win(10 * MSS));
            writeAll(h, 30);
            assertEquals(10, h.takeSent().size());
            h.advance(300_000);
            h.expect(full(0));
            h.send(ack(1).win(9 * MSS));
            h.expect(full(1));
            h.expect(full(2));
            h.expectNothing();
        }
    }

    @Test
    @Origin("RFC 3708 2")
    void shouldNotTakeALossBackForWhatTheNetworkCopied() {
        try (TcpHarness h = open(CongestionAlgorithm.RENO, true, RTT)) {
            writeAll(h, 8);
            h.takeSent();
            h.advance(RTT);
            h.send(sack(2, 0, 1)); // never sent again
            h.send(sack(2, 3, 6));
            h.expect(full(2));
            h.send(sack(2, 1, 2, 3, 6));
            h.send(sack(2, 1, 2, 3, 6));
            assertEquals(0, undone(h));
            assertEquals(0, reorderingMemory(h));
            assertEquals(3, h.socket().info(new TcpInfo()).duplicatesReported);
        }
    }

    @Test
    @Origin("RFC 3708 2")
    void shouldNotCountAReportOfWhatWasSentAgainInAnEarlierRecovery() {
        try (TcpHarness h = open(CongestionAlgorithm.RENO, true, RTT)) {
            writeAll(h, 8);
            h.takeSent();
            h.advance(RTT);
            h.send(sack(0, 1, 5));
            h.expect(full(0));
            h.send(ack(8));
            writeAll(h, 4);
            h.takeSent();
            h.advance(RTT);
            h.send(sack(8, 9, 12));
            h.expect(full(8));
            h.send(sack(8, 0, 1, 9, 12)); // the first came twice, after all
            assertEquals(0, undone(h));
        }
    }

    @Test
    @Origin("RFC 3708 2")
    void shouldTakeALossBackWhenOneReportTellsOfAllThatWasSentAgain() {
        try (TcpHarness h = open(CongestionAlgorithm.RENO, true, RTT)) {
            writeAll(h, 8);
            h.takeSent();
            h.advance(RTT);
            h.send(sack(0, 2, 8));
            h.expect(full(0));
            h.expect(full(1));
            h.send(ack(8));
            h.send(sack(8, 0, 2));
            assertEquals(1, undone(h));
            assertEquals(2, h.socket().info(new TcpInfo()).duplicatesReported);
        }
    }

    /** One report is of what was sent again before the probe, the other of a copy that the network made of it. */
    @Test
    @Origin("RFC 4015 3.2")
    void shouldNotTakeALossBackThatAProbeRepairedForReportsOfWhatWasSentAgainBefore() {
        try (TcpHarness h = open(CongestionAlgorithm.RENO, true, RTT)) {
            writeAll(h, 8);
            h.takeSent();
            h.advance(RTT);
            h.send(sack(0, 1, 5));
            h.expect(full(0));
            h.send(ack(8));
            writeAll(h, 4);
            h.takeSent();
            h.advance(2 * RTT);
            h.expect(full(11)); // the last was lost
            writeAll(h, 1);
            h.takeSent();
            h.send(ack(13));
            final int reduced = threshold(h);
            h.send(sack(13, 0, 1));
            h.send(sack(13, 0, 1));
            assertEquals(0, undone(h));
            assertEquals(reduced, threshold(h));
        }
    }

    @Test
    @Origin("RFC 4015 3.2")
    void shouldTakeBackWhatWasTakenForALossThatAProbeRepairedWhenItIsReportedToHaveComeTwice() {
        try (TcpHarness h = open(CongestionAlgorithm.RENO, true, RTT)) {
            writeAll(h, 8);
            h.takeSent();
            h.advance(2 * RTT);
            h.expect(full(7));
            writeAll(h, 1);
            h.takeSent();
            h.send(ack(9)); // so that the eighth came before the probe, which other segments overtook
            assertEquals(4500, threshold(h));
            h.send(sack(9, 7, 8));
            assertEquals(1, undone(h));
            assertEquals(CongestionControl.UNLIMITED, threshold(h));
        }
    }

    @Test
    @Origin("RFC 8985 6.2")
    void shouldNotWidenTheReorderingWindowForAProbe() {
        try (TcpHarness h = open(CongestionAlgorithm.CUBIC, true, RTT)) {
            write(h, 0, 2, 0);
            h.advance(2 * RTT);
            h.expect(full(1));
            h.send(sack(2, 1, 2));
            assertEquals(1, h.socket().info(new TcpInfo()).duplicatesReported);
            assertEquals(0, reorderingMemory(h));
        }
    }

    @Test
    @Origin("RFC 8985 6.2")
    void shouldCountRecoveriesFromTimeoutsUntilTheReorderingWindowNarrows() {
        try (TcpHarness h = open(CongestionAlgorithm.CUBIC, true, RTT)) {
            writeAll(h, 6);
            h.takeSent();
            h.advance(RTT);
            h.send(sack(0, 1, 5));
            h.expect(full(0));
            h.send(sack(6, 0, 1));
            assertEquals(16 << 7 | 2, reorderingMemory(h));
            writeAll(h, 1);
            h.takeSent();
            h.advance(500_000);
            assertEquals(1, h.counters.get(StackCounter.TCP_RTO));
            h.send(ack(7));
            assertEquals(15 << 7 | 2, reorderingMemory(h));
        }
    }

    @Test
    @Origin("RFC 5681 3.1")
    void shouldHalveAgainWhenOtherDataTimesOut() {
        try (TcpHarness h = open(CongestionAlgorithm.RENO, false, RTT)) {
            final int first = talk(h, 0, 4, RTT);
            write(h, first, 8, 0);
            h.advance(300_000);
            h.expect(full(first));
            assertEquals(4 * MSS, threshold(h));
            h.send(ack(first + 8));
            writeAll(h, 10);
            final int sent = h.takeSent().size();
            assertTrue(sent >= 3 && sent <= 4, "sent " + sent);
            h.advance(700_000);
            assertEquals(2 * MSS, threshold(h), "half of what was in flight, though the timeout is still doubled");
        }
    }
}

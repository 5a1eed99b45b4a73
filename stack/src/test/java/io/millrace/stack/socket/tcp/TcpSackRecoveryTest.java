package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.testkit.Origin;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recovery from losses where the peer tells what arrived: SACK, RACK, tail loss probes, and false alarms. */
class TcpSackRecoveryTest {
    private static final int MSS = 1000;
    private static final int RTT = 50_000;

    /** A connection with a round trip of 50 ms, all of whose first {@code segments} segments are in flight. */
    private static TcpHarness inFlight(final int segments) {
        final TcpHarness h = new TcpHarness(TcpHarness.plain()
                .sack(true)
                .sendBuffer(200_000)
                .bufferMemory(4 << 20)
                .burst(64)
                .build());
        h.listen(1);
        h.send(Seg.syn(0).mss(MSS).win(65535).sackOk(true));
        h.expect(Seg.synAck(0, 1).sackOk(true));
        h.advance(RTT);
        h.send(ack(0));
        h.write("x".repeat(segments * MSS));
        assertEquals(segments, h.takeSent().size());
        h.advance(RTT);
        return h;
    }

    private static Seg ack(final int segment) {
        return Seg.ack(1, 1 + segment * MSS).win(65535);
    }

    /** Acknowledges up to {@code segment}, and of the others those from {@code from} on, {@code to} not included. */
    private static Seg sack(final int segment, final int from, final int to) {
        return ack(segment).sack(1 + from * MSS, 1 + to * MSS);
    }

    private static Seg full(final int segment) {
        return Seg.ack(1 + segment * MSS, 1).len(MSS);
    }

    @Test
    @Origin("RFC 6675 5")
    @Origin("RFC 8985 6.2")
    void shouldSendOnlyTheHolesAgain() {
        try (TcpHarness h = inFlight(8)) {
            h.send(sack(0, 1, 2));
            h.advance(1_000);
            h.send(sack(0, 1, 2).sack(1 + 3 * MSS, 1 + 4 * MSS, 1 + MSS, 1 + 2 * MSS));
            h.expectNothing(); // there may be reordering
            h.send(ack(0).sack(1 + 3 * MSS, 1 + 5 * MSS, 1 + MSS, 1 + 2 * MSS));
            h.expect(full(0));
            h.expectNothing(); // one for each that arrives (RFC 9937)
            h.advance(10_000);
            h.send(ack(0).sack(1 + 3 * MSS, 1 + 6 * MSS, 1 + MSS, 1 + 2 * MSS));
            h.expect(full(2));
            h.expectNothing();
            assertEquals(1, h.counters.get(StackCounter.TCP_FAST_RETRANSMITS));
            h.advance(RTT);
            h.send(ack(8));
            h.expectNothing();
            assertEquals(0, h.socket().unacknowledged());
        }
    }

    @Test
    @Origin("RFC 8985 6.2")
    void shouldFindALossByTimeWhenFewerThanThreeSegmentsArriveBehindIt() {
        try (TcpHarness h = inFlight(3)) {
            h.send(sack(0, 1, 2));
            h.expectNothing();
            h.advance(RTT / 4 + 1000);
            h.expect(full(0));
        }
    }

    /** Some peers tell of the text only, without the FIN that ends the segment. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @Origin("RFC 2018 3")
    void shouldFindALossWhenOnlyTheSegmentWithOurFinArrivesBehindIt(final int fin) {
        try (TcpHarness h = inFlight(0)) {
            h.queue("x".repeat(2 * MSS));
            h.socket().shutdownOutput();
            h.poll();
            h.expect(full(0));
            h.expect(Seg.fin(1 + MSS, 1).len(MSS));
            h.advance(RTT);
            h.send(ack(0).sack(1 + MSS, 1 + 2 * MSS + fin));
            h.expectNothing();
            h.advance(RTT / 4 + 1000);
            h.expect(full(0));
            h.expectNothing();
        }
    }

    @Test
    @Origin("RFC 2018 3")
    void shouldProbeWithAFinOfItsOwnThoughAllTextBeforeItIsReported() {
        try (TcpHarness h = inFlight(2)) {
            h.socket().shutdownOutput();
            h.poll();
            h.expect(Seg.fin(1 + 2 * MSS, 1));
            h.send(sack(0, 1, 2));
            h.advance(RTT / 4 + 1000);
            h.expect(full(0));
            h.send(ack(2));
            h.advance(3 * RTT);
            h.expectNothing();
            h.advance(200_000);
            h.expect(Seg.fin(1 + 2 * MSS, 1));
            assertEquals(0, h.counters.get(StackCounter.TCP_SACK_RENEGING));
        }
    }

    @Test
    @Origin("RFC 8985 6.2")
    void shouldNotTakeReorderingForALoss() {
        try (TcpHarness h = inFlight(4)) {
            h.send(sack(0, 1, 2));
            h.advance(5_000);
            h.send(ack(2)); // it was only late
            h.advance(5_000);
            h.send(ack(4));
            h.expectNothing();
            assertTrue(h.socket().state().isSynchronized());
            // From now on even three segments behind a gap are given time.
            h.write("y".repeat(6 * MSS));
            assertEquals(6, h.takeSent().size());
            h.advance(RTT);
            h.send(sack(4, 5, 9));
            h.expectNothing();
            h.advance(RTT / 4 + 1000);
            h.expect(full(4));
        }
    }

    @Test
    @Origin("RFC 8985 6.2")
    void shouldSendARetransmissionAgainWhenItWasLostToo() {
        try (TcpHarness h = inFlight(8)) {
            h.send(sack(0, 1, 5));
            h.expect(full(0));
            h.queue("y".repeat(4 * MSS));
            h.advance(RTT);
            final List<Seg> fresh = h.takeSent();
            assertTrue(!fresh.isEmpty(), "new data goes on for what arrived");
            h.send(sack(0, 1, 8 + fresh.size()));
            h.advance(20_000); // at the pace of the window
            assertTrue(h.takeSent().stream().anyMatch(segment -> segment.seq == 1), "the first one, once more");
            assertEquals(1, h.counters.get(StackCounter.TCP_FAST_RETRANSMITS), "one recovery");
            assertEquals(0, h.counters.get(StackCounter.TCP_RTO));
        }
    }

    @Test
    @Origin("RFC 8985 7.2")
    void shouldProbeWhenTheTailIsLost() {
        try (TcpHarness h = inFlight(4)) {
            h.send(ack(2));
            h.advance(2 * RTT - 2000);
            h.expectNothing();
            h.advance(4000);
            h.expect(full(3)); // the last one, so that a SACK tells of the others
            assertEquals(1, h.counters.get(StackCounter.TCP_TAIL_PROBES));
            h.advance(RTT);
            h.send(sack(2, 3, 4));
            h.expect(full(2));
            assertEquals(0, h.counters.get(StackCounter.TCP_RTO));
        }
    }

    @Test
    @Origin("RFC 8985 7.3")
    void shouldProbeWithNewDataWhenThereIsSome() {
        try (TcpHarness h = inFlight(10)) {
            h.write("y".repeat(20 * MSS)); // beyond the congestion window
            h.expectNothing();
            h.advance(2 * RTT);
            h.expect(full(10));
            h.expectNothing();
        }
    }

    @Test
    @Origin("RFC 8985 7.4")
    void shouldSlowDownWhenTheProbeRepairedALoss() {
        assertTrue(windowAfterProbe(false) < 10 * MSS, "the probe repaired what was lost");
        assertTrue(windowAfterProbe(true) >= 10 * MSS, "it came twice: only the acknowledgment was late");
    }

    private static int windowAfterProbe(final boolean cameTwice) {
        try (TcpHarness h = inFlight(4)) {
            h.send(ack(2));
            h.advance(2 * RTT);
            h.expect(full(3));
            h.advance(RTT);
            h.send(cameTwice ? ack(4).sack(1 + 3 * MSS, 1 + 4 * MSS) : ack(4));
            h.write("y".repeat(MSS));
            h.expect(full(4));
            h.advance(RTT);
            h.send(ack(5));
            return h.window();
        }
    }

    @Test
    @Origin("RFC 2883 4")
    @Origin("RFC 3708 2")
    void shouldPutTheWindowBackWhenAllThatWasSentAgainCameTwice() {
        try (TcpHarness h = inFlight(8)) {
            final int before = h.window();
            h.send(sack(0, 1, 5));
            h.expect(full(0));
            assertTrue(h.window() < before);
            h.advance(10_000);
            h.send(ack(8));
            h.send(ack(8).sack(1, 1 + MSS));
            assertEquals(before, Math.min(before, h.window()));
            assertEquals(1, h.counters.get(StackCounter.TCP_SPURIOUS_RETRANSMITS));
            assertEquals(1, h.counters.get(StackCounter.TCP_DUPLICATES_REPORTED));
        }
    }

    @Test
    @Origin("RFC 5682 3")
    void shouldTakeATimeoutBackWhenWhatWasSentBeforeArrives() {
        try (TcpHarness h = inFlight(6)) {
            final int before = h.window();
            h.advance(2 * RTT);
            h.takeSent(); // the probe
            h.advance(250_000);
            h.expect(full(0));
            h.takeSent();
            h.send(ack(2)); // a whole window was late
            assertEquals(1, h.counters.get(StackCounter.TCP_SPURIOUS_RETRANSMITS));
            assertTrue(h.window() >= before);
            h.expectNothing();
        }
    }

    @Test
    @Origin("RFC 2018 8")
    void shouldSendAllAgainAfterATimeoutWhenThePeerTookASackBack() {
        try (TcpHarness h = inFlight(4)) {
            h.send(sack(0, 1, 2));
            h.advance(RTT);
            h.expect(full(0));
            h.send(ack(1)); // and now the second one is missing, which it had reported
            h.advance(2_000_000);
            h.expect(full(1));
        }
    }

    @Test
    @Origin("RFC 2018 8")
    void shouldSendAllAgainSoonWhenAnAcknowledgmentEndsRightBeforeWhatThePeerReported() {
        try (TcpHarness h = inFlight(6)) {
            h.send(sack(0, 1, 3));
            h.advance(1_000);
            h.send(ack(1));
            h.advance(RTT / 2 - 1);
            h.expectNothing();
            assertEquals(0, h.counters.get(StackCounter.TCP_SACK_RENEGING));
            h.advance(100); // the round trip was 51 ms once
            h.expect(full(1));
            assertEquals(1, h.counters.get(StackCounter.TCP_SACK_RENEGING));
            h.advance(RTT);
            h.send(ack(2));
            h.expect(full(2)); // its report is forgotten, too
        }
    }

    @Test
    @Origin("RFC 2018 8")
    void shouldNotTakeAnAcknowledgmentThatWasOvertakenForOneOfDataDropped() {
        try (TcpHarness h = inFlight(6)) {
            h.send(sack(0, 1, 3));
            h.advance(1_000);
            h.send(ack(1));
            h.advance(RTT / 2 - 1);
            h.send(ack(3));
            h.advance(RTT);
            h.send(ack(6));
            h.advance(1_000_000);
            h.expectNothing();
            assertEquals(0, h.counters.get(StackCounter.TCP_RTO));
            assertEquals(0, h.counters.get(StackCounter.TCP_SACK_RENEGING));
        }
    }

    @Test
    @Origin("RFC 3517 5")
    void shouldIgnoreSacksThatWereNotAgreedOn() {
        try (TcpHarness h = TcpHarness.established(TcpHarness.plain().build(), 8192)) {
            h.write("x".repeat(4 * 1460));
            assertEquals(4, h.takeSent().size());
            h.send(Seg.ack(1, 1).win(8192).sack(1461, 2921));
            h.advance(100_000);
            h.expectNothing();
        }
    }
}

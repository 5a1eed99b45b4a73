package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpCustom;
import io.millrace.stack.socket.tcp.config.TcpCustoms;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;

/** RFC 7323: timestamps. */
class TcpTimestampTest {
    private static final int PEER_CLOCK = 1000;
    private static final int MSS = 1000;

    private int base;

    private TcpHarness established() {
        return established(TcpCustoms.STANDARD);
    }

    private TcpHarness established(final TcpCustoms customs) {
        final TcpHarness h = new TcpHarness(
                TcpHarness.plain().timestamps(true).customs(customs).build());
        h.listen(1);
        h.send(Seg.syn(0).mss(1460).ts(PEER_CLOCK, 0));
        base = h.takeSent().get(0).tsVal;
        h.send(Seg.ack(1, 1).ts(PEER_CLOCK, base));
        assertEquals(TcpState.ESTABLISHED, h.state());
        return h;
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_tsval_established_connection")
    void shouldSendItsClockAndEchoThePeers() {
        try (TcpHarness h = established()) {
            h.advance(5_000);
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc").ts(base + 5, PEER_CLOCK));
            h.send(Seg.ack(1, 4).ts(PEER_CLOCK + 7, base + 5));
            h.advance(10_000);
            h.write("d");
            h.expect(Seg.data(4, 1, "d").ts(base + 15, PEER_CLOCK + 7));
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_tsval_disabled_in_local_server")
    void shouldNeitherOfferNorAcceptWhenSwitchedOff() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.listen(1);
            h.send(Seg.syn(0).ts(5, 0));
            h.expect(Seg.synAck(0, 1).noTs());
            h.send(Seg.ack(1, 1));
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc").noTs());
        }
    }

    @Test
    @Origin("RFC 7323 5.3")
    void shouldDropSegmentsWithAnOldTimestamp() {
        try (TcpHarness h = established()) {
            h.send(Seg.data(1, 1, "abc").ts(PEER_CLOCK - 1, base));
            h.expect(Seg.ack(1, 1).ts(base, PEER_CLOCK));
            assertEquals(0, h.socket().readable());
            assertEquals(1, h.counters.get(StackCounter.TCP_PAWS));
            h.send(Seg.rst(1)); // resets are exempt
            assertEquals(TcpState.CLOSED, h.state());
        }
    }

    /** As on Linux: it moves nothing that an old one could harm, and may be the third that says the same. */
    @Test
    @Origin("RFC 5681 3.2")
    void shouldCountABareAcknowledgmentThatWasOvertaken() {
        try (TcpHarness h = sending(false)) {
            h.send(Seg.ack(1, 1).ts(PEER_CLOCK + 7, base));
            h.send(Seg.ack(1, 1).ts(PEER_CLOCK + 5, base));
            h.expectNothing();
            h.send(Seg.ack(1, 1).ts(PEER_CLOCK + 6, base));
            final Seg again = h.takeSent().getFirst();
            assertEquals(1, again.seq);
            assertEquals(PEER_CLOCK + 7, again.tsEcr, "the latest is echoed");
            assertEquals(0, h.counters.get(StackCounter.TCP_PAWS));
        }
    }

    /** It may be the only one to tell of some blocks, and its window is an old one. */
    @Test
    @Origin("RFC 2018 5")
    void shouldTakeTheBlocksOfABareAcknowledgmentThatWasOvertakenButNotItsWindow() {
        try (TcpHarness h = sending(true)) {
            h.send(Seg.ack(1, 1).sack(3 * MSS + 1, 4 * MSS + 1).ts(PEER_CLOCK + 7, base));
            h.send(Seg.ack(1, 1).win(4095).sack(MSS + 1, 2 * MSS + 1).ts(PEER_CLOCK + 6, base));
            assertEquals(2 * MSS, info(h).sacked);
            assertEquals(4096, info(h).sendWindow);
            assertEquals(0, h.counters.get(StackCounter.TCP_PAWS));
            h.send(Seg.data(1, 1, "a").ts(PEER_CLOCK + 6, base)); // what the peer is to echo did not become less
            assertEquals(1, h.counters.get(StackCounter.TCP_PAWS));
        }
    }

    @Test
    @Origin("RFC 7323 5.3")
    void shouldDropWhatWasOvertakenIfItSaysMoreOrIsTooOld() {
        try (TcpHarness h = sending(true)) {
            h.send(Seg.ack(1, 1).sack(3 * MSS + 1, 4 * MSS + 1).ts(PEER_CLOCK + 5_000, base));
            final int older = PEER_CLOCK + 4_999;
            h.send(Seg.ack(1, 1).win(5_000).ts(older, base)); // another window
            h.send(Seg.ack(1, 1 + MSS).ts(older, base)); // another acknowledgment
            h.send(Seg.ack(2, 1).ts(older, base)); // not what comes next
            h.send(Seg.data(1, 1, "a").ts(older, base));
            h.send(Seg.fin(1, 1).ts(older, base));
            h.send(Seg.ack(1, 1).sack(MSS + 1, 2 * MSS + 1).ts(PEER_CLOCK + 3_000, base)); // longer ago than a timeout
            assertEquals(6, h.counters.get(StackCounter.TCP_PAWS));
            assertEquals(MSS, info(h).sacked);
            assertEquals(4096, info(h).sendWindow);
        }
    }

    /** Four segments are on their way. */
    private TcpHarness sending(final boolean sack) {
        final TcpConfig config =
                TcpHarness.plain().timestamps(true).sack(sack).pacing(false).build();
        final TcpHarness h = new TcpHarness(config);
        h.listen(1);
        h.send(Seg.syn(0).mss(MSS + TcpRepr.TIMESTAMPS_LENGTH).sackOk(sack).ts(PEER_CLOCK, 0));
        base = h.takeSent().getFirst().tsVal;
        h.advance(10_000);
        h.send(Seg.ack(1, 1).ts(PEER_CLOCK, base));
        h.write("x".repeat(4 * MSS));
        assertEquals(4, h.takeSent().size());
        return h;
    }

    private static TcpInfo info(final TcpHarness h) {
        return h.socket().info(new TcpInfo());
    }

    @Test
    @Origin("RFC 7323 5.5")
    void shouldTrustATimestampAgainAfterALongSilence() {
        try (TcpHarness h = established()) {
            h.advance(25L * 24 * 3600 * 1_000_000);
            h.send(Seg.data(1, 1, "abc").ts(PEER_CLOCK - 1, base));
            assertEquals("abc", h.read());
        }
    }

    @Test
    @Origin("RFC 7323 3.2")
    void shouldDropSegmentsThatLackTheTimestamp() {
        try (TcpHarness h = established()) {
            h.send(Seg.data(1, 1, "abc"));
            h.expectNothing();
            assertEquals(0, h.socket().readable());
            assertEquals(1, h.counters.get(StackCounter.TCP_NO_TIMESTAMP));
        }
    }

    @Test
    @Origin("RFC 7323 3.2")
    void shouldTakeSegmentsThatLackTheTimestampWhereThatIsTheCustom() {
        try (TcpHarness h = established(TcpCustoms.STANDARD.with(TcpCustom.MISSING_TIMESTAMPS, true))) {
            h.send(Seg.data(1, 1, "abc"));
            h.advance(40_000);
            h.expect(Seg.ack(1, 4).ts(base + 40, PEER_CLOCK)); // what is echoed stays
            assertEquals("abc", h.read());
            h.write("d");
            h.expect(Seg.data(1, 4, "d").ts(base + 40, PEER_CLOCK));
            h.advance(7_000);
            h.send(Seg.ack(4, 2));
            h.send(Seg.data(4, 2, "e").ts(PEER_CLOCK - 1, base));
            h.expect(Seg.ack(2, 4).ts(base + 47, PEER_CLOCK)); // one that has an old one is refused as ever
            assertEquals(1, h.counters.get(StackCounter.TCP_PAWS));
        }
    }

    @Test
    @Origin("RFC 7323 4.3")
    void shouldEchoTheEarliestOfWhatIsNotAcknowledged() {
        try (TcpHarness h = established()) {
            h.send(Seg.data(1, 1, "a").ts(PEER_CLOCK + 1, base));
            h.send(Seg.data(2, 1, "b").ts(PEER_CLOCK + 2, base));
            h.advance(40_000);
            h.expect(Seg.ack(1, 3).ts(base + 40, PEER_CLOCK + 1));
            h.send(Seg.data(5, 1, "e").ts(PEER_CLOCK + 5, base)); // ahead of a gap
            h.expect(Seg.ack(1, 3).ts(base + 40, PEER_CLOCK + 1));
            h.send(Seg.data(3, 1, "cd").ts(PEER_CLOCK + 4, base));
            h.expect(Seg.ack(1, 6).ts(base + 40, PEER_CLOCK + 4));
        }
    }

    @Test
    @Origin("RFC 7323 4.1")
    void shouldTakeASampleFromARetransmissionByItsEcho() {
        try (TcpHarness h = established()) {
            h.write("abc");
            h.takeSent();
            h.advance(250_000);
            final Seg again = h.takeSent().get(0);
            h.advance(30_000);
            h.send(Seg.ack(1, 4).ts(PEER_CLOCK + 1, again.tsVal));
            h.write("def");
            h.takeSent();
            // With a sample the doubled timeout is gone.
            h.advance(350_000);
            assertEquals(1, h.takeSent().size());
        }
    }

    @Test
    @Origin("RFC 6191 2")
    void shouldLeaveTimeWaitForANewerTimestamp() {
        try (TcpHarness h = established()) {
            h.closeSocket();
            h.send(Seg.fin(1, 2).ts(PEER_CLOCK + 1, base));
            h.takeSent();
            assertEquals(1, h.engine.timeWaits());
            h.send(Seg.syn(-5000).ts(PEER_CLOCK + 1, 0));
            assertEquals(1, h.engine.timeWaits());
            h.takeSent();
            h.localIssKnown = false;
            h.send(Seg.syn(-5000).ts(PEER_CLOCK + 2, 0));
            h.expect(Seg.synAck(0, -4999));
            assertEquals(0, h.engine.timeWaits());
        }
    }

    @Test
    @Origin("RFC 7323 4.3")
    @Origin("RFC 7323 5.3")
    void shouldKeepTimestampsInTimeWait() {
        try (TcpHarness h = established()) {
            h.closeSocket();
            h.send(Seg.fin(1, 2).ts(PEER_CLOCK + 1, base));
            h.takeSent();
            h.send(Seg.ack(2, 2).ts(PEER_CLOCK, base)); // old
            h.expect(Seg.ack(2, 2).ts(base, PEER_CLOCK + 1));
            h.send(Seg.ack(2, 2).ts(PEER_CLOCK + 5, base));
            h.expectNothing();
            h.advance(500_000);
            h.send(Seg.ack(1, 2).ts(PEER_CLOCK + 6, base)); // its number is old
            h.expect(Seg.ack(2, 2).ts(base + 500, PEER_CLOCK + 5));
        }
        try (TcpHarness h = established()) {
            h.closeSocket();
            h.send(Seg.fin(1, 1).ts(PEER_CLOCK + 1, base));
            h.takeSent();
            h.send(Seg.ack(2, 2).ts(PEER_CLOCK + 5, base)); // leads there
            h.send(Seg.of(0, 2).ts(PEER_CLOCK + 7, base)); // acknowledges nothing
            h.send(Seg.ack(1, 2).ts(PEER_CLOCK + 6, base));
            h.expect(Seg.ack(2, 2).ts(base, PEER_CLOCK + 5));
        }
    }

    @Test
    @Origin("RFC 5961 4.2")
    void shouldNotNoteTheTimestampOfASyn() {
        try (TcpHarness h = established()) {
            h.send(Seg.synAck(-100, 1).len(50).ts(PEER_CLOCK + 9, base));
            h.expect(Seg.ack(1, 1).ts(base, PEER_CLOCK));
        }
    }

    @Test
    @Origin("RFC 7323 4.3")
    void shouldNotEchoTheTimestampOfASegmentWhoseAcknowledgmentMakesNoSense() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().timestamps(true).build())) {
            h.listen(1);
            h.send(Seg.syn(0).mss(1460).ts(100, 0));
            final int echo = h.takeSent().getFirst().tsVal;
            h.send(Seg.ack(1, 1).ts(200, echo));
            h.send(Seg.ack(1, 9999).ts(200_000, echo)); // acknowledges what was never sent
            h.takeSent();
            h.send(Seg.data(1, 1, "abc").ts(201, echo));
            assertEquals("abc", h.read());
            h.advance(40_000);
            assertEquals(201, h.takeSent().getLast().tsEcr);
        }
    }

    @Test
    @Origin("RFC 7323 5.3 R2")
    void shouldNotEchoTheTimestampOfASegmentFarOutsideTheWindow() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().timestamps(true).build())) {
            h.listen(1);
            h.send(Seg.syn(0).mss(1460).ts(100, 0));
            final int echo = h.takeSent().getFirst().tsVal;
            h.send(Seg.ack(1, 1).ts(200, echo));
            h.send(Seg.data(-70_000, 1, "old").ts(200_000, echo));
            h.takeSent();
            h.send(Seg.data(1, 1, "abc").ts(201, echo));
            assertEquals("abc", h.read());
        }
    }

    @Test
    @Origin("RFC 7323 3.2")
    void shouldResetWhatAnswersASynOfAnotherTime() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().timestamps(true).build())) {
            h.advance(10_000_000);
            h.connect();
            h.poll();
            base = h.takeSent().get(0).tsVal;
            h.advance(7_000);
            h.send(Seg.synAck(0, 1).mss(1460).ts(PEER_CLOCK, base - 1));
            h.expect(Seg.rst(1));
            h.send(Seg.synAck(0, 1).mss(1460).ts(PEER_CLOCK, base + 8));
            h.expect(Seg.rst(1));
            assertEquals(TcpState.SYN_SENT, h.state());
            assertEquals(2, h.counters.get(StackCounter.TCP_BAD_ECHO));
            h.send(Seg.synAck(0, 1).mss(1460).ts(PEER_CLOCK, base));
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.expect(Seg.ack(1, 1).ts(base + 7, PEER_CLOCK));
        }
    }

    @Test
    @Origin("RFC 7323 3.2")
    void shouldTakeAnAnswerToTheSynThatWasSentAgainAndOneThatEchoesNothing() {
        for (final int echoed : new int[] {0, 1}) {
            try (TcpHarness h =
                    new TcpHarness(TcpHarness.plain().timestamps(true).build())) {
                h.connect();
                h.poll();
                base = h.takeSent().get(0).tsVal;
                h.advance(1_000_000);
                final int again = h.takeSent().get(0).tsVal;
                assertEquals(base + 1_000, again);
                h.send(Seg.synAck(0, 1).mss(1460).ts(PEER_CLOCK, echoed * again));
                assertEquals(TcpState.ESTABLISHED, h.state());
            }
        }
    }
}

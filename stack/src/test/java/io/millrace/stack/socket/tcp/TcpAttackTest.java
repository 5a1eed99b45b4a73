package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.recovery.SentSegments;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.IpRepr;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import io.millrace.testkit.Origin;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks that are known by a name, each of which costs a bounded amount of memory and work, and moves no state. */
class TcpAttackTest {
    @Test
    // CVE-1999-0016
    void shouldNotAnswerLandWhenASegmentComesFromItsOwnDestination() {
        try (TcpHarness h = new TcpHarness()) {
            h.listen(1);
            final TcpRepr header = new TcpRepr();
            header.clear();
            header.srcPort = TcpHarness.LOCAL.port();
            header.dstPort = TcpHarness.LOCAL.port();
            header.flags = TcpView.SYN;
            header.emit(h.wire(), 0);
            final IpRepr ip = new IpRepr();
            ip.family = IpFamily.V4;
            ip.srcLo = TcpHarness.LOCAL.address().lo();
            ip.dstLo = TcpHarness.LOCAL.address().lo();
            h.deliverRaw(TcpView.MIN_LENGTH, ip);
            h.poll();
            h.expectNothing();
            assertEquals(1, h.counters.get(StackCounter.TCP_BAD_ADDRESS));
            assertEquals(0, h.engine.flows.size());
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                TcpView.SYN | TcpView.FIN,
                TcpView.SYN | TcpView.RST,
                TcpView.FIN | TcpView.RST,
                TcpView.SYN | TcpView.FIN | TcpView.RST | TcpView.ACK,
                0x3F
            })
    void shouldOpenNothingWhenFlagsContradictEachOther(final int flags) {
        try (TcpHarness h = new TcpHarness()) {
            final TcpListener<?> listener = h.listen(1);
            h.send(Seg.of(flags, 0));
            h.expectNothing();
            assertEquals(0, listener.halfOpen());
            final boolean reset = (flags & TcpView.RST) != 0; // that is what counts
            assertEquals(1, h.counters.get(reset ? StackCounter.TCP_STRAY_RESET : StackCounter.TCP_BAD_FLAGS));
        }
    }

    @Test
    @Origin("RFC 5961 5.2")
    void shouldTakeNoDataInjectedWithAGuessedAcknowledgment() {
        try (TcpHarness h = TcpHarness.established()) {
            for (final int guess : new int[] {2, 1 << 30, Integer.MIN_VALUE, -5000}) {
                h.send(Seg.data(1, guess, "evil"));
            }
            assertEquals(0, h.socket().readable());
            assertEquals(4, h.counters.get(StackCounter.TCP_BAD_ACK));
            h.send(Seg.data(1, 1, "good"));
            assertEquals("good", h.read());
        }
    }

    @Test
    void shouldTakeNoDataWithAnAcknowledgmentOfWhatWasNeverSent() {
        try (TcpHarness h = TcpHarness.established()) {
            for (final int guess : new int[] {0, -1, -4000}) { // all within the window that the peer offered
                h.send(Seg.data(1, guess, "evil"));
                h.expect(Seg.ack(1, 1));
            }
            assertEquals(0, h.socket().readable());
            h.write("0123456789");
            h.expect(Seg.data(1, 1, "0123456789"));
            h.send(Seg.ack(1, 11));
            h.send(Seg.data(1, 0, "evil"));
            assertEquals(0, h.socket().readable());
            h.send(Seg.data(1, 1, "good")); // sent before ours arrived
            assertEquals("good", h.read());
        }
    }

    @Test
    @Origin("RFC 5961 3.2")
    // CVE-2004-0230
    void shouldNotBeResetWhenTheSequenceNumberIsOnlyWithinTheWindow() {
        try (TcpHarness h = TcpHarness.established()) {
            for (int seq = 2; seq < 8000; seq += 500) {
                h.send(Seg.rst(seq));
            }
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.send(Seg.rst(1));
            assertEquals("closed RESET", h.events.getLast());
        }
    }

    @Test
    @Origin("RFC 5961 4.2")
    void shouldTakeNoTextThatComesWithASyn() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.synAck(0, 1).text("evil"));
            h.expect(Seg.ack(1, 1));
            h.send(Seg.syn(-10).len(100));
            h.expect(Seg.ack(1, 1));
            assertEquals(0, h.socket().readable());
        }
    }

    /** The number of a reset is its own, not that of the part of its text that is within the window. */
    @Test
    @Origin("RFC 5961 3.2")
    void shouldNotBeResetWhenTextOfAResetReachesIntoTheWindow() {
        try (TcpHarness h = TcpHarness.established()) {
            for (int seq = 0; seq > -1400; seq -= 100) {
                h.send(Seg.rst(seq).len(1400));
                h.send(Seg.of(TcpView.RST | TcpView.ACK, seq).ack(1).len(1400));
            }
            h.expectNothing();
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.send(Seg.rst(1).len(100)); // may say why (RFC 9293 section 3.5.2)
            assertEquals("closed RESET", h.events.getLast());
        }
    }

    @Test
    // CVE-2016-5696
    void shouldTellNothingOfOneConnectionByTheChallengesOfAnother() {
        final TcpConfig config = TcpHarness.plain().challengeAcks(10).build();
        try (TcpHarness h = TcpHarness.established(config, 4096)) {
            final Set<Integer> shares = new HashSet<>();
            for (int second = 0; second < 30; second++) {
                for (int i = 0; i < 30; i++) {
                    h.send(Seg.rst(100)); // one connection spends all it has
                }
                shares.add(h.takeSent().size());
                h.advance(1_000_000);
            }
            // The share is each connection's own, and differs from second to second.
            assertTrue(shares.size() > 2, shares::toString);
        }
    }

    @Test
    // CVE-2018-5390
    void shouldHoldABoundedNumberOfTinySegmentsWhenTheyComeOutOfOrder() {
        final TcpConfig config =
                TcpHarness.plain().receiveBuffer(60_000).reassemblyRanges(64).build();
        try (TcpHarness h = TcpHarness.established(config, 4096)) {
            for (int i = 0; i < 2000; i++) {
                h.deliver(Seg.data(3 + 2 * i, 1, "x"));
            }
            h.poll();
            h.takeSent();
            assertEquals(2000 - 64, h.counters.get(StackCounter.TCP_REASSEMBLY_LIMIT));
            h.send(Seg.data(1, 1, "ab"));
            assertEquals("abx", h.read()); // what was kept counts
        }
    }

    @Test
    // CVE-2019-11477
    // CVE-2019-11478
    // CVE-2019-11479
    void shouldKeepABoundedScoreboardWhenAPeerOffersTheSmallestSegmentsAndHolesInAll() {
        final TcpConfig config = TcpHarness.plain()
                .sack(true)
                .sendBuffer(1 << 20)
                .bufferMemory(4 << 20)
                .build();
        try (TcpHarness h = new TcpHarness(config)) {
            h.listen(1);
            h.send(Seg.syn(0).mss(1).win(65_535).sackOk(true)); // raised to the least that we use
            h.takeSent();
            h.send(Seg.ack(1, 1).win(65_535));
            h.queue("x".repeat(65_000));
            h.poll();
            int acknowledged = 1;
            for (int round = 0; round < 2000; round++) {
                h.takeSent();
                final int hole = acknowledged + 88;
                h.send(Seg.ack(1, acknowledged)
                        .win(65_535)
                        .sack(hole, hole + 44, hole + 88, hole + 132, hole + 176, hole + 220));
                acknowledged += round % 3 == 0 ? 44 : 0;
            }
            h.takeSent();
            final SentSegments flight =
                    ((TcpConnection) h.engine.flows.toArray()[0]).recovery().sent();
            assertTrue(flight == null || flight.room() >= 0);
            assertEquals(TcpState.ESTABLISHED, h.state());
            final TcpInfo info = h.socket().info(new TcpInfo());
            assertEquals(88, info.sendMss);
            // No segment is smaller than that, so there are never more of them than the buffer has room for.
            assertTrue(info.dataSegmentsOut - info.totalRetransmits <= 65_000 / 88 + 1, info::toString);
        }
    }

    @Test
    void shouldNotGrowItsWindowForOptimisticAcknowledgments() {
        try (TcpHarness h = TcpHarness.established()) {
            h.write("x".repeat(1460));
            h.takeSent();
            final int window = h.window();
            h.send(Seg.ack(1, 1 + 2 * 1460)); // of what was never sent
            assertEquals(window, h.window());
            assertEquals(1460, h.socket().unacknowledged());
            assertEquals(1, h.counters.get(StackCounter.TCP_BAD_ACK));
        }
    }

    @Test
    @Origin("RFC 6429 3")
    // CVE-2008-4609
    void shouldGiveUpAClosedConnectionWhosePeerKeepsItsWindowClosed() {
        final TcpConfig config =
                TcpHarness.plain().dataRetries(5).maxRto(1_000_000).build();
        try (TcpHarness h = TcpHarness.established(config, 0)) {
            h.write("never taken");
            h.closeSocket();
            for (int i = 0; i < 20 && h.engine.connections() > 0; i++) {
                h.advance(1_000_000);
                if (!h.takeSent().isEmpty()) {
                    h.send(Seg.ack(1, 1).win(0)); // alive, and not reading
                }
            }
            assertEquals("closed TIMEOUT", h.events.getLast());
            assertEquals(0, h.engine.connections());
        }
    }

    @Test
    @Origin("RFC 9293 3.8.6.1")
    void shouldKeepAnOpenConnectionWhosePeerKeepsItsWindowClosed() {
        final TcpConfig config =
                TcpHarness.plain().dataRetries(5).maxRto(1_000_000).build();
        try (TcpHarness h = TcpHarness.established(config, 0)) {
            h.write("taken later");
            for (int i = 0; i < 20; i++) {
                h.advance(1_000_000);
                h.takeSent();
                h.send(Seg.ack(1, 1).win(0));
            }
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.send(Seg.ack(1, 1).win(4096));
            assertEquals(11, h.takeSent().getLast().payload.length);
        }
    }

    @Test
    // CVE-2016-5358
    void shouldNotStayInLastAckForEver() {
        try (TcpHarness h =
                TcpHarness.established(TcpHarness.plain().dataRetries(3).build(), 4096)) {
            h.send(Seg.fin(1, 1));
            h.closeSocket();
            assertEquals(TcpState.LAST_ACK, h.state());
            h.advance(60_000_000);
            assertEquals("closed TIMEOUT", h.events.getLast());
            assertEquals(0, h.engine.connections());
        }
    }

    @Test
    @Origin("RFC 4987 3.1")
    void shouldHoldNoMoreThanTheBacklogWhenSynsFloodIn() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().synBacklog(16).build())) {
            final TcpListener<?> listener = h.listen(1);
            for (int port = 1024; port < 11_024; port++) {
                h.ports(TcpHarness.LOCAL.port(), port);
                h.localIssKnown = false;
                h.deliver(Seg.syn(0).mss(1460));
            }
            h.poll();
            assertEquals(16, listener.halfOpen());
            assertEquals(16, h.engine.flows.size());
            assertEquals(10_000 - 16, listener.synOverflows());
        }
    }

    @Test
    void shouldAnswerWithAnUnforeseeableNumberWhenTheSameFlowOpensAgain() {
        final Set<Integer> numbers = new HashSet<>();
        try (TcpHarness h = new TcpHarness()) {
            h.listen(1);
            for (int i = 0; i < 20; i++) {
                h.localIssKnown = false;
                h.ports(TcpHarness.LOCAL.port(), 2000 + i);
                h.send(Seg.syn(0).mss(1460));
                numbers.add(h.localIss);
            }
        }
        assertEquals(20, numbers.size());
        final int[] sorted =
                numbers.stream().mapToInt(Integer::intValue).sorted().toArray();
        assertNotEquals(sorted[1] - sorted[0], sorted[2] - sorted[1]); // no step from one to the next
    }

    @Test
    void shouldTakeNoUrgentPointerBehindTheSegmentForMoreThanData() {
        try (TcpHarness h = TcpHarness.established()) {
            final Seg urgent = Seg.data(1, 1, "abc");
            urgent.flags |= TcpView.URG;
            urgent.urgent = 0xFFFF; // points past the end
            h.send(urgent);
            assertEquals("abc", h.read());
            assertEquals(TcpState.ESTABLISHED, h.state());
        }
    }
}

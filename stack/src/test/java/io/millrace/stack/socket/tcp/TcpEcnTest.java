package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.stack.wire.TcpView;
import io.millrace.testkit.Origin;
import java.util.List;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Explicit congestion notification: RFC 3168 section 6. */
class TcpEcnTest {
    private static final int ECE = TcpView.ECE;
    private static final int CWR = TcpView.CWR;
    private static final int MSS = 1000;
    private static final int CONGESTED = 3;
    private static final int CAPABLE = 2;

    private static TcpConfig config(final EcnMode mode) {
        return TcpHarness.plain()
                .ecn(mode)
                .sack(true)
                .sendBuffer(100_000)
                .burst(64)
                .build();
    }

    /** Both sides agreed; the peer offers a large window. */
    private static TcpHarness agreed(final TcpConfig config) {
        final TcpHarness h = new TcpHarness(config);
        h.listen(1);
        h.send(Seg.syn(0).flags(ECE | CWR).mss(MSS).win(65535).sackOk(true));
        h.expect(Seg.synAck(0, 1).flags(ECE).ecn(0));
        h.advance(10_000);
        h.send(Seg.ack(1, 1).win(65535));
        return h;
    }

    private static TcpInfo info(final TcpHarness h) {
        final TcpInfo info = new TcpInfo();
        h.socket().info(info);
        return info;
    }

    @Test
    @Origin("RFC 3168 6.1.1")
    void shouldAgreeWhenThePeerAsks() {
        try (TcpHarness h = agreed(config(EcnMode.ACCEPT))) {
            assertTrue(info(h).ecn);
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc").ecn(CAPABLE));
        }
    }

    @Test
    @Origin("RFC 3168 6.1.1")
    void shouldNotAgreeWhenThePeerDoesNotAskOrIsNotHeard() {
        for (final EcnMode mode : List.of(EcnMode.OFF, EcnMode.ACCEPT, EcnMode.REQUEST)) {
            try (TcpHarness h = new TcpHarness(config(mode))) {
                h.listen(1);
                h.send(Seg.syn(0).flags(mode == EcnMode.OFF ? ECE | CWR : ECE).mss(MSS));
                h.expect(Seg.synAck(0, 1));
                h.send(Seg.ack(1, 1).win(65535));
                h.write("abc");
                h.expect(Seg.data(1, 1, "abc").ecn(0));
                assertFalse(info(h).ecn);
            }
        }
    }

    @Test
    @Origin("RFC 3168 6.1.1")
    void shouldAskWhenSetTo() {
        try (TcpHarness h = new TcpHarness(config(EcnMode.REQUEST))) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0).flags(ECE | CWR).ecn(0));
            h.send(Seg.synAck(0, 1).flags(ECE).mss(MSS).win(65535));
            h.expect(Seg.ack(1, 1).ecn(0));
            assertTrue(info(h).ecn);
        }
    }

    @Test
    @Origin("RFC 3168 6.1.1")
    void shouldTakeBothFlagsInAnAnswerForAReflection() {
        try (TcpHarness h = new TcpHarness(config(EcnMode.REQUEST))) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0).flags(ECE | CWR));
            h.send(Seg.synAck(0, 1).flags(ECE | CWR).mss(MSS).win(65535));
            h.expect(Seg.ack(1, 1));
            assertFalse(info(h).ecn);
        }
    }

    @Test
    @Origin("RFC 3168 6.1.1.1")
    void shouldAskOnlyOnceWhenTheSynIsNotAnswered() {
        try (TcpHarness h = new TcpHarness(config(EcnMode.REQUEST))) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0).flags(ECE | CWR));
            h.advance(1_000_000);
            h.expect(Seg.syn(0));
            h.send(Seg.synAck(0, 1).flags(ECE).mss(MSS).win(65535));
            h.expect(Seg.ack(1, 1));
            assertFalse(info(h).ecn, "an answer to the first one would be as late as a reflection");
        }
    }

    @Test
    @Origin("RFC 3168 6.1.1.1")
    void shouldTryOnceWithoutWhenTheSynIsReset() {
        try (TcpHarness h = new TcpHarness(config(EcnMode.REQUEST))) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0).flags(ECE | CWR));
            h.send(Seg.rstAck(0, 1));
            h.expect(Seg.syn(0));
            h.send(Seg.rstAck(0, 1));
            h.expectNothing();
            assertEquals(List.of("closed REFUSED"), h.events);
        }
    }

    @Test
    @Origin("RFC 3168 6.1.1")
    void shouldGiveItUpWhenThePeerRepeatsItsSynWithout() {
        try (TcpHarness h = new TcpHarness(config(EcnMode.ACCEPT))) {
            h.listen(1);
            h.send(Seg.syn(0).flags(ECE | CWR).mss(MSS));
            h.expect(Seg.synAck(0, 1).flags(ECE));
            h.send(Seg.syn(0).mss(MSS));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.ack(1, 1).win(65535));
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc").ecn(0));
        }
    }

    @Test
    @Origin("RFC 4987 3.6")
    void shouldKeepTheAgreementInACookie() {
        final TcpConfig config = TcpHarness.plain()
                .timestamps(true)
                .synCookies(CookieMode.WHEN_FULL)
                .synBacklog(1)
                .build();
        try (TcpHarness h = new TcpHarness(config)) {
            h.listen(4);
            h.ports(80, 50_000);
            h.send(Seg.syn(0).ts(1, 0));
            h.takeSent();
            h.ports(80, 50_001);
            h.localIssKnown = false;
            h.send(Seg.syn(0).flags(ECE | CWR).ts(1, 0));
            final Seg answer = h.takeSent().getFirst();
            assertEquals(ECE, answer.flags & (ECE | CWR));
            h.send(Seg.ack(1, 1).ts(2, answer.tsVal));
            assertEquals(1, h.counters.get(StackCounter.TCP_COOKIES_ACCEPTED));
            assertTrue(info(h).ecn);
        }
    }

    @Test
    @Origin("RFC 3168 6.1.3")
    void shouldEchoAMarkUntilTheSenderSlowedDown() {
        try (TcpHarness h = agreed(config(EcnMode.ACCEPT))) {
            h.send(Seg.data(1, 1, "abc").ecn(CONGESTED));
            h.expect(Seg.ack(1, 4).flags(ECE).ecn(0)); // at once
            h.send(Seg.data(4, 1, "def").ecn(CAPABLE));
            h.advance(40_000);
            h.expect(Seg.ack(1, 7).flags(ECE));
            h.write("x");
            h.expect(Seg.data(1, 7, "x").flags(ECE).ecn(CAPABLE)); // on data too
            h.send(Seg.data(7, 2, "ghi").flags(CWR).ecn(CAPABLE));
            h.advance(40_000);
            h.expect(Seg.ack(2, 10));
            h.send(Seg.data(10, 2, "jkl").flags(CWR).ecn(CONGESTED));
            h.expect(Seg.ack(2, 13).flags(ECE)); // marked again on its way
            assertEquals(2, info(h).congestionMarks);
            assertEquals(2, h.counters.get(StackCounter.TCP_CONGESTION_MARKS));
        }
    }

    @Test
    @Origin("RFC 3168 6.1.5")
    void shouldIgnoreMarksOutsideTheWindowAndWithoutAgreement() {
        try (TcpHarness h = agreed(config(EcnMode.ACCEPT))) {
            h.send(Seg.data(60_000, 1, "abc").ecn(CONGESTED));
            h.expect(Seg.ack(1, 1));
        }
        try (TcpHarness h = TcpHarness.established(config(EcnMode.ACCEPT), 65535)) {
            h.send(Seg.data(1, 1, "abc").ecn(CONGESTED));
            h.advance(40_000);
            h.expect(Seg.ack(1, 4));
        }
    }

    @Test
    @Origin("RFC 3168 6.1.2")
    void shouldReduceTheWindowOnceForAWindowOfData() {
        try (TcpHarness h = agreed(config(EcnMode.ACCEPT))) {
            h.write("x".repeat(10 * MSS));
            assertEquals(10, h.takeSent().size());
            h.advance(10_000);
            final int before = h.window();
            h.send(Seg.ack(1, 1 + MSS).flags(ECE).win(65535));
            final int after = h.window();
            assertTrue(after <= before * 0.86 && after >= before * 0.8, "Cubic, RFC 8511: " + before + " " + after);
            for (int i = 2; i <= 10; i++) {
                h.send(Seg.ack(1, 1 + i * MSS).flags(ECE).win(65535));
            }
            assertEquals(after, h.window(), "neither reduced again nor grown");
            assertEquals(1, h.counters.get(StackCounter.TCP_CONGESTION_ECHOES));
            h.write("y".repeat(2 * MSS));
            h.expect(Seg.ack(1 + 10 * MSS, 1).len(MSS).flags(CWR).ecn(CAPABLE)); // the first new segment says so
            h.expect(Seg.ack(1 + 11 * MSS, 1).len(MSS).ecn(CAPABLE));
            h.advance(10_000);
            h.send(Seg.ack(1, 1 + 12 * MSS).flags(ECE).win(65535)); // marked behind the reduction
            assertTrue(h.window() < after);
            assertEquals(2, h.counters.get(StackCounter.TCP_CONGESTION_ECHOES));
            assertEquals(11, info(h).congestionEchoes);
        }
    }

    @Test
    @Origin("RFC 8511 3.1")
    void shouldReduceTheWindowOfRenoByAFifth() {
        final TcpConfig config = TcpHarness.plain()
                .ecn(EcnMode.ACCEPT)
                .sack(true)
                .congestionControl(CongestionAlgorithm.RENO)
                .sendBuffer(100_000)
                .build();
        try (TcpHarness h = agreed(config)) {
            h.write("x".repeat(10 * MSS));
            h.takeSent();
            h.advance(10_000);
            h.send(Seg.ack(1, 1 + MSS).flags(ECE).win(65535));
            assertEquals(8 * MSS, h.window());
        }
    }

    private static TcpConfig unpaced(final CongestionAlgorithm algorithm) {
        return TcpHarness.plain()
                .ecn(EcnMode.ACCEPT)
                .sack(true)
                .congestionControl(algorithm)
                .sendBuffer(100_000)
                .pacing(false)
                .build();
    }

    @ParameterizedTest
    @CsvSource({"RENO, 1 1 1 1 0 0 1 1 1 1, 8", "DCTCP, 1 0 1 0 1 0 1 0 0 1, 5"})
    @Origin("RFC 9937 6")
    void shouldComeDownAfterAMarkWithoutAPause(
            final CongestionAlgorithm algorithm, final String sentForEach, final int left) {
        try (TcpHarness h = agreed(unpaced(algorithm))) {
            h.write("x".repeat(40 * MSS));
            assertEquals(10, h.takeSent().size());
            h.advance(10_000);
            final StringJoiner sent = new StringJoiner(" ");
            for (int i = 1; i <= 10; i++) {
                h.send(Seg.ack(1, 1 + i * MSS).flags(i < 3 ? ECE : 0).win(65535));
                sent.add(String.valueOf(h.takeSent().size()));
            }
            assertEquals(sentForEach, sent.toString());
            assertEquals(left * MSS, h.window());
            // All that had been sent by then is acknowledged: the window is in the network, and goes on as ever.
            h.send(Seg.ack(1, 1 + 11 * MSS).win(65535));
            assertEquals(1, h.takeSent().size());
        }
    }

    @Test
    @Origin("RFC 3168 6.1.2")
    @Origin("RFC 3168 6.1.5")
    void shouldTellOfALossButNotMarkWhatIsSentAgain() {
        try (TcpHarness h = agreed(config(EcnMode.ACCEPT))) {
            h.write("x".repeat(8 * MSS));
            assertTrue(h.takeSent().stream().allMatch(segment -> segment.ecn == CAPABLE));
            h.advance(10_000);
            h.send(Seg.ack(1, 1).win(65535).sack(1 + MSS, 1 + 8 * MSS).flags(ECE));
            h.expect(Seg.ack(1, 1).len(MSS).ecn(0));
            h.queue("y".repeat(2 * MSS));
            h.advance(2_000);
            h.send(Seg.ack(1, 1 + 8 * MSS).win(65535).flags(ECE));
            h.advance(10_000);
            h.expect(Seg.ack(1 + 8 * MSS, 1).len(MSS).flags(CWR).ecn(CAPABLE));
            h.expect(Seg.ack(1 + 9 * MSS, 1).len(MSS).ecn(CAPABLE));
        }
    }

    /** One reduction for one window of data, the larger one: with loss what a loss alone would have made of it. */
    @ParameterizedTest
    @CsvSource({
        "RENO, true, false, 5000", "RENO, false, false, 5000", "RENO, false, true, 5000",
        "CUBIC, true, false, 7000", "CUBIC, false, false, 7000", "CUBIC, false, true, 7000",
        "DCTCP, true, false, 2500"
    })
    @Origin("RFC 3168 6.1.2")
    @Origin("RFC 8511 3.1")
    void shouldReduceTheWindowOnceForAMarkAndALossOfTheSameData(
            final CongestionAlgorithm algorithm, final boolean together, final boolean silent, final int threshold) {
        try (TcpHarness h = agreed(unpaced(algorithm))) {
            h.write("x".repeat(10 * MSS));
            h.takeSent();
            h.advance(10_000);
            if (!together) {
                h.send(Seg.ack(1, 1).win(65535).sack(1 + MSS, 1 + 2 * MSS).flags(ECE));
            }
            if (silent) {
                h.advance(500_000);
                assertEquals(1, h.counters.get(StackCounter.TCP_RTO));
                assertEquals(MSS, h.window());
            } else {
                h.send(Seg.ack(1, 1).win(65535).sack(1 + MSS, 1 + 5 * MSS).flags(ECE));
            }
            assertEquals(threshold, info(h).slowStartThreshold);
            assertEquals(1, h.counters.get(StackCounter.TCP_CONGESTION_ECHOES));
        }
    }

    /** When the mark was told of: before the probe was sent, until it was answered, or with the answer. */
    @ParameterizedTest
    @CsvSource({
        "RENO, 0, 4500", "RENO, 1, 4500", "RENO, 2, 5000",
        "CUBIC, 0, 7000", "CUBIC, 1, 7000", "CUBIC, 2, 7000"
    })
    @Origin("RFC 3168 6.1.2")
    @Origin("RFC 8985 7.4")
    void shouldReduceTheWindowOnceForAMarkAndALossThatAProbeRepaired(
            final CongestionAlgorithm algorithm, final int told, final int threshold) {
        try (TcpHarness h = agreed(unpaced(algorithm))) {
            h.write("x".repeat(9 * MSS));
            assertEquals(9, h.takeSent().size());
            h.advance(10_000);
            if (told == 0) {
                h.send(Seg.ack(1, 1 + MSS).win(65535).flags(ECE));
            }
            h.advance(30_000);
            h.expect(Seg.ack(1 + 8 * MSS, 1).len(MSS));
            assertEquals(1, h.counters.get(StackCounter.TCP_TAIL_PROBES));
            if (told == 1) {
                h.send(Seg.ack(1, 1 + MSS).win(65535).flags(ECE));
            }
            h.write("y".repeat(MSS));
            h.takeSent();
            h.send(Seg.ack(1, 1 + 10 * MSS).win(65535).flags(told == 2 ? ECE : 0));
            assertEquals(threshold, info(h).slowStartThreshold);
            assertEquals(1, h.counters.get(StackCounter.TCP_CONGESTION_ECHOES));
        }
    }

    /** What was sent after the window had been reduced is another window of data. */
    @Test
    @Origin("RFC 8985 7.4")
    void shouldReduceTheWindowForALossThatAProbeRepairedAfterAMark() {
        try (TcpHarness h = agreed(unpaced(CongestionAlgorithm.RENO))) {
            h.write("x".repeat(10 * MSS));
            h.takeSent();
            h.advance(10_000);
            h.send(Seg.ack(1, 1 + 5 * MSS).win(65535).flags(ECE));
            assertEquals(8 * MSS, info(h).slowStartThreshold);
            h.write("y".repeat(2 * MSS));
            assertEquals(2, h.takeSent().size());
            h.advance(30_000);
            h.expect(Seg.ack(1 + 11 * MSS, 1).len(MSS));
            h.write("z".repeat(MSS));
            assertEquals(1, h.takeSent().size());
            h.send(Seg.ack(1, 1 + 13 * MSS).win(65535));
            assertEquals(4 * MSS, info(h).slowStartThreshold, "half of eight");
        }
    }

    /** A mark that came while a loss was held to be the answer to it, and to which there is none if that was none. */
    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    @Origin("RFC 3168 6.1.2")
    @Origin("RFC 4015 3.2")
    void shouldSlowDownForAMarkWhenTheLossThatItCameWithWasNone(final boolean meanwhile, final boolean told) {
        try (TcpHarness h = agreed(unpaced(CongestionAlgorithm.RENO))) {
            h.write("x".repeat(10 * MSS));
            h.takeSent();
            h.advance(10_000);
            h.send(Seg.ack(1, 1).win(65535).sack(1 + MSS, 1 + 4 * MSS));
            assertEquals(MSS, h.takeSent().getFirst().payload.length);
            assertEquals(5 * MSS, info(h).slowStartThreshold);
            h.send(Seg.ack(1, 1).win(65535).sack(1 + MSS, 1 + 7 * MSS).flags(meanwhile ? ECE : 0));
            h.expectNothing();
            if (told) {
                h.write("y".repeat(MSS));
                h.expect(Seg.ack(1 + 10 * MSS, 1).len(MSS).flags(CWR));
            }
            // The first was late, and so came twice.
            h.send(Seg.ack(1, 1 + 8 * MSS).win(65535).sack(1, 1 + MSS));
            assertEquals(1, h.counters.get(StackCounter.TCP_SPURIOUS_RETRANSMITS));
            final int window = h.window();
            assertTrue(meanwhile ? window == 8 * MSS : window >= 10 * MSS, "window: " + window);
            h.write("z".repeat(MSS));
            assertEquals(meanwhile ? CWR : 0, h.takeSent().getFirst().flags & CWR);
            h.send(Seg.ack(1, 1 + 9 * MSS).win(65535).flags(ECE));
            assertEquals(meanwhile, window == h.window(), "once a window");
            assertEquals(1, h.counters.get(StackCounter.TCP_CONGESTION_ECHOES));
        }
    }

    @Test
    @Origin("RFC 3168 6.1")
    void shouldGoOnWithItAfterARest() {
        try (TcpHarness h = agreed(config(EcnMode.ACCEPT))) {
            rest(h);
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc").ecn(CAPABLE));
            h.send(Seg.ack(1, 4).win(65535));
            rest(h);
            h.send(Seg.data(1, 4, "a").ecn(CONGESTED));
            h.expect(Seg.ack(4, 2).flags(ECE));
            h.read();
            rest(h);
            h.send(Seg.data(2, 4, "b").ecn(CAPABLE));
            h.advance(100_000);
            h.expect(Seg.ack(4, 3).flags(ECE)); // it did not say that it slowed down
            h.read();
            h.send(Seg.data(3, 4, "c").flags(CWR).ecn(CAPABLE));
            h.advance(100_000);
            h.expect(Seg.ack(4, 4));
            h.read();
            rest(h);
            h.write("d");
            h.takeSent();
            h.send(Seg.ack(4, 5).win(65535).flags(ECE));
            rest(h);
            h.write("e");
            h.expect(Seg.data(5, 4, "e").flags(CWR).ecn(CAPABLE));
            assertEquals(1, info(h).congestionMarks);
            assertEquals(1, info(h).congestionEchoes);
        }
    }

    /** Text that acknowledges nothing may tell of a mark: there is no pause until an acknowledgment comes. */
    @Test
    @Origin("RFC 9937 4.2")
    void shouldGoOnSendingWhenTextTellsOfAMark() {
        try (TcpHarness h = agreed(config(EcnMode.ACCEPT))) {
            h.write("x".repeat(MSS));
            h.takeSent();
            h.send(Seg.data(1, 1, "abc").flags(ECE).win(65535));
            assertEquals(2 * MSS, info(h).congestionWindow);
            h.write("x".repeat(2 * MSS));
            h.advance(10_000); // it is paced
            h.expect(Seg.ack(1 + MSS, 4).flags(CWR).len(MSS).ecn(CAPABLE));
            h.expectNothing();
        }
    }

    private static void rest(final TcpHarness h) {
        h.advance(2 * Transfers.SILENCE);
        assertEquals(0, h.engine.transfers.held());
    }

    @Test
    @Origin("RFC 3168 6.1.6")
    void shouldNotMarkProbesOfAClosedWindow() {
        try (TcpHarness h = agreed(config(EcnMode.ACCEPT))) {
            h.send(Seg.ack(1, 1).win(0));
            h.write("abc");
            h.expectNothing();
            h.advance(1_500_000);
            assertEquals(0, h.takeSent().getFirst().ecn);
        }
    }

    @Test
    void shouldSendTheTrafficClassThatIsAskedForWithoutTouchingTheMarks() {
        try (TcpHarness h = agreed(config(EcnMode.ACCEPT))) {
            h.socket().options().trafficClass(0xB9);
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc").ecn(CAPABLE));
            assertEquals(0xB8 | CAPABLE, h.link.trafficClass);
        }
    }
}

package io.millrace.stack.socket.tcp;

import static io.millrace.stack.socket.tcp.AccurateEnds.CE;
import static io.millrace.stack.socket.tcp.AccurateEnds.ECT_0;
import static io.millrace.stack.socket.tcp.AccurateEnds.MSS;
import static io.millrace.stack.socket.tcp.AccurateEnds.client;
import static io.millrace.stack.socket.tcp.AccurateEnds.config;
import static io.millrace.stack.socket.tcp.AccurateEnds.info;
import static io.millrace.stack.socket.tcp.AccurateEnds.server;
import static io.millrace.stack.socket.tcp.AccurateEnds.settings;
import static io.millrace.stack.socket.tcp.AccurateEnds.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.stack.socket.tcp.config.EcnMode;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpFastOpen;
import io.millrace.stack.wire.TcpView;
import io.millrace.testkit.Origin;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Accurate ECN: how ends agree on it, and what they give up where it does not come through. RFC 9768 section 3.1. */
class TcpAccurateEcnTest {
    /** What a SYN with some flags leads to, of a listener that knows all: none, classic, accurate. */
    @ParameterizedTest
    @CsvSource({
        "0, 0, NONE",
        "3, 1, CLASSIC",
        "7, 2, ACCURATE",
        "1, 2, ACCURATE",
        "2, 2, ACCURATE",
        "4, 2, ACCURATE",
        "5, 2, ACCURATE",
        "6, 2, ACCURATE"
    })
    @Origin("RFC 9768 3.1.2")
    @Origin("RFC 9768 3.1.3")
    void shouldAnswerASynByItsFlags(final int flags, final int answer, final String kind) {
        for (final EcnMode mode :
                List.of(EcnMode.ACCEPT_ACCURATE, EcnMode.REQUEST_ACCEPT_ACCURATE, EcnMode.REQUEST_ACCURATE)) {
            try (TcpHarness h = new TcpHarness(config(mode))) {
                h.listen(1);
                h.send(Seg.syn(0).ace(flags).mss(MSS).win(65535));
                final Seg expected = Seg.synAck(0, 1).ace(answer).ecn(0);
                h.expect(kind.equals("ACCURATE") ? expected.e1(1, 0, 1) : expected.noCounts());
                h.send(Seg.ack(1, 1).ace(kind.equals("ACCURATE") ? 2 : 0).win(65535));
                is(kind, h);
            }
        }
    }

    private static void is(final String kind, final TcpHarness h) {
        assertEquals(!kind.equals("NONE"), info(h).ecn);
        assertEquals(kind.equals("ACCURATE"), info(h).accurateEcn);
    }

    @ParameterizedTest
    @EnumSource(
            value = EcnMode.class,
            names = {"OFF", "ACCEPT", "REQUEST"})
    @Origin("RFC 9768 3.1.2")
    void shouldTakeARequestForTheClassicOneWhereItKnowsNoOther(final EcnMode mode) {
        try (TcpHarness h = new TcpHarness(config(mode))) {
            h.listen(1);
            h.send(Seg.syn(0).ace(7).mss(MSS).win(65535));
            h.expect(Seg.synAck(0, 1).ace(mode == EcnMode.OFF ? 0 : 1).noCounts());
            h.send(Seg.ack(1, 1).win(65535));
            is(mode == EcnMode.OFF ? "NONE" : "CLASSIC", h);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 2", "1, 3", "2, 4", "3, 6"})
    @Origin("RFC 9768 3.1.2")
    void shouldTellWhatASynCameWith(final int codePoint, final int answer) {
        try (TcpHarness h = new TcpHarness(config(EcnMode.ACCEPT_ACCURATE))) {
            h.listen(1);
            h.send(Seg.syn(0).ace(7).ecn(codePoint).mss(MSS).win(65535));
            h.expect(Seg.synAck(0, 1).ace(answer).ecn(0));
            h.send(Seg.ack(1, 1).ace(2).win(65535));
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc").ace(5).ecn(ECT_0)); // a mark of a SYN is not counted
            assertEquals(0, info(h).ecnReceived.cePackets);
        }
    }

    @Test
    void shouldAnswerWithoutTheOptionWhereAnswersHaveNone() {
        try (TcpHarness h = new TcpHarness(config(EcnMode.ACCEPT_ACCURATE))) {
            h.listen(1).options().opening().withoutOptions(true);
            h.send(Seg.syn(0).ace(7).mss(MSS).win(65535));
            h.expect(Seg.synAck(0, 1).ace(2).noCounts());
        }
    }

    @Test
    @Origin("RFC 9768 3.1.2")
    void shouldTellWhatTheLastSynCameWith() {
        try (TcpHarness h = new TcpHarness(config(EcnMode.ACCEPT_ACCURATE))) {
            h.listen(1);
            h.send(Seg.syn(0).ace(7).mss(MSS).win(65535));
            h.expect(Seg.synAck(0, 1).ace(2));
            h.send(Seg.syn(0).ace(7).ecn(CE).mss(MSS).win(65535));
            h.expect(Seg.synAck(0, 1).ace(6).noCounts());
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 2, 5", "1, 3, 5", "2, 4, 5", "3, 6, 6"})
    @Origin("RFC 9768 3.2.2.1")
    void shouldTellWhatAnAnswerCameWith(final int codePoint, final int third, final int after) {
        try (TcpHarness h = client(Seg.synAck(0, 1).ace(2).ecn(codePoint))) {
            h.expect(Seg.ack(1, 1).ace(third).ecn(ECT_0).noCounts());
            h.send(Seg.synAck(0, 1).ace(2).ecn(codePoint)); // ours was lost
            h.expect(Seg.ack(1, 1).ace(third));
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc").ace(after).ecn(ECT_0));
            h.send(Seg.data(1, 4, "abc").ace(5).ecn(ECT_0));
            h.advance(40_000);
            h.expect(Seg.ack(4, 4).ace(after));
            assertEquals(after - 5, info(h).ecnReceived.cePackets);
        }
    }

    @Test
    @Origin("RFC 9768 3.2.2.1")
    void shouldCountWithTheFirstTextWhenItAcknowledgesTheAnswer() {
        try (TcpHarness h = new TcpHarness(config(EcnMode.REQUEST_ACCURATE))) {
            h.connect();
            h.queue("abc");
            h.poll();
            h.expect(Seg.syn(0).ace(7));
            h.deliver(Seg.synAck(0, 1).ace(2).ecn(CE).mss(MSS).win(65535));
            h.poll();
            h.expect(Seg.data(1, 1, "abc").ace(6));
        }
    }

    /** Table 2: what the answer to ours leads to, and whether packets may be marked then: the SYN left without. */
    @ParameterizedTest
    @CsvSource({
        "0, NONE, false", "1, CLASSIC, true", "2, ACCURATE, true", "3, ACCURATE, false",
        "4, ACCURATE, false", "5, ACCURATE, true", "6, ACCURATE, false", "7, NONE, false"
    })
    @Origin("RFC 9768 3.1.2")
    @Origin("RFC 9768 3.1.3")
    @Origin("RFC 9768 3.2.2.3")
    void shouldTakeAnAnswerByItsFlags(final int answer, final String kind, final boolean capable) {
        try (TcpHarness h = client(Seg.synAck(0, 1).ace(answer))) {
            final boolean accurate = kind.equals("ACCURATE");
            h.expect(Seg.ack(1, 1).ace(accurate ? 2 : 0).ecn(accurate && capable ? ECT_0 : 0));
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc").ace(accurate ? 5 : 0).ecn(capable ? ECT_0 : 0));
            is(kind, h);
        }
    }

    /** Table 4: what the end of the handshake tells of our answer, which left without a code point. */
    @ParameterizedTest
    @CsvSource({
        "0, false, 0",
        "1, true, 0",
        "2, true, 0",
        "3, false, 0",
        "4, false, 0",
        "5, true, 0",
        "6, false, 1",
        "7, true, 0"
    })
    @Origin("RFC 9768 3.2.2.1")
    @Origin("RFC 9768 3.2.2.3")
    @Origin("RFC 9768 3.2.2.4")
    void shouldTakeTheEndOfTheHandshakeByItsFlags(final int field, final boolean capable, final int marked) {
        try (TcpHarness h =
                server(config(EcnMode.ACCEPT_ACCURATE), Seg.ack(1, 1).ace(field))) {
            assertEquals(marked, info(h).ecnSent.cePackets);
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc").ace(5).ecn(capable ? ECT_0 : 0));
            is("ACCURATE", h);
        }
    }

    @Test
    @Origin("RFC 9768 3.2.2.4")
    void shouldBelieveNothingAfterAFieldOfZeros() {
        try (TcpHarness h =
                server(config(EcnMode.ACCEPT_ACCURATE), Seg.ack(1, 1).ace(0))) {
            h.write(text(4));
            h.takeSent();
            final int before = h.window();
            h.send(AccurateEnds.ack(1 + MSS, 6));
            h.send(AccurateEnds.ack(1 + 2 * MSS, 0));
            assertTrue(h.window() >= before);
            assertEquals(0, info(h).ecnSent.cePackets);
            h.send(Seg.data(1, 1 + 4 * MSS, "abc").ace(1).ecn(CE).win(65535));
            h.expect(Seg.ack(1 + 4 * MSS, 4).ace(6).ecn(0)); // but what comes is counted
        }
    }

    /** What a segment that holds more than an acknowledgment says is the counter. */
    @Test
    @Origin("RFC 9768 3.2.2.1")
    void shouldNotTakeTextForTheEndOfTheHandshake() {
        try (TcpHarness h =
                server(config(EcnMode.ACCEPT_ACCURATE), Seg.data(1, 1, "abc").ace(6))) {
            h.takeSent();
            h.write("abc");
            h.expect(Seg.data(1, 4, "abc").ace(5).ecn(ECT_0));
            h.send(Seg.ack(4, 4).ace(6).win(65535));
            assertEquals(1, info(h).ecnSent.cePackets);
        }
    }

    @Test
    @Origin("RFC 9768 3.1.4.1")
    void shouldAskTwiceBeforeItGivesThatUp() {
        try (TcpHarness h = new TcpHarness(config(EcnMode.REQUEST_ACCURATE))) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0).ace(7));
            h.advance(1_000_000);
            h.expect(Seg.syn(0).ace(7));
            h.advance(2_000_000);
            h.expect(Seg.syn(0));
            h.send(Seg.synAck(0, 1).mss(MSS));
            h.expect(Seg.ack(1, 1));
            is("NONE", h);
        }
    }

    @Test
    @Origin("RFC 9768 3.1.4.1")
    void shouldAskAsOftenAsSet() {
        try (TcpHarness h = new TcpHarness(
                settings(EcnMode.REQUEST_ACCURATE).ecnSynRetries(2).build())) {
            h.connect();
            h.advance(3_100_000);
            assertEquals(
                    3,
                    h.takeSent().stream()
                            .filter(s -> (s.flags & TcpView.AE) != 0)
                            .count());
            h.advance(4_000_000);
            h.expect(Seg.syn(0));
        }
    }

    @Test
    @Origin("RFC 9768 3.1.4.1")
    void shouldTryOnceWithoutWhenTheSynIsReset() {
        try (TcpHarness h = new TcpHarness(config(EcnMode.REQUEST_ACCURATE))) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0).ace(7));
            h.send(Seg.rstAck(0, 1));
            h.expect(Seg.syn(0));
            h.send(Seg.rstAck(0, 1));
            assertEquals(List.of("closed REFUSED"), h.events);
        }
    }

    @Test
    @Origin("RFC 9768 3.1.4.2")
    void shouldAnswerWithoutTheOptionThenWithoutFlags() {
        try (TcpHarness h = new TcpHarness(config(EcnMode.ACCEPT_ACCURATE))) {
            h.listen(1);
            h.send(Seg.syn(0).ace(7).ecn(ECT_0).mss(MSS).win(65535));
            h.expect(Seg.synAck(0, 1).ace(4).e1(1, 0, 1));
            h.advance(1_000_000);
            h.expect(Seg.synAck(0, 1).ace(4).noCounts());
            h.advance(2_000_000);
            h.expect(Seg.synAck(0, 1).ace(0).noCounts());
            h.send(Seg.ack(1, 1).ace(2).win(65535));
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc").ace(5).ecn(0)); // section 3.1.5
            is("ACCURATE", h);
        }
    }

    @Test
    @Origin("RFC 9768 3.1.5")
    void shouldSendNothingToBeMarkedAfterASynThatDoesNotAsk() {
        try (TcpHarness h = new TcpHarness(config(EcnMode.ACCEPT_ACCURATE))) {
            h.listen(1);
            h.send(Seg.syn(0).ace(7).mss(MSS).win(65535));
            h.expect(Seg.synAck(0, 1).ace(2));
            h.send(Seg.syn(0).mss(MSS).win(65535));
            h.expect(Seg.synAck(0, 1).ace(2).noCounts());
            h.send(Seg.ack(1, 1).ace(2).win(65535));
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc").ace(5).ecn(0));
            is("ACCURATE", h);
        }
    }

    /** What the handshake came with at the peer: without the checks that keeps nothing from being marked. */
    @ParameterizedTest
    @ValueSource(ints = {3, 4, 6})
    @Origin("RFC 9768 3.2.2.3")
    void shouldLetPacketsBeMarkedThoughCodePointsChangeWhereThatIsNotChecked(final int field) {
        final TcpConfig unchecked =
                settings(EcnMode.REQUEST_ACCURATE).ecnChecks(false).build();
        final int marked = field == 6 ? 1 : 0;
        try (TcpHarness h = server(unchecked, Seg.ack(1, 1).ace(field))) {
            assertEquals(marked, info(h).ecnSent.cePackets);
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc").ace(5).ecn(ECT_0));
        }
        try (TcpHarness h = new TcpHarness(unchecked)) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0).ace(7));
            h.send(Seg.synAck(0, 1).ace(field).mss(MSS).win(65535).sackOk(true));
            h.expect(Seg.ack(1, 1).ace(2).ecn(ECT_0));
        }
        try (TcpHarness h = server(unchecked, Seg.ack(1, 1).ace(0))) {
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc").ace(5).ecn(0)); // it does not count
        }
    }

    /** The flags of a SYN and of what comes in its place: whether there is a reset. */
    @ParameterizedTest
    @CsvSource({
        "ACCEPT_ACCURATE, 7, 3, true",
        "ACCEPT_ACCURATE, 3, 7, true",
        "ACCEPT_ACCURATE, 5, 3, true",
        "ACCEPT_ACCURATE, 7, 7, false",
        "ACCEPT_ACCURATE, 7, 5, false",
        "ACCEPT_ACCURATE, 7, 0, false",
        "ACCEPT_ACCURATE, 0, 7, false",
        "ACCEPT_ACCURATE, 0, 3, false",
        "ACCEPT_ACCURATE, 3, 3, false",
        "ACCEPT_ACCURATE, 3, 0, false",
        "ACCEPT, 7, 7, false",
        "ACCEPT, 3, 7, false",
        "ACCEPT, 7, 3, false"
    })
    @Origin("RFC 9768 3.1.5")
    void shouldResetWhoAsksForBothKinds(final EcnMode mode, final int first, final int second, final boolean reset) {
        try (TcpHarness h = new TcpHarness(config(mode))) {
            h.listen(1);
            h.send(Seg.syn(0).ace(first).mss(MSS).win(65535));
            assertEquals(1, h.takeSent().size());
            h.send(Seg.syn(0).ace(second).mss(MSS).win(65535));
            final Seg answer = h.takeSent().getFirst();
            assertEquals(reset, (answer.flags & TcpView.RST) != 0);
            assertEquals(1, answer.ack);
            assertEquals(reset ? 0 : 1, h.engine.flows.size());
        }
        try (TcpHarness h = new TcpHarness(settings(mode)
                .fastOpen(TcpFastOpen.defaults().withQueue(4).withServerWithoutCookie(true))
                .build())) {
            h.listen(4);
            h.send(Seg.syn(0).ace(first).mss(MSS).win(65535).text("hello"));
            assertEquals(6, h.takeSent().getFirst().ack);
            h.send(Seg.syn(0).ace(second).mss(MSS).win(65535).text("hello"));
            assertEquals(reset, (h.takeSent().getFirst().flags & TcpView.RST) != 0);
            assertEquals(reset ? 0 : 1, h.engine.flows.size());
        }
    }

    @Test
    @Origin("RFC 9768 3.1.5")
    void shouldStayWithoutWhenOnlyALaterSynAsks() {
        try (TcpHarness h = new TcpHarness(config(EcnMode.ACCEPT_ACCURATE))) {
            h.listen(1);
            h.send(Seg.syn(0).mss(MSS));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.syn(0).ace(7).mss(MSS));
            h.expect(Seg.synAck(0, 1).noCounts());
            h.send(Seg.ack(1, 1));
            is("NONE", h);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Origin("RFC 9768 5.1")
    void shouldKeepTheAgreementInACookieWithTimestampsOnly(final boolean timestamps) {
        final TcpConfig config = settings(EcnMode.ACCEPT_ACCURATE)
                .timestamps(true)
                .synCookies(CookieMode.ALWAYS)
                .build();
        try (TcpHarness h = new TcpHarness(config)) {
            h.listen(1);
            final Seg syn = Seg.syn(0).ace(7).ecn(ECT_0).mss(MSS);
            h.send(timestamps ? syn.ts(1, 0) : syn);
            final Seg answer = h.takeSent().getFirst();
            assertEquals(timestamps ? 4 : 0, (answer.flags & AccurateEcn.FLAGS) >>> 6);
            final Seg third = Seg.ack(1, 1).win(65535);
            h.send(timestamps ? third.ace(2).ts(2, answer.tsVal) : third);
            assertEquals(1, h.counters.get(StackCounter.TCP_COOKIES_ACCEPTED));
            is(timestamps ? "ACCURATE" : "NONE", h);
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc").ace(timestamps ? 5 : 0).ecn(timestamps ? ECT_0 : 0));
        }
    }

    /** Who agreed to the classic one sends no flags with the cookie. */
    @Test
    @Origin("RFC 9768 5.1")
    void shouldTellTheClassicOneInACookieFromTheAccurate() {
        final TcpConfig config = settings(EcnMode.ACCEPT_ACCURATE)
                .timestamps(true)
                .synCookies(CookieMode.ALWAYS)
                .build();
        try (TcpHarness h = new TcpHarness(config)) {
            h.listen(1);
            h.send(Seg.syn(0).ace(3).mss(MSS).ts(1, 0));
            final Seg answer = h.takeSent().getFirst();
            h.send(Seg.ack(1, 1).ts(2, answer.tsVal));
            is("CLASSIC", h);
        }
    }

    @Test
    @Origin("RFC 7413 4.2.2")
    @Origin("RFC 9768 3.1.2")
    void shouldAgreeWhenASynBringsText() {
        final TcpConfig config = settings(EcnMode.ACCEPT_ACCURATE)
                .fastOpen(TcpFastOpen.defaults().withQueue(4).withServerWithoutCookie(true))
                .build();
        try (TcpHarness h = new TcpHarness(config)) {
            h.listen(4);
            h.send(Seg.syn(0).ace(7).ecn(CE).mss(MSS).win(65535).text("hello"));
            h.expect(Seg.synAck(0, 6).ace(6).ecn(0));
            assertEquals("hello", h.read());
            h.write("world");
            h.expect(Seg.data(1, 6, "world").ace(5).ecn(ECT_0));
            h.send(Seg.ack(6, 6).ace(2).win(65535));
            assertEquals(TcpState.ESTABLISHED, h.state());
            assertEquals(0, info(h).ecnSent.cePackets);
            h.write("!");
            h.expect(Seg.data(6, 6, "!").ace(5).ecn(ECT_0));
            is("ACCURATE", h);
        }
    }

    @Test
    @Origin("RFC 9768 3.2.3.2.2")
    void shouldGiveUpTheOptionAndThenTheFlagsOfAnAnswerToText() {
        final TcpConfig config = settings(EcnMode.ACCEPT_ACCURATE)
                .fastOpen(TcpFastOpen.defaults().withQueue(4).withServerWithoutCookie(true))
                .build();
        try (TcpHarness h = new TcpHarness(config)) {
            h.listen(4);
            h.send(Seg.syn(0).ace(7).mss(MSS).win(65535).text("hello"));
            h.expect(Seg.synAck(0, 6).ace(2).e1(1, 0, 1));
            h.advance(1_000_000);
            h.expect(Seg.synAck(0, 6).ace(2).noCounts());
            h.advance(2_000_000);
            h.expect(Seg.synAck(0, 6).noCounts());
            h.send(Seg.ack(1, 1).seq(6).ace(2).win(65535));
            h.write("world");
            h.expect(Seg.data(1, 6, "world").ace(5).ecn(0));
            is("ACCURATE", h);
        }
    }

    /** SYNs cross: what the peer's asks for, and what its answer to ours says. */
    @ParameterizedTest
    @CsvSource({
        "REQUEST_ACCURATE, 7, 2, 2, ACCURATE",
        "REQUEST_ACCURATE, 3, 1, 2, CLASSIC",
        "REQUEST_ACCURATE, 0, 0, 2, NONE",
        "REQUEST_ACCEPT_ACCURATE, 7, 1, 1, CLASSIC",
        "REQUEST_ACCEPT_ACCURATE, 3, 1, 1, CLASSIC"
    })
    @Origin("RFC 9768 3.1.2")
    void shouldAgreeOnWhatBothKnowWhenBothOpen(
            final EcnMode mode, final int asked, final int ours, final int theirs, final String kind) {
        try (TcpHarness h = new TcpHarness(config(mode))) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0).ace(mode.requestsAccurate() ? 7 : 3));
            h.send(Seg.syn(0).ace(asked).mss(MSS).win(65535));
            h.expect(Seg.synAck(0, 1).ace(ours));
            h.send(Seg.synAck(0, 1).ace(theirs).mss(MSS).win(65535));
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.takeSent();
            is(kind, h);
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc").ace(kind.equals("ACCURATE") ? 5 : 0).ecn(kind.equals("NONE") ? 0 : ECT_0));
            h.send(Seg.ack(1, 4).ace(kind.equals("ACCURATE") ? 5 : 0).win(65535));
            assertEquals(0, h.counters.get(StackCounter.TCP_CONGESTION_ECHOES));
        }
    }

    @Test
    @Origin("RFC 9768 3.1.5")
    void shouldKeepWhatItAgreedOnWhenAnotherAnswerComes() {
        try (TcpHarness h = client(Seg.synAck(0, 1).ace(2))) {
            h.expect(Seg.ack(1, 1).ace(2).ecn(ECT_0));
            h.advance(1_000_000);
            h.send(Seg.synAck(0, 1).mss(MSS).win(65535));
            h.expect(Seg.ack(1, 1).ace(2).ecn(ECT_0));
            is("ACCURATE", h);
            assertFalse(info(h).accurateEcnOption);
        }
    }
}

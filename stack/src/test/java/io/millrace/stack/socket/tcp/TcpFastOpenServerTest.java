package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.stack.socket.tcp.config.FastOpenKeys;
import io.millrace.stack.socket.tcp.config.TcpConfigBuilder;
import io.millrace.testkit.Origin;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Data in the SYNs that a listener gets: RFC 7413 section 4.2. */
class TcpFastOpenServerTest {
    private static final String KEY = "a0bf63f7-ed803d81-cd641d30-cebc4a90";
    private static final String WRONG = "0123456789abcdef";

    private static TcpConfigBuilder config() {
        return TcpHarness.plain().fastOpen(fastOpen -> fastOpen.withQueue(2).withKeys(FastOpenKeys.parse(KEY)));
    }

    private static TcpHarness listening() {
        final TcpHarness h = new TcpHarness(config().build());
        h.listen(8);
        return h;
    }

    /** The cookie of the peer, as it gets it when it asks. */
    private static String cookie(final TcpHarness h) {
        h.ports(80, 40_000);
        h.localIssKnown = false;
        h.send(Seg.syn(0).mss(1460).fo(""));
        final Seg answer = h.takeSent().getFirst();
        final String cookie = answer.cookie;
        assertNotNull(cookie, "a cookie is sent to whoever asks");
        h.send(Seg.rst(1));
        fresh(h, TcpHarness.REMOTE.port());
        return cookie;
    }

    /** Another connection of the peer. */
    private static void fresh(final TcpHarness h, final int port) {
        h.takeSent();
        h.ports(80, port);
        h.localIssKnown = false;
        h.events.clear();
    }

    private static TcpInfo info(final TcpHarness h) {
        return h.socket().info(new TcpInfo());
    }

    private static FastOpenQueue queue(final TcpHarness h) {
        return ((TcpListener<?>) h.engine.listeners.toArray()[0]).fastOpen();
    }

    @Test
    @Origin("RFC 7413 4.2.1")
    void shouldGiveACookieToWhoeverAsks() {
        try (TcpHarness h = listening()) {
            h.send(Seg.syn(0).mss(1460).fo(""));
            h.expect(Seg.synAck(0, 1).fo(HexFormat.of().toHexDigits(cookieOf(h))));
            h.advance(1_000_000);
            h.expect(Seg.synAck(0, 1).fo(null));
            h.send(Seg.ack(1, 1));
            assertEquals(TcpState.ESTABLISHED, h.state());
            assertFalse(info(h).synData);
            assertEquals(1, h.counters.get(StackCounter.TCP_FAST_OPEN_COOKIES_SENT));
        }
    }

    private static long cookieOf(final TcpHarness h) {
        return FastOpenKeys.parse(KEY).cookie(h.engine.flows.toArray()[0]);
    }

    @Test
    @Origin("RFC 7413 4.2.2")
    void shouldBeReadAndAnswerBeforeTheHandshakeIsComplete() {
        try (TcpHarness h = listening()) {
            final String cookie = cookie(h);
            h.send(Seg.syn(0).mss(1460).win(8000).text("hello").fo(cookie));
            h.expect(Seg.synAck(0, 6).fo(null));
            assertEquals(List.of("connected", "readable"), h.events);
            assertEquals(TcpState.SYN_RECEIVED, h.state());
            assertEquals("hello", h.read());
            assertTrue(info(h).synData);
            h.write("world");
            h.expect(Seg.data(1, 6, "world"));
            h.send(Seg.data(6, 1, "!"));
            assertEquals(TcpState.ESTABLISHED, h.state());
            assertEquals("!", h.read());
            h.send(Seg.ack(7, 6));
            assertEquals(0, h.socket().unacknowledged());
            assertEquals(List.of("connected", "readable", "readable"), h.events);
            assertEquals(0, queue(h).pending());
            assertEquals(1, queue(h).accepted());
            assertEquals(1, h.counters.get(StackCounter.TCP_FAST_OPEN_ACCEPTED));
        }
    }

    @Test
    @Origin("RFC 7413 4.2.2")
    void shouldOpenByACookieWithoutData() {
        try (TcpHarness h = listening()) {
            final String cookie = cookie(h);
            h.send(Seg.syn(0).mss(1460).fo(cookie));
            h.expect(Seg.synAck(0, 1));
            assertEquals(List.of("connected"), h.events);
            assertFalse(info(h).synData);
            h.write("hi");
            h.expect(Seg.data(1, 1, "hi"));
        }
    }

    @Test
    @Origin("RFC 7413 4.2.2")
    void shouldAcknowledgeTheSynOnlyAndGiveAFreshCookieWhenTheCookieIsWrong() {
        try (TcpHarness h = listening()) {
            final String cookie = cookie(h);
            h.send(Seg.syn(0).mss(1460).text("hello").fo(WRONG));
            h.expect(Seg.synAck(0, 1).fo(cookie));
            assertEquals(List.of(), h.events);
            assertEquals(1, h.counters.get(StackCounter.TCP_FAST_OPEN_BAD_COOKIE));
            h.send(Seg.data(1, 1, "hello"));
            assertEquals("hello", h.read());
            assertFalse(info(h).synData);
        }
    }

    @Test
    @Origin("RFC 7413 5.2")
    void shouldTakeACookieOfThePreviousKeyAndGiveAFreshOne() {
        try (TcpHarness h = listening()) {
            final String cookie = cookie(h);
            queue(h).keys(FastOpenKeys.parse(KEY).next(new byte[16]));
            h.send(Seg.syn(0).mss(1460).text("hello").fo(cookie));
            final Seg answer = h.takeSent().getFirst();
            assertEquals(6, answer.ack);
            assertNotNull(answer.cookie);
            assertFalse(answer.cookie.equals(cookie));
            fresh(h, 50_000);
            h.send(Seg.syn(0).mss(1460).text("again").fo(answer.cookie));
            h.expect(Seg.synAck(0, 6).fo(null));
        }
    }

    @Test
    @Origin("RFC 7413 5.1")
    void shouldNotTakeACookieOfAnotherAddress() {
        try (TcpHarness h = listening()) {
            // What 10.248.0.2 would get from 192.168.0.2.
            h.send(Seg.syn(0).mss(1460).text("hello").fo("00abaaabe8e954c2"));
            assertEquals(1, h.takeSent().getFirst().ack);
            assertEquals(List.of(), h.events);
        }
    }

    @Test
    void shouldNotKnowTheOptionUnlessTheListenerTurnsItOn() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            final TcpListener<?> listener = h.listen(8);
            h.send(Seg.syn(0).mss(1460).text("hello").fo(""));
            h.expect(Seg.synAck(0, 1).fo(null));
            assertNull(listener.fastOpenOrNull());
            h.send(Seg.rst(1));
            listener.fastOpen().limit(1);
            fresh(h, 50_000);
            h.send(Seg.syn(0).mss(1460).fo(""));
            assertNotNull(h.takeSent().getFirst().cookie);
        }
    }

    @Test
    void shouldAnswerInTheFormOfTheQuestion() {
        try (TcpHarness h = listening()) {
            h.send(Seg.syn(0).mss(1460).foExp(""));
            final Seg answer = h.takeSent().getFirst();
            assertTrue(answer.experimental);
            final String cookie = answer.cookie;
            assertNotNull(cookie);
            h.send(Seg.rst(1));
            fresh(h, 50_000);
            h.send(Seg.syn(0).mss(1460).text("hello").foExp(cookie));
            h.expect(Seg.synAck(0, 6).fo(null));
        }
    }

    @Test
    @Origin("RFC 7413 4.2.2")
    void shouldTakeAnyDataWhereNoCookieIsAskedFor() {
        try (TcpHarness h = listening()) {
            queue(h).withoutCookie(true);
            h.send(Seg.syn(0).mss(1460).text("hello"));
            h.expect(Seg.synAck(0, 6).fo(null));
            assertEquals("hello", h.read());
        }
    }

    @Test
    @Origin("RFC 7413 4.2.2")
    void shouldAcknowledgeTheSynOnlyWithoutTheOption() {
        try (TcpHarness h = listening()) {
            h.send(Seg.syn(0).mss(1460).text("hello"));
            h.expect(Seg.synAck(0, 1).fo(null));
        }
    }

    @Test
    @Origin("RFC 7413 5.1")
    void shouldOpenTheUsualWayWhileTooManyArePending() {
        try (TcpHarness h = listening()) {
            final String cookie = cookie(h);
            for (int i = 0; i < 2; i++) {
                fresh(h, 50_000 + i);
                h.send(Seg.syn(0).mss(1460).text("hello").fo(cookie));
                h.expect(Seg.synAck(0, 6));
            }
            assertEquals(2, queue(h).pending());
            fresh(h, 50_010);
            h.send(Seg.syn(0).mss(1460).text("hello").fo(cookie));
            h.expect(Seg.synAck(0, 1).fo(null));
            assertEquals(List.of(), h.events);
            assertEquals(1, queue(h).overflows());
            h.send(Seg.data(1, 1, "hello"));
            assertEquals("hello", h.read());
        }
    }

    @Test
    @Origin("RFC 7413 5.1")
    void shouldCountOneThatWasResetAsPendingForAMinute() {
        try (TcpHarness h = listening()) {
            final String cookie = cookie(h);
            for (int i = 0; i < 2; i++) {
                fresh(h, 50_000 + i);
                h.send(Seg.syn(0).mss(1460).text("hello").fo(cookie));
                h.send(Seg.rst(6));
                assertEquals(List.of("connected", "readable", "closed RESET"), h.events);
            }
            assertEquals(2, queue(h).pending());
            fresh(h, 50_010);
            h.send(Seg.syn(0).mss(1460).text("hello").fo(cookie));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.rst(1));
            h.advance(59_000_000);
            fresh(h, 50_011);
            h.send(Seg.syn(0).mss(1460).text("hello").fo(cookie));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.rst(1));
            h.advance(1_000_001);
            fresh(h, 50_012);
            h.send(Seg.syn(0).mss(1460).text("hello").fo(cookie));
            h.expect(Seg.synAck(0, 6));
        }
    }

    @Test
    @Origin("RFC 7413 4.2.2")
    void shouldSendNothingButTheSynAckAgainUntilThatIsAnswered() {
        try (TcpHarness h = listening()) {
            final String cookie = cookie(h);
            h.send(Seg.syn(0).mss(1460).win(8000).text("hello").fo(cookie));
            h.expect(Seg.synAck(0, 6));
            h.write("world");
            h.expect(Seg.data(1, 6, "world"));
            h.advance(1_000_000);
            h.expect(Seg.synAck(0, 6));
            h.advance(2_000_000);
            h.expect(Seg.synAck(0, 6));
            h.expectNothing();
            h.send(Seg.ack(6, 1));
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.advance(3_000_000);
            h.expect(Seg.data(1, 6, "world"));
        }
    }

    @Test
    void shouldGiveUpInSilenceWhenNobodyAnswers() {
        try (TcpHarness h = listening()) {
            final String cookie = cookie(h);
            h.send(Seg.syn(0).mss(1460).text("hello").fo(cookie));
            h.expect(Seg.synAck(0, 6));
            h.advance(120_000_000);
            final List<Seg> sent = h.takeSent();
            assertEquals(5, sent.size(), "as often as a half-open connection's, and no reset: " + sent);
            assertEquals(List.of("connected", "readable", "closed TIMEOUT"), h.events);
            assertEquals(0, queue(h).pending());
            assertEquals(0, h.engine.flows.size());
        }
    }

    @Test
    @Origin("RFC 7413 2.1")
    void shouldAnswerTheSameSynAgainWithoutTakingItsDataTwice() {
        try (TcpHarness h = listening()) {
            final String cookie = cookie(h);
            h.send(Seg.syn(0).mss(1460).text("hello").fo(cookie));
            h.expect(Seg.synAck(0, 6));
            h.send(Seg.syn(0).mss(1460).text("hello").fo(cookie));
            h.expect(Seg.synAck(0, 6));
            h.send(Seg.syn(0).mss(1460));
            h.expect(Seg.synAck(0, 6));
            assertEquals("hello", h.read());
            assertEquals(1, queue(h).pending());
            for (int i = 0; i < 10; i++) {
                h.send(Seg.syn(0).mss(1460));
            }
            assertTrue(h.takeSent().size() <= 3, "no more than the timer would send in all");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldCloseBeforeTheHandshakeIsComplete(final boolean answer) {
        try (TcpHarness h = listening()) {
            final String cookie = cookie(h);
            h.send(Seg.syn(0).mss(1460).win(8000).text("hello").fo(cookie));
            h.expect(Seg.synAck(0, 6));
            assertEquals("hello", h.read());
            if (answer) {
                h.queue("bye");
            }
            h.closeSocket();
            final int end = answer ? 4 : 1;
            h.expect(answer ? Seg.fin(1, 6).text("bye") : Seg.fin(1, 6));
            h.send(Seg.ack(6, end + 1));
            assertEquals(TcpState.FIN_WAIT_2, h.state());
            h.send(Seg.fin(6, end + 1));
            h.expect(Seg.ack(end + 1, 7));
            assertEquals(0, queue(h).pending());
        }
    }

    @Test
    @Origin("RFC 7413 4.2.2")
    void shouldTakeAFinWithTheAcknowledgmentOfOurSyn() {
        try (TcpHarness h = listening()) {
            final String cookie = cookie(h);
            h.send(Seg.syn(0).mss(1460).text("hello").fo(cookie));
            h.expect(Seg.synAck(0, 6));
            h.send(Seg.fin(6, 1));
            h.expect(Seg.ack(1, 7));
            assertEquals(TcpState.CLOSE_WAIT, h.state());
            assertEquals("hello", h.read());
        }
    }

    @Test
    @Origin("RFC 7413 4.2.2")
    void shouldResetWhatNobodyAcceptedWhenTheListenerCloses() {
        try (TcpHarness h = new TcpHarness(config().build())) {
            final TcpListener<?> listener = h.engine.listen(TcpHarness.LOCAL, 8, false, null);
            final String cookie = cookie(h);
            h.send(Seg.syn(0).mss(1460).text("hello").fo(cookie));
            h.expect(Seg.synAck(0, 6));
            assertEquals(1, listener.waiting());
            listener.close();
            h.expect(Seg.rstAck(1, 6));
            h.poll();
            assertEquals(0, listener.fastOpen().pending());
            assertEquals(0, h.engine.connections());
            assertEquals(h.engine.chunks().capacity(), h.engine.chunks().available());
        }
    }

    @Test
    @Origin("RFC 7413 4.2.2")
    void shouldLetItsDataBeReadThoughItWasResetBeforeItWasAccepted() {
        try (TcpHarness h = new TcpHarness(config().build())) {
            final TcpListener<?> listener = h.engine.listen(TcpHarness.LOCAL, 8, false, null);
            final String cookie = cookie(h);
            h.send(Seg.syn(0).mss(1460).text("hello").fo(cookie));
            h.send(Seg.rst(6));
            h.takeSent();
            h.socket = listener.accept(h);
            assertEquals("hello", h.read());
            assertEquals(List.of("closed RESET"), h.events);
        }
    }

    @Test
    @Origin("RFC 7413 5.1")
    void shouldOpenNothingAtOnceWhileItSendsSynCookies() {
        try (TcpHarness h =
                new TcpHarness(config().synCookies(CookieMode.ALWAYS).build())) {
            h.listen(8);
            h.send(Seg.syn(0).mss(1460).text("hello").fo(""));
            h.expect(Seg.synAck(0, 1).fo(null));
            assertEquals(0, h.engine.flows.size());
        }
    }

    @Test
    void shouldTakeNoMoreDataThanTheWindowHasRoomFor() {
        try (TcpHarness h = new TcpHarness(config().receiveBuffer(1024).build())) {
            h.listen(8);
            final String cookie = cookie(h);
            h.send(Seg.syn(0).mss(1460).len(1400).fo(cookie));
            h.expect(Seg.synAck(0, 1025).win(0));
            assertEquals(1024, h.socket().readable());
            h.read();
            h.send(Seg.ack(1025, 1).len(376));
            assertEquals(0, h.socket().readable(), "the window was closed");
            h.expect(Seg.ack(1, 1025).win(1024));
        }
    }

    @Test
    void shouldLingerWhereItIsClosedBeforeTheHandshakeIsComplete() {
        try (TcpHarness h = listening()) {
            final String cookie = cookie(h);
            h.send(Seg.syn(0).mss(1460).win(8000).text("hello").fo(cookie));
            h.socket().options().keepAlive(1_000_000, 1_000_000, 9).linger(3_000_000);
            h.write("abc");
            h.closeSocket();
            assertEquals(TcpState.SYN_RECEIVED, h.state());
            h.advance(500_000);
            h.send(Seg.ack(6, 1).win(8000));
            assertEquals(TcpState.FIN_WAIT_1, h.state());
            h.advance(2_499_999);
            assertEquals(TcpState.FIN_WAIT_1, h.state());
            h.advance(1);
            assertEquals("closed TIMEOUT", h.events.getLast());
        }
    }

    @Test
    void shouldNotLingerLongerThanAllowedForAHandshake() {
        try (TcpHarness h = listening()) {
            final String cookie = cookie(h);
            h.send(Seg.syn(0).mss(1460).win(8000).text("hello").fo(cookie));
            h.socket().options().linger(300_000);
            h.closeSocket();
            h.advance(299_999);
            assertEquals(TcpState.SYN_RECEIVED, h.state());
            h.advance(1);
            assertEquals("closed TIMEOUT", h.events.getLast());
            assertEquals(0, queue(h).pending());
        }
    }

    @Test
    @Origin("RFC 9293 3.10.7.4")
    void shouldResetForAnAcknowledgmentOfWhatWasNeverSent() {
        try (TcpHarness h = listening()) {
            final String cookie = cookie(h);
            h.send(Seg.syn(0).mss(1460).text("hello").fo(cookie));
            h.expect(Seg.synAck(0, 6));
            h.send(Seg.ack(6, 100));
            h.expect(Seg.rst(100));
            assertEquals(TcpState.SYN_RECEIVED, h.state());
            h.send(Seg.ack(6, 1));
            assertEquals(TcpState.ESTABLISHED, h.state());
        }
    }

    @Test
    void shouldOpenAtOnceWhatIsInTimeWait() {
        try (TcpHarness h = listening()) {
            final String cookie = cookie(h);
            h.send(Seg.syn(0).mss(1460).text("hello").fo(cookie));
            h.read();
            h.closeSocket();
            h.send(Seg.fin(6, 2));
            assertEquals(1, h.engine.timeWaits());
            fresh(h, TcpHarness.REMOTE.port());
            h.send(Seg.syn(1000).mss(1460).text("again").fo(cookie));
            h.expect(Seg.synAck(0, 1006));
            assertEquals("again", h.read());
        }
    }

    @Test
    void shouldCostNoMoreThanAnyOtherOnceItsHandshakeIsComplete() {
        try (TcpHarness h = listening()) {
            final String cookie = cookie(h);
            h.send(Seg.syn(0).mss(1460).text("hello").fo(cookie));
            h.read();
            h.send(Seg.ack(6, 1));
            h.advance(60_000_000);
            for (final var flow : h.engine.flows.toArray()) {
                assertTrue(flow instanceof TcpConnection c && c.transferOrNull() == null, "it rests");
            }
        }
    }
}

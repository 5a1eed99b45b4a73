package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections while a listener's queue is full of SYNs that nobody will follow up: RFC 4987. */
class TcpSynCookieTest {
    private static final TcpConfig CONFIG = TcpHarness.plain()
            .synCookies(CookieMode.WHEN_FULL)
            .synBacklog(1)
            .timestamps(true)
            .sack(true)
            .windowScaling(true)
            .receiveBuffer(1 << 18)
            .bufferMemory(4 << 20)
            .build();

    /** A listener with a stranger's SYN in its only place. */
    private static TcpHarness flooded() {
        final TcpHarness h = new TcpHarness(CONFIG);
        h.listen(4);
        h.ports(80, 1111);
        h.send(Seg.syn(0).mss(1460).win(1000));
        h.expect(Seg.synAck(0, 1));
        h.ports(80, 2222);
        h.localIssKnown = false;
        return h;
    }

    @Test
    @Origin("RFC 4987 3.6")
    void shouldOpenAConnectionAlthoughTheQueueIsFull() {
        try (TcpHarness h = flooded()) {
            h.send(Seg.syn(0).mss(1400).win(65535).ws(9).sackOk(true).ts(500, 0));
            final Seg answer = h.takeSent().getFirst();
            assertEquals(true, answer.sackPermitted);
            assertTrue(answer.windowShift > 0);
            assertEquals(500, answer.tsEcr);
            assertEquals(2, h.engine.flows.size() + h.counters.get(StackCounter.TCP_COOKIES_SENT));
            assertEquals(1, h.engine.flows.size(), "nothing is kept");

            h.advance(30_000);
            h.send(Seg.ack(1, 1).win(100).ts(530, answer.tsVal));
            assertEquals(TcpState.ESTABLISHED, h.state());
            final TcpInfo info = h.socket().info(new TcpInfo());
            assertEquals(9, info.sendWindowScale);
            assertEquals(100 << 9, info.sendWindow);
            assertTrue(info.sack);
            assertTrue(info.timestamps);
            assertEquals(1300 - 12, info.sendMss, "the next smaller size that a cookie can tell");
            assertEquals(1, h.counters.get(StackCounter.TCP_COOKIES_ACCEPTED));
            h.write("abc");
            final Seg data = h.takeSent().getFirst();
            assertEquals(1, data.seq);
            assertTrue(data.tsVal - answer.tsVal >= 0, "our timestamps do not go back");
        }
    }

    @Test
    void shouldTakeDataThatComesWithTheCookie() {
        try (TcpHarness h = flooded()) {
            h.send(Seg.syn(0).mss(1460).win(8192));
            h.expect(Seg.synAck(0, 1).noTs().sackOk(false).ws(-1));
            h.send(Seg.data(1, 1, "hello").win(8192));
            assertEquals("hello", h.read());
            assertFalse(h.socket().info(new TcpInfo()).sack);
        }
    }

    @Test
    void shouldTakeACookieThoughTheSynCameAgainWhenThereWasRoom() {
        try (TcpHarness h = flooded()) {
            h.send(Seg.syn(0).mss(1460).win(8192).ts(500, 0));
            final Seg cookie = h.takeSent().getFirst();
            h.ports(80, 1111);
            h.send(Seg.rst(1));
            h.ports(80, 2222);
            h.send(Seg.syn(0).mss(1460).win(8192).ts(1500, 0));
            final Seg answer = h.takeSent().getFirst();
            assertNotEquals(cookie.seq, answer.seq, "another sequence number, of a connection half open");
            h.send(Seg.ack(1, 1).win(8192).ts(1501, cookie.tsVal));
            h.expectNothing();
            assertEquals(TcpState.ESTABLISHED, h.state());
            assertEquals(1, h.counters.get(StackCounter.TCP_COOKIES_ACCEPTED));
            assertEquals(1, h.engine.flows.size());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 1461, 65_536})
    @Origin("RFC 4987 3.6")
    void shouldDropWhatMayComeBehindACookie(final int seq) {
        try (TcpHarness h = flooded()) {
            h.send(Seg.syn(0).mss(1460).win(8192));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.ack(seq, 1));
            h.expectNothing();
            assertEquals(1, h.counters.get(StackCounter.TCP_AHEAD_OF_COOKIE));
            assertEquals(1, h.engine.flows.size());
        }
    }

    @Test
    void shouldTakeNoSegmentOfTheFirstWindowForTheFirst() {
        try (TcpHarness h = flooded()) {
            h.send(Seg.syn(0).mss(1460).win(8192));
            h.expect(Seg.synAck(0, 1));
            for (int seq = 2; seq <= 65_536; seq++) {
                h.send(Seg.ack(seq, 1));
            }
            h.expectNothing();
            assertEquals(0, h.counters.get(StackCounter.TCP_COOKIES_ACCEPTED));
            assertEquals(65_535, h.counters.get(StackCounter.TCP_AHEAD_OF_COOKIE));
        }
    }

    @Test
    void shouldOpenAConnectionWhoseFirstSegmentsWereLost() {
        try (TcpHarness h = flooded()) {
            h.send(Seg.syn(0).mss(1460).win(8192));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.data(6, 1, " there").win(8192));
            h.send(Seg.fin(12, 1).win(8192));
            h.expectNothing();
            h.send(Seg.data(1, 1, "hello").win(8192));
            h.send(Seg.data(6, 1, " there").win(8192));
            assertEquals("hello there", h.read());
        }
    }

    @Test
    void shouldOpenAConnectionThatWasHalfOpenOnceMoreWhenItsFirstSegmentsWereLost() {
        try (TcpHarness h = flooded()) {
            h.send(Seg.syn(0).mss(1460).win(8192));
            final Seg cookie = h.takeSent().getFirst();
            h.ports(80, 1111);
            h.send(Seg.rst(1));
            h.ports(80, 2222);
            h.send(Seg.syn(0).mss(1460).win(8192));
            assertNotEquals(cookie.seq, h.takeSent().getFirst().seq, "half open");
            h.send(Seg.ack(6, 1).win(8192)); // the second answer has it tell where it is
            h.expectNothing();
            h.send(Seg.data(1, 1, "hello").win(8192));
            assertEquals("hello", h.read());
            assertEquals(1, h.engine.flows.size());
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 200000000", "1, 134217729, 0", "1, 2, 0", "1, 4097, 0", "1, 65537, 0", "1, 16777217, 0"})
    @Origin("RFC 4987 3.6")
    void shouldRefuseWhatIsNoCookieOfLate(final int seq, final int ack, final long later) {
        try (TcpHarness h = flooded()) {
            h.send(Seg.syn(0).mss(1460).win(8192));
            h.expect(Seg.synAck(0, 1));
            h.advance(later);
            h.takeSent();
            h.send(Seg.ack(seq, ack));
            h.expect(Seg.rst(ack));
            assertEquals(0, h.counters.get(StackCounter.TCP_COOKIES_ACCEPTED));
        }
    }

    @Test
    void shouldRefuseACookieOfAnotherFlow() {
        try (TcpHarness h = flooded()) {
            h.send(Seg.syn(0).mss(1460).win(8192));
            h.expect(Seg.synAck(0, 1));
            h.ports(80, 2223);
            h.send(Seg.ack(1, 1));
            h.expect(Seg.rst(1));
            assertEquals(0, h.counters.get(StackCounter.TCP_COOKIES_ACCEPTED));
        }
    }

    /** FreeBSD and Linux refuse whatever does not give a cookie back, as RFC 9293 section 3.10.7.1 wants. */
    @Test
    @Origin("RFC 9293 3.10.7.1")
    void shouldTellAPeerWhoseResetWasLostThatItsConnectionIsOver() {
        try (TcpHarness h = flooded()) {
            h.send(Seg.syn(0).mss(1460).win(8192));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.data(1, 1, "question").win(8192));
            h.write("answer");
            h.takeSent();
            h.send(Seg.ack(9, 7).win(8192));
            h.socket().abort();
            h.poll();
            h.expect(Seg.rstAck(7, 9)); // and that is lost
            h.send(Seg.data(9, 7, "more").win(8192));
            h.expect(Seg.rst(7));
            assertEquals(0, h.counters.get(StackCounter.TCP_AHEAD_OF_COOKIE));
            for (int i = 0; i < 2000; i++) {
                h.send(Seg.data(9, 7, "more").win(8192));
            }
            assertTrue(h.takeSent().size() <= h.engine.config.limits().resetsPerSecond(), "so many a second");
        }
    }

    /** A cookie that is used up cannot be under way, so what comes with it does not go ahead of it. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 9, 65_000})
    @Origin("RFC 9293 3.10.7.1")
    void shouldTellAPeerToWhichNothingWasSaidThatItsConnectionIsOver(final int seq) {
        try (TcpHarness h = flooded()) {
            h.send(Seg.syn(0).mss(1460).win(8192));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.data(1, 1, "question").win(8192));
            assertEquals("question", h.read());
            h.takeSent();
            h.socket().abort();
            h.poll();
            h.expect(Seg.rstAck(1, 9)); // and that is lost
            h.send(Seg.data(seq, 1, "question").win(8192));
            h.expect(Seg.rst(1));
            assertEquals(1, h.counters.get(StackCounter.TCP_COOKIES_ACCEPTED), "what was read is not delivered again");
            for (int i = 0; i < 2000; i++) {
                h.send(Seg.data(seq, 1, "question").win(8192));
            }
            assertTrue(h.takeSent().size() <= h.engine.config.limits().resetsPerSecond(), "so many a second");
        }
    }

    /** As an embedded one may, which then gets the same cookie. */
    @Test
    @Origin("RFC 4987 3.6")
    void shouldTakeACookieThatWasUsedUpFromAPeerThatBeginsWithTheSameNumberAgain() {
        try (TcpHarness h = flooded()) {
            h.send(Seg.syn(0).mss(1460).win(8192));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.ack(1, 1).win(8192));
            h.socket().abort();
            h.poll();
            h.expect(Seg.rstAck(1, 1));
            h.send(Seg.syn(0).mss(1460).win(8192));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.data(9, 1, "more").win(8192)); // ahead of the cookie
            h.expectNothing();
            h.send(Seg.ack(1, 1).win(8192));
            h.expectNothing();
            assertEquals(2, h.counters.get(StackCounter.TCP_COOKIES_ACCEPTED));
        }
    }

    /** A cookie is a number of its own, and Linux sends none then. */
    @ParameterizedTest
    @EnumSource
    @Origin("RFC 9293 3.6.1")
    void shouldAnswerBeyondTheOldConnectionsNumbersThoughTheQueueIsFull(final CookieMode mode) {
        final TcpConfig config =
                TcpHarness.plain().synCookies(CookieMode.OFF).synBacklog(1).build();
        try (TcpHarness h = new TcpHarness(config)) {
            final TcpListener<Ipv4Address> listener = h.listen(1);
            h.ports(80, 2222);
            h.send(Seg.syn(0));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.ack(1, 1));
            h.closeSocket();
            h.expect(Seg.fin(1, 1));
            h.send(Seg.fin(1, 2));
            h.expect(Seg.ack(2, 2));
            final int old = h.localIss;
            listener.synCookies(mode);
            h.ports(80, 1111);
            h.localIssKnown = false;
            if (mode != CookieMode.ALWAYS) {
                h.send(Seg.syn(0)); // which takes the only place
                h.expect(Seg.synAck(0, 1));
            }
            h.ports(80, 2222);
            h.localIssKnown = false;
            h.send(Seg.syn(1000));
            h.expect(Seg.synAck(0, 1001));
            assertTrue(h.localIss - (old + 2) > 0, "beyond what the old one used");
            assertEquals(0, h.counters.get(StackCounter.TCP_COOKIES_SENT));
            assertEquals(0, h.engine.timeWaits());
        }
    }

    @Test
    void shouldDropTextRatherThanResetWhenTheBacklogIsFull() {
        try (TcpHarness h = new TcpHarness(CONFIG)) {
            h.engine.listen(TcpHarness.LOCAL, 1, false, null);
            h.send(Seg.syn(0).mss(1460).win(8192));
            h.expect(Seg.synAck(0, 1));
            h.localIssKnown = false;
            h.ports(80, 2222);
            h.send(Seg.syn(0).mss(1460).win(8192));
            h.expect(Seg.synAck(0, 1));
            final int cookie = h.localIss;
            h.localIssKnown = false;
            h.ports(80, 3333);
            h.send(Seg.syn(0).mss(1460).win(8192));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.ack(1, 1).win(8192)); // which fills the backlog
            h.localIss = cookie;
            h.ports(80, 2222);
            h.send(Seg.data(1, 1, "hello").win(8192));
            h.send(Seg.data(6, 1, " there").win(8192));
            h.expectNothing();
            assertEquals(1, h.counters.get(StackCounter.TCP_ACCEPT_QUEUE_FULL));
            assertEquals(1, h.counters.get(StackCounter.TCP_AHEAD_OF_COOKIE));
        }
    }

    @Test
    void shouldTakeNoCookiesWhenNoneWereSent() {
        try (TcpHarness h = new TcpHarness(CONFIG)) {
            h.listen(1);
            h.send(Seg.ack(1, 1));
            h.expect(Seg.rst(1));
        }
    }

    @Test
    void shouldPutOptionsIntoATimestampThatIsNotInTheFuture() {
        for (int timestamp = -100; timestamp < 100; timestamp++) {
            final int stamped = SynCookies.timestamp(timestamp, 7, true, true);
            assertTrue(stamped - timestamp <= 0 && timestamp - stamped < 64, "timestamp " + timestamp);
            assertEquals(0x37, stamped & 0x3F);
            assertEquals(0x0F, SynCookies.timestamp(timestamp, -1, false, false) & 0x3F);
        }
    }
}

package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpConfigBuilder;
import io.millrace.stack.socket.tcp.keys.Md5Key;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.testkit.Origin;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Connections whose segments are signed (RFC 2385); the harness signs, and checks what is sent. */
class TcpMd5Test {
    private static final Md5Key KEY = key("right");
    private static final Md5Key WRONG = key("wrong");

    private static Md5Key key(final String secret) {
        return new Md5Key(Cidr.parse(TcpHarness.REMOTE.address() + "/32"), secret.getBytes(StandardCharsets.US_ASCII));
    }

    private static TcpHarness listening(final TcpConfigBuilder config) {
        final TcpHarness h = new TcpHarness(config.build());
        h.listen(1).options().keys().set(KEY);
        h.signatures.md5 = KEY;
        return h;
    }

    private static TcpHarness established(final TcpConfigBuilder config, final Seg syn, final Seg ack) {
        final TcpHarness h = listening(config);
        h.send(syn);
        assertEquals(1, h.takeSent().size());
        h.send(ack);
        assertEquals(TcpState.ESTABLISHED, h.state());
        return h;
    }

    private static TcpHarness established() {
        return established(TcpHarness.plain(), Seg.syn(0).mss(1460), Seg.ack(1, 1));
    }

    @Test
    @Origin("RFC 2385 2")
    void shouldHearOnlySynsThatAreSignedRight() {
        try (TcpHarness h = listening(TcpHarness.plain())) {
            h.signatures.md5 = null;
            h.send(Seg.syn(0).mss(1460));
            assertEquals(1, h.counters.get(StackCounter.TCP_MD5_NOT_FOUND));
            h.signatures.md5 = WRONG;
            h.send(Seg.syn(0).mss(1460));
            assertEquals(1, h.counters.get(StackCounter.TCP_MD5_FAILURE));
            h.expectNothing();
            assertEquals(0, h.engine.flows.size());
            h.signatures.md5 = KEY;
            h.send(Seg.syn(0).mss(1460));
            h.expect(Seg.synAck(0, 1).mss(1460));
            h.signatures.md5 = null;
            h.send(Seg.ack(1, 1));
            h.send(Seg.rst(1));
            assertEquals(3, h.counters.get(StackCounter.TCP_MD5_NOT_FOUND));
            h.signatures.md5 = KEY;
            h.advance(1_000_000);
            h.expect(Seg.synAck(0, 1)); // again, and signed again
            h.send(Seg.ack(1, 1));
            assertEquals(TcpState.ESTABLISHED, h.state());
        }
    }

    @Test
    @Origin("RFC 2385 4.1")
    void shouldNotBeResetNorFedByWhoDoesNotSign() {
        try (TcpHarness h = established()) {
            h.signatures.md5 = null;
            h.send(Seg.rst(1));
            h.send(Seg.data(1, 1, "abc"));
            h.signatures.md5 = WRONG;
            h.send(Seg.rst(1));
            h.send(Seg.data(1, 1, "abc"));
            h.expectNothing();
            assertEquals(TcpState.ESTABLISHED, h.state());
            assertEquals(0, h.socket().readable());
            assertEquals(2, h.counters.get(StackCounter.TCP_MD5_NOT_FOUND));
            assertEquals(2, h.counters.get(StackCounter.TCP_MD5_FAILURE));
            h.signatures.md5 = KEY;
            h.send(Seg.rst(1));
            assertEquals(TcpState.CLOSED, h.state());
        }
    }

    @Test
    @Origin("RFC 2385 4.3")
    void shouldCountTheSignatureInEveryFullSegment() {
        try (TcpHarness h = established(
                TcpHarness.plain(), Seg.syn(0).mss(100).win(4096), Seg.ack(1, 1).win(4096))) {
            h.write("x".repeat(200));
            h.expect(Seg.of(TcpView.ACK, 1).ack(1).len(80));
            h.expect(Seg.of(TcpView.ACK, 81).ack(1).len(80));
            h.send(Seg.ack(1, 161));
            h.expect(Seg.of(TcpView.ACK, 161).ack(1).len(40));
        }
    }

    @Test
    void shouldRatherHaveSackBlocksThanTimestamps() {
        final TcpConfigBuilder config = TcpHarness.plain().timestamps(true).sack(true);
        final Seg syn = Seg.syn(0).mss(1460).sackOk(true).ts(1, 0);
        try (TcpHarness h = listening(config)) {
            h.send(syn);
            h.expect(Seg.synAck(0, 1).sackOk(true).noTs());
            h.send(Seg.ack(1, 1));
            for (int i = 0; i < 3; i++) {
                h.send(Seg.data(11 + 10 * i, 1, "a"));
            }
            h.takeSent();
            h.send(Seg.data(51, 1, "a"));
            h.expect(Seg.ack(1, 1).sack(51, 52, 31, 32)); // two have room
        }
        try (TcpHarness h = listening(TcpHarness.plain().timestamps(true))) {
            h.send(Seg.syn(0).mss(1460).ts(1, 0));
            final Seg answer = h.takeSent().getFirst();
            assertEquals(1, answer.tsEcr);
            h.send(Seg.ack(1, 1).ts(2, answer.tsVal));
            assertEquals(TcpState.ESTABLISHED, h.state());
        }
    }

    @Test
    void shouldSignItsSynAndNeedASignedAnswer() {
        final TcpConfig config = TcpHarness.plain().timestamps(true).sack(true).build();
        try (TcpHarness h = new TcpHarness(config)) {
            h.connect().options().keys().set(KEY);
            h.signatures.md5 = KEY;
            h.poll();
            h.expect(Seg.syn(0).sackOk(true).noTs());
            h.signatures.md5 = null;
            h.send(Seg.synAck(0, 1).mss(1460));
            h.send(Seg.rstAck(0, 1));
            assertEquals(2, h.counters.get(StackCounter.TCP_MD5_NOT_FOUND));
            assertEquals(TcpState.SYN_SENT, h.state());
            h.signatures.md5 = KEY;
            h.send(Seg.synAck(0, 1).mss(1460));
            h.expect(Seg.ack(1, 1));
            assertEquals(1440, h.socket().info(new TcpInfo()).sendMss);
        }
    }

    @Test
    void shouldNotTakeSignedSegmentsThatThereIsNoKeyFor() {
        try (TcpHarness h = TcpHarness.established()) {
            h.signatures.md5 = KEY;
            h.send(Seg.data(1, 1, "abc"));
            assertEquals(0, h.socket().readable());
            assertEquals(1, h.counters.get(StackCounter.TCP_MD5_UNEXPECTED));
            h.expectNothing();
            h.ports(81, 49500); // nor is a closed port's reset of any use to who would not believe it
            h.send(Seg.syn(0));
            h.expectNothing();
            h.signatures.md5 = null;
        }
    }

    @Test
    void shouldResetUnderTheKeyOfTheSegmentThatItAnswers() {
        try (TcpHarness h = listening(TcpHarness.plain())) {
            h.send(Seg.ack(1, 77));
            h.expect(Seg.rst(77));
            h.ports(4000, TcpHarness.LOCAL.port()); // a connection of ours to the same service at the peer, forgotten
            h.send(Seg.ack(1, 78));
            h.expect(Seg.rst(78));
            h.signatures.md5 = WRONG;
            h.send(Seg.ack(1, 78));
            h.expectNothing();
        }
    }

    @Test
    void shouldSignProbesRetransmissionsAndKeepAlives() {
        try (TcpHarness h = established(
                TcpHarness.plain(), Seg.syn(0).mss(1460).win(3), Seg.ack(1, 1).win(3))) {
            h.write("abcd");
            h.expect(Seg.data(1, 1, "abc"));
            h.advance(1_000_000);
            assertFalse(h.takeSent().isEmpty()); // again
            h.send(Seg.ack(1, 4).win(0));
            h.advance(2_000_000);
            assertFalse(h.takeSent().isEmpty()); // a probe
            h.send(Seg.ack(1, 5).win(100));
            h.socket().options().keepAlive(1_000_000, 1_000_000, 3);
            h.advance(1_500_000);
            h.expect(Seg.of(TcpView.ACK, 4).ack(1));
            h.send(Seg.syn(3)); // a challenge
            h.expect(Seg.ack(5, 1));
            h.socket().abort();
            h.poll();
            h.expect(Seg.rstAck(5, 1));
        }
    }

    @Test
    void shouldSignWhatItAnswersInTimeWait() {
        try (TcpHarness h = established()) {
            h.closeSocket();
            h.expect(Seg.fin(1, 1));
            h.send(Seg.fin(1, 2));
            h.expect(Seg.ack(2, 2));
            h.signatures.md5 = null;
            h.send(Seg.fin(1, 2));
            h.expectNothing();
            h.signatures.md5 = KEY;
            h.send(Seg.fin(1, 2));
            h.expect(Seg.ack(2, 2));
        }
    }

    @Test
    void shouldSignCookies() {
        final TcpConfigBuilder config = TcpHarness.plain().synCookies(CookieMode.ALWAYS);
        try (TcpHarness h = established(config, Seg.syn(0).mss(1460), Seg.ack(1, 1))) {
            assertEquals(1, h.counters.get(StackCounter.TCP_COOKIES_ACCEPTED));
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc"));
        }
    }

    @Test
    void shouldMakeOneOfSegmentsOnlyIfEachIsSigned() {
        try (TcpHarness h = established()) {
            h.deliver(Seg.of(TcpView.ACK, 1).ack(1).text("abc"));
            h.signatures.md5 = WRONG;
            h.deliver(Seg.of(TcpView.ACK, 4).ack(1).text("xyz"));
            h.signatures.md5 = KEY;
            h.deliver(Seg.of(TcpView.ACK, 4).ack(1).text("def"));
            h.poll();
            assertEquals("abcdef", h.read());
            assertEquals(1, h.counters.get(StackCounter.TCP_SEGMENTS_COALESCED));
            assertEquals(1, h.counters.get(StackCounter.TCP_MD5_FAILURE));
        }
    }

    @Test
    void shouldGoOnWithAnotherKeyWhenBothChangeIt() {
        try (TcpHarness h = established()) {
            h.socket().options().keys().set(WRONG);
            h.send(Seg.data(1, 1, "abc"));
            assertEquals(0, h.socket().readable());
            h.signatures.md5 = WRONG;
            h.send(Seg.data(1, 1, "abc"));
            assertEquals(3, h.socket().readable());
            assertEquals(1440, h.socket().info(new TcpInfo()).sendMss);
            assertTrue(h.socket().options().keys().removeMd5(KEY.peer()));
            assertEquals(1460, h.socket().info(new TcpInfo()).sendMss);
            h.takeSent();
            h.signatures.md5 = null;
            h.send(Seg.data(4, 1, "def"));
            assertEquals("abcdef", h.read());
        }
    }

    @Test
    void shouldDropWhatIsSignedTwice() {
        try (TcpHarness h = established()) {
            h.signatures.md5 = null;
            final TcpRepr header = new TcpRepr();
            header.clear();
            header.srcPort = TcpHarness.REMOTE.port();
            header.dstPort = TcpHarness.LOCAL.port();
            header.seq = TcpHarness.REMOTE_ISS + 1;
            header.flags = TcpView.RST;
            header.signature = TcpView.OPTION_MD5;
            header.emit(h.wire(), 0);
            h.wire().set(ValueLayout.JAVA_BYTE, 23, (byte) 17);
            h.deliverRaw(40);
            assertEquals(1, h.counters.get(StackCounter.TCP_SIGNATURE_MALFORMED));
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.signatures.md5 = KEY;
        }
    }

    @Test
    void shouldOpenFastWhereTheSignatureLeavesRoom() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.signatures.md5 = KEY;
            h.connect()
                    .options()
                    .fastOpenConnect(true)
                    .fastOpenNoCookie(true)
                    .keys()
                    .set(KEY);
            h.queue("hello");
            h.poll();
            h.expect(Seg.syn(0).text("hello"));
        }
    }
}

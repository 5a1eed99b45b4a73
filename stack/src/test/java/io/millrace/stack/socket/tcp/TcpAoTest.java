package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpConfigBuilder;
import io.millrace.stack.socket.tcp.keys.AoAlgorithm;
import io.millrace.stack.socket.tcp.keys.AoKey;
import io.millrace.stack.socket.tcp.keys.TcpKeys;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.Icmpv4View;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.TcpView;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.testkit.Origin;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections whose segments have the authentication option (RFC 5925); the harness signs, and checks what is sent. */
class TcpAoTest {
    /** Ours: we send as 1, the peer as 2. */
    private static final AoKey KEY = key(AoAlgorithm.HMAC_SHA_1_96, "right", 1, 2);

    private static final AoKey THEIRS = key(AoAlgorithm.HMAC_SHA_1_96, "right", 2, 1);
    private static final AoKey WRONG = key(AoAlgorithm.HMAC_SHA_1_96, "wrong", 2, 1);
    private static final AoKey NEXT = key(AoAlgorithm.AES_128_CMAC_96, "next", 3, 4);
    private static final AoKey THEIR_NEXT = key(AoAlgorithm.AES_128_CMAC_96, "next", 4, 3);

    private static AoKey key(final AoAlgorithm algorithm, final String secret, final int send, final int receive) {
        return new AoKey(Cidr.parse("0.0.0.0/0"), algorithm, secret.getBytes(StandardCharsets.US_ASCII), send, receive);
    }

    private static TcpHarness listening(final TcpConfigBuilder config, final AoKey ours, final AoKey theirs) {
        final TcpHarness h = new TcpHarness(config.build());
        h.listen(1).options().keys().set(ours);
        h.signatures.ao = theirs;
        h.signatures.wantedKeyId = theirs.receiveId();
        return h;
    }

    private static TcpHarness established(final TcpHarness h) {
        h.send(Seg.syn(0).mss(1460));
        h.expect(Seg.synAck(0, 1));
        h.send(Seg.ack(1, 1));
        assertEquals(TcpState.ESTABLISHED, h.state());
        return h;
    }

    private static TcpHarness established() {
        return established(listening(TcpHarness.plain(), KEY, THEIRS));
    }

    @ParameterizedTest
    @EnumSource
    @Origin("RFC 5925 7.4")
    @Origin("RFC 5925 7.5")
    void shouldTalkWithWhoSignsRight(final AoAlgorithm algorithm) {
        final AoKey ours = key(algorithm, "0123456789abcdef", 7, 9).withoutOptions();
        final AoKey theirs = key(algorithm, "0123456789abcdef", 9, 7).withoutOptions();
        try (TcpHarness h = established(listening(TcpHarness.plain(), ours, theirs))) {
            assertEquals(7, h.signatures.keyId);
            assertEquals(9, h.signatures.nextKeyId);
            h.send(Seg.data(1, 1, "abc"));
            assertEquals("abc", h.read());
            h.takeSent();
            h.write("x".repeat(1500));
            h.expect(Seg.of(TcpView.ACK, 1).ack(4).len(1444));
            h.expect(Seg.of(TcpView.ACK, 1445).ack(4).len(56));
            h.send(Seg.ack(4, 1501));
            h.closeSocket();
            h.expect(Seg.fin(1501, 4));
            h.send(Seg.fin(4, 1502));
            h.expect(Seg.ack(1502, 5));
            h.send(Seg.fin(4, 1502)); // in TIME-WAIT
            h.expect(Seg.ack(1502, 5));
        }
    }

    @Test
    @Origin("RFC 5925 7.5")
    void shouldNotHearWhoSignsWrongOrNot() {
        try (TcpHarness h = listening(TcpHarness.plain(), KEY, WRONG)) {
            h.send(Seg.syn(0).mss(1460));
            assertEquals(1, h.counters.get(StackCounter.TCP_AO_BAD));
            h.signatures.ao = null;
            h.send(Seg.syn(0).mss(1460));
            assertEquals(1, h.counters.get(StackCounter.TCP_AO_REQUIRED));
            h.signatures.ao = THEIR_NEXT;
            h.send(Seg.syn(0).mss(1460));
            assertEquals(1, h.counters.get(StackCounter.TCP_AO_KEY_NOT_FOUND));
            h.expectNothing();
            h.signatures.ao = THEIRS;
            established(h);
            h.signatures.ao = null;
            h.send(Seg.rst(1));
            h.signatures.ao = WRONG;
            h.send(Seg.rst(1));
            h.send(Seg.data(1, 1, "abc"));
            h.expectNothing();
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.signatures.ao = THEIRS;
            h.send(Seg.rst(1));
            assertEquals(TcpState.CLOSED, h.state());
        }
    }

    @Test
    void shouldRefuseStrangersWhereKeysAreRequired() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            final TcpKeys keys = h.listen(1).options().keys();
            keys.required(true);
            h.send(Seg.syn(0).mss(1460));
            h.expectNothing();
            assertEquals(1, h.counters.get(StackCounter.TCP_AO_REQUIRED));
            keys.required(false);
            h.send(Seg.syn(0).mss(1460));
            h.expect(Seg.synAck(0, 1));
            h.signatures.ao = THEIRS;
            h.send(Seg.ack(1, 1));
            assertEquals(1, h.counters.get(StackCounter.TCP_AO_KEY_NOT_FOUND));
            h.signatures.ao = null;
        }
    }

    @Test
    void shouldSignItsSynWithTimestampsAndLeaveRoomForOneBlock() {
        final TcpConfig config = TcpHarness.plain().timestamps(true).sack(true).build();
        try (TcpHarness h = new TcpHarness(config)) {
            h.connect().options().keys().set(KEY);
            h.signatures.ao = THEIRS;
            h.signatures.wantedKeyId = 1;
            h.poll();
            final Seg syn = h.takeSent().getFirst();
            assertEquals(true, syn.timestamps);
            h.advance(1_000_000);
            h.expect(Seg.syn(0));
            h.signatures.ao = WRONG;
            h.send(Seg.synAck(0, 1).mss(1460).sackOk(true).ts(1, syn.tsVal));
            assertEquals(TcpState.SYN_SENT, h.state());
            h.signatures.ao = THEIRS;
            h.send(Seg.synAck(0, 1).mss(1460).sackOk(true).ts(1, syn.tsVal));
            h.expect(Seg.ack(1, 1));
            assertEquals(1460 - 16 - 12, h.socket().info(new TcpInfo()).sendMss);
            h.send(Seg.data(11, 1, "a").ts(2, syn.tsVal));
            h.takeSent();
            h.send(Seg.data(21, 1, "a").ts(2, syn.tsVal));
            h.expect(Seg.ack(1, 1).sack(21, 22));
        }
    }

    @Test
    @Origin("RFC 5925 6.1")
    void shouldChangeKeysWithoutALoss() {
        try (TcpHarness h = established()) {
            final TcpKeys keys = h.socket().options().keys();
            keys.set(NEXT);
            h.write("a");
            h.expect(Seg.data(1, 1, "a"));
            assertEquals(1, h.signatures.keyId);

            h.signatures.wantedKeyId = THEIR_NEXT.receiveId(); // it would like to receive the new one
            h.send(Seg.ack(1, 2));
            assertEquals(NEXT, keys.current());
            h.signatures.ao = THEIR_NEXT;
            keys.receiveNext(NEXT);
            h.write("b");
            h.expect(Seg.data(2, 1, "b"));
            assertEquals(3, h.signatures.keyId);
            assertEquals(4, h.signatures.nextKeyId);
            h.send(Seg.data(1, 3, "c"));
            assertEquals("c", h.read());

            assertThrows(IllegalStateException.class, () -> keys.remove(NEXT));
            assertTrue(keys.remove(KEY));
            h.takeSent();
            h.signatures.ao = THEIRS;
            h.send(Seg.data(2, 3, "d"));
            assertEquals(1, h.counters.get(StackCounter.TCP_AO_KEY_NOT_FOUND));
            h.signatures.ao = THEIR_NEXT;
        }
    }

    @Test
    @Origin("RFC 5925 6.2")
    void shouldCountHowOftenNumbersWrap() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.remoteIss = -3;
            h.listen(1).options().keys().set(KEY);
            h.signatures.ao = THEIRS;
            h.signatures.wantedKeyId = 1;
            established(h);
            h.send(Seg.data(1, 1, "abcdef"));
            h.send(Seg.data(7, 1, "ghi"));
            assertEquals("abcdefghi", h.read());
            assertEquals(0, h.counters.get(StackCounter.TCP_AO_BAD));
        }
    }

    @Test
    void shouldNotBeginInTheMiddleOfAConnection() {
        try (TcpHarness h = TcpHarness.established()) {
            final TcpKeys keys = h.socket().options().keys();
            assertThrows(IllegalStateException.class, () -> keys.set(KEY));
            h.send(Seg.data(1, 1, "abc"));
            assertEquals("abc", h.read());
        }
    }

    @Test
    void shouldSignCookiesAndTheirResets() {
        final TcpConfigBuilder config = TcpHarness.plain().synCookies(CookieMode.ALWAYS);
        try (TcpHarness h = established(listening(config, KEY, THEIRS))) {
            assertEquals(1, h.counters.get(StackCounter.TCP_COOKIES_ACCEPTED));
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc"));
            assertFalse(h.socket().options().keys().aoKeys().isEmpty());
        }
    }

    @ParameterizedTest
    @CsvSource({"3, 2, 1", "3, 3, 1", "3, 4, 1", "3, 1, 0", "3, 13, 0", "11, 0, 0"})
    @Origin("RFC 5925 7.8")
    void shouldNotBelieveErrorsThatEndConnectionsOrMakeThemSlow(final int type, final int code, final int ignored) {
        try (TcpHarness h = established()) {
            h.write("abc");
            assertEquals(ignored == 0, error(h, type, code, 1));
            assertEquals(ignored, h.counters.get(StackCounter.TCP_AO_DROPPED_ICMPS));
            assertEquals(1 - ignored, h.counters.get(StackCounter.TCP_ICMP_ERRORS));
            assertEquals(TcpState.ESTABLISHED, h.state());
        }
    }

    @Test
    @Origin("RFC 5925 7.8")
    void shouldCountWhatItJudgedAndBelieveErrorsWhereItIsToldTo() {
        try (TcpHarness h = established()) {
            final TcpKeys keys = h.socket().options().keys();
            h.write("abc");
            h.takeSent();
            assertFalse(error(h, Icmpv4View.UNREACHABLE, Icmpv4View.PORT_UNREACHABLE, 1));
            keys.acceptsIcmps(true);
            assertTrue(error(h, Icmpv4View.UNREACHABLE, Icmpv4View.PORT_UNREACHABLE, 1));
            h.send(Seg.ack(1, 4));
            h.signatures.ao = WRONG;
            h.send(Seg.data(1, 4, "a"));
            h.signatures.ao = THEIR_NEXT;
            h.send(Seg.data(1, 4, "a"));
            h.signatures.ao = null;
            h.send(Seg.data(1, 4, "a"));
            assertEquals(1, keys.counts().droppedIcmps);
            assertEquals(1, keys.counts().good);
            assertEquals(1, keys.counts().bad);
            assertEquals(1, keys.counts().keyNotFound);
            assertEquals(1, keys.counts().required);
            keys.set(NEXT);
            assertEquals(1, keys.good(KEY));
            assertEquals(1, keys.bad(KEY));
            assertEquals(0, keys.good(NEXT));
            keys.signWith(NEXT);
            keys.receiveNext(NEXT);
            keys.remove(KEY);
            assertEquals(0, keys.good(KEY));
            h.signatures.ao = THEIR_NEXT;
            h.signatures.wantedKeyId = THEIR_NEXT.receiveId();
            h.send(Seg.data(1, 4, "a"));
            assertEquals(1, keys.good(NEXT));
        }
    }

    @Test
    void shouldSignItsSynWithAKeyForThePeerWhateverItWasToldBefore() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            final TcpKeys keys = h.connect().options().keys();
            final AoKey others =
                    new AoKey(Cidr.parse("203.0.113.0/24"), AoAlgorithm.HMAC_SHA_1_96, new byte[] {1}, 7, 7);
            keys.set(others);
            keys.signWith(others);
            keys.receiveNext(others);
            keys.set(KEY);
            h.signatures.ao = THEIRS;
            h.signatures.wantedKeyId = 1;
            h.poll();
            h.expect(Seg.syn(0));
            assertEquals(KEY, keys.current());
            assertEquals(KEY, keys.next());
        }
    }

    @Test
    void shouldSignItsAnswerWhenThePeersSynComesBeforeOursIsSent() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.connect().options().keys().set(KEY);
            h.signatures.ao = THEIRS;
            h.signatures.wantedKeyId = 1;
            h.send(Seg.syn(0).mss(1460));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.ack(1, 1));
            assertEquals(TcpState.ESTABLISHED, h.state());
        }
    }

    @Test
    @Origin("RFC 5925 7.8")
    void shouldBelieveWhileAConnectionIsOpened() {
        try (TcpHarness h = listening(TcpHarness.plain(), KEY, THEIRS)) {
            h.send(Seg.syn(0).mss(1460));
            h.expect(Seg.synAck(0, 1));
            assertTrue(error(h, Icmpv4View.UNREACHABLE, Icmpv4View.PORT_UNREACHABLE, 0));
            assertEquals(0, h.counters.get(StackCounter.TCP_AO_DROPPED_ICMPS));
            h.send(Seg.ack(1, 1));
            assertEquals(0, h.engine.connections());
        }
    }

    private static boolean error(final TcpHarness h, final int type, final int code, final int seq) {
        final IcmpErrorRepr error = new IcmpErrorRepr();
        error.family = IpFamily.V4;
        error.type = type;
        error.code = code;
        error.kind = type == Icmpv4View.TIME_EXCEEDED
                ? IcmpErrorRepr.TIME_EXCEEDED_TRANSIT
                : switch (code) {
                    case Icmpv4View.HOST_UNREACHABLE -> IcmpErrorRepr.HOST_UNREACHABLE;
                    case Icmpv4View.PROTOCOL_UNREACHABLE -> IcmpErrorRepr.PROTOCOL_UNREACHABLE;
                    case Icmpv4View.PORT_UNREACHABLE -> IcmpErrorRepr.PORT_UNREACHABLE;
                    case Icmpv4View.FRAGMENTATION_NEEDED -> IcmpErrorRepr.PACKET_TOO_BIG;
                    default -> IcmpErrorRepr.ADMIN_PROHIBITED;
                };
        error.protocol = TcpView.PROTOCOL;
        error.srcLo = TcpHarness.LOCAL.address().lo();
        error.dstLo = TcpHarness.REMOTE.address().lo();
        error.srcPort = TcpHarness.LOCAL.port();
        error.dstPort = TcpHarness.REMOTE.port();
        error.tcpSequence = Integer.toUnsignedLong(seq + h.localIss);
        return h.engine.icmpError(error, h.now);
    }
}

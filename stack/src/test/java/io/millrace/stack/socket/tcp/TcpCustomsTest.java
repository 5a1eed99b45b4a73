package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpCustom;
import io.millrace.stack.socket.tcp.config.TcpCustoms;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.TcpView;
import io.millrace.testkit.Origin;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is done as Linux does it, if one wants. */
class TcpCustomsTest {
    private static final long RTO = 200_001;

    private static TcpConfig linux() {
        return TcpHarness.plain().customs(TcpCustoms.LINUX).build();
    }

    private static void icmp(final TcpHarness h, final int type, final int code, final int kind) {
        final IcmpErrorRepr error = new IcmpErrorRepr();
        error.family = IpFamily.V4;
        error.type = type;
        error.code = code;
        error.kind = kind;
        error.protocol = TcpView.PROTOCOL;
        error.srcLo = TcpHarness.LOCAL.address().lo();
        error.dstLo = TcpHarness.REMOTE.address().lo();
        error.srcPort = h.socket().local().port();
        error.dstPort = h.socket().remote().port();
        error.tcpSequence = Integer.toUnsignedLong(h.localIss);
        assertTrue(h.engine.icmpError(error, h.now));
        h.poll();
    }

    @Test
    void shouldEndAConnectionByAResetAtTheFinWhereThatIsTheCustom() {
        try (TcpHarness h = TcpHarness.established()) {
            h.send(Seg.fin(1, 1));
            h.expect(Seg.ack(1, 2));
            h.send(Seg.rst(1));
            h.expectNothing();
            assertEquals(TcpState.CLOSE_WAIT, h.state());
        }
        try (TcpHarness h = TcpHarness.established(linux(), 4096)) {
            h.send(Seg.rst(0)); // there was no FIN
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.send(Seg.fin(1, 1));
            h.expect(Seg.ack(1, 2));
            h.send(Seg.rst(0));
            assertEquals(TcpState.CLOSE_WAIT, h.state());
            h.send(Seg.rst(1));
            h.expectNothing();
            assertEquals("closed RESET", h.events.getLast());
        }
    }

    @Test
    @Origin("RFC 9293 3.5.1")
    void shouldAskAgainBehindTheResetOfAnOldConnectionOnceWhereThatIsTheCustom() {
        try (TcpHarness h =
                new TcpHarness(TcpHarness.plain().customs(TcpCustoms.LINUX).build())) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0));
            h.send(Seg.ack(700, 900));
            h.expect(Seg.rst(900));
            h.expectNothing();
            h.advance(10_000);
            h.expect(Seg.syn(0));
            h.send(Seg.ack(700, 900));
            h.expect(Seg.rst(900));
            h.advance(100_000);
            h.expectNothing();
        }
    }

    @Test
    void shouldWaitForTheTimeoutAfterTheResetOfAnOldConnectionOtherwise() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0));
            h.send(Seg.ack(700, 900));
            h.expect(Seg.rst(900));
            h.advance(900_000);
            h.expectNothing();
        }
    }

    @ParameterizedTest
    @CsvSource({"false, 2", "true, 1"})
    @Origin("RFC 2018 3")
    void shouldTellOfAFinAheadOfItsTurnUnlessTheCustomIsNotTo(final boolean silent, final int blocks) {
        final TcpCustoms customs = TcpCustoms.STANDARD.with(TcpCustom.UNREPORTED_FINS, silent);
        try (TcpHarness h =
                new TcpHarness(TcpHarness.plain().sack(true).customs(customs).build())) {
            h.listen(1);
            h.send(Seg.syn(0).mss(1460).win(1000).sackOk(true));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.ack(1, 1).win(1000));
            h.send(Seg.data(11, 1, "abc"));
            h.expect(Seg.ack(1, 1).sack(11, 14));
            h.send(Seg.fin(21, 1));
            h.expect(
                    blocks == 2
                            ? Seg.ack(1, 1).sack(21, 22, 11, 14)
                            : Seg.ack(1, 1).sack(11, 14));
            h.send(Seg.data(1, 1, "0123456789"));
            h.expect(blocks == 2 ? Seg.ack(1, 14).sack(21, 22) : Seg.ack(1, 14).sack());
            h.send(Seg.data(14, 1, "0123456"));
            h.expect(Seg.ack(1, 22).sack());
            assertEquals(TcpState.CLOSE_WAIT, h.state());
        }
    }

    @Test
    void shouldEndAnAttemptWhenHopsRanOutWhereThatIsTheCustom() {
        final TcpCustoms freeBsd = TcpCustoms.of(TcpCustom.SPENT_HOPS_END_ATTEMPTS);
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().customs(freeBsd).build())) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0));
            icmp(h, 3, 1, IcmpErrorRepr.HOST_UNREACHABLE);
            assertEquals(List.of(), h.events);
            icmp(h, 11, 0, IcmpErrorRepr.TIME_EXCEEDED_TRANSIT);
            assertEquals(List.of("closed UNREACHABLE"), h.events);
        }
    }

    @Test
    void shouldEndNoAttemptByAnErrorWhereThatIsTheCustomAsLongAsItIs() {
        final TcpCustoms none = TcpCustoms.LINUX.with(TcpCustom.NO_ERROR_ENDS_ATTEMPTS, true);
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().customs(none).build())) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0));
            icmp(h, 3, 3, IcmpErrorRepr.PORT_UNREACHABLE);
            icmp(h, 3, 1, IcmpErrorRepr.HOST_UNREACHABLE);
            assertEquals(List.of(), h.events);
            assertEquals(none, h.engine.customs());
            h.engine.customs(TcpCustoms.STANDARD);
            icmp(h, 3, 3, IcmpErrorRepr.PORT_UNREACHABLE);
            assertEquals(List.of("closed REFUSED"), h.events);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "3, 0, " + IcmpErrorRepr.NET_UNREACHABLE,
        "3, 1, " + IcmpErrorRepr.HOST_UNREACHABLE,
        "11, 0, " + IcmpErrorRepr.TIME_EXCEEDED_TRANSIT,
    })
    @Origin("RFC 5461 4.1")
    void shouldEndAnAttemptWhenARouterSaysThatThePeerCannotBeReached(final int type, final int code, final int kind) {
        try (TcpHarness h = new TcpHarness(linux())) {
            final TcpSocket<?> socket = h.connect();
            h.poll();
            h.expect(Seg.syn(0));
            icmp(h, type, code, kind);
            assertEquals(List.of("closed UNREACHABLE"), h.events);
            assertEquals(type << 8 | code, socket.icmpError());
        }
    }

    @Test
    @Origin("RFC 5461 4.1")
    void shouldTellOfTheResetWhenTheErrorCameBefore() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            final TcpSocket<?> socket = h.connect();
            h.poll();
            h.expect(Seg.syn(0));
            icmp(h, 3, 1, IcmpErrorRepr.HOST_UNREACHABLE);
            assertEquals(0x301, socket.icmpError());
            h.send(Seg.rstAck(0, 1));
            assertEquals(List.of("closed REFUSED"), h.events);
            assertEquals(0, socket.icmpError());
        }
    }

    @Test
    @Origin("RFC 9293 3.10.7.4")
    void shouldLeaveTimeWaitForAResetWithTheNumberThatIsExpected() {
        try (TcpHarness h = TcpHarness.established(linux(), 4096)) {
            h.closeSocket();
            h.expect(Seg.fin(1, 1));
            h.send(Seg.fin(1, 2));
            h.expect(Seg.ack(2, 2));
            h.send(Seg.rst(3));
            assertEquals(1, h.engine.timeWaits());
            h.send(Seg.rst(2));
            assertEquals(0, h.engine.timeWaits());
            h.expectNothing();
        }
    }

    @Test
    void shouldEndAConnectionByAnyResetWithinTheWindowWhereThatIsTheCustom() {
        final TcpCustoms customs = TcpCustoms.STANDARD.with(TcpCustom.BLIND_RESETS, true);
        try (TcpHarness h =
                TcpHarness.established(TcpHarness.plain().customs(customs).build(), 4096)) {
            h.send(Seg.rst(0));
            h.expectNothing();
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.send(Seg.rst(100));
            h.expectNothing();
            assertEquals("closed RESET", h.events.getLast());
        }
    }

    @Test
    void shouldResetAConnectionForASynWithinTheWindowWhereThatIsTheCustom() {
        final TcpCustoms customs = TcpCustoms.STANDARD.with(TcpCustom.BLIND_SYNS, true);
        try (TcpHarness h =
                TcpHarness.established(TcpHarness.plain().customs(customs).build(), 4096)) {
            h.send(Seg.syn(0));
            h.expect(Seg.ack(1, 1));
            h.send(Seg.syn(1));
            h.expect(Seg.rstAck(1, 1));
            assertEquals("closed RESET", h.events.getLast());
        }
    }

    @Test
    void shouldOpenForASynWithAFinWhereThatIsTheCustom() {
        final TcpCustoms customs = TcpCustoms.STANDARD.with(TcpCustom.SYNS_WITH_FIN, true);
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().customs(customs).build())) {
            final TcpListener<?> listener = h.listen(1);
            h.send(Seg.of(TcpView.SYN | TcpView.FIN, 0));
            h.expect(Seg.synAck(0, 1));
            assertEquals(1, listener.halfOpen());
        }
    }

    @ParameterizedTest
    @CsvSource({"false, 18", "true, 20"})
    @Origin("RFC 9406 4.2")
    void shouldCountAWholeAcknowledgmentInSlowStartWhereThatIsTheCustom(final boolean whole, final int segments) {
        final TcpConfig config = TcpHarness.plain()
                .pacing(false)
                .sendBuffer(32 * 1024)
                .customs(TcpCustoms.STANDARD.with(TcpCustom.WHOLE_ACKNOWLEDGMENTS, whole))
                .build();
        try (TcpHarness h = TcpHarness.established(config, 60_000)) {
            final int mss = 1460;
            assertEquals(10 * mss, h.window());
            h.write("x".repeat(12 * mss));
            for (int i = 0; i < 10; i++) {
                h.expect(Seg.ack(1 + i * mss, 1).len(mss));
            }
            h.expectNothing();
            h.send(Seg.ack(1, 1 + 10 * mss).win(60_000));
            assertEquals(segments * mss, h.window());
        }
    }

    @ParameterizedTest
    @CsvSource({"false, 2", "true, 5"})
    @Origin("RFC 3465 2.3")
    void shouldCountAWholeAcknowledgmentAfterATimeoutWhereThatIsTheCustom(final boolean whole, final int segments) {
        final TcpConfig config = TcpHarness.plain()
                .sendBuffer(32 * 1024)
                .customs(TcpCustoms.STANDARD.with(TcpCustom.WHOLE_ACKNOWLEDGMENTS, whole))
                .build();
        try (TcpHarness h = TcpHarness.established(config, 60_000)) {
            final int mss = 1460;
            h.write("x".repeat(10 * mss));
            h.takeSent();
            h.advance(RTO);
            h.expect(Seg.ack(1, 1).len(mss));
            assertEquals(mss, h.window());
            h.send(Seg.ack(1, 1 + 4 * mss).win(60_000)); // a hole is filled
            assertEquals(segments * mss, h.window());
        }
    }

    @Test
    @Origin("RFC 9293 3.8.6.1")
    void shouldProbeAClosedWindowWithoutData() {
        try (TcpHarness h = TcpHarness.established(linux(), 6)) {
            h.write("abcdef123");
            h.expect(Seg.data(1, 1, "abcdef"));
            h.send(Seg.ack(1, 7).win(0));
            for (int i = 0; i < 5; i++) {
                h.advance((RTO << i) - 1);
                h.expectNothing();
                h.advance(1);
                h.expect(Seg.ack(6, 1).len(0));
                h.send(Seg.ack(1, 7).win(0));
                h.expectNothing();
            }
            assertEquals(5, h.counters.get(StackCounter.TCP_WINDOW_PROBES));
            h.send(Seg.ack(1, 7).win(6));
            h.expect(Seg.data(7, 1, "123"));
        }
    }

    @Test
    @Origin("RFC 6864 4.1")
    void shouldLetRoutersFragmentWhenAskedNotToLookForThePathsMtu() {
        try (TcpHarness h = TcpHarness.established()) {
            h.write("abc");
            h.expect(Seg.data(1, 1, "abc"));
            assertFalse(h.link.routersMayFragment);
            h.socket().options().dontFragment(false);
            h.advance(RTO);
            h.expect(Seg.data(1, 1, "abc"));
            assertTrue(h.link.routersMayFragment);
        }
    }

    @Test
    @Origin("RFC 5482")
    void shouldEndProbingWhenTheUserTimeoutIsOverThoughThePeerAnswers() {
        try (TcpHarness h = TcpHarness.established(linux(), 6)) {
            h.write("abcdef123");
            h.expect(Seg.data(1, 1, "abcdef"));
            h.send(Seg.ack(1, 7).win(0));
            h.advance(RTO);
            h.expect(Seg.ack(6, 1).len(0));
            h.socket().options().userTimeout(207_000);
            h.send(Seg.ack(1, 7).win(0));
            h.advance(1_700_000);
            h.expect(Seg.rstAck(7, 1));
            h.send(Seg.ack(1, 7));
            h.expect(Seg.rst(7));
        }
    }
}

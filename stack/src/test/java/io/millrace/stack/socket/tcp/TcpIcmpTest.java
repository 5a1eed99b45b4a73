package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.StackCounter;
import io.millrace.stack.wire.IcmpErrorRepr;
import io.millrace.stack.wire.IpFamily;
import io.millrace.stack.wire.TcpView;
import io.millrace.testkit.Origin;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ICMP errors about connections: RFC 5927, RFC 1191. */
class TcpIcmpTest {
    private static boolean error(final TcpHarness h, final int kind, final int mtu, final int seq) {
        final IcmpErrorRepr error = new IcmpErrorRepr();
        error.family = IpFamily.V4;
        error.kind = kind;
        error.mtu = mtu;
        error.protocol = TcpView.PROTOCOL;
        error.srcLo = TcpHarness.LOCAL.address().lo();
        error.dstLo = TcpHarness.REMOTE.address().lo();
        error.srcPort = h.socket().local().port();
        error.dstPort = h.socket().remote().port();
        error.tcpSequence = Integer.toUnsignedLong(seq + h.localIss);
        final boolean taken = h.engine.icmpError(error, h.now);
        h.poll();
        return taken;
    }

    private static TcpHarness inFlight(final int bytes) {
        final TcpHarness h = TcpHarness.established(
                TcpHarness.plain().sendBuffer(60_000).bufferMemory(1 << 21).build(), 65_535);
        h.write("x".repeat(bytes));
        return h;
    }

    @ParameterizedTest
    @ValueSource(ints = {IcmpErrorRepr.PORT_UNREACHABLE, IcmpErrorRepr.PROTOCOL_UNREACHABLE})
    @Origin("RFC 9293 3.9.2.2")
    void shouldGiveUpConnectingWhenThereIsNobody(final int kind) {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0));
            assertTrue(error(h, kind, 0, 0));
            assertEquals(List.of("closed REFUSED"), h.events);
        }
    }

    @Test
    @Origin("RFC 9293 3.9.2.2")
    void shouldGoOnConnectingWhenARouterHasNoRouteAndTellItAtTheEnd() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().synRetries(2).build())) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0));
            assertTrue(error(h, IcmpErrorRepr.HOST_UNREACHABLE, 0, 0));
            assertEquals(List.of(), h.events);
            h.advance(20_000_000);
            assertEquals(List.of("closed UNREACHABLE"), h.events);
            h.takeSent();
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                IcmpErrorRepr.PORT_UNREACHABLE,
                IcmpErrorRepr.PROTOCOL_UNREACHABLE,
                IcmpErrorRepr.ADMIN_PROHIBITED,
                IcmpErrorRepr.NET_UNREACHABLE,
                IcmpErrorRepr.PARAMETER_PROBLEM,
                IcmpErrorRepr.OTHER
            })
    @Origin("RFC 5927 5.2")
    void shouldNotEndAnEstablishedConnectionWhateverIsSaid(final int kind) {
        try (TcpHarness h = inFlight(1000)) {
            h.takeSent();
            assertTrue(error(h, kind, 0, 1));
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.expectNothing();
        }
    }

    @Test
    @Origin("RFC 5927 4.1")
    void shouldIgnoreWhatQuotesNothingInFlight() {
        try (TcpHarness h = inFlight(1000)) {
            h.takeSent();
            assertFalse(error(h, IcmpErrorRepr.PACKET_TOO_BIG, 600, 0));
            assertFalse(error(h, IcmpErrorRepr.PACKET_TOO_BIG, 600, 1001));
            assertFalse(error(h, IcmpErrorRepr.PACKET_TOO_BIG, 600, -100_000));
            h.expectNothing();
            h.send(Seg.ack(1, 1001));
            assertFalse(error(h, IcmpErrorRepr.PACKET_TOO_BIG, 600, 1));
        }
    }

    @Test
    @Origin("RFC 1191 6.4")
    void shouldSendInSmallerPartsWhatWasTooBig() {
        try (TcpHarness h = inFlight(4380)) {
            assertEquals(3, h.takeSent().size());
            final int window = h.window();
            assertTrue(error(h, IcmpErrorRepr.PACKET_TOO_BIG, 1040, 1));
            final List<Seg> again = h.takeSent();
            assertEquals(
                    List.of(1, 1001, 1461, 2461, 2921, 3921),
                    again.stream().map(s -> s.seq).toList());
            assertTrue(again.stream().allMatch(s -> s.payload.length <= 1000));
            assertEquals(window, h.window(), "nothing was lost to congestion");
            assertEquals(1, h.counters.get(StackCounter.TCP_PATH_MTU_REDUCED));
            h.send(Seg.ack(1, 4381));
            h.advance(10_000_000);
            h.expectNothing();
        }
    }

    @Test
    @Origin("RFC 1191 7")
    void shouldBelieveNoRouterThatASmallerPathIsPossible() {
        try (TcpHarness h = inFlight(1460)) {
            h.takeSent();
            assertTrue(error(h, IcmpErrorRepr.PACKET_TOO_BIG, 68, 1));
            assertEquals(512, h.takeSent().get(0).payload.length, "552, less the headers");
            error(h, IcmpErrorRepr.PACKET_TOO_BIG, 60, 1);
            h.expectNothing();
            error(h, IcmpErrorRepr.PACKET_TOO_BIG, 9000, 1);
            h.expectNothing();
        }
        try (TcpHarness h = inFlight(1460)) {
            h.takeSent();
            assertTrue(error(h, IcmpErrorRepr.PACKET_TOO_BIG, 0, 1)); // a router from before RFC 1191
            assertEquals(1452, h.takeSent().get(0).payload.length, "the next plateau is 1492");
        }
    }
}

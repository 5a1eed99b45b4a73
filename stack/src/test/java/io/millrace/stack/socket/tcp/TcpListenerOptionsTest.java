package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.stack.socket.tcp.config.CookieMode;
import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;

/** What can be set for one listener: its queues, cookies, and whether it waits for the peer to say something. */
class TcpListenerOptionsTest {
    private static void syn(final TcpHarness h, final int port) {
        h.ports(TcpHarness.LOCAL.port(), port);
        h.localIssKnown = false;
        h.deliver(Seg.syn(0).mss(1460));
    }

    @Test
    void shouldKeepToItsOwnLimitOfHalfOpenConnections() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            final TcpListener<?> listener = h.listen(10);
            assertEquals(1024, listener.synBacklog());
            listener.synBacklog(2);
            for (int i = 0; i < 3; i++) {
                syn(h, 1000 + i);
            }
            h.poll();
            assertEquals(2, listener.halfOpen());
            assertEquals(1, listener.synOverflows());
            assertThrows(IllegalArgumentException.class, () -> listener.synBacklog(0));
        }
    }

    @Test
    @Origin("RFC 4987 3.6")
    void shouldHoldNothingHalfOpenWhenItAlwaysSendsCookies() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            final TcpListener<?> listener = h.listen(2);
            listener.synCookies(CookieMode.ALWAYS);
            h.send(Seg.syn(0).mss(1460));
            assertEquals(0, listener.halfOpen());
            assertEquals(1, listener.cookiesSent());
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.ack(1, 1));
            assertEquals(TcpState.ESTABLISHED, h.state());
            assertEquals(1, listener.cookiesAccepted());
        }
    }

    @Test
    void shouldDropSynsWhileConnectionsBeyondTheBacklogWait() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            final TcpListener<?> listener = h.engine.listen(TcpHarness.LOCAL, 1, false, null);
            h.send(Seg.syn(0).mss(1460));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.ack(1, 1));
            assertEquals(1, listener.waiting());
            syn(h, 1000);
            h.poll();
            h.expectNothing();
            assertEquals(1, listener.acceptOverflows());
            assertEquals(0, listener.halfOpen());
            listener.accept(h);
            syn(h, 1000);
            h.poll();
            h.expect(Seg.synAck(0, 1));
        }
    }

    @Test
    void shouldAcceptOnceThePeerSaysSomethingWhenItDefers() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            final TcpListener<?> listener = h.listen(2);
            listener.deferAccept(5_000_000);
            h.send(Seg.syn(0).mss(1460));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.ack(1, 1));
            assertEquals(0, h.engine.connections());
            assertEquals(1, listener.deferred());
            h.advance(4_000_000);
            h.expectNothing(); // the peer has answered: nothing is sent again
            h.send(Seg.data(1, 1, "abc"));
            assertEquals("abc", h.read());
            assertEquals(1, listener.accepted());
            assertEquals(1460 * 10, h.window()); // nothing was lost: the initial window is a full one
        }
    }

    @Test
    void shouldAskOnceMoreWhenThePeerSaysNothingInTheTimeToDefer() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            final TcpListener<?> listener = h.listen(2);
            listener.deferAccept(5_000_000);
            h.send(Seg.syn(0).mss(1460));
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.ack(1, 1));
            h.advance(5_000_000);
            h.expect(Seg.synAck(0, 1));
            h.send(Seg.ack(1, 1));
            assertEquals(TcpState.ESTABLISHED, h.state());
            assertEquals(1, listener.accepted());
        }
    }

    @Test
    void shouldCountHandshakesThatNobodyFinished() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            final TcpListener<?> listener = h.listen(2);
            h.send(Seg.syn(0).mss(1460));
            h.advance(200_000_000);
            h.takeSent();
            assertEquals(1, listener.handshakeTimeouts());
        }
    }
}

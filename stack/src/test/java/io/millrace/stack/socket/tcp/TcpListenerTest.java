package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;

/** The two queues of a listener and their limits. */
class TcpListenerTest {
    private static final TcpConfig CONFIG =
            TcpHarness.plain().synBacklog(3).maxConnections(8).build();

    private static void syn(final TcpHarness h, final int port) {
        h.ports(TcpHarness.LOCAL.port(), port);
        h.localIssKnown = false;
        h.deliver(Seg.syn(0).mss(1460));
    }

    @Test
    @Origin("RFC 4987 3.1")
    void shouldDropSynsWithoutAReset() {
        try (TcpHarness h = new TcpHarness(CONFIG)) {
            final TcpListener<?> listener = h.listen(10);
            for (int i = 0; i < 5; i++) {
                syn(h, 1000 + i);
            }
            h.poll();
            assertEquals(3, h.takeSent().size());
            assertEquals(3, listener.halfOpen());
            assertEquals(2, listener.synOverflows());
            assertEquals(2, h.counters.get(StackCounter.TCP_SYN_QUEUE_FULL));
            h.advance(200_000_000);
            assertEquals(0, listener.halfOpen());
            h.takeSent();
            syn(h, 2000);
            h.expect(Seg.synAck(0, 1));
        }
    }

    @Test
    void shouldNotCompleteHandshakesBeyondTheBacklog() {
        try (TcpHarness h = new TcpHarness(CONFIG)) {
            final TcpListener<?> listener = h.listen(1);
            final int[] iss = new int[2];
            for (int i = 0; i < 2; i++) {
                syn(h, 1000 + i);
                iss[i] = h.localIss;
            }
            h.takeSent();
            for (int i = 0; i < 2; i++) {
                h.ports(TcpHarness.LOCAL.port(), 1000 + i);
                h.localIss = iss[i];
                h.deliver(Seg.ack(1, 1)); // both before the application is told of the first
            }
            assertEquals(1, h.engine.connections());
            assertEquals(1, listener.acceptOverflows());
            assertEquals(1, listener.halfOpen());
            h.poll();
            h.expectNothing();
            assertEquals(1, listener.accepted());
            // The peer sends data, as it believes to be connected: that completes the handshake.
            h.send(Seg.data(1, 1, "abc"));
            assertEquals(2, h.engine.connections());
            assertEquals("abc", h.read());
            assertEquals(2, listener.accepted());
        }
    }

    @Test
    void shouldHoldNoMoreThanTheLimitOfConnections() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().maxConnections(2).build())) {
            h.listen(4);
            for (int i = 0; i < 4; i++) {
                syn(h, 1000 + i);
            }
            assertEquals(2, h.takeSent().size());
            h.connect();
            h.poll();
            assertEquals("closed EXHAUSTED", h.events.getLast());
        }
    }

    @Test
    void shouldForgetHalfOpenConnectionsWhenClosed() {
        try (TcpHarness h = new TcpHarness(CONFIG)) {
            final TcpListener<?> listener = h.listen(4);
            syn(h, 1000);
            h.takeSent();
            listener.close();
            assertEquals(0, h.engine.flows.size());
            h.send(Seg.ack(1, 1));
            h.expect(Seg.rst(1));
        }
    }

    @Test
    void shouldNotTellOfAConnectionThatWasResetBeforehand() {
        try (TcpHarness h = new TcpHarness(CONFIG)) {
            final TcpListener<?> listener = h.listen(4);
            syn(h, 1000);
            h.takeSent();
            h.deliver(Seg.ack(1, 1));
            h.deliver(Seg.rst(1));
            h.poll();
            assertEquals(0, h.events.size());
            assertEquals(0, listener.accepted());
            assertEquals(0, h.engine.connections());
        }
    }
}

package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.stack.StackCounter;
import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;

/** Peers that are farther away than permitted. */
class TcpMinHopLimitTest {
    @Test
    @Origin("RFC 5082 3")
    void shouldDropWhateverComesFromTooFarAway() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().minHopLimit(255);
            h.hopLimitReceived = 254;
            h.send(Seg.ack(1, 1).text("abc"));
            h.send(Seg.rst(1));
            h.expectNothing();
            assertEquals(TcpState.ESTABLISHED, h.state());
            assertEquals(0, h.socket().readable());
            assertEquals(2, h.counters.get(StackCounter.TCP_TOO_FAR));
            h.hopLimitReceived = 255;
            h.send(Seg.ack(1, 1).text("abc"));
            assertEquals(3, h.socket().readable());
            assertThrows(
                    IllegalArgumentException.class, () -> h.socket().options().minHopLimit(256));
        }
    }

    @Test
    @Origin("RFC 5082 3")
    void shouldHearNoSynFromTooFarAwayAndPassItOnToConnections() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.listen(1).options().minHopLimit(255);
            h.send(Seg.syn(0).mss(1460));
            h.expectNothing();
            h.hopLimitReceived = 255;
            h.send(Seg.syn(0).mss(1460));
            h.expect(Seg.synAck(0, 1));
            h.hopLimitReceived = 254;
            h.send(Seg.ack(1, 1));
            h.hopLimitReceived = 255;
            h.send(Seg.ack(1, 1));
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.hopLimitReceived = 64;
            h.send(Seg.rst(1));
            assertEquals(TcpState.ESTABLISHED, h.state());
            assertEquals(3, h.counters.get(StackCounter.TCP_TOO_FAR));
        }
    }

    @Test
    @Origin("RFC 5082 3")
    void shouldResetWithTheHopLimitThatAPeerLooksAt() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.connect().options().hopLimit(255).trafficClass(0xC0);
            h.poll();
            h.expect(Seg.syn(0));
            h.send(Seg.synAck(0, 100).mss(1460));
            h.expect(Seg.rst(100));
            assertEquals(255, h.link.hopLimit);
            assertEquals(0xC0, h.link.trafficClass);
        }
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            final TcpListener<?> listener = h.listen(1);
            listener.options().hopLimit(255);
            h.send(Seg.ack(5, 7));
            h.expect(Seg.rst(7));
            assertEquals(255, h.link.hopLimit);
            listener.close();
            h.send(Seg.ack(5, 7));
            h.expect(Seg.rst(7));
            assertEquals(64, h.link.hopLimit);
        }
    }

    @Test
    @Origin("RFC 5082 3")
    void shouldAnswerFromTimeWaitWithTheHopLimitThatAPeerLooksAt() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().hopLimit(255).trafficClass(0xC0);
            h.closeSocket();
            h.expect(Seg.fin(1, 1));
            h.send(Seg.fin(1, 2));
            h.expect(Seg.ack(2, 2));
            assertEquals(1, h.engine.timeWaits());
            h.link.hopLimit = 0;
            h.send(Seg.fin(1, 2));
            h.expect(Seg.ack(2, 2));
            assertEquals(255, h.link.hopLimit);
            assertEquals(0xC0, h.link.trafficClass);
        }
    }
}

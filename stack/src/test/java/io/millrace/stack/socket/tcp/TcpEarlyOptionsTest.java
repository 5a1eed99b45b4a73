package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;

/**
 * Options that are set before the handshake: they hold for the SYN, and accepted connections begin with their
 * listener's.
 */
class TcpEarlyOptionsTest {
    private static final TcpConfig SCALED = TcpHarness.plain()
            .windowScaling(true)
            .receiveBuffer(8192)
            .receiveBufferLimit(1 << 20)
            .build();

    @Test
    @Origin("RFC 9293 3.7.1")
    void shouldAnnounceTheSegmentSizeThatWasSetBeforeConnecting() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.connect().options().maxSegment(1100);
            h.poll();
            h.expect(Seg.syn(0).mss(1100));
            h.send(Seg.synAck(0, 1).mss(1460));
            h.takeSent();
            h.write("x".repeat(2200));
            h.expect(Seg.ack(1, 1).len(1100));
            h.expect(Seg.ack(1101, 1).len(1100));
        }
    }

    @Test
    void shouldAnswerWithTheSegmentSizeAndTheHopLimitOfTheListener() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.listen(1).options().maxSegment(1000).hopLimit(7).trafficClass(0x28);
            h.send(Seg.syn(0).mss(1460));
            h.expect(Seg.synAck(0, 1).mss(1000));
            assertEquals(7, h.link.hopLimit);
            assertEquals(0x28, h.link.trafficClass);
            h.send(Seg.ack(1, 1));
            h.write("x".repeat(1500));
            h.expect(Seg.ack(1, 1).len(1000));
            assertEquals(7, h.link.hopLimit);
        }
    }

    @Test
    @Origin("RFC 7323 2.2")
    void shouldScaleTheWindowForTheBufferThatWasSet() {
        try (TcpHarness h = new TcpHarness(SCALED)) {
            h.connect();
            h.poll();
            h.expect(Seg.syn(0).ws(5).win(8192));
        }
        try (TcpHarness h = new TcpHarness(SCALED)) {
            h.connect().options().receiveBuffer(3000);
            h.poll();
            h.expect(Seg.syn(0).ws(0).win(3000));
        }
        try (TcpHarness h = new TcpHarness(SCALED)) {
            h.listen(1).options().receiveBuffer(4 << 20);
            h.send(Seg.syn(0).mss(1460).ws(0));
            h.expect(Seg.synAck(0, 1).ws(7).win(65_535));
            h.send(Seg.ack(1, 1));
            assertEquals(4 << 20, h.socket().options().receiveBuffer());
        }
    }

    @Test
    void shouldHandOnWhatAListenerWasGiven() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.listen(1)
                    .options()
                    .noDelay(true)
                    .cork(true)
                    .congestion(CongestionAlgorithm.RENO)
                    .userTimeout(7)
                    .keepAlive(5, 6, 7)
                    .linger(8)
                    .sendBuffer(9000)
                    .finWait2(10)
                    .synRetries(3)
                    .windowClamp(4000)
                    .notSentLowWater(12)
                    .receiveLowWater(13);
            h.send(Seg.syn(0).mss(1460));
            h.takeSent();
            h.send(Seg.ack(1, 1));
            final TcpOptions options = h.socket().options();
            assertTrue(options.noDelay());
            assertTrue(options.cork());
            assertEquals(CongestionAlgorithm.RENO, options.congestion());
            assertEquals(7, options.userTimeout());
            assertEquals(5, options.keepAliveIdle());
            assertEquals(6, options.keepAliveInterval());
            assertEquals(7, options.keepAliveProbes());
            assertEquals(8, options.linger());
            assertEquals(9000, options.sendBuffer());
            assertEquals(10, options.finWait2());
            assertEquals(3, options.synRetries());
            assertEquals(4000, options.windowClamp());
            assertEquals(12, options.notSentLowWater());
            assertEquals(13, options.receiveLowWater());
        }
    }

    @Test
    void shouldKeepNoOptionsForAConnectionWhoseListenerHasNone() {
        try (TcpHarness h = TcpHarness.established()) {
            assertNull(((TcpConnection) h.engine.flows.toArray()[0]).options);
        }
    }

    @Test
    @Origin("RFC 9293 3.8.3")
    void shouldGiveUpAfterTheRetransmissionsOfTheSynThatWereSet() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.connect().options().synRetries(1);
            h.poll();
            h.advance(1_000_000);
            assertEquals(2, h.takeSent().size());
            h.advance(1_999_999);
            assertTrue(h.events.isEmpty());
            h.advance(1);
            assertEquals("closed TIMEOUT", h.events.getLast());
        }
    }

    @Test
    void shouldWaitInFinWait2AsLongAsWasSet() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().finWait2(5_000_000);
            h.closeSocket();
            h.send(Seg.ack(1, 2));
            h.advance(4_999_999);
            assertEquals(TcpState.FIN_WAIT_2, h.state());
            h.advance(1);
            assertEquals("closed TIMEOUT", h.events.getLast());
        }
    }

    @Test
    void shouldOfferNoLargerWindowThanTheClamp() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.listen(1).options().windowClamp(3000);
            h.send(Seg.syn(0).mss(1460));
            h.expect(Seg.synAck(0, 1).win(3000));
            h.send(Seg.ack(1, 1));
            h.send(Seg.data(1, 1, "x".repeat(3000)));
            assertEquals(3000, h.takeSent().getLast().window); // the buffer has room for 5192
            h.socket().options().windowClamp(5000);
            h.read();
            h.send(Seg.data(3001, 1, "x"));
            h.advance(40_000);
            assertEquals(5000, h.takeSent().getLast().window);
        }
    }

    @Test
    void shouldTellOfDataOnceThereIsAsMuchAsTheLowWaterMarkAsksFor() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().receiveLowWater(5);
            h.send(Seg.data(1, 1, "abc"));
            assertFalse(h.events.contains("readable"), h.events.toString());
            assertFalse(h.socket().readReady());
            h.send(Seg.data(4, 1, "de"));
            assertEquals("readable", h.events.getLast());
            assertTrue(h.socket().readReady());
        }
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().receiveLowWater(5);
            h.send(Seg.fin(1, 1).text("abc"));
            assertEquals("readable", h.events.getLast()); // nothing more comes
        }
    }

    @Test
    void shouldTakeNoMoreThanMayBeUnsent() {
        try (TcpHarness h = TcpHarness.established(TcpHarness.plain().build(), 4096)) {
            h.socket().options().notSentLowWater(1000).noDelay(true);
            h.write("x".repeat(1000));
            h.expect(Seg.ack(1, 1).len(1000));
            h.send(Seg.ack(1, 1).win(1000)); // no room for more
            assertEquals(1000, h.socket().writable());
            assertEquals(1000, h.queue("x".repeat(5000)));
            h.poll();
            assertEquals(0, h.socket().writable());
            h.events.clear();
            h.send(Seg.ack(1, 1001).win(4096));
            h.expect(Seg.ack(1001, 1).len(1000));
            h.poll();
            assertEquals("writable", h.events.getLast()); // it was sent, though not acknowledged
            assertEquals(3096 + 1000, h.socket().writable()); // what goes out at once, and what may wait behind it
        }
    }
}

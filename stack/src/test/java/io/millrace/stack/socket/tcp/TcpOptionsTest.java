package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.testkit.Origin;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What can be set for one connection, and what can be seen of it. */
class TcpOptionsTest {
    @Test
    void shouldHoldPartialSegmentsBackWhileCorked() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().cork(true);
            h.write("abc");
            h.write("d".repeat(1460));
            h.expect(Seg.ack(1, 1).len(1460));
            h.expectNothing();
            h.socket().options().cork(false);
            h.poll();
            h.expect(Seg.ack(1461, 1).len(3));
        }
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().cork(true);
            h.queue("abc");
            h.closeSocket();
            h.expect(Seg.fin(1, 1).text("abc"));
        }
    }

    @Test
    void shouldSendWhatIsHeldBackWhenToldNotToDelay() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().cork(true);
            h.write("abc");
            h.expectNothing();
            h.socket().options().noDelay(true);
            h.poll();
            h.expect(Seg.ack(1, 1).len(3));
            h.write("de"); // corked still
            h.expectNothing();
        }
    }

    @Test
    @Origin("RFC 9293 3.8.6.2.1")
    void shouldSendWhatIsHeldBackOnceWhenItHasWaitedTooLong() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().cork(true);
            h.write("abc");
            h.advance(250_000);
            h.expect(Seg.ack(1, 1).len(3));
            h.expectNothing();
            h.send(Seg.data(1, 1, "x")); // what else is sent does not bring it along again
            h.advance(40_000);
            h.expect(Seg.ack(4, 2));
            h.send(Seg.ack(2, 4));
            h.expectNothing();
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_set_get_congestion_control")
    void shouldChangeTheCongestionControl() {
        try (TcpHarness h = TcpHarness.established()) {
            final TcpOptions options = h.socket().options();
            assertEquals(CongestionAlgorithm.CUBIC, options.congestion());
            final int window = h.window();
            options.congestion(CongestionAlgorithm.RENO);
            assertEquals(CongestionAlgorithm.RENO, options.congestion());
            assertEquals(window, h.window());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_sends_keep_alive")
    void shouldProbeASilentPeerWhenToldTo() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().keepAlive(5_000_000, 1_000_000, 2);
            h.advance(5_000_000);
            h.expect(Seg.ack(0, 1));
            h.send(Seg.ack(1, 1));
            h.advance(5_000_000);
            h.expect(Seg.ack(0, 1));
            h.advance(2_000_000);
            assertEquals("closed TIMEOUT", h.events.getLast());
        }
    }

    @Test
    @Origin("RFC 9293 3.8.3")
    void shouldGiveUpAfterTheUserTimeoutOfTheConnection() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().userTimeout(2_000_000);
            h.write("abc");
            h.advance(1_999_999);
            assertEquals(TcpState.ESTABLISHED, h.state());
            h.advance(1);
            assertEquals("closed TIMEOUT", h.events.getLast());
        }
    }

    @Test
    void shouldResetAtOnceWhenItDoesNotLinger() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().linger(0);
            h.write("abc");
            h.takeSent();
            h.closeSocket();
            h.expect(Seg.rstAck(4, 1));
            assertEquals(List.of("closed ABORTED"), h.events);
        }
    }

    @Test
    void shouldResetWhenNotEverythingArrivedInTheTimeToLinger() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().linger(3_000_000);
            h.write("abc");
            h.closeSocket();
            h.advance(2_999_999);
            assertEquals(TcpState.FIN_WAIT_1, h.state());
            h.advance(1);
            assertEquals("closed TIMEOUT", h.events.getLast());
        }
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().linger(3_000_000);
            h.closeSocket();
            h.send(Seg.ack(1, 2));
            h.send(Seg.fin(1, 2));
            assertEquals("closed NORMAL", h.events.getLast());
        }
    }

    @Test
    void shouldTellOfTheRoomThatALargerBufferHas() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().sendBuffer(2000);
            assertEquals(2000, h.queue("x".repeat(3000)));
            h.poll();
            h.takeSent();
            h.events.clear();
            h.socket().options().sendBuffer(9000);
            h.poll();
            assertEquals(List.of("writable"), h.events);
        }
    }

    @Test
    void shouldKeepToBuffersAndSegmentSizeOfItsOwn() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().sendBuffer(2000).maxSegment(500).receiveBuffer(1000);
            assertEquals(2000, h.socket().writable());
            h.write("x".repeat(1000));
            h.expect(Seg.ack(1, 1).len(500));
            h.expect(Seg.ack(501, 1).len(500));
            assertEquals(1000, h.socket().writable());
        }
    }

    @Test
    @Origin("smoltcp:socket::tcp::test_set_hop_limit")
    @Origin("smoltcp:socket::tcp::test_set_hop_limit_zero")
    void shouldSendWithAHopLimitOfItsOwn() {
        try (TcpHarness h = TcpHarness.established()) {
            assertEquals(64, h.link.hopLimit);
            h.socket().options().hopLimit(42);
            h.write("abc");
            h.takeSent();
            assertEquals(42, h.link.hopLimit);
            assertThrows(
                    IllegalArgumentException.class, () -> h.socket().options().hopLimit(0));
        }
    }

    @Test
    void shouldSayWhatIsOutOfRange() {
        try (TcpHarness h = TcpHarness.established()) {
            final TcpOptions options = h.socket().options();
            final Exception e = assertThrows(IllegalArgumentException.class, () -> options.sendBuffer(0));
            assertEquals("sendBuffer is 0; it must be 1 to 1073741824", e.getMessage());
            assertThrows(IllegalArgumentException.class, () -> options.maxSegment(40));
            assertThrows(IllegalArgumentException.class, () -> options.keepAlive(-1, 1, 1));
            assertThrows(IllegalArgumentException.class, () -> options.keepAlive(1, 0, 1));
            assertThrows(IllegalArgumentException.class, () -> options.linger(-2));
        }
    }

    @Test
    void shouldChangeNothingWhenOneOfSeveralIsOutOfRange() {
        try (TcpHarness h = TcpHarness.established()) {
            final TcpOptions options = h.socket().options().keepAlive(5_000_000, 1_000_000, 3);
            assertThrows(IllegalArgumentException.class, () -> options.keepAlive(7_000_000, 2_000_000, 128));
            assertThrows(IllegalArgumentException.class, () -> options.keepAlive(7_000_000, 0, 4));
            assertEquals(5_000_000, options.keepAliveIdle());
            assertEquals(1_000_000, options.keepAliveInterval());
            assertEquals(3, options.keepAliveProbes());
        }
    }

    @Test
    void shouldTellHowAConnectionIsDoing() {
        final TcpConfig config = TcpHarness.plain().sack(true).build();
        try (TcpHarness h = new TcpHarness(config)) {
            h.listen(1);
            h.send(Seg.syn(0).mss(1000).win(8192).sackOk(true));
            h.expect(Seg.synAck(0, 1));
            h.advance(30_000);
            h.send(Seg.ack(1, 1).win(8192));
            h.write("x".repeat(4000));
            h.takeSent();
            final TcpInfo info = new TcpInfo();
            h.socket().info(info);
            assertEquals(TcpState.ESTABLISHED, info.state);
            assertEquals(30_000, info.rtt);
            assertEquals(10_000, info.congestionWindow);
            assertEquals(4000, info.unacknowledged);
            assertEquals(4, info.dataSegmentsOut);
            assertEquals(1000, info.sendMss);
            assertTrue(info.sack);
            assertEquals(TcpInfo.Recovery.OPEN, info.recovery);
            h.advance(30_000);
            h.send(Seg.ack(1, 1).win(8192).sack(1001, 2001));
            assertEquals(TcpInfo.Recovery.DISORDER, h.socket().info(info).recovery);
            assertEquals(1000, info.sacked);
            h.send(Seg.ack(1, 1).win(8192).sack(1001, 4001));
            assertEquals(TcpInfo.Recovery.RECOVERY, h.socket().info(info).recovery);
            assertEquals(1, info.totalRetransmits);
            h.send(Seg.data(1, 4001, "abc").win(8192));
            assertEquals(4000, h.socket().info(info).bytesAcknowledged);
            assertEquals(3, info.bytesReceived);
            assertTrue(info.toString().startsWith("ESTABLISHED CUBIC OPEN rtt 30"), info.toString());
        }
    }

    @Test
    void shouldTuneNoBufferThatIsSet() {
        final TcpConfig config = TcpHarness.plain()
                .sendBufferLimit(1 << 20)
                .receiveBufferLimit(1 << 20)
                .build();
        try (TcpHarness h = TcpHarness.established(config, 4096)) {
            final TcpOptions options = h.socket().options();
            assertEquals(2 * h.window(), options.sendBuffer());
            assertEquals(8192, options.receiveBuffer());
            options.sendBuffer(5000).receiveBuffer(3000);
            assertEquals(5000, options.sendBuffer());
            assertEquals(3000, options.receiveBuffer());
            assertEquals(5000, h.socket().writable());
        }
    }

    @Test
    void shouldTellOfBuffersAndTheReceiversRoundTrip() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().timestamps(true).build())) {
            h.listen(1);
            h.send(Seg.syn(0).mss(1460).ts(1, 0));
            final int echo = h.takeSent().getFirst().tsVal;
            h.now += 40_000;
            h.send(Seg.ack(1, 1).ts(2, echo));
            h.send(Seg.data(1, 1, "abc").ts(3, echo));
            final TcpInfo info = h.socket().info(new TcpInfo());
            assertEquals(40_000, info.receiverRtt);
            assertEquals(8192, info.sendBuffer);
            assertEquals(8192, info.receiveBuffer);
        }
    }

    /** As on Linux, whose SO_KEEPALIVE starts its timer in every state. */
    @Test
    void shouldAskWhetherThePeerIsThereWhenThatIsSetAfterOurSideWasClosed() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().shutdownOutput();
            h.poll();
            h.expect(Seg.fin(1, 1));
            h.send(Seg.ack(1, 2).win(4096));
            assertEquals(TcpState.FIN_WAIT_2, h.state());
            h.socket().options().keepAlive(10_000_000, 1_000_000, 3);
            h.advance(10_000_000);
            h.expect(Seg.ack(1, 1));
        }
    }

    @Test
    void shouldAskWhetherThePeerIsThereOnceEverythingArrivedOfAConnectionThatLingers() {
        try (TcpHarness h = TcpHarness.established()) {
            h.socket().options().finWait2(0).keepAlive(10_000_000, 1_000_000, 3).linger(3_600_000_000L);
            h.socket().close();
            h.poll();
            h.expect(Seg.fin(1, 1));
            h.send(Seg.ack(1, 2).win(4096));
            assertEquals(TcpState.FIN_WAIT_2, h.state());
            h.advance(10_000_000);
            h.expect(Seg.ack(1, 1));
        }
    }
}

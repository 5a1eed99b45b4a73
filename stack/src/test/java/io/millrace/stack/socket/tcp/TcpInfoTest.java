package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.socket.tcp.config.TcpConfigBuilder;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a connection tells of its deliveries, and of what it waited for. */
class TcpInfoTest {
    private static final int MSS = 1000;
    private static final long ROUND_TRIP = 100_000;
    /** A peer whose window is closed for longer is to answer meanwhile. */
    private static final long PROBED = 60_000_000;

    private final TcpInfo info = new TcpInfo();

    private static TcpHarness connected(final TcpConfigBuilder config, final int window) {
        final TcpHarness h = new TcpHarness(config.sack(true)
                .sendBuffer(40 * MSS)
                .bufferMemory(4 << 20)
                .burst(64)
                .pacing(false)
                .build());
        h.listen(1);
        h.send(Seg.syn(0).mss(MSS).win(window).sackOk(true));
        h.expect(Seg.synAck(0, 1));
        h.advance(ROUND_TRIP);
        h.send(Seg.ack(1, 1).win(window));
        return h;
    }

    private static TcpHarness connected() {
        return connected(TcpHarness.plain(), 65_535);
    }

    /** All that has been sent is acknowledged some time later. */
    private static void acknowledge(final TcpHarness h, final long micros) {
        h.poll();
        h.advance(micros);
        final TcpInfo now = h.socket().info(new TcpInfo());
        h.send(Seg.ack(1, (int) (1 + now.bytesAcknowledged) + now.unacknowledged)
                .win(65_535));
        h.takeSent();
    }

    private TcpInfo info(final TcpHarness h) {
        return h.socket().info(info);
    }

    @Test
    void shouldTellOfSegmentsThatThePathCarriesThoughNothingWasSentSinceItNarrowed() {
        try (TcpHarness h = connected()) {
            assertEquals(MSS, info(h).sendMss);
            h.link.mtu = 600; // as another connection's packets found out
            assertEquals(600, info(h).pathMtu);
            assertEquals(560, info(h).sendMss);
            h.link.routed = false;
            assertEquals(MSS, info(h).sendMss, "nothing is known of the path");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"RENO", "CUBIC", "BBR"})
    void shouldMeasureHowFastTheNetworkDelivers(final CongestionAlgorithm algorithm) {
        try (TcpHarness h = connected(TcpHarness.plain().congestionControl(algorithm), 65_535)) {
            h.write("x".repeat(40 * MSS));
            h.takeSent();
            h.advance(ROUND_TRIP);
            assertEquals(0, info(h).deliveryRate, "nothing is known yet");
            h.send(Seg.ack(1, 1 + 10 * MSS).win(65_535));
            h.takeSent();
            assertEquals(100_000, info(h).deliveryRate, "ten segments in a round trip");
            assertEquals(10, info.delivered);
            // What the second window brings counts from when the first of it was sent.
            h.advance(ROUND_TRIP);
            h.send(Seg.ack(1, 1 + 16 * MSS).win(65_535));
            h.takeSent();
            assertFalse(info(h).deliveryLimited);
            assertEquals(60_000, info.deliveryRate);
            assertEquals(16, info.delivered);
        }
    }

    @Test
    void shouldNotTakeWhatTheApplicationLimitsForTheRateOfThePath() {
        try (TcpHarness h = connected()) {
            h.write("x".repeat(20 * MSS));
            h.takeSent();
            acknowledge(h, ROUND_TRIP);
            assertEquals(100_000, info(h).deliveryRate, "ten segments in a round trip");
            acknowledge(h, ROUND_TRIP);
            assertEquals(100_000, info(h).deliveryRate);
            for (int i = 0; i < 3; i++) {
                h.write("x".repeat(MSS));
                acknowledge(h, ROUND_TRIP);
                assertEquals(100_000, info(h).deliveryRate);
                assertFalse(info.deliveryLimited);
            }
            assertEquals(23, info.delivered);
            // A path that is found to be faster is, whoever was the limit.
            h.write("x".repeat(3 * MSS));
            acknowledge(h, ROUND_TRIP / 10);
            assertEquals(300_000, info(h).deliveryRate);
            assertTrue(info.deliveryLimited);
        }
    }

    @Test
    void shouldTellOfWhatWasDeliveredOutOfOrderAndSentAgain() {
        try (TcpHarness h = connected()) {
            h.write("x".repeat(5 * MSS));
            h.takeSent();
            h.advance(ROUND_TRIP);
            h.send(Seg.ack(1, 1).win(65_535).sack(1 + MSS, 1 + 5 * MSS));
            assertEquals(4, info(h).delivered);
            assertEquals(1, info.retransmitted);
            assertEquals(1, info.lostSegments, "it has not arrived yet");
            assertEquals(0, info.lost, "and was sent again");
            assertEquals(1, info.totalRetransmits);
            assertEquals(MSS, info.bytesRetransmitted);
            assertEquals(6 * MSS, info.bytesSent);
            assertEquals(6, info.dataSegmentsOut);
            h.takeSent();
            h.advance(ROUND_TRIP);
            h.send(Seg.ack(1, 1 + 5 * MSS).win(65_535).sack(1, 1 + MSS));
            assertEquals(5, info(h).delivered);
            assertEquals(0, info.retransmitted);
            assertEquals(0, info.lostSegments);
            assertEquals(1, info.duplicatesReported);
            assertEquals(6 * MSS, info.bytesSent);
            assertEquals(1, info.bytesAcknowledged / (5 * MSS));
        }
    }

    @Test
    void shouldCallNothingLostWhenATailProbeArrivedAheadOfWhatItFollows() {
        try (TcpHarness h = connected()) {
            h.write("x".repeat(2 * MSS));
            h.takeSent();
            while (info(h).retransmitted == 0) {
                h.advance(10_000);
            }
            assertEquals(0, info.lostSegments, "a probe repeats what may have arrived");
            h.send(Seg.ack(1, 1).win(65_535).sack(1 + MSS, 1 + 2 * MSS));
            assertEquals(MSS, info(h).sacked);
            assertEquals(0, info.retransmitted);
            assertEquals(0, info.lostSegments);
        }
    }

    @Test
    void shouldNotCallUnsentWhatWaitsToBeSentAgainSinceThePeerTookItsWindowBack() {
        try (TcpHarness h = connected()) {
            h.write("x".repeat(4 * MSS));
            h.takeSent();
            h.queue("y".repeat(2 * MSS));
            h.send(Seg.ack(1, 1).win(100));
            while (info(h).timeouts == 0) {
                h.advance(10_000);
            }
            final int sent = info(h).unacknowledged;
            assertTrue(sent >= 4 * MSS, () -> sent + " bytes were sent");
            assertEquals(6 * MSS - sent, info.notSent);
        }
    }

    @Test
    void shouldCountWhatComesAheadOfAGapAndSegmentsWithDataApart() {
        try (TcpHarness h = connected()) {
            h.send(Seg.data(4, 1, "def"));
            h.send(Seg.data(1, 1, "abc"));
            h.send(Seg.ack(7, 1));
            assertEquals(1, info(h).receivedAhead);
            assertEquals(2, info.dataSegmentsIn);
            assertEquals(4, info.segmentsIn);
            h.takeSent();
            assertEquals(2, info(h).segmentsOut, "acknowledgments are segments");
            assertEquals(0, info.dataSegmentsOut);
        }
    }

    @Test
    void shouldTellOfTimeouts() {
        try (TcpHarness h = connected()) {
            h.write("x");
            h.takeSent();
            while (h.socket().info(info).timeouts < 2) {
                h.advance(10_000);
            }
            assertEquals(1, info.timeoutRecoveries);
            final long sinceFirst = info.timeoutTime;
            assertTrue(sinceFirst > 0);
            h.takeSent();
            h.advance(50_000);
            h.send(Seg.ack(1, 2).win(65_535));
            assertEquals(sinceFirst + 50_000, info(h).timeoutTime);
            h.advance(50_000);
            assertEquals(sinceFirst + 50_000, info(h).timeoutTime, "it is over");
        }
    }

    @Test
    void shouldNotCountAFinByItselfAmongSegmentsOfData() {
        try (TcpHarness h = connected()) {
            h.write("x");
            h.takeSent();
            h.send(Seg.ack(1, 2).win(65_535));
            h.socket().close();
            h.poll();
            h.takeSent();
            assertEquals(1, info(h).dataSegmentsOut);
        }
    }

    @Test
    void shouldTellForHowLongItHadSomethingToSendAndRememberIt() {
        try (TcpHarness h = connected()) {
            h.advance(70_000);
            assertEquals(0, info(h).busyTime);
            h.write("x");
            h.takeSent();
            h.advance(30_000);
            assertEquals(30_000, info(h).busyTime, "so far");
            h.send(Seg.ack(1, 2).win(65_535));
            h.advance(70_000);
            assertEquals(30_000, info(h).busyTime);
            assertEquals(0, info.windowLimitedTime);
            assertEquals(0, info.bufferLimitedTime);
            final TcpConnection c = (TcpConnection) h.engine.flows.toArray()[0];
            h.advance(2 * Transfers.SILENCE);
            h.advance(Transfers.SILENCE);
            assertEquals(null, c.transferOrNull());
            assertEquals(30_000, info(h).busyTime);
        }
    }

    /** However short or long each of them is: what limited it is no longer than it was busy. */
    @ParameterizedTest
    @ValueSource(longs = {400, 3_000_000_000L})
    void shouldAddUpTimesInWhichItHadSomethingToSend(final long each) {
        try (TcpHarness h = connected()) {
            h.send(Seg.ack(1, 1).win(0));
            for (int sent = 1; sent <= 10; sent++) {
                h.write("x");
                for (long left = each; left > 0; left -= PROBED) {
                    h.advance(Math.min(left, PROBED));
                    h.send(Seg.ack(1, sent).win(0));
                }
                h.send(Seg.ack(1, sent).win(1));
                h.takeSent();
                h.send(Seg.ack(1, 1 + sent).win(0));
                h.advance(2 * Transfers.SILENCE);
                h.advance(Transfers.SILENCE);
                assertEquals(null, ((TcpConnection) h.engine.flows.toArray()[0]).transferOrNull());
            }
            assertEquals(10 * each, info(h).windowLimitedTime);
            assertEquals(10 * each, info.busyTime);
        }
    }

    @Test
    void shouldTellForHowLongThePeersWindowWasTheLimit() {
        try (TcpHarness h = connected(TcpHarness.plain(), 2 * MSS)) {
            h.write("x".repeat(3 * MSS));
            h.takeSent();
            h.advance(30_000);
            assertEquals(30_000, info(h).windowLimitedTime);
            h.send(Seg.ack(1, 1 + 2 * MSS).win(65_535));
            h.takeSent();
            h.advance(20_000);
            assertEquals(30_000, info(h).windowLimitedTime);
            assertEquals(50_000, info.busyTime);
        }
    }

    @Test
    void shouldTellForHowLongOurBufferWasTheLimit() {
        try (TcpHarness h = connected()) {
            while (info(h).congestionWindow < 40 * MSS) { // until the window is as large as the buffer
                h.queue("x".repeat(40 * MSS));
                acknowledge(h, ROUND_TRIP);
            }
            acknowledge(h, ROUND_TRIP);
            final long before = info(h).busyTime;
            assertEquals(0, info.bufferLimitedTime);
            h.queue("x".repeat(60 * MSS));
            h.poll();
            h.takeSent();
            h.advance(30_000);
            assertEquals(30_000, info(h).bufferLimitedTime);
            assertEquals(before + 30_000, info.busyTime);
        }
    }

    @Test
    void shouldNotBlameOurBufferWhenTheCongestionWindowIsFullToo() {
        try (TcpHarness h = connected()) {
            h.socket().options().sendBuffer(10 * MSS);
            h.queue("x".repeat(20 * MSS));
            h.poll();
            h.takeSent();
            h.advance(30_000);
            assertEquals(10 * MSS, info(h).congestionWindow);
            assertEquals(0, info.bufferLimitedTime);
            assertEquals(30_000, info.busyTime);
            h.send(Seg.ack(1, 1 + 10 * MSS).win(65_535));
            h.queue("x".repeat(20 * MSS));
            h.poll();
            h.takeSent();
            h.advance(20_000);
            assertEquals(20_000, info(h).bufferLimitedTime, "the window is larger by now");
        }
    }

    @Test
    void shouldTellTheRateAtWhichItSends() {
        try (TcpHarness h = connected()) {
            assertEquals(Long.MAX_VALUE, info(h).pacingRate);
            assertEquals(Long.MAX_VALUE, info.maxPacingRate);
            h.socket().options().pacing(true);
            assertEquals(200_000, info(h).pacingRate, "ten segments, twice in a round trip");
            h.socket().options().maxPacingRate(50_000);
            assertEquals(50_000, info(h).pacingRate);
            assertEquals(50_000, info.maxPacingRate);
        }
    }

    @Test
    void shouldTellWhenDataWasSentAndDataAndAcknowledgmentsCame() {
        try (TcpHarness h = connected()) {
            final long established = h.now / 1_000 * 1_000;
            h.advance(5_000);
            assertEquals(h.now - 5_000, info(h).lastSentAt, "nothing since the handshake");
            assertEquals(established, info.lastDataReceivedAt, "nothing since the handshake");
            assertEquals(h.now - 5_000, info.lastReceivedAt);

            h.write("x");
            final long sent = h.now;
            h.advance(20_000);
            h.send(Seg.data(1, 1, "y").win(65_535));
            final long data = h.now / 1_000 * 1_000;
            h.advance(10_000);
            h.send(Seg.ack(2, 2).win(65_535));
            final long acknowledgment = h.now;
            h.advance(2 * Transfers.SILENCE);
            assertEquals(sent, info(h).lastSentAt, "acknowledgments do not count");
            assertEquals(data, info.lastDataReceivedAt);
            assertEquals(acknowledgment, info.lastReceivedAt);
        }
    }

    @Test
    void shouldTellNoTimesOfAPeerThatHasNotAnswered() {
        try (TcpHarness h = new TcpHarness(TcpHarness.plain().build())) {
            h.connect();
            h.poll();
            h.advance(10_000);
            assertEquals(0, info(h).lastSentAt);
            assertEquals(0, info.lastReceivedAt);
            assertEquals(0, info.lastDataReceivedAt);
        }
    }
}

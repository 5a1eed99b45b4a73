package io.millrace.stack.socket.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When segments leave that the windows allow. */
class TcpPacingTest {
    private static final int MSS = 1000;

    private static TcpHarness connected(final long roundTrip) {
        final TcpHarness h = new TcpHarness(TcpHarness.plain()
                .sack(true)
                .sendBuffer(200_000)
                .bufferMemory(4 << 20)
                .burst(64)
                .build());
        h.listen(1);
        h.send(Seg.syn(0).mss(MSS).win(65535).sackOk(true));
        h.expect(Seg.synAck(0, 1));
        h.advance(roundTrip);
        h.send(Seg.ack(1, 1).win(65535));
        return h;
    }

    @Test
    void shouldSpreadTheWindowOverTheRoundTripAfterTheFirst() {
        try (TcpHarness h = connected(100_000)) {
            h.write("x".repeat(40 * MSS));
            assertEquals(10, h.takeSent().size(), "an initial window, at once");
            h.advance(100_000);
            h.send(Seg.ack(1, 1 + 8 * MSS).win(65535));
            final int atOnce = h.takeSent().size();
            assertTrue(atOnce >= 8 && atOnce <= 10, () -> atOnce + " segments in a burst, of a window of 18");
            h.advance(20_000);
            h.expectNothing();
            h.advance(60_000);
            assertEquals(16, atOnce + h.takeSent().size(), "as many as the window allows, in time");
        }
    }

    @Test
    void shouldNotGatherWhatTheApplicationWritesBitByBit() {
        try (TcpHarness h = connected(100_000)) {
            for (int i = 0; i < 4; i++) {
                h.write("x".repeat(MSS));
                assertEquals(1, h.takeSent().size());
                h.advance(1_000);
            }
        }
    }

    @Test
    void shouldNotBeSlowedDownByAFirstRoundTripThatTookLong() {
        try (TcpHarness h = connected(300_000)) {
            h.write("x".repeat(100 * MSS));
            assertEquals(10, h.takeSent().size(), "an initial window, at once");
            h.advance(50); // as long as the path really is
            h.send(Seg.ack(1, 1 + 8 * MSS).win(65535));
            assertEquals(16, h.takeSent().size(), "what the window allows, at once: the path is short");
        }
    }

    @Test
    void shouldGoOnWhenAllIsAcknowledgedAndABurstIsLongerThanAnInitialWindow() {
        try (TcpHarness h = connected(100_000)) {
            h.write("x".repeat(150 * MSS));
            int sent = h.takeSent().size();
            for (int round = 0; round < 3; round++) {
                h.advance(100_000);
                h.send(Seg.ack(1, 1 + sent * MSS).win(65535));
                final int atOnce = h.takeSent().size();
                h.advance(50_000);
                final int later = h.takeSent().size();
                assertTrue(atOnce + later >= 16, () -> atOnce + " and " + later + " segments with nothing in flight");
                sent += atOnce + later;
            }
        }
    }

    @Test
    void shouldKeepToTheRateThatIsSetWhenAllIsAcknowledgedAtOnce() {
        try (TcpHarness h = connected(100)) {
            h.socket().options().maxPacingRate(1000 * MSS);
            h.write("x".repeat(150 * MSS));
            int sent = h.takeSent().size();
            for (int millis = 0; millis < 50; millis++) {
                h.send(Seg.ack(1, 1 + sent * MSS).win(65535));
                sent += h.takeSent().size();
                h.advance(1_000);
                sent += h.takeSent().size();
            }
            final int count = sent;
            assertTrue(count >= 40 && count <= 50 + 17, () -> count + " segments in 50 ms, at a rate of 1000 a second");
        }
    }

    @Test
    void shouldSendAtTheRateThatIsSet() {
        try (TcpHarness h = connected(100)) {
            h.socket().options().maxPacingRate(100 * MSS);
            h.write("x".repeat(40 * MSS));
            final int atOnce = h.takeSent().size();
            assertTrue(atOnce <= 11, () -> atOnce + " at once");
            h.send(Seg.ack(1, 1 + atOnce * MSS).win(65535));
            h.advance(100_000);
            final int later = h.takeSent().size();
            assertTrue(later >= 5 && later <= 16, () -> later + " within 100 ms, at a rate of 100 a second");
            assertThrows(
                    IllegalArgumentException.class, () -> h.socket().options().maxPacingRate(0));
        }
    }

    @Test
    void shouldNotWaitForWhatLeftAtAnOldRateWhenAHigherOneIsSet() {
        try (TcpHarness h = connected(100)) {
            h.socket().options().maxPacingRate(10);
            h.write("x".repeat(40 * MSS));
            final int atOnce = h.takeSent().size();
            h.socket().options().maxPacingRate(1000 * MSS);
            h.send(Seg.ack(1, 1 + atOnce * MSS).win(65535));
            h.advance(30_000);
            final int later = h.takeSent().size();
            assertTrue(
                    later >= 10,
                    () -> atOnce + " and " + later + ": what left is paid for in a thousandth of the time");
        }
    }

    @Test
    void shouldNotSpreadAnythingWhenPacingIsOff() {
        try (TcpHarness h = connected(100_000)) {
            h.socket().options().pacing(false);
            h.write("x".repeat(40 * MSS));
            h.takeSent();
            h.advance(100_000);
            h.send(Seg.ack(1, 1 + 8 * MSS).win(65535));
            assertEquals(16, h.takeSent().size());
        }
    }

    /** RFC 9406 section 4.2: without pacing, eight segments bound the burst. */
    @ParameterizedTest
    @CsvSource({"true, 20", "false, 18"})
    void shouldGrowByAllThatIsAcknowledgedAtOnceWhenSegmentsAreSpread(final boolean pacing, final int window) {
        try (TcpHarness h = connected(100_000)) {
            h.socket().options().pacing(pacing);
            h.write("x".repeat(40 * MSS));
            assertEquals(10, h.takeSent().size());
            h.advance(100_000);
            h.send(Seg.ack(1, 1 + 10 * MSS).win(65535));
            assertEquals(window * MSS, h.socket().info(new TcpInfo()).congestionWindow);
        }
    }

    @Test
    void shouldPaceAlsoAShortPathWhenTheAlgorithmIsBbr() {
        try (TcpHarness h = connected(1_000)) {
            h.socket().options().congestion(CongestionAlgorithm.BBR);
            h.write("x".repeat(40 * MSS));
            final int atOnce = h.takeSent().size();
            assertTrue(atOnce < 40 && atOnce >= 10, () -> atOnce + " at once");
            h.advance(1_000);
            h.send(Seg.ack(1, 1 + atOnce * MSS).win(65535));
            h.advance(10_000);
            assertTrue(h.takeSent().size() >= 20);
            assertTrue(h.socket().info(new TcpInfo()).rate > 0);
        }
    }

    /** draft-ietf-ccwg-bbr section 5.6.4.4: recovery after a timeout ends as any other. */
    @Test
    void shouldHaveItsWindowAgainOnceWhatTimedOutIsRepairedWhenTheAlgorithmIsBbr() {
        try (TcpHarness h = connected(1_000)) {
            h.socket().options().congestion(CongestionAlgorithm.BBR);
            h.write("x".repeat(10 * MSS));
            h.advance(4_000);
            h.takeSent();
            h.send(Seg.ack(1, 1 + 10 * MSS).win(65535));
            final TcpInfo info = h.socket().info(new TcpInfo());
            final long window = info.congestionWindow;
            h.write("x".repeat(MSS));
            h.advance(2_000_000);
            assertTrue(h.takeSent().size() > 1, "it was sent again");
            assertEquals(MSS, h.socket().info(info).congestionWindow);
            h.send(Seg.ack(1, 1 + 11 * MSS).win(65535));
            assertTrue(h.socket().info(info).congestionWindow >= window);
        }
    }

    @Test
    void shouldNotSpreadWhatAShortPathCarries() {
        try (TcpHarness h = connected(100)) {
            h.write("x".repeat(40 * MSS));
            assertEquals(10, h.takeSent().size());
            h.advance(100);
            h.send(Seg.ack(1, 1 + 8 * MSS).win(65535));
            assertEquals(16, h.takeSent().size());
        }
    }

    @Test
    void shouldNotWaitForSecondsOnceAWindowOpensThatWasSmallForLong() {
        try (TcpHarness h = connected(100_000)) {
            h.socket().options().congestion(CongestionAlgorithm.BBR);
            h.send(Seg.ack(1, 1).win(20));
            h.write("x".repeat(20 * MSS));
            int acknowledged = 1;
            for (int i = 0; i < 20; i++) {
                h.send(Seg.ack(1, acknowledged).win(20));
                h.advance(4_000_000);
                for (final Seg sent : h.takeSent()) {
                    acknowledged = sent.seq + sent.payload.length;
                }
            }
            assertTrue(acknowledged > 100, "what the window holds leaves");
            h.send(Seg.ack(1, acknowledged).win(65535));
            h.advance(6_000_000);
            final int sent = h.takeSent().size();
            assertTrue(sent >= 4, () -> sent + " segments within six seconds, whatever the rate was of late");
        }
    }

    /** As when a process or its machine was stopped: in 32 bits of microseconds 72 minutes look like none. */
    @Test
    void shouldMeasureNoFastPathWhenAnAcknowledgmentComesAfterMoreThanAnHour() {
        try (TcpHarness h = connected(100_000)) {
            h.socket().options().congestion(CongestionAlgorithm.BBR);
            h.write("x".repeat(100 * MSS));
            final int atOnce = h.takeSent().size();
            assertTrue(atOnce > 0);
            final TcpInfo info = h.socket().info(new TcpInfo());
            final long before = info.pacingRate;
            h.now += (1L << 32) + 150;
            h.send(Seg.ack(1, 1 + atOnce * MSS).win(65535));
            assertTrue(h.socket().info(info).unacknowledged > 0);
            assertTrue(info.pacingRate <= before, () -> before + " became " + info.pacingRate + " bytes a second");
            assertTrue(info.deliveryRate <= 10, () -> info.deliveryRate + " bytes a second");
        }
    }
}

package io.millrace.stack.socket.tcp.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;

/** How fast what is in flight comes down to the new threshold. */
class RateReductionTest {
    private static final int MSS = 1000;

    private final RateReduction reduction = new RateReduction();

    private int inNetwork;

    private void acknowledge(final int delivered, final int inFlight, final boolean progress) {
        acknowledgeBytes(delivered * MSS, inFlight * MSS, progress);
    }

    private void acknowledgeBytes(final int delivered, final int inFlight, final boolean progress) {
        inNetwork = inFlight;
        reduction.onAcknowledged(delivered, inFlight, progress, MSS);
    }

    private void send(final int segments) {
        reduction.onSent(segments * MSS);
        inNetwork += segments * MSS;
    }

    private int allowance() {
        return reduction.allowance(inNetwork);
    }

    @Test
    @Origin("RFC 9937 6.2")
    void shouldSendInProportionAboveTheThreshold() {
        reduction.start(20 * MSS, 14 * MSS, MSS);
        int sent = 0;
        for (int delivered = 1; delivered <= 5; delivered++) {
            acknowledge(1, 19 - delivered + sent, false);
            final int allowed = Math.ceilDiv(allowance(), MSS);
            sent += allowed;
            send(allowed);
            assertEquals((delivered * 14 + 19) / 20, sent, delivered + " of 20");
        }
    }

    @Test
    @Origin("RFC 9937 6.2")
    void shouldRoundUpToTheNextByte() {
        reduction.start(3000, 2000, MSS);
        send(1);
        acknowledgeBytes(2000, 2500, false);
        assertEquals(334, allowance());
    }

    @Test
    @Origin("RFC 9937 6.2")
    void shouldSendTheFirstLostSegmentWhateverIsInFlight() {
        reduction.start(20 * MSS, 2 * MSS, MSS);
        acknowledge(0, 20, false);
        assertEquals(MSS, allowance());
        send(1);
        acknowledge(0, 21, false);
        assertEquals(0, allowance(), "once");
    }

    @Test
    @Origin("RFC 9937 6.2")
    void shouldKeepAsMuchInFlightAsArrivesBelowTheThreshold() {
        reduction.start(10 * MSS, 7 * MSS, MSS);
        acknowledge(1, 2, false);
        send(1);
        acknowledge(2, 2, false);
        assertEquals(2 * MSS, allowance());
        send(4);
        acknowledge(2, 4, false);
        assertEquals(2 * MSS, allowance(), "even if more was sent before than arrived");
        acknowledge(1, 6, false);
        assertEquals(MSS, allowance());
        acknowledge(3, 6, false);
        assertEquals(MSS, allowance(), "not beyond the threshold");
    }

    @Test
    @Origin("RFC 9937 6.2")
    void shouldGrowTowardsTheThresholdWhenNothingMoreIsLost() {
        reduction.start(10 * MSS, 7 * MSS, MSS);
        acknowledge(1, 2, false);
        send(1);
        acknowledge(1, 2, true);
        assertEquals(2 * MSS, allowance());
        send(1);
        acknowledge(3, 2, true);
        assertEquals(4 * MSS, allowance());
        acknowledge(1, 6, true);
        assertEquals(MSS, allowance(), "not beyond the threshold");
    }

    @Test
    void shouldMakeUpForWhatASegmentExceeds() {
        reduction.start(10 * MSS, 7 * MSS, MSS);
        acknowledge(1, 9, false);
        assertEquals(MSS, allowance());
        send(1);
        acknowledge(1, 9, false);
        assertEquals(400, allowance());
        send(1);
        assertEquals(-600, allowance());
        acknowledge(1, 9, false);
        assertEquals(100, allowance());
    }

    @Test
    void shouldBeginAnewWithEachRecovery() {
        reduction.start(10 * MSS, 7 * MSS, MSS);
        acknowledge(4, 8, false);
        send(3);
        reduction.start(0, 2 * MSS, MSS);
        assertTrue(allowance() <= 0, "not before its first acknowledgment");
        acknowledge(1, 3, false);
        assertEquals(2 * MSS, allowance(), "of one segment at least");
    }

    @Test
    void shouldBearTheLargestWindows() {
        final int most = 0xFFFF << 14;
        reduction.start(most, most / 2, MSS);
        acknowledgeBytes(most, most, false);
        assertEquals(most / 2, allowance());
    }
}

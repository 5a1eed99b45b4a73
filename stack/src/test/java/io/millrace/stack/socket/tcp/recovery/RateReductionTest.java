package io.millrace.stack.socket.tcp.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.testkit.Origin;
import org.junit.jupiter.api.Test;

/** How fast what is in flight comes down to the new threshold. */
class RateReductionTest {
    private static final int MSS = 1000;

    private final RateReduction reduction = new RateReduction();

    private void acknowledge(final int delivered, final int inFlight, final boolean progress) {
        reduction.onAcknowledged(delivered * MSS, inFlight * MSS, progress, MSS);
    }

    private void send(final int segments) {
        reduction.onSent(segments * MSS);
    }

    @Test
    @Origin("RFC 9937 6.2")
    void shouldSendInProportionAboveTheThreshold() {
        reduction.start(20 * MSS, 14 * MSS, MSS);
        int sent = 0;
        for (int delivered = 1; delivered <= 5; delivered++) {
            acknowledge(1, 19 - delivered + sent, false);
            final int allowed = Math.ceilDiv(reduction.allowance(), MSS);
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
        reduction.onAcknowledged(2000, 2500, false, MSS);
        assertEquals(334, reduction.allowance());
    }

    @Test
    @Origin("RFC 9937 6.2")
    void shouldSendTheFirstLostSegmentWhateverIsInFlight() {
        reduction.start(20 * MSS, 2 * MSS, MSS);
        reduction.onAcknowledged(0, 20 * MSS, false, MSS);
        assertEquals(MSS, reduction.allowance());
        send(1);
        reduction.onAcknowledged(0, 20 * MSS, false, MSS);
        assertEquals(0, reduction.allowance(), "once");
    }

    @Test
    @Origin("RFC 9937 6.2")
    void shouldKeepAsMuchInFlightAsArrivesBelowTheThreshold() {
        reduction.start(10 * MSS, 7 * MSS, MSS);
        acknowledge(1, 2, false);
        send(1);
        acknowledge(2, 2, false);
        assertEquals(2 * MSS, reduction.allowance());
        send(4);
        acknowledge(2, 4, false);
        assertEquals(2 * MSS, reduction.allowance(), "even if more was sent before than arrived");
        acknowledge(1, 6, false);
        assertEquals(MSS, reduction.allowance());
        acknowledge(3, 6, false);
        assertEquals(MSS, reduction.allowance(), "not beyond the threshold");
    }

    @Test
    @Origin("RFC 9937 6.2")
    void shouldGrowTowardsTheThresholdWhenNothingMoreIsLost() {
        reduction.start(10 * MSS, 7 * MSS, MSS);
        acknowledge(1, 2, false);
        send(1);
        acknowledge(1, 2, true);
        assertEquals(2 * MSS, reduction.allowance());
        send(1);
        acknowledge(3, 2, true);
        assertEquals(4 * MSS, reduction.allowance());
        acknowledge(1, 6, true);
        assertEquals(MSS, reduction.allowance(), "not beyond the threshold");
    }

    @Test
    void shouldMakeUpForWhatASegmentExceeds() {
        reduction.start(10 * MSS, 7 * MSS, MSS);
        acknowledge(1, 9, false);
        assertEquals(MSS, reduction.allowance());
        send(1);
        acknowledge(1, 9, false);
        assertEquals(400, reduction.allowance());
        send(1);
        assertEquals(-600, reduction.allowance());
        acknowledge(1, 9, false);
        assertEquals(100, reduction.allowance());
    }

    @Test
    void shouldBeginAnewWithEachRecovery() {
        reduction.start(10 * MSS, 7 * MSS, MSS);
        acknowledge(4, 8, false);
        send(3);
        reduction.start(0, 2 * MSS, MSS);
        assertEquals(0, reduction.allowance());
        acknowledge(1, 3, false);
        assertEquals(2 * MSS, reduction.allowance(), "of one segment at least");
    }

    @Test
    void shouldBearTheLargestWindows() {
        final int most = 0xFFFF << 14;
        reduction.start(most, most / 2, MSS);
        reduction.onAcknowledged(most, most, false, MSS);
        assertEquals(most / 2, reduction.allowance());
    }
}

package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.tcp.congestion.Bbr;
import io.millrace.stack.socket.tcp.recovery.DeliveryRate;
import io.millrace.stack.socket.tcp.recovery.SentSegments;

/**
 * Between loss recovery and congestion control: samples of how fast what is in flight arrives, for {@link TcpInfo} and
 * for an algorithm that models its path (BBR), which is given its model here for as long as data is in flight.
 */
final class PathModel {
    private PathModel() {}

    /** Sees to it that what is in flight is measured, for the algorithm if that wants to know. */
    static void measure(final TcpConnection c, final SentSegments flight, final long now) {
        if (c.congestion.wantsModel()) {
            final int least = c.recovery().rack().leastRoundTrip();
            final int roundTrip = least > 0 ? least : c.rtt.smoothed();
            c.congestion.model(c.engine.spares.takeBbr(), c.mss, roundTrip, c.sack, c.iss, now);
        } else if (flight.isEmpty()) {
            c.congestion.onRestart(now);
        }
        flight.measure(c.congestion.deliveryRate());
    }

    /** Gives back the model; its essence stays with the congestion control. */
    static void release(final TcpConnection c) {
        final Bbr model = c.congestion.takeModel();
        if (model != null) {
            c.engine.spares.give(model);
        }
    }

    /** Not a full segment is left to send, although more might be: what is measured then says less of the path. */
    static void noteIdle(final TcpConnection c) {
        final LossRecovery recovery = c.recovery();
        final SentSegments flight = recovery.sent();
        final DeliveryRate rate = flight == null ? c.congestion.deliveryRate() : flight.rate();
        if (rate != null && c.notSent() < c.mss && !recovery.retransmitDue()) {
            final int inFlight = flight == null ? 0 : flight.inNetwork();
            if (inFlight < c.congestion.window()) {
                rate.limit(inFlight);
            }
        }
    }

    /** An acknowledgment came, or a timer looks for losses in {@code flight}. */
    static void startSample(final TcpConnection c, final SentSegments flight, final long now) {
        noteIdle(c);
        flight.rate().startSample(now);
    }

    /**
     * What it says is known.
     *
     * @param sentAt when the latest segment was sent that arrived and was sent only once; -1 if there is none
     */
    static void endSample(final TcpConnection c, final SentSegments flight, final long sentAt, final long now) {
        final DeliveryRate rate = flight.rate();
        if (rate.newlyDelivered() == 0 && rate.newlyLost() == 0) {
            return;
        }
        rate.endSample();
        final double sample = rate.rate(c.recovery().rack().leastRoundTrip());
        if (sample > 0 && (!rate.sampleLimited() || sample >= c.deliveryRate)) {
            c.deliveryRate = (float) sample;
            c.deliveryLimited = rate.sampleLimited();
        }
        final int roundTrip = sentAt < 0 ? -1 : Math.clamp(now - sentAt, 0, Integer.MAX_VALUE);
        c.congestion.onSample(c.mss, CongestionRoom.inNetwork(c), roundTrip, c.transfer().congestionLimited, now);
    }
}

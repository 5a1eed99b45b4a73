package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.tcp.congestion.Bbr;
import io.millrace.stack.socket.tcp.recovery.DeliveryRate;
import io.millrace.stack.socket.tcp.recovery.SentSegments;

/**
 * Between loss recovery and a congestion control that models its path (BBR): gives it the model while data is in flight,
 * and samples of what arrives. With the other algorithms nothing happens here.
 */
final class PathModel {
    private PathModel() {}

    /** Sees to it that what the algorithm wants to know is measured of what is in flight, and nothing else. */
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
        final DeliveryRate rate = c.congestion.deliveryRate();
        if (rate != null && c.notSent() < c.mss && !c.recovery().retransmitDue()) {
            final SentSegments flight = c.recovery().sent();
            final int inFlight = flight == null ? 0 : flight.inNetwork();
            if (inFlight < c.congestion.window()) {
                rate.limit(inFlight);
            }
        }
    }

    /** An acknowledgment came, or a timer looks for losses. */
    static void startSample(final TcpConnection c, final long now) {
        final DeliveryRate rate = c.congestion.deliveryRate();
        if (rate != null) {
            noteIdle(c);
            rate.startSample(now);
        }
    }

    /**
     * What it says is known.
     *
     * @param sentAt when the latest segment was sent that arrived and was sent only once; -1 if there is none
     */
    static void endSample(final TcpConnection c, final long sentAt, final long now) {
        final DeliveryRate rate = c.congestion.deliveryRate();
        if (rate != null && (rate.newlyDelivered() > 0 || rate.newlyLost() > 0)) {
            final int roundTrip = sentAt < 0 ? -1 : (int) (now - sentAt);
            c.congestion.onSample(c.mss, c.recovery().inNetwork(c), roundTrip, c.congestionLimited, now);
        }
    }
}

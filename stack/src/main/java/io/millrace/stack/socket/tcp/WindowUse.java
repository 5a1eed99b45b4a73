package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.tcp.config.TcpCustom;
import io.millrace.stack.wire.TcpSeq;

/**
 * Lets the congestion window of a connection grow that uses it: more than half of it was in flight within a round trip
 * (RFC 7661 sections 4.2 and 4.3). Hybla's may be a larger multiple of that, as it grows by more.
 */
final class WindowUse {
    /** Most bytes in flight in this round trip, and SND.NXT then. */
    private int most;

    private int until;

    /** Starts anew. */
    void clear(final int una) {
        most = 0;
        until = una;
    }

    /** New data up to {@code end} was sent. */
    void onSent(final int una, final int end) {
        if (end - una > most || TcpSeq.ge(una, until)) {
            most = end - una;
            until = end;
        }
    }

    /** So many bytes arrived: the window grows, if it is used. */
    void grow(final TcpConnection c, final int delivered, final LossRecovery.Phase phase, final long now) {
        final Ecn ecn = c.ecn;
        if (ecn != null && ecn.echoed()) {
            return;
        }
        final boolean used =
                c.congestion.mostGrowth() * Math.max(most, c.inFlight() + delivered) > c.congestion.window();
        if (c.transfer().congestionLimited || used || phase == LossRecovery.Phase.TIMEOUT) {
            final boolean whole = c.engine.customs().follow(TcpCustom.WHOLE_ACKNOWLEDGMENTS);
            // After a timeout one segment may fill a hole, so that much is acknowledged that left the network long ago.
            final boolean ambiguous = phase == LossRecovery.Phase.TIMEOUT && c.congestion.inSlowStart() && !whole;
            final int counted = ambiguous ? Math.min(delivered, c.mss) : delivered;
            // After a timeout that was none, all that was late is acknowledged at once: that makes no large window.
            final boolean spread = phase == LossRecovery.Phase.OPEN && (whole || Pacing.spreads(c));
            c.congestion.onAcknowledged(counted, c.mss, now, c.rtt.smoothed(), spread);
        } else {
            c.congestion.onUnused(now);
        }
    }
}

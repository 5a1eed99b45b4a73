package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.tcp.recovery.RateReduction;
import io.millrace.stack.socket.tcp.recovery.SentSegments;
import org.jspecify.annotations.Nullable;

/** How much congestion allows to be sent now: the window, less what is in the network, or what a reduction lets go. */
final class CongestionRoom {
    private CongestionRoom() {}

    /** Bytes in the network: sent, less those that arrived and those that are lost (RFC 6675's pipe). */
    static int inNetwork(final TcpConnection c) {
        final int outstanding = c.nxt - c.una;
        final LossRecovery recovery = c.recovery();
        final SentSegments flight = recovery.sent();
        if (flight == null) {
            return outstanding;
        }
        final int gone = flight.sackedBytes() + flight.lostBytes() + recovery.duplicateBytes(c);
        return Math.max(0, outstanding - gone);
    }

    /**
     * Bytes in flight, with those that were just acknowledged, within the window: limited transmit does not count (RFC
     * 5681 section 3.2, step 2).
     */
    static int flightSize(final TcpConnection c, final int acknowledged) {
        return Math.min(c.inFlight() + acknowledged, c.congestion.window());
    }

    /** Bytes that may be in the network now: the congestion window, or what a reduction has come down to. */
    static int window(final TcpConnection c) {
        final RateReduction reduction = reduction(c);
        return reduction == null ? c.congestion.window() : reduction.allowance(0);
    }

    /** Bytes that may be sent; may be negative. */
    static int of(final TcpConnection c) {
        final int inNetwork = inNetwork(c);
        final RateReduction reduction = reduction(c);
        if (reduction == null) {
            return c.congestion.window() - inNetwork;
        }
        // A segment may exceed what is allowed by a part: it is taken off the next time.
        final int allowance = reduction.allowance(inNetwork);
        return allowance > 0 ? Math.max(allowance, c.mss) : 0;
    }

    /** What says how much may be sent, if not the congestion window. */
    private static @Nullable RateReduction reduction(final TcpConnection c) {
        final Transfer transfer = c.transferOrNull();
        final SentSegments flight = transfer == null ? null : transfer.recovery.sent();
        return flight != null && flight.reduction().isOn() && !c.congestion.setsRate() ? flight.reduction() : null;
    }

    /**
     * An acknowledgment, which moves nothing yet, told of a mark, and the congestion window was reduced: what is in the
     * network comes down to that until all that was sent by now is acknowledged, without a pause.
     */
    static void onMarked(final TcpConnection c) {
        final SentSegments flight = c.recovery().sent();
        if (flight != null && !c.congestion.setsRate()) {
            flight.reduction().start(c.inFlight() - flight.sackedBytes(), c.congestion.window());
        }
    }

    /** Number of the segment to send again now, or -1 if there is none or congestion does not allow it. */
    static int nextLost(final TcpConnection c) {
        final SentSegments flight = c.recovery().sent();
        if (flight == null || !c.recovery().retransmitDue()) {
            return -1;
        }
        final int number = flight.firstLost();
        final int length = flight.endOf(number) - flight.startOf(number);
        return of(c) >= Math.min(length, c.mss) || inNetwork(c) == 0 ? number : -1;
    }
}

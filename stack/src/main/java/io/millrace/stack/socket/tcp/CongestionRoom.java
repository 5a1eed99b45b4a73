package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.tcp.recovery.SentSegments;

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

    /** Bytes that may be in the network now: the congestion window, or what a reduction has come down to. */
    static int window(final TcpConnection c) {
        final Transfer transfer = c.transferOrNull();
        final SentSegments flight = transfer == null ? null : transfer.recovery.sent();
        return flight != null && flight.reduction().isOn() && !c.congestion.setsRate()
                ? flight.reduction().allowance(0)
                : c.congestion.window();
    }

    /** Bytes that may be sent; may be negative. */
    static int of(final TcpConnection c) {
        final SentSegments flight = c.recovery().sent();
        if (flight != null && flight.reduction().isOn() && !c.congestion.setsRate()) {
            // A segment may exceed what is allowed by a part: it is taken off the next time.
            final int allowance = flight.reduction().allowance(inNetwork(c));
            return allowance > 0 ? Math.max(allowance, c.mss) : 0;
        }
        return c.congestion.window() - inNetwork(c);
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

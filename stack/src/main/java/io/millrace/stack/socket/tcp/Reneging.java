package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.recovery.SentSegments;

/**
 * Peers that drop data after they acknowledged it selectively, which RFC 2018 section 8 lets them do where memory is short:
 * an acknowledgment ends right before a segment that was reported to have arrived. Since that may also be one that others
 * overtook on their way, it is waited for better ones for a moment, as Linux does; then all that is not acknowledged is
 * sent again.
 */
final class Reneging {
    /** Microseconds that others have at least. */
    private static final int LEAST_PATIENCE = 10_000;

    private Reneging() {}

    /** The left edge has moved: whether it now lies before a segment that was acknowledged selectively. */
    static boolean isSuspected(final Transfer transfer) {
        final SentSegments flight = transfer.recovery.sent();
        return flight != null && flight.reneged();
    }

    /** How long others have to prove it wrong: half a round trip, never longer than the retransmission timer has. */
    static long patience(final TcpConnection c) {
        return Math.min(c.rto(), Math.max(c.rtt.smoothed() / 2, LEAST_PATIENCE));
    }

    /** The retransmission timer expired: returns whether nothing has proven it wrong, and counts that. */
    static boolean onTimeout(final TcpConnection c, final SentSegments flight) {
        if (!flight.reneged()) {
            return false;
        }
        c.engine.counters.increment(StackCounter.TCP_SACK_RENEGING);
        return true;
    }
}

package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;

/** What the peer says to have got twice, in the first block of a SACK option (RFC 2883). */
final class DuplicateReports {
    private DuplicateReports() {}

    /** Whether the first block of a segment is such a report; if so, it is accounted for. */
    static boolean read(final TcpConnection c, final TcpRepr segment, final LossRecovery recovery) {
        if (!isReport(segment)) {
            return false;
        }
        final int segments = segments(c, segment);
        if (segments > 0) {
            c.engine.counters.increment(StackCounter.TCP_DUPLICATES_REPORTED);
            final Hindrances hindrances = c.hindrances();
            hindrances.duplicatesReported += segments;
            if (hindrances.duplicatesReported <= hindrances.retransmits) { // else it was the network that copied it
                recovery.onDuplicates(c, segment.sackRight[0], segments);
            }
        }
        return true;
    }

    /** Section 4. */
    private static boolean isReport(final TcpRepr segment) {
        final int left = segment.sackLeft[0];
        final int right = segment.sackRight[0];
        final boolean within =
                segment.sackCount > 1 && TcpSeq.ge(left, segment.sackLeft[1]) && TcpSeq.le(right, segment.sackRight[1]);
        return TcpSeq.lt(left, right) && (within || TcpSeq.lt(left, segment.ack));
    }

    /**
     * Segments that a report tells of; 0 if it is not to be believed: only what was ever sent, and within a window of
     * the present, can have come twice.
     */
    private static int segments(final TcpConnection c, final TcpRepr segment) {
        final int left = segment.sackLeft[0];
        final int right = segment.sackRight[0];
        final int window = Math.max(c.maxWindow, 1);
        return TcpSeq.le(right, c.max) && c.una - left <= window && right - left <= window
                ? Math.ceilDiv(right - left, c.mss)
                : 0;
    }
}

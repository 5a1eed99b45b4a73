package io.millrace.stack.socket.tcp;

import io.millrace.stack.socket.tcp.recovery.Delivery;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;

/**
 * Whether what was sent again had to be: by the timestamp echoed (Eifel, RFC 3522), by the peer's reports of duplicates
 * (RFC 3708), and after a timeout by what arrives first (F-RTO, RFC 5682). If not, the congestion window is put back
 * (RFC 4015).
 */
final class Spurious {
    /** RFC 5682's test: not under way; waiting for the first acknowledgment; two new segments were sent. */
    private enum Test {
        NONE,
        FIRST,
        NEW_DATA
    }

    private Test test = Test.NONE;
    private boolean undoable;
    private boolean stamped;
    /** Whether {@link #stamp} is known; after a rest it is not. */
    private boolean stampKnown;

    private boolean timeout;
    /** Timestamp of the first segment that was sent again. */
    private int stamp;
    /** Segments sent again of which the peer did not report that it got them twice. */
    private int unreported;

    private int newSegments;

    /** Goes on after a rest with {@link #reportsDue()} of then. */
    void resume(final byte reports) {
        test = Test.NONE;
        timeout = false;
        undoable = reports > 0;
        stamped = undoable;
        stampKnown = false;
        unreported = reports;
        newSegments = 0;
    }

    /** Duplicates that the peer has to report until what was done may be taken back; 0 if it may not. */
    byte reportsDue() {
        return undoable && stamped && unreported <= Byte.MAX_VALUE ? (byte) unreported : 0;
    }

    /**
     * Recovery begins.
     *
     * @param inFlightAgain segments that were sent again before, and may yet be reported
     */
    void start(final boolean afterTimeout, final int inFlightAgain) {
        undoable = true;
        stamped = false;
        unreported = inFlightAgain;
        timeout = afterTimeout;
        test = afterTimeout ? Test.FIRST : Test.NONE;
        newSegments = 0;
    }

    /** Another timeout: the test begins anew with what is sent again now. */
    void restart() {
        test = Test.NONE;
    }

    /** Recovery is over, one way or another. */
    void end() {
        test = Test.NONE;
        timeout = false;
        if (unreported == 0) {
            undoable = false;
            stamped = false;
        }
    }

    /** Whether RFC 5682 wants new data sent rather than what seems lost. */
    boolean testing() {
        return test == Test.NEW_DATA && newSegments < 2;
    }

    /** New data was sent. */
    void onNewData() {
        if (test == Test.NEW_DATA) {
            newSegments++;
        }
    }

    /** A segment was sent again. */
    void onSentAgain(final TcpConnection c, final long now) {
        if (!stamped) {
            stamped = true;
            stampKnown = true;
            stamp = FlowSecrets.timestamp(c.tsOffset, now);
        }
        unreported++;
    }

    /** The peer got a segment twice. */
    void onDuplicateReport() {
        unreported = Math.max(0, unreported - 1);
    }

    /** Whether the peer has reported as many duplicates as were sent, of what may be taken back. */
    boolean allReported() {
        return undoable && stamped && unreported == 0;
    }

    /** Whether a segment answers what was sent before anything was sent again. */
    boolean echoTooOld(final TcpConnection c, final TcpRepr segment) {
        return stamped && stampKnown && c.timestamps && segment.tsEcr != 0 && TcpSeq.lt(segment.tsEcr, stamp);
    }

    /** Whether an acknowledgment proves that nothing was lost. */
    boolean proven(
            final TcpConnection c,
            final TcpRepr segment,
            final Delivery delivery,
            final int acknowledged,
            final boolean duplicate,
            final boolean recovering) {
        if (!undoable || !stamped) {
            return false;
        }
        if (recovering && acknowledged > 0 && echoTooOld(c, segment)) {
            return true;
        }
        if (unreported == 0) {
            return true;
        }
        return recovering && timeout && test != Test.NONE && arrivedBefore(c, delivery, acknowledged, duplicate);
    }

    private boolean arrivedBefore(
            final TcpConnection c, final Delivery delivery, final int acknowledged, final boolean duplicate) {
        if (c.sack) {
            // A segment from before the timeout that was not sent again arrives: it was only late.
            final boolean late = delivery.original && newSegments == 0;
            test = Test.NONE;
            return late;
        }
        if (test == Test.NEW_DATA) {
            test = Test.NONE;
            return acknowledged > 0 && newSegments > 0;
        }
        final boolean unsent = c.queued() > c.nxt - c.una;
        test = acknowledged > 0 && !duplicate && unsent && !c.allAcknowledged() ? Test.NEW_DATA : Test.NONE;
        return false;
    }
}

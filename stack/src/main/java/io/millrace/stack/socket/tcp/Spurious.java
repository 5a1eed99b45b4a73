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
    /** Timestamp of the first segment that was sent again; of interest in recovery only. */
    private int stamp;
    /** Segments sent again of which the peer did not report that it got them twice. */
    private int unreported;
    /** What ends here or before was sent again in an earlier recovery, if {@link #stampKnown}. */
    private int from;

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
     * @param una first sequence number not acknowledged
     * @param inFlightAgain segments that were sent again before, and may yet be reported
     */
    void start(final int una, final boolean afterTimeout, final int inFlightAgain) {
        undoable = true;
        stamped = false;
        stampKnown = false;
        from = una;
        unreported = inFlightAgain;
        timeout = afterTimeout;
        test = afterTimeout ? Test.FIRST : Test.NONE;
        newSegments = 0;
    }

    /**
     * The window was reduced since a tail loss probe repaired a loss. It did not if the peer reports that this came twice;
     * reports of what was sent again before it could only take back the reduction before.
     *
     * @param end sequence number behind the probe
     */
    void startWithProbe(final int end) {
        start(end - 1, false, 1);
        stamped = true;
        stampKnown = true;
    }

    /** Another timeout, or one amid fast recovery: there is no test (RFC 5682 section 2.1, step 1). */
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

    /** Whether nothing was sent again since recovery began. */
    boolean nothingSent() {
        return !stamped;
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

    /** The peer got so many segments twice, the last of which ends at {@code right}. */
    void onDuplicateReport(final int right, final int segments) {
        if (!stampKnown || TcpSeq.gt(right, from)) {
            unreported = Math.max(0, unreported - segments);
        }
    }

    /** Whether the peer has reported as many duplicates as were sent, of what may be taken back. */
    boolean allReported() {
        return undoable && stamped && unreported == 0;
    }

    /** Whether a segment answers what was sent before anything was sent again. */
    boolean echoTooOld(final TcpConnection c, final TcpRepr segment) {
        return stamped && stampKnown && c.timestamps && segment.tsEcr != 0 && TcpSeq.lt(segment.tsEcr, stamp);
    }

    /**
     * Whether an acknowledgment proves that nothing was lost.
     *
     * @param recover SND.NXT when recovery began
     */
    boolean proven(
            final TcpConnection c,
            final TcpRepr segment,
            final Delivery delivery,
            final int acknowledged,
            final boolean duplicate,
            final LossRecovery.Phase phase,
            final int recover) {
        final boolean recovering = phase != LossRecovery.Phase.OPEN;
        if (!undoable || !stamped) {
            return false;
        }
        if (recovering && acknowledged > 0 && echoTooOld(c, segment)) {
            return true;
        }
        if (unreported == 0) {
            return true;
        }
        return recovering
                && timeout
                && test != Test.NONE
                && arrivedBefore(c, delivery, acknowledged, duplicate, recover);
    }

    private boolean arrivedBefore(
            final TcpConnection c,
            final Delivery delivery,
            final int acknowledged,
            final boolean duplicate,
            final int recover) {
        if (c.sack && delivery.original && TcpSeq.lt(delivery.originalFrom, recover)) {
            test = Test.NONE;
            return true; // section 3.1: it was sent before the timeout, and not again, so it was only late
        }
        if (test == Test.NEW_DATA) {
            test = Test.NONE;
            return !c.sack && acknowledged > 0 && newSegments > 0;
        }
        test = acknowledged > 0 && !duplicate && !c.allAcknowledged() && newDataMayLeave(c) ? Test.NEW_DATA : Test.NONE;
        return false;
    }

    /** Whether neither the peer's window nor what makes small segments wait keeps new data from being sent. */
    private static boolean newDataMayLeave(final TcpConnection c) {
        final int used = c.nxt - c.una;
        final int unsent = c.queued() - used;
        final int length = Math.min(Math.min(unsent, c.mss), c.window - used);
        return length > 0 && (length == c.mss || (length == unsent && c.noDelay && !c.holdsBack()));
    }
}

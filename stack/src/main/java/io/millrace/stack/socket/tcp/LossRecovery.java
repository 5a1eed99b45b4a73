package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.congestion.CongestionControl;
import io.millrace.stack.wire.TcpSeq;

/**
 * Finds out which segments were lost and when they are sent again: fast retransmit (RFC 5681 section 3.2), fast recovery
 * with partial acknowledgments (NewReno, RFC 6582), limited transmit (RFC 3042), and what follows a timeout.
 *
 * <p>The congestion window is {@link CongestionControl}'s; what recovery adds to it for segments that have left the
 * network is kept here as {@link #inflation}.
 */
final class LossRecovery {
    /** Duplicate acknowledgments that mean a loss. */
    static final int DUPLICATE_THRESHOLD = 3;

    private enum Phase {
        /** Nothing is known to be lost. */
        OPEN,
        /** Fast recovery, until {@link #recover} is acknowledged. */
        FAST,
        /** After a timeout, until {@link #recover} is acknowledged. */
        TIMEOUT
    }

    private Phase phase = Phase.OPEN;
    private int duplicates;
    /** SND.NXT when the loss was found. */
    private int recover;

    private int inflation;
    private boolean timerRestarted;
    private boolean retransmit;

    LossRecovery(final int iss) {
        this.recover = iss;
    }

    /** Bytes beyond the congestion window that may be in flight. */
    int inflation(final int mss) {
        if (phase == Phase.OPEN && duplicates > 0) {
            return Math.min(duplicates, 2) * mss; // limited transmit
        }
        return inflation;
    }

    /** Whether the first unacknowledged segment is to be sent again, before anything else. */
    boolean retransmitDue() {
        return retransmit;
    }

    /** That segment was sent. */
    void retransmitted() {
        retransmit = false;
    }

    /** Whether fast recovery is under way. */
    boolean inFastRecovery() {
        return phase == Phase.FAST;
    }

    /** Whether the data sent before a timeout is not acknowledged yet. */
    boolean afterTimeout() {
        return phase == Phase.TIMEOUT;
    }

    /** Duplicate acknowledgments in a row. */
    int duplicates() {
        return duplicates;
    }

    /** An acknowledgment came that acknowledges nothing new while data is in flight (RFC 5681 section 2). */
    void onDuplicate(final TcpConnection c) {
        duplicates++;
        if (phase == Phase.FAST) {
            inflation += c.mss;
        } else if (duplicates == DUPLICATE_THRESHOLD && TcpSeq.gt(c.una, recover)) {
            phase = Phase.FAST;
            recover = c.max;
            c.congestion.onLoss(c.inFlight(), c.mss);
            inflation = DUPLICATE_THRESHOLD * c.mss;
            retransmit = true;
            timerRestarted = false;
            c.engine.counters.increment(StackCounter.TCP_FAST_RETRANSMITS);
        }
    }

    /**
     * New data was acknowledged; {@code c.una} has moved already.
     *
     * @param acknowledged bytes and flags
     * @return whether the retransmission timer starts anew
     */
    boolean onAcknowledged(final TcpConnection c, final int acknowledged, final long now) {
        duplicates = 0;
        if (phase == Phase.FAST) {
            if (TcpSeq.lt(c.una, recover)) {
                return onPartial(c, acknowledged);
            }
            phase = Phase.OPEN;
            inflation = 0;
            retransmit = false;
            c.congestion.onRecovered(c.inFlight(), c.mss);
            return true;
        }
        if (phase == Phase.TIMEOUT && TcpSeq.ge(c.una, recover)) {
            phase = Phase.OPEN;
        }
        // In slow start half a window in flight shows that it is used, as in RFC 7661 section 4.1.
        final boolean used = c.congestion.inSlowStart() && 2L * (c.inFlight() + acknowledged) >= c.congestion.window();
        if (c.congestionLimited || used || phase == Phase.TIMEOUT) {
            c.congestion.onAcknowledged(acknowledged, c.mss, now, c.rtt.smoothed());
        }
        return true;
    }

    /** RFC 6582 section 3.2, step 3: the next hole is known, so its segment is sent at once. */
    private boolean onPartial(final TcpConnection c, final int acknowledged) {
        retransmit = true;
        inflation = Math.max(0, inflation - acknowledged + (acknowledged >= c.mss ? c.mss : 0));
        final boolean first = !timerRestarted;
        timerRestarted = true;
        return first;
    }

    /** The retransmission timer expired; everything in flight will be sent again from {@code una} on. */
    void onTimeout(final TcpConnection c) {
        c.congestion.onTimeout(c.inFlight(), c.mss, c.rtt.backoff() > 0);
        phase = Phase.TIMEOUT;
        recover = c.max;
        duplicates = 0;
        inflation = 0;
        retransmit = false;
    }
}

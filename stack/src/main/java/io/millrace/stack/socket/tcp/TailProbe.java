package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.recovery.SentSegments;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;
import org.jspecify.annotations.Nullable;

/**
 * Tail loss probe (RFC 8985 section 7): when acknowledgments stop coming, one segment is sent before the retransmission
 * timer expires, so that what the peer then acknowledges tells of losses at the end of a flight.
 */
final class TailProbe {
    /** Time that a peer may keep an acknowledgment to itself (RFC 8985 section 7.2). */
    private static final int WORST_DELAYED_ACK = 200_000;

    private static final int LEAST_TIMEOUT = 2_000;

    /** Of {@link TcpConnection#reportsDue}: it is still to be found out if one that was sent repaired a loss. */
    static final int PENDING = 0x80;

    /** Whether one is on its way; {@link #end} is the sequence number behind it. */
    private boolean out;

    private boolean repeated;
    /** Whether the window was reduced for a mark of the window of data that it belongs to. */
    private boolean marked;

    private int end;
    /** Bytes that were in flight then; 0 if that is not known any more. */
    private int inFlight;
    /** Whether a round trip was measured since the last one. */
    private boolean measured = true;

    /** Goes on where a connection rested, all of whose data is acknowledged, with {@link #memory} of then. */
    void resume(final TcpConnection c) {
        final boolean pending = (c.reportsDue & PENDING) != 0;
        out = pending;
        repeated = pending;
        marked = false;
        end = c.una;
        inFlight = 0;
        measured = true;
    }

    /** What a connection remembers: {@link #PENDING}, or nothing. */
    int memory() {
        return out && repeated ? PENDING : 0;
    }

    /** A round trip was measured (RFC 6298). */
    void onRoundTrip() {
        measured = true;
    }

    /** Whether one is on its way that ends there. */
    boolean endsAt(final int right) {
        return out && end == right;
    }

    /** None is on its way, or what becomes of it is of no interest any more. */
    void forget() {
        out = false;
    }

    /** Whether one is on its way. */
    boolean isOut() {
        return out;
    }

    /** Sequence number behind the last one. */
    int end() {
        return end;
    }

    /** The window is reduced for a mark of what is in flight. */
    void onMarked() {
        marked = true;
    }

    /** Segments on their way that were sent before: 1 if a probe is, and was; else 0. */
    int copies() {
        return out && repeated ? 1 : 0;
    }

    /** As {@link #copies()}, unless one of the two arrived ahead of others. */
    int copiesUnderWay(final SentSegments flight) {
        return flight.isAgain(end) ? copies() : 0;
    }

    /**
     * Starts the timer, if one may be sent while {@code flight} is as it is and nothing is known to be lost (section 7.2).
     * When the retransmission timer, which runs already, would expire before, the probe takes its place.
     */
    void schedule(final TcpConnection c, final @Nullable SentSegments flight, final long now) {
        final long timeout = timeout(c, flight);
        if (timeout >= 0) {
            c.transfer().probeAt = Math.min(now + timeout, c.retransmitAt);
        }
    }

    /** Time from now until one is due; -1 if none may be sent. */
    private long timeout(final TcpConnection c, final @Nullable SentSegments flight) {
        // Section 7.3: not without a round trip measured since the last one, which would keep it from being measured.
        if (flight == null || !c.sack || out || !measured || flight.sackedBytes() > 0 || c.rtt.smoothed() == 0) {
            return -1;
        }
        if (!c.engine.config.features().tailLossProbes()) {
            return -1;
        }
        final long timeout = 2L * c.rtt.smoothed();
        return Math.max(flight.count() == 1 ? timeout + WORST_DELAYED_ACK : timeout, LEAST_TIMEOUT);
    }

    /**
     * One was sent.
     *
     * @param behind sequence number behind it
     * @param again whether it repeats the last segment
     */
    void onSent(final TcpConnection c, final int behind, final boolean again) {
        out = true;
        measured = false;
        end = behind;
        inFlight = c.inFlight();
        repeated = again;
        marked = Ecn.reducedForMark(c, behind);
        c.engine.timers.startRetransmission(c, c.lastSent);
        c.engine.counters.increment(StackCounter.TCP_TAIL_PROBES);
    }

    /**
     * Section 7.4: an acknowledgment came.
     *
     * @param reported whether it reports a duplicate
     * @return whether one that is out repaired a loss that nobody noticed
     */
    boolean repairedLoss(final TcpRepr segment, final boolean reported, final boolean duplicate) {
        if (!out || TcpSeq.lt(segment.ack, end)) {
            return false;
        }
        if (!repeated || (reported && segment.sackRight[0] == end)) {
            out = false; // new data, or it came twice: nothing was lost
        } else if (TcpSeq.gt(segment.ack, end)) {
            out = false;
            return true;
        } else if (duplicate && segment.sackCount == 0) {
            out = false; // the original and the probe were acknowledged one after the other
        }
        return false;
    }

    /** All was acknowledged, and that came again: the last segment and the one that repeats it both arrived. */
    void onRepetition(final TcpRepr segment, final boolean reported) {
        repairedLoss(segment, reported, true);
    }

    /** It repaired a loss: the window is reduced, though by now there may be little more in flight. */
    void reduceWindow(final TcpConnection c, final SentSegments flight, final int acknowledged) {
        final int before = Math.min(inFlight, c.congestion.window());
        c.congestion.onLoss(Math.max(before, CongestionRoom.flightSize(c, acknowledged)), c.mss, marked);
        c.congestion.onRecovered();
        flight.reduction().end(); // if there was one for a mark: it would not go down as far
        Ecn.onReduced(c, false);
    }
}

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

    /** Whether one is on its way; {@link #end} is the sequence number behind it. */
    private boolean out;

    private boolean repeated;
    /** Whether the window was reduced for a mark of the window of data that it belongs to. */
    private boolean marked;

    private int end;
    /** Bytes that were in flight then. */
    private int inFlight;
    /** Whether a round trip was measured since the last one. */
    private boolean measured = true;

    /** Goes on where a connection rested, all of whose data is acknowledged, with what {@link #isPending} said then. */
    void resume(final TcpConnection c, final boolean pending) {
        out = pending;
        repeated = pending;
        marked = false;
        end = c.una;
        inFlight = 0;
        measured = true;
    }

    /** Whether it is still to be found out if one that was sent repaired a loss. */
    boolean isPending() {
        return out && repeated;
    }

    /** A round trip was measured. */
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

    /** The window is reduced for a mark of what is in flight. */
    void onMarked() {
        marked = true;
    }

    /** Bytes that were in flight when it was sent; 0 if that is not known any more. */
    int inFlight() {
        return inFlight;
    }

    /** Whether the window was reduced for a mark of the same window of data as the one that was sent last. */
    boolean isMarked() {
        return marked;
    }

    /** Segments on their way that were sent before: 1 if a probe is, and was; else 0. */
    int copies() {
        return out && repeated ? 1 : 0;
    }

    /** As {@link #copies()}, unless one of the two arrived ahead of others. */
    int copiesUnderWay(final SentSegments flight) {
        return flight.isAgain(end) ? copies() : 0;
    }

    /** Time from now until a probe is due, section 7.2; -1 if none is to be sent while {@code flight} is as it is. */
    long timeout(final TcpConnection c, final @Nullable SentSegments flight) {
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
     * Section 7.4: an acknowledgment came while a probe is out.
     *
     * @param reported whether it reports a duplicate
     * @return whether the probe repaired a loss that nobody noticed
     */
    boolean repairedLoss(final TcpRepr segment, final boolean reported, final boolean duplicate) {
        if (TcpSeq.lt(segment.ack, end)) {
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
}

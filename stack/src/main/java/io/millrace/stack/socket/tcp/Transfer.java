package io.millrace.stack.socket.tcp;

import io.millrace.stack.storage.ByteQueue;
import io.millrace.stack.storage.ChunkPool;
import io.millrace.stack.storage.RangeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a connection needs while data is on its way, and only then: its two queues, what it knows of what is in flight,
 * and the times of that. A connection takes one when the first byte comes, from either side, and gives it back some time
 * after all was acknowledged and read, so that idle connections are small; {@link Transfers} has those that nobody
 * needs. Which one it gets is of no consequence: all that outlasts a rest is kept by the connection.
 */
final class Transfer {
    final ByteQueue transmit;
    final ByteQueue receive;
    final LossRecovery recovery = new LossRecovery();
    final BusyTime busy = new BusyTime();

    /** Received ahead of a gap; null as long as there is none. */
    @Nullable
    RangeSet ahead;

    /** Since when there has been some. */
    long aheadSince;

    /** Where records end; null if the application marks none. */
    @Nullable
    RecordEnds records;

    /** Where urgent data ends; null unless there was some. */
    @Nullable
    Urgent urgent;

    /** What the handshake of a connection needs that a SYN opened; null once that is complete. */
    @Nullable
    FastOpenPending pending;

    /** A range that the peer sent twice, to be reported (RFC 2883); empty if there is none. */
    int duplicateLeft;

    int duplicateRight;

    /** Behind the last segment sent that was not full. */
    int smallEnd;
    /** Sequence number whose acknowledgment ends the round trip being timed, if {@link #rttTiming}. */
    int rttSeq;

    boolean rttTiming;
    long rttStart;

    /** The congestion window, not the application or the peer, held us back. */
    boolean congestionLimited;
    /** A probe of a closed window is due. */
    boolean windowProbe;
    /** A tail loss probe is due. */
    boolean tailProbe;

    /** What was sent last was still waiting for the link when the retransmission timer expired. */
    boolean waitsForLink;

    /** When what was received is acknowledged at the latest. */
    long delayedAckAt;
    /** Tail loss probe, or a look at what reordering may have delayed. */
    long probeAt;
    /** When the next segment may leave, if pacing holds it back. */
    long sendAt;
    /** When the rate allows the next segment, nanoseconds; may be past. */
    long paceAt;
    /** That rate, bytes a second; infinite without pacing. */
    double paceRate;
    /** When the oldest unacknowledged data, or the probing of a closed window, last made progress. */
    long lastProgress;

    // What BufferTuning measures.
    /** Bytes that may wait to be read. */
    int receiveBuffer;
    /** Round trip as a receiver sees it, microseconds; 0 if unknown. */
    int receiveRtt;
    /** The last timestamp that the peer echoed with text. */
    int echoed;
    /** Without timestamps: where the window ended at {@link #windowSince}. */
    int windowEnd;

    long windowSince;
    /** The most that the application read in a round trip, as far as the buffer took notice of it. */
    int readMost;
    /** When and from where on that is measured; 0 if it is not yet. */
    long readSince;

    long readFrom;

    /** Whose it is; null if nobody's. The next three are {@link Transfers}'. */
    @Nullable
    TcpConnection owner;

    @Nullable
    Transfer next;

    @Nullable
    Transfer previous;

    Transfer(final ChunkPool chunks) {
        this.transmit = new ByteQueue(chunks);
        this.receive = new ByteQueue(chunks);
    }

    /** Goes on where a connection rested. */
    void resume(final TcpConnection c) {
        transmit.restart(c.transmitted);
        receive.restart(c.received);
        recovery.resume(c);
        if (c.usesEcn && c.ecn == null) {
            c.ecn = c.engine.spares.takeEcn(c.una);
        }
        busy.clear();
        ahead = null;
        records = null;
        urgent = null;
        pending = null;
        duplicateLeft = 0;
        duplicateRight = 0;
        smallEnd = c.una;
        rttTiming = false;
        congestionLimited = false;
        windowProbe = false;
        tailProbe = false;
        waitsForLink = false;
        delayedAckAt = TcpConnection.NEVER;
        probeAt = TcpConnection.NEVER;
        sendAt = TcpConnection.NEVER;
        paceAt = Pacing.LONG_AGO;
        paceRate = Double.POSITIVE_INFINITY;
        lastProgress = c.engine.now();
        receiveBuffer = BufferTuning.receiveBuffer(c);
        receiveRtt = 0;
        echoed = 0;
        windowEnd = c.rcvNxt;
        windowSince = 0;
        readMost = 0;
        readSince = 0;
        readFrom = 0;
    }

    /** Bytes from a position on up to where its record ends; {@link Integer#MAX_VALUE} if that is nowhere near. */
    int recordLeft(final long position) {
        final RecordEnds marked = records;
        return marked == null
                ? Integer.MAX_VALUE
                : (int) Math.min(marked.after(position) - position, Integer.MAX_VALUE);
    }

    /** Gives back memory that was prepared or looked for, and holds nothing. Spans are over, and no run waits. */
    void trim() {
        if (transmit.size() == 0) {
            transmit.clear();
        }
        if (receive.size() == 0 && ahead == null) {
            receive.clear();
        }
    }

    /** Leaves with the connection what it has to go on with. */
    void rest(final TcpConnection c) {
        c.transmitted = transmit.head();
        c.received = receive.tail();
        recovery.rest(c);
        Ecn.rest(c);
        busy.rest(c, c.engine.now());
        PathModel.release(c);
    }

    /** The peer was told of all that was received, or is not to be told any more: else this would never be idle. */
    void oweNothing() {
        duplicateRight = duplicateLeft;
        delayedAckAt = TcpConnection.NEVER;
    }

    /** Which positions were received ahead of a gap; none yet, if nothing was. */
    RangeSet rangesAhead(final long now, final Spares spares) {
        RangeSet ranges = ahead;
        if (ranges == null) {
            ranges = spares.takeRanges();
            ahead = ranges;
            aheadSince = now;
        }
        return ranges;
    }

    /** Gives up what was received ahead of a gap, which the peer has not been promised to be kept (RFC 2018 section 8). */
    void dropAhead(final Spares spares) {
        final RangeSet ranges = ahead;
        if (ranges != null) {
            ahead = null;
            spares.give(ranges);
            receive.dropAhead();
        }
    }

    long earliestDeadline() {
        return Math.min(delayedAckAt, Math.min(probeAt, sendAt));
    }

    /** Whether a connection can do without. */
    boolean isIdle() {
        return transmit.isVacant()
                && receive.isVacant()
                && ahead == null
                && pending == null
                && (urgent == null || !urgent.isAwaited())
                && duplicateLeft == duplicateRight
                && delayedAckAt == TcpConnection.NEVER
                && recovery.isIdle();
    }
}

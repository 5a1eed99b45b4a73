package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpCustom;
import io.millrace.stack.socket.tcp.recovery.SentSegments;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;
import io.millrace.stack.wire.TcpView;

/**
 * What a connection has to send, and when: data within both windows, acknowledgments, window updates and probes
 * (RFC 9293 section 3.8.6, RFC 5681 section 3). {@link SegmentWriter} puts it into packets.
 */
final class TcpEgress {
    private final TcpEngine engine;
    private final TcpConfig config;
    private final SegmentWriter writer;
    private final TcpRepr header;
    private final AckEgress acks;
    private final SynEgress syns;
    private final PushMarks marks = new PushMarks();

    TcpEgress(final TcpEngine engine, final SegmentWriter writer, final AckEgress acks) {
        this.engine = engine;
        this.config = engine.config;
        this.writer = writer;
        this.header = writer.header;
        this.acks = acks;
        this.syns = new SynEgress(engine, writer, acks);
    }

    /**
     * Sends what is due.
     *
     * @param limit most segments
     * @return how many were sent; {@link SegmentWriter#blocked()} tells whether that was all the link takes for now
     */
    int run(final TcpConnection c, final long now, final int limit) {
        int sent = 0;
        switch (c.state) {
            case SYN_SENT, SYN_RECEIVED -> {
                sent = syns.run(c, now);
                if (FastOpenPending.of(c) != null && !writer.blocked()) {
                    sent += sendData(c, now, limit);
                    sent += c.ackNow && !writer.blocked() ? acks.sendDueAck(c, now) : 0;
                }
            }
            case ESTABLISHED, CLOSE_WAIT, FIN_WAIT_1, CLOSING, LAST_ACK -> sent = sendData(c, now, limit);
            case FIN_WAIT_2 -> {
                // Nothing but acknowledgments.
            }
            default -> {
                return 0;
            }
        }
        if (c.state.isSynchronized() && !writer.blocked()) {
            sent += acks.sendDueAck(c, now);
        }
        final Transfer transfer = c.transferOrNull();
        if (transfer != null) {
            transfer.busy.update(c, now);
        }
        engine.timers.arm(c);
        return sent;
    }

    /** Whether {@link #run} stopped at its limit. */
    boolean moreToSend(final TcpConnection c) {
        return (c.state.canTransmit() || FastOpenPending.of(c) != null)
                && (c.ackNow || (!Pacing.waits(c) && (retransmittable(c) >= 0 || nextLength(c) > 0 || finDue(c))));
    }

    private int sendData(final TcpConnection c, final long now, final int limit) {
        if (c.allAcknowledged() && c.queued() > 0 && now - c.lastSent > c.rto()) {
            c.congestion.onIdle(c.mss, PathAdvice.of(c).initialWindow());
        }
        Pacing.start(c, now);
        final boolean stalled = c.allAcknowledged() && !c.persist && c.retransmitAt != TcpConnection.NEVER;
        int sent = 0;
        final Transfer transfer = c.transferOrNull();
        if (transfer != null && transfer.windowProbe) {
            transfer.windowProbe = false;
            sent += sendProbe(c, now);
        }
        if (transfer != null && transfer.tailProbe) {
            transfer.tailProbe = false;
            sent += sendTailProbe(c, now);
        }
        while (sent < limit && !writer.blocked() && Pacing.allows(c, now)) {
            final int lost = retransmittable(c);
            if (lost < 0) {
                break;
            }
            sent += sendAgain(c, lost, now);
        }
        final boolean due = Pacing.allowsBurst(c, now);
        final SizeSearch search = c.sizeSearch;
        if (search != null && due && sent < limit && !writer.blocked()) {
            sent += sendSizeProbe(c, search, now);
        }
        while (due && sent < limit && !writer.blocked() && Pacing.allows(c, now)) {
            final int length = nextLength(c);
            final boolean fin = finWith(c, length);
            if (length <= 0 && !fin) {
                break;
            }
            final int run = length == c.mss ? runLength(c, limit - sent, now) : 1;
            if (run > 1) {
                sent += sendRun(c, run, now);
            } else if (sendNew(c, Math.max(length, 0), fin, now)) {
                sent++;
            } // else the link is blocked, or the path takes smaller segments only
        }
        if (stalled && sent > 0) {
            engine.timers.restart(c, now);
        }
        afterData(c, sent > 0, now);
        return sent;
    }

    /** A segment larger than those that are known to pass, if it is time for one. Returns how many were sent. */
    private int sendSizeProbe(final TcpConnection c, final SizeSearch search, final long now) {
        final int size = search.next(c, now);
        if (size <= c.mss || size > recordLeft(c)) {
            return 0;
        }
        final int seq = c.nxt;
        c.mss = size;
        final boolean sent = sendNew(c, size, false, now);
        c.updateMss(pathMss(c));
        if (sent && c.nxt - seq > c.mss) { // unless SACK blocks took the room
            search.onSent(c, seq, c.nxt);
        }
        return sent ? 1 : 0;
    }

    /** How many full segments of new data may be sent at once, if the next one is such; about {@code limit} at most. */
    private int runLength(final TcpConnection c, final int limit, final long now) {
        final LossRecovery recovery = c.recovery();
        if (c.nxt != c.max || c.persist || Urgent.isToSend(c)) {
            return 1;
        }
        final int used = c.nxt - c.una;
        final int unsent = Math.min(c.queued() - used, recordLeft(c));
        final int bytes = Math.min(unsent - (c.finQueued ? 1 : 0), Math.min(c.window - used, CongestionRoom.of(c)));
        // A turn is no shorter than what a device cuts at once: that costs as much as a segment by itself.
        final int turn = bytes > c.mss ? Math.max(limit, writer.segmentsAtOnce(c)) : limit;
        final int most = Math.min(turn, Math.min(config.features().runs().send(), recovery.roomOnBoard()));
        return Pacing.most(c, Math.min(most, bytes / c.mss), now);
    }

    /** Sends full segments of new data in one pass; returns how many left. */
    private int sendRun(final TcpConnection c, final int count, final long now) {
        final int seq = c.nxt;
        final int length = c.mss;
        acks.acknowledgment(c, seq, now);
        if (header.sackCount > 0) {
            return sendNew(c, length, false, now) ? 1 : 0; // not all of a full segment fits beside the blocks
        }
        final Ecn ecn = c.ecn;
        if (ecn != null) {
            ecn.tellWithText(header, true);
        }
        final long position = c.transmitPosition(seq);
        marks.of(c, position, count);
        final int sent = writer.writeRun(c, c.transmit(), position, length, count, marks);
        if (sent == 0 || (writer.tooBig() && pathShrank(c))) {
            return 0;
        }
        if (ecn != null) {
            ecn.onNewData();
        }
        QuickAcks.onNewData(c, now);
        acks.acknowledged(c);
        engine.counters.add(StackCounter.TCP_SEGMENTS_IN_RUNS, sent);
        final Transfer transfer = c.transfer();
        startTiming(c, transfer, seq + length, now);
        for (int i = 0; i < sent; i++) {
            c.nxt += length;
            transfer.recovery.onSent(c, c.nxt - length, c.nxt, false, now);
        }
        c.max = c.nxt;
        c.lastSent = now;
        c.segmentsOut += sent;
        c.dataSegmentsOut += sent;
        Pacing.onSent(c, sent * length);
        return sent;
    }

    /** New data leaves, the first segment of which ends at {@code end}. */
    private static void startTiming(final TcpConnection c, final Transfer transfer, final int end, final long now) {
        if (!transfer.rttTiming) {
            transfer.rttTiming = true;
            transfer.rttSeq = end;
            transfer.rttStart = now;
        }
        if (c.allAcknowledged()) {
            transfer.lastProgress = now;
        }
    }

    /** Bytes that the next segment carries; 0 or less if none is to be sent now. */
    private int nextLength(final TcpConnection c) {
        final int used = c.nxt - c.una;
        final int unsent = c.queued() - used;
        final Transfer transfer = c.transferOrNull();
        if (transfer == null || unsent <= 0) {
            if (transfer != null) {
                transfer.congestionLimited = false;
            }
            c.hold(TcpConnection.RELEASED, false);
            return 0;
        }
        if (transfer.recovery.retransmitDue() || !transfer.recovery.hasRoom()) {
            return 0;
        }
        final int congestion = CongestionRoom.of(c);
        final int usable = c.window - used;
        final int record = recordLeft(c);
        final int wanted = Math.min(Math.min(unsent, record), c.mss);
        final int length = Math.min(wanted, Math.min(usable, congestion));
        transfer.congestionLimited = congestion < Math.min(wanted, usable);
        if (length <= 0) {
            return 0;
        }
        // RFC 9293 section 3.8.6.2.1: a full segment, or all there is unless Nagle waits, or much of the window. Nagle
        // waits for small segments only (Minshall): else two sides with small buffers wait for one another.
        if (length == c.mss || TcpSeq.lt(c.nxt, c.max) || (length == record && length < unsent)) {
            return length;
        }
        if (length == unsent
                && !c.holdsBack()
                && (c.noDelay || c.finQueued || Urgent.isToSend(c) || !isSmallOneOut(c))) {
            return length;
        }
        return 2 * length >= c.maxWindow && length == usable ? length : 0;
    }

    /** Whether a small segment is not acknowledged. The last one may be so long ago that its number lies ahead again. */
    private static boolean isSmallOneOut(final TcpConnection c) {
        final int end = c.transfer().smallEnd;
        return TcpSeq.gt(end, c.una) && TcpSeq.le(end, c.max);
    }

    /** Bytes that the record has which is sent from now on. */
    private static int recordLeft(final TcpConnection c) {
        final Transfer transfer = c.transferOrNull();
        return transfer == null || transfer.records == null
                ? Integer.MAX_VALUE
                : transfer.recordLeft(c.transmitPosition(c.nxt));
    }

    private boolean finDue(final TcpConnection c) {
        return finWith(c, 0);
    }

    /** Whether a segment of {@code length} bytes from {@code nxt} on reaches our FIN, and that may be sent. */
    private boolean finWith(final TcpConnection c, final int length) {
        return c.finQueued
                && (c.state == TcpState.FIN_WAIT_1
                        || c.state == TcpState.CLOSING
                        || c.state == TcpState.LAST_ACK
                        || FastOpenPending.of(c) != null)
                && !c.recovery().retransmitDue()
                && c.nxt + Math.max(length, 0) == c.finSeq();
    }

    /** Number of the lost segment to send now, or -1 if there is none or a window does not allow it. */
    private static int retransmittable(final TcpConnection c) {
        final Transfer transfer = c.transferOrNull();
        final SentSegments flight = transfer == null ? null : transfer.recovery.sent();
        if (flight == null || !flight.anyLost()) {
            return -1; // as nearly always
        }
        final int number = CongestionRoom.nextLost(c);
        if (number < 0) {
            return -1;
        }
        // The peer may have taken back its window (RFC 9293 section 3.8.6): then the timer sees to it.
        return isBeyondWindow(c, flight, number) ? -1 : number;
    }

    /** Whether the segment that was lost first, and may be longer than segments are now, does not fit the window. */
    static boolean isBeyondWindow(final TcpConnection c) {
        final SentSegments flight = c.recovery().sent();
        return flight != null && flight.anyLost() && isBeyondWindow(c, flight, flight.firstLost());
    }

    private static boolean isBeyondWindow(final TcpConnection c, final SentSegments flight, final int number) {
        return TcpSeq.gt(flight.endOf(number), c.una + c.window + (c.finQueued ? 1 : 0));
    }

    /** Sends a segment again, in parts if the path takes smaller ones by now. Returns how many were sent. */
    private int sendAgain(final TcpConnection c, final int number, final long now) {
        final SentSegments flight = c.recovery().sent();
        if (flight == null) {
            return 0;
        }
        final int end = flight.endOf(number);
        final int finSeq = c.finSeq();
        int seq = flight.startOf(number);
        int sent = 0;
        while (seq != end && !writer.blocked()) {
            final boolean fin = c.finQueued && TcpSeq.gt(end, finSeq);
            final int length = (fin ? finSeq : end) - seq;
            final int taken = transmit(c, seq, Math.min(length, c.mss), fin && length <= c.mss, now);
            seq += taken;
            sent += taken > 0 ? 1 : 0;
        }
        if (seq == end) {
            c.recovery().onSentAgain(c, number, now);
        }
        return sent;
    }

    /** A tail loss probe: new data if there is some, else the last segment again (RFC 8985 section 7.3). */
    private int sendTailProbe(final TcpConnection c, final long now) {
        final int used = c.nxt - c.una;
        final int record = Math.min(c.mss, recordLeft(c));
        final int length = Math.min(Math.min(c.queued() - used, record), c.window - used);
        if (length > 0 && c.recovery().hasRoom()) {
            if (!sendNew(c, length, false, now)) {
                return 0;
            }
            c.recovery().probe().onSent(c, c.nxt, false);
            return 1;
        }
        final SentSegments flight = c.recovery().sent();
        final int last = flight == null ? -1 : flight.last();
        if (flight == null || last < 0) {
            return 0;
        }
        final int end = flight.endOf(last);
        final int sent = sendAgain(c, last, now);
        if (sent > 0) {
            c.recovery().probe().onSent(c, end, true);
        }
        return sent;
    }

    /**
     * One byte into a closed window, or none before it, or what fits into one that is too small (RFC 9293 section
     * 3.8.6.1).
     */
    private int sendProbe(final TcpConnection c, final long now) {
        final int record = Math.min(c.mss, recordLeft(c));
        final int length = Math.min(Math.min(c.queued(), record), Math.max(1, c.window));
        if (length <= 0) {
            return 0;
        }
        if (length <= c.window) {
            // It waited for more to send, or for a larger window, long enough (RFC 9293 section 3.8.6.2.1, the
            // override).
            c.hold(TcpConnection.UNPUSHED, false);
            return sendNew(c, length, false, now) ? 1 : 0;
        }
        engine.counters.increment(StackCounter.TCP_WINDOW_PROBES);
        if (engine.customs().follow(TcpCustom.EMPTY_WINDOW_PROBES)) {
            return acks.sendProbe(c, now) ? 1 : 0;
        }
        return transmit(c, c.una, length, false, now) > 0 ? 1 : 0;
    }

    /** Sends what was not sent before, or not since the peer's window closed over it. */
    private boolean sendNew(final TcpConnection c, final int length, final boolean fin, final long now) {
        final int seq = c.nxt;
        final int before = c.max;
        final boolean repeated = TcpSeq.lt(seq, before);
        final int sent = transmit(c, seq, length, fin, now);
        if (sent == 0) {
            return false;
        }
        c.nxt = seq + sent;
        // Not small is what only the room for SACK blocks made shorter, or what is sent once more.
        if (sent < c.mss && sent >= length && TcpSeq.gt(c.nxt, before)) {
            c.transfer().smallEnd = c.nxt;
        }
        c.recovery().onSent(c, seq, c.nxt, repeated, now);
        return true;
    }

    /** Sends a segment; returns the sequence numbers that it takes, 0 if it could not be sent. */
    private int transmit(
            final TcpConnection c, final int seq, final int wanted, final boolean wantedFin, final long now) {
        acks.acknowledgment(c, seq, now);
        final int blocks = header.sackCount > 0 ? 4 + 8 * header.sackCount : 0;
        final int length = Math.max(Math.min(wanted, c.mss - blocks), Math.min(wanted, 1));
        final boolean fin = wantedFin && length == wanted;
        final long position = c.transmitPosition(seq);
        if (fin) {
            header.flags |= TcpView.FIN;
        }
        // What the peer's window cuts short is pushed, too: the peer has to read before more can follow.
        final boolean cut = length < c.mss && seq + length == c.una + c.window;
        if (length > 0 && ((cut && !c.holds(TcpConnection.UNPUSHED)) || PushMarks.ends(c, position, length))) {
            header.flags |= TcpView.PSH;
        }
        final Ecn ecn = length > 0 ? c.ecn : null;
        final boolean fresh = !c.persist && TcpSeq.ge(seq, c.max);
        if (ecn != null) {
            ecn.tellWithText(header, fresh);
        }
        if (!writer.write(c, c.transmit(), position, length)) {
            return 0;
        }
        if (ecn != null && fresh) {
            ecn.onNewData();
        }
        if (writer.tooBig() && pathShrank(c)) {
            return 0;
        }
        if (length > 0 && TcpSeq.ge(seq, c.max)) {
            QuickAcks.onNewData(c, now);
        }
        acks.acknowledged(c);
        final int end = seq + length + (fin ? 1 : 0);
        final Transfer transfer = c.transfer();
        if (TcpSeq.lt(seq, c.max)) {
            if (!c.persist || TcpSeq.le(end, c.una + c.window)) { // else it is a probe, which was counted as one
                engine.counters.increment(StackCounter.TCP_RETRANSMITS);
                final Hindrances hindrances = c.hindrances();
                hindrances.retransmits++;
                hindrances.bytesRetransmitted +=
                        Math.min(length, c.max - seq); // new data may follow what is sent again
            }
            if (transfer.rttTiming && TcpSeq.lt(seq, transfer.rttSeq)) {
                transfer.rttTiming = false; // Karn's rule
            }
            if (c.allAcknowledged()) {
                transfer.lastProgress = now;
            }
        } else {
            startTiming(c, transfer, end, now);
        }
        c.max = TcpSeq.max(c.max, end);
        c.lastSent = now;
        c.dataSegmentsOut += length > 0 ? 1 : 0;
        Pacing.onSent(c, length);
        return end - seq;
    }

    private boolean pathShrank(final TcpConnection c) {
        final int before = c.mss;
        c.updateMss(pathMss(c));
        return c.mss < before;
    }

    private void afterData(final TcpConnection c, final boolean sent, final long now) {
        final boolean waiting = c.nxt == c.una && c.queued() > 0;
        if (waiting && !writer.blocked() && nextLength(c) <= 0) {
            if (!c.persist) {
                c.persist = true;
                c.retries = 0;
                c.transfer().lastProgress = now;
                engine.timers.startRetransmission(c, now);
            }
        } else if (c.persist && !waiting) {
            c.persist = false;
            c.rtt.resetBackoff();
            c.transfer().lastProgress = now;
            engine.timers.startRetransmission(c, now);
        } else if (!c.allAcknowledged() && c.retransmitAt == TcpConnection.NEVER) {
            engine.timers.startRetransmission(c, now);
        }
        if (sent && c.state != TcpState.SYN_RECEIVED) {
            c.recovery().scheduleProbe(c, now);
            PathModel.noteIdle(c);
        } else if (writer.blocked()) {
            engine.timers.stall(c, now);
        }
    }

    /** Largest segment towards the peer that the path carries, options included. */
    int pathMss(final TcpConnection c) {
        return writer.pathMss(c);
    }

    /**
     * MSS to announce (RFC 9293 section 3.7.1, RFC 6691), which is independent of the path MTU (RFC 8201 section 5.4).
     */
    int announcedMss(final TcpFlow flow) {
        return Math.min(writer.linkMss(flow), config.features().maxMss());
    }
}

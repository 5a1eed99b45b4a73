package io.millrace.stack.socket.tcp;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpCustom;
import io.millrace.stack.storage.RangeSet;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;
import io.millrace.stack.wire.TcpView;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What a segment does to a connection: the order of checks is that of RFC 9293 section 3.10.7, with RFC 5961 for
 * segments that might be forged and RFC 7323 for timestamps. Nothing is sent from here but answers to segments that are
 * not acceptable; acknowledgments and data go out when the engine is polled.
 */
final class TcpIngress {
    /** Least time between answers to segments without text that are out of the window, microseconds. */
    private static final int REFUSAL_PERIOD = 500_000;

    private final TcpEngine engine;
    private final TcpConfig config;
    private final Counters<StackCounter> counters;
    private final AckIngress acknowledgments;
    private final ResetIngress resets;
    final FinIngress fins;
    /** The run that is being processed; null if it is a segment. */
    private @Nullable SegmentRun run;

    TcpIngress(final TcpEngine engine) {
        this.engine = engine;
        this.config = engine.config;
        this.counters = engine.counters;
        this.acknowledgments = new AckIngress(engine, this);
        this.resets = new ResetIngress(engine, this);
        this.fins = new FinIngress(engine);
    }

    /**
     * Takes a segment for a connection.
     *
     * @param segment its header; changed here
     * @param memory where its payload is
     */
    void process(final TcpConnection c, final TcpRepr segment, final MemorySegment memory, final long now) {
        if ((segment.flags & (TcpView.ACK | TcpView.RST | TcpView.SYN)) == 0) {
            counters.increment(StackCounter.TCP_NO_ACK); // part of no connection: not worth an answer, wherever it lies
            return;
        }
        c.segmentsIn++;
        c.dataSegmentsIn += segment.payloadLength > 0 ? 1 : 0;
        if (c.state == TcpState.SYN_SENT) {
            TcpHandshake.onSynSent(c, segment, now);
            SynText.receive(c, segment, memory, now);
            return;
        }
        final FastOpenPending pending = FastOpenPending.of(c);
        if (pending != null
                && (segment.flags & (TcpView.SYN | TcpView.ACK | TcpView.RST)) == TcpView.SYN
                && engine.fastOpen.server.onSyn(c, pending, segment, memory, now)) {
            return;
        }
        if (c.state == TcpState.SYN_RECEIVED
                && segment.has(TcpView.SYN | TcpView.ACK)
                && segment.seq == c.rcvNxt - 1
                && TcpSeq.gt(segment.ack, c.una)
                && TcpSeq.le(segment.ack, c.max)) {
            // Simultaneous open, RFC 9293 figure 8: the SYN is known already, its acknowledgment of ours is not. It is
            // acknowledged once more, as its sender repeats it if it never saw our own SYN with an acknowledgment.
            SeenTwice.report(c, segment.seq, c.rcvNxt);
            segment.flags &= ~TcpView.SYN;
            if (c.accurateEcn() == null) {
                segment.flags &= ~Ecn.SETUP; // they agree, and tell of no mark
            }
            segment.seq++;
            c.ackNow = true;
        }
        final int length = segment.payloadLength;
        final boolean latest = TcpSeq.le(segment.seq, c.ackSent); // before what was received already is cut off
        if (!timestampAcceptable(c, segment, now) || !sequenceAcceptable(c, segment, now)) {
            return;
        }
        if (segment.has(TcpView.RST)) {
            resets.process(c, segment, now);
            return;
        }
        if (segment.has(TcpView.SYN)) {
            onSyn(c, now);
            return;
        }
        c.onReceived(segment.payloadLength > 0, now);
        final AccurateEcn accurate = c.accurateEcn();
        if (accurate != null) {
            accurate.onSegment(c, segment, length);
        }
        final boolean establishes = c.state == TcpState.SYN_RECEIVED;
        c.keepAliveMisses = 0;
        if (!acknowledgments.acknowledge(c, segment, now)) {
            return;
        }
        if (c.timestamps && segment.timestamps && latest && !Paws.overtaken(c, segment)) {
            // RFC 7323 section 4.3, and not before its window and its acknowledgment were found to make sense: whoever
            // guesses a timestamp only must not make us refuse what the peer sends.
            noteTimestamp(c, segment, now);
        }
        if (c.holds(TcpConnection.REFUSES_TEXT) && c.state.canReceive() && tellsOfText(c, segment)) {
            engine.acks.sendReset(c, segment.ack, now);
            engine.closing.finish(c, c.holds(TcpConnection.READS_ON) ? CloseReason.RESET : CloseReason.ABORTED, now);
            return;
        }
        if (c.state.canReceive()) {
            fins.cutBehind(c, segment);
            if (segment.has(TcpView.URG)) {
                Urgent.receive(c, segment);
            }
            receiveText(c, segment, memory, now);
            if (establishes) {
                SynText.deliver(c, now);
            }
        }
        fins.take(c, segment, now);
    }

    /** Takes segments for a connection that are one, and whose payload is in its place. */
    void processRun(final TcpConnection c, final SegmentRun segments, final long now) {
        run = segments;
        try {
            process(c, segments.header, c.receive().memory(), now);
        } finally {
            run = null;
        }
        segments.settle(c);
    }

    /** PAWS, RFC 7323 section 5. */
    private boolean timestampAcceptable(final TcpConnection c, final TcpRepr segment, final long now) {
        if (!c.timestamps || segment.has(TcpView.RST)) {
            return true;
        }
        if (!segment.timestamps) {
            final boolean taken = engine.customs().follow(TcpCustom.MISSING_TIMESTAMPS);
            if (!taken) {
                counters.increment(StackCounter.TCP_NO_TIMESTAMP); // section 3.2
            }
            return taken;
        }
        if (Paws.refuses(c, segment, now)) {
            counters.increment(StackCounter.TCP_PAWS);
            refuse(c, segment, now);
            return false;
        }
        return true;
    }

    /** RFC 9293 section 3.10.7.4, first; trims the payload to the window. */
    private boolean sequenceAcceptable(final TcpConnection c, final TcpRepr segment, final long now) {
        final int window = c.receiveWindow();
        final int length = segment.segmentLength();
        final int fromNext = TcpSeq.diff(segment.seq, c.rcvNxt);
        if (length > 0 && fromNext + length == 0 && acknowledgesNews(c, segment)) {
            takeRepetition(c, segment);
            return true;
        }
        if (resets.isAtFin(c, segment)) {
            return true;
        }
        if (length == 0 || window == 0 || (segment.payloadLength == 0 && segment.has(TcpView.FIN))) {
            // The right edge itself is accepted: it is where a peer that filled the window sends its pure ACKs
            // from, and its FIN, which takes no room.
            if (fromNext >= 0 && fromNext <= window) {
                if (length > 0 && segment.payloadLength > 0) {
                    // Zero window: the ACK counts, the text does not, and the peer learns the window (section 3.8.6.1).
                    counters.increment(StackCounter.TCP_OUT_OF_WINDOW);
                    segment.payloadLength = 0;
                    segment.flags &= ~TcpView.FIN;
                    c.ackNow = true;
                    engine.ready(c);
                }
                return true;
            }
            if (segment.has(TcpView.FIN) && fromNext + length == 0) {
                fins.reportRepetition(c);
            }
            return outOfWindow(c, segment, now);
        }
        if (fromNext >= window || fromNext + length <= 0) {
            if (fromNext < 0 && fromNext >= -Math.max(c.receiveBuffer(), 0xFFFF) && !segment.has(TcpView.SYN)) {
                SeenTwice.report(c, segment.seq, segment.seq + segment.payloadLength);
                noteRetransmission(c, segment, now);
                AccurateEcn.onRepetition(c, segment);
            }
            return outOfWindow(c, segment, now);
        }
        if (fromNext < 0) {
            if (segment.has(TcpView.SYN)) {
                return true; // answered whatever its number; nothing that came with it is taken (RFC 5961 section 4.2)
            }
            SeenTwice.report(c, segment.seq, c.rcvNxt);
            trimFront(segment, -fromNext);
            c.ackNow = true; // part of it was a duplicate: the peer should know (RFC 9293 section 3.10.7.4)
            engine.ready(c);
        }
        final int beyond = TcpSeq.diff(segment.seq, c.rcvEdge) + segment.payloadLength;
        if (beyond > 0) {
            segment.payloadLength -= beyond;
            segment.flags &= ~TcpView.FIN;
        }
        return true;
    }

    /** Whether there is text that was not received, in a segment or, if that has a FIN, before it. */
    private static boolean tellsOfText(final TcpConnection c, final TcpRepr segment) {
        return segment.payloadLength > 0 || (segment.has(TcpView.FIN) && TcpSeq.gt(segment.seq, c.rcvNxt));
    }

    private static boolean acknowledgesNews(final TcpConnection c, final TcpRepr segment) {
        return (segment.flags & (TcpView.SYN | TcpView.RST | TcpView.ACK)) == TcpView.ACK
                && TcpSeq.gt(segment.ack, c.una);
    }

    /**
     * Nothing but what came last comes again: of that its acknowledgment is left. RFC 9293 would have it dropped; but
     * FreeBSD acknowledges our FIN by sending its own again when both ends close at once, and Linux takes such a
     * segment too.
     */
    private void takeRepetition(final TcpConnection c, final TcpRepr segment) {
        counters.increment(StackCounter.TCP_OUT_OF_WINDOW);
        SeenTwice.report(c, segment.seq, segment.seq + segment.payloadLength);
        if (segment.has(TcpView.FIN)) {
            fins.reportRepetition(c);
        }
        Urgent.trimmed(segment, TcpSeq.diff(c.rcvNxt, segment.seq));
        segment.seq = c.rcvNxt;
        segment.payloadLength = 0;
        segment.flags &= ~TcpView.FIN;
        c.ackNow = true;
        engine.ready(c);
    }

    private static void noteTimestamp(final TcpConnection c, final TcpRepr segment, final long now) {
        c.tsRecent = segment.tsVal;
        c.tsRecentAt = (int) (now / TcpEngine.SECOND);
    }

    /**
     * What was received not long ago came again, since our acknowledgment was lost: the next one tells when it was sent
     * that time, else the peer takes all its attempts for one round trip. RFC 7323 section 5.3 has no timestamp taken
     * from outside the window; this one must at least come with an acknowledgment that makes sense.
     */
    private static void noteRetransmission(final TcpConnection c, final TcpRepr segment, final long now) {
        if (c.timestamps && segment.timestamps && segment.has(TcpView.ACK) && AckIngress.inRange(c, segment)) {
            noteTimestamp(c, segment, now);
        }
    }

    private static void trimFront(final TcpRepr segment, final int count) {
        Urgent.trimmed(segment, count);
        segment.seq += count;
        segment.payloadOffset += count;
        segment.payloadLength -= count;
    }

    private boolean outOfWindow(final TcpConnection c, final TcpRepr segment, final long now) {
        counters.increment(StackCounter.TCP_OUT_OF_WINDOW);
        if (!segment.has(TcpView.RST)) {
            refuse(c, segment, now);
        }
        return false;
    }

    /** Answers a segment that is not acceptable with an acknowledgment. */
    private void refuse(final TcpConnection c, final TcpRepr segment, final long now) {
        if (segment.has(TcpView.SYN)) {
            AccurateEcn.onSynAgain(c, segment);
            challenge(c, now); // as one within the window, and as seldom, whatever its text (RFC 5961 section 4.2)
        } else if (segment.payloadLength > 0 || segment.has(TcpView.FIN)) {
            QuickAcks.expectNoAnswer(c);
            // The peer needs this acknowledgment to go on, and cannot answer it with another of the kind.
            answer(c, now);
        } else if (refusedLately(c, now)) {
            counters.increment(StackCounter.TCP_CHALLENGE_LIMIT);
        } else {
            challenge(c, now);
        }
    }

    /**
     * Whether a segment without text was refused within the last half second: two ends that refuse one another's
     * acknowledgments must not keep each other busy (RFC 5961 section 7). Times wrap after more than an hour.
     */
    private static boolean refusedLately(final TcpConnection c, final long now) {
        final int time = (int) now;
        if (c.refusedAt != 0 && Integer.compareUnsigned(time - c.refusedAt, REFUSAL_PERIOD) < 0) {
            return true;
        }
        c.refusedAt = time == 0 ? 1 : time;
        return false;
    }

    /** RFC 5961 section 4: a peer that restarted answers a challenge with a reset that fits. */
    private void onSyn(final TcpConnection c, final long now) {
        if (engine.customs().follow(TcpCustom.BLIND_SYNS) && c.state.isSynchronized()) {
            engine.acks.sendReset(c, now);
            engine.closing.finish(c, CloseReason.RESET, now);
        } else {
            challenge(c, now);
        }
    }

    /**
     * Sends a challenge acknowledgment, unless this connection sent its share within the second. The share is a little
     * different every second, so that counting them tells nothing about other segments (CVE-2016-5696).
     */
    void challenge(final TcpConnection c, final long now) {
        final char second = (char) (now / TcpEngine.SECOND % Character.MAX_VALUE + 1); // 0 is for none yet
        if (second != c.challengeSecond) {
            c.challengeSecond = second;
            c.challengesLeft = challenges(engine);
        }
        if (c.challengesLeft > 0) {
            c.challengesLeft--;
            counters.increment(StackCounter.TCP_CHALLENGE_ACKS);
            answer(c, now);
        } else {
            counters.increment(StackCounter.TCP_CHALLENGE_LIMIT);
        }
    }

    /** How many a connection may send in the next second. */
    static short challenges(final TcpEngine engine) {
        final int limit = engine.config.limits().challengeAcks();
        return (short) (limit - engine.entropy.nextInt(limit / 2 + 1));
    }

    /** Acknowledges what came last, in SYN-RECEIVED too, where nothing but our SYN is sent by itself. */
    private void answer(final TcpConnection c, final long now) {
        if (c.state.isSynchronized()) {
            c.ackNow = true;
            engine.ready(c);
        } else {
            engine.acks.acknowledge(c, now);
        }
    }

    /** RFC 9293 section 3.10.7.4, seventh. */
    void receiveText(final TcpConnection c, final TcpRepr segment, final MemorySegment memory, final long now) {
        final int length = segment.payloadLength;
        if (length == 0) {
            return;
        }
        if (ReceiveWindow.isOverfull(c)) {
            counters.increment(StackCounter.TCP_NO_MEMORY);
            segment.payloadLength = 0;
            segment.flags &= ~TcpView.FIN;
            c.ackNow = true;
            engine.ready(c);
            return;
        }
        final Transfer transfer = c.transfer();
        final Ecn ecn = c.ecn;
        if (ecn != null) {
            ecn.onData(c, segment, now);
        }
        final int longest = run == null ? length : run.longest;
        c.rcvMss = (char) Math.max(c.rcvMss, Math.min(longest, c.announcedMss));
        BufferTuning.onReceived(c, transfer, segment, now);
        if (segment.seq == c.rcvNxt) {
            receiveInOrder(c, segment, memory, now);
        } else {
            receiveAhead(c, segment, memory, now);
        }
        if (c.state == TcpState.FIN_WAIT_2) {
            engine.timers.startFinWait2(c, now);
        }
    }

    private void receiveInOrder(
            final TcpConnection c, final TcpRepr segment, final MemorySegment memory, final long now) {
        final Transfer transfer = c.transfer();
        final long position = transfer.receive.tail();
        final int length = segment.payloadLength;
        final int written =
                run != null ? length : transfer.receive.write(position, memory, segment.payloadOffset, length, true);
        if (written < length) {
            counters.increment(StackCounter.TCP_NO_MEMORY);
            segment.flags &= ~TcpView.FIN;
            c.ackNow = true;
        }
        advance(c, transfer, position, position + written, now);
    }

    /** Text is there from where the queue ends up to a position, and perhaps what came ahead of its turn behind that. */
    void advance(final TcpConnection c, final Transfer transfer, final long position, final long end, final long now) {
        long reached = end;
        final RangeSet ahead = transfer.ahead;
        if (ahead != null) {
            SeenTwice.reportOverlap(c, ahead, position, reached);
            final long all = ahead.reach(reached);
            ahead.removeBefore(all);
            reached = FinIngress.before(c, all);
            if (ahead.isEmpty()) {
                transfer.ahead = null;
                engine.spares.give(ahead);
            }
            c.ackNow = true; // it filled a gap, or gaps are left (RFC 5681 section 4.2)
        }
        final int advanced = (int) (reached - position);
        transfer.receive.extend(advanced);
        c.rcvNxt += advanced;
        if (c.options != null) {
            TcpTimes.received(c, reached, now);
        }
        engine.events.addReadable(c);
        engine.ready(c);
    }

    private void receiveAhead(
            final TcpConnection c, final TcpRepr segment, final MemorySegment memory, final long now) {
        final long position = c.receivePosition(segment.seq);
        final Transfer transfer = c.transfer();
        final RangeSet ahead = transfer.rangesAhead(now, engine.spares);
        SeenTwice.reportOverlap(c, ahead, position, position + segment.payloadLength);
        if (ahead.count() >= config.limits().reassemblyRanges()
                && !ahead.touches(position, position + segment.payloadLength)) {
            counters.increment(StackCounter.TCP_REASSEMBLY_LIMIT);
        } else {
            final int written =
                    transfer.receive.write(position, memory, segment.payloadOffset, segment.payloadLength, false);
            if (written < segment.payloadLength) {
                counters.increment(StackCounter.TCP_NO_MEMORY);
                segment.flags &= ~TcpView.FIN;
            }
            ahead.add(position, position + written);
            counters.increment(StackCounter.TCP_OUT_OF_ORDER);
        }
        if (segment.has(TcpView.FIN)) {
            fins.note(c, segment); // the answer tells of it
            segment.flags &= ~TcpView.FIN;
        }
        c.hindrances().receivedAhead++;
        c.ackNow = true;
        if (!SynText.isKept(transfer)) { // else more is acknowledged in a moment
            // Each one is answered at once and on its own: the peer counts them (RFC 5681 section 3.2).
            engine.acks.acknowledge(c, now);
        }
    }
}

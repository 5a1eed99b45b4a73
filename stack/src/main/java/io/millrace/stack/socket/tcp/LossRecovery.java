package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.recovery.Delivery;
import io.millrace.stack.socket.tcp.recovery.Rack;
import io.millrace.stack.socket.tcp.recovery.RateReduction;
import io.millrace.stack.socket.tcp.recovery.SentSegments;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which segments of a connection were lost, and how much may be sent meanwhile: by SACK and time (RFC 8985,
 * RFC 6675) where the peer has SACK, else by duplicate acknowledgments and partial ones (RFC 5681, RFC 6582, with limited
 * transmit, RFC 3042). The congestion window is {@link io.millrace.stack.socket.tcp.congestion.CongestionControl}'s; in
 * fast recovery {@link io.millrace.stack.socket.tcp.recovery.RateReduction} says how to come down to it.
 *
 * <p>What is found to have been a false alarm is taken back: {@link Spurious}. Losses at the end of a flight are made to be
 * found by {@link TailProbe}.
 */
final class LossRecovery {
    enum Phase {
        /** Nothing is known to be lost. */
        OPEN,
        /** Fast recovery, until {@link #recover} is acknowledged. */
        FAST,
        /** After a timeout, until {@link #recover} is acknowledged. */
        TIMEOUT
    }

    private final Rack rack = new Rack();
    private final Spurious spurious = new Spurious();
    private final TailProbe probe = new TailProbe();
    private final WindowUse use = new WindowUse();
    private final DuplicateAcks duplicates = new DuplicateAcks();

    /** What is in flight; null as long as nothing is. */
    private @Nullable SentSegments sent;

    private Phase phase = Phase.OPEN;
    /** SND.NXT when the loss was found. */
    private int recover;
    /** Bytes that arrived with the last acknowledgment, while it is not known yet what was lost, less those sent since. */
    private int unanswered;

    private boolean timerRestarted;
    /** Nothing was left to send when all had arrived. */
    private boolean dry;

    /** Goes on where a connection rested. */
    void resume(final TcpConnection c) {
        rack.resume(c.leastRoundTrip, (long) c.leastAt * TcpEngine.SECOND, c.reorderingMemory);
        spurious.resume((byte) (c.reportsDue & ~TailProbe.PENDING));
        phase = Phase.OPEN;
        duplicates.clear();
        unanswered = 0;
        recover = c.recover;
        timerRestarted = false;
        dry = true;
        use.clear(c.una);
        probe.resume(c);
    }

    /** Leaves with the connection what has to be remembered. */
    void rest(final TcpConnection c) {
        c.leastRoundTrip = rack.leastRoundTrip();
        c.leastAt = (int) (rack.leastAt() / TcpEngine.SECOND);
        c.reorderingMemory = rack.reorderingMemory();
        c.reportsDue = (byte) (spurious.reportsDue() | probe.memory());
        c.recover = recover;
    }

    /** Whether nothing is in flight, and nothing of it is to be found out. */
    boolean isIdle() {
        return sent == null && phase == Phase.OPEN;
    }

    Phase phase() {
        return phase;
    }

    Rack rack() {
        return rack;
    }

    TailProbe probe() {
        return probe;
    }

    /** What is in flight, or null. */
    @Nullable
    SentSegments sent() {
        return sent;
    }

    /** Segments found to be lost that have not arrived since. */
    int lostSegments() {
        final SentSegments flight = sent;
        return flight == null ? 0 : flight.segmentsLost() + flight.segmentsAgain() - probe.copiesUnderWay(flight);
    }

    /** Duplicate acknowledgments in a row, where there is no SACK. */
    int duplicates() {
        return duplicates.count();
    }

    /** The peer got so many segments twice, the last of which ends at {@code right}. */
    void onDuplicates(final TcpConnection c, final int right, final int segments) {
        if (!probe.endsAt(right)) { // a probe was sent for the silence, not for what overtook what
            rack.onDuplicateReport(c.una, c.max);
        }
        spurious.onDuplicateReport(right, segments);
    }

    /** Bytes that duplicate acknowledgments say arrived, where there is no SACK. */
    int duplicateBytes(final TcpConnection c) {
        return duplicates.bytes(c);
    }

    /** Whether a lost segment waits to be sent again. New data waits behind it, but for RFC 5682's test. */
    boolean retransmitDue() {
        final SentSegments flight = sent;
        return flight != null && flight.anyLost() && !spurious.testing();
    }

    /** A segment with new data was sent: all up to {@code end} is in flight. */
    void onSent(final TcpConnection c, final int start, final int end, final boolean repeated, final long now) {
        use.onSent(c.una, end);
        SentSegments flight = sent;
        if (flight == null) {
            flight = c.engine.spares.takeSent();
            flight.reset(start);
            sent = flight;
            PathModel.measure(c, flight, now);
            if (dry && c.congestion.model() == null) {
                flight.rate().limit(0);
            }
        }
        flight.append(end, now, repeated);
        if (flight.reduction().isOn()) {
            flight.reduction().onSent(end - start);
        }
        unanswered = Math.max(0, unanswered - (end - start));
        spurious.onNewData();
    }

    /** Whether the scoreboard can take one more segment. */
    boolean hasRoom() {
        final SentSegments flight = sent;
        return flight == null || flight.hasRoom();
    }

    /** How many more segments the scoreboard can tell apart. */
    int roomOnBoard() {
        final SentSegments flight = sent;
        return flight == null ? SentSegments.MAX_SEGMENTS : flight.room();
    }

    /** A segment was sent again. */
    void onSentAgain(final TcpConnection c, final int number, final long now) {
        final SentSegments flight = sent;
        if (flight != null) {
            if (phase == Phase.FAST) {
                flight.reduction().onSent(flight.endOf(number) - flight.startOf(number));
            }
            final SizeSearch search = c.sizeSearch;
            if (search != null) {
                search.onSentAgain(flight.startOf(number), now);
            }
            if (phase == Phase.FAST && flight.isFirst(number) && (c.sack || spurious.nothingSent())) {
                // RFC 6675 section 6: what was sent again has as long as what is sent for the first time.
                c.engine.timers.startRetransmission(c, now);
            }
            flight.sentAgain(number, now);
            spurious.onSentAgain(c, now);
        }
    }

    /** So many bytes arrived, and nothing is known to be lost. */
    private void deliver(
            final TcpConnection c, final SentSegments flight, final int bytes, final boolean progress, final long now) {
        final RateReduction reduction = flight.reduction();
        if (!reduction.isOn()) {
            use.grow(c, bytes, phase, now);
        } else if (c.ecn != null && c.ecn.reduces(c.una)) {
            reduction.onAcknowledged(bytes, CongestionRoom.inNetwork(c), progress, c.mss);
        } else {
            reduction.end();
        }
    }

    /**
     * An acknowledgment came that is acceptable; {@code c.una} and {@code c.nxt} have moved already.
     *
     * @param acknowledged bytes and flags that it acknowledges, 0 or more
     * @param duplicate whether it is one by RFC 5681 section 2
     */
    void onAcknowledgment(
            final TcpConnection c,
            final TcpRepr segment,
            final int acknowledged,
            final boolean duplicate,
            final long now) {
        final SentSegments flight = sent;
        final boolean reported = c.sack && segment.sackCount > 0 && DuplicateReports.read(c, segment, this);
        if (flight == null) {
            probe.onRepetition(segment, reported);
            Ecn.onReport(c, segment);
            if (reported && spurious.allReported()) {
                undo(c);
            }
            return;
        }
        final Delivery delivery = c.engine.delivery;
        final boolean echoes = c.timestamps && segment.tsEcr != 0;
        final long echoed = echoes ? FlowSecrets.sentBefore(c.tsOffset, segment.tsEcr, now) : Long.MAX_VALUE;
        delivery.begin(now, rack.leastRoundTrip(), echoed);
        PathModel.startSample(c, flight, now);
        flight.acknowledge(segment.ack, delivery);
        if (c.sack) {
            for (int i = reported ? 1 : 0; i < segment.sackCount; i++) {
                final int right = withFin(c, flight, segment.sackRight[i]);
                flight.selectivelyAcknowledge(segment.sackLeft[i], right, delivery);
            }
        }
        if (c.ecn != null) {
            c.ecn.onDelivery(c, segment, delivery.bytes, delivery.segments);
        }
        if (delivery.originalSentAt >= 0) {
            c.congestion.onRoundTrip(Math.clamp(now - delivery.originalSentAt, 0, Integer.MAX_VALUE), c.una, c.nxt);
        }
        if (phase == Phase.OPEN && TcpSeq.gt(c.una, recover)) {
            recover = c.una - 1; // it stays behind, however much is sent until something is lost
        }
        if (phase == Phase.OPEN
                && acknowledged > 0
                && !delivery.sacked
                && !reported
                && !probe.isOut()
                && duplicates.count() == 0
                && flight.sackedBytes() == 0) {
            hearOfDelivery(c, delivery, now); // nothing is lost: the usual case
            deliver(c, flight, delivery.bytes, true, now);
        } else {
            recover(c, flight, segment, delivery, acknowledged, duplicate, reported, now);
        }
        PathModel.endSample(c, flight, delivery.originalSentAt, now);
        c.delivered += delivery.segments;
        if (delivery.reordered) {
            c.hindrances().onReordered(flight.overtaken(delivery, c.mss));
        }
        if (flight.isEmpty()) {
            sent = null;
            duplicates.clear();
            dry = c.notSent() == 0;
            c.engine.spares.give(flight);
        }
    }

    /** Where a block ends: some peers tell only of the text of a segment with our FIN (RFC 2018 section 3: data). */
    private static int withFin(final TcpConnection c, final SentSegments flight, final int right) {
        return c.finQueued && right == c.finSeq() && flight.endsWithin(right) ? right + 1 : right;
    }

    private void recover(
            final TcpConnection c,
            final SentSegments flight,
            final TcpRepr segment,
            final Delivery delivery,
            final int acknowledged,
            final boolean duplicate,
            final boolean reported,
            final long now) {
        final boolean recovering = phase != Phase.OPEN;
        int delivered = delivery.bytes;
        if (!c.sack) {
            delivered = duplicates.arrived(c, delivery, acknowledged, duplicate, phase == Phase.FAST);
        }
        if (spurious.proven(c, segment, delivery, acknowledged, duplicate, phase, recover)) {
            undo(c);
            delivery.originalsOnly();
        }
        hearOfDelivery(c, delivery, now);
        if (probe.repairedLoss(segment, reported, duplicate) && phase == Phase.OPEN) {
            probe.reduceWindow(c, flight, acknowledged);
            spurious.startWithProbe(probe.end());
        }
        if (phase != Phase.OPEN && acknowledged > 0 && TcpSeq.ge(c.una, recover)) {
            leave(c, flight);
        }
        final int lostBefore = flight.lostBytes();
        detect(c, flight, acknowledged, now);
        if (phase == Phase.OPEN && flight.anyLost() && !SizeSearch.isAllThatIsLost(c, flight, now)) {
            enter(c, flight, delivered);
        }
        unanswered = phase == Phase.OPEN ? delivered : 0;
        if (phase == Phase.FAST) {
            final boolean progress = acknowledged > 0 && flight.lostBytes() <= lostBefore;
            flight.reduction().onAcknowledged(delivered, CongestionRoom.inNetwork(c), progress, c.mss);
        } else if (acknowledged > 0
                || (phase == Phase.OPEN
                        && (rack.reordering() || flight.reduction().isOn()))) {
            // What arrived, not what is acknowledged: reports of it have let new data out before. Where segments
            // overtake others, reports are what keeps the window growing. In recovery nothing grew with them.
            deliver(c, flight, recovering ? acknowledged : delivered, acknowledged > 0, now);
        }
    }

    private void hearOfDelivery(final TcpConnection c, final Delivery delivery, final long now) {
        if (delivery.segments > 0 && c.sack) {
            rack.onDelivered(delivery, now);
        }
    }

    private void detect(final TcpConnection c, final SentSegments flight, final int acknowledged, final long now) {
        if (c.sack) {
            final long wait = rack.detect(flight, phase != Phase.OPEN, c.rtt.smoothed(), now);
            if (wait >= 0) {
                c.transfer().probeAt = now + wait;
            } else if (flight.sackedBytes() > 0 || flight.anyLost() || phase != Phase.OPEN) {
                c.transfer().probeAt = TcpConnection.NEVER;
            } // else a tail loss probe stays due: what came says nothing of the tail
        } else if (phase == Phase.FAST && acknowledged > 0) {
            flight.loseFirst(); // RFC 6582 section 3.2, step 3: a partial acknowledgment tells of the next hole
        } else if (phase == Phase.OPEN && duplicates.meanLoss() && TcpSeq.gt(c.una, recover)) {
            flight.loseFirst();
        }
    }

    private void enter(final TcpConnection c, final SentSegments flight, final int delivered) {
        phase = Phase.FAST;
        recover = c.nxt;
        timerRestarted = false;
        spurious.start(c.una, false, probe.copies());
        probe.forget();
        c.congestion.onLoss(CongestionRoom.flightSize(c, 0), c.mss, Ecn.reducesForMark(c));
        final int before = flight.sackedBytes() + duplicates.bytes(c) - delivered; // had arrived before
        flight.reduction().start(c.inFlight() - before, c.congestion.threshold(), c.mss);
        Ecn.onReduced(c, false);
        c.engine.counters.increment(StackCounter.TCP_FAST_RETRANSMITS);
    }

    private void leave(final TcpConnection c, final SentSegments flight) {
        if (phase == Phase.FAST) {
            c.congestion.onRecovered();
        } else {
            c.congestion.onTimeoutRepaired();
        }
        flight.reduction().end();
        rack.onRecovered();
        duplicates.clear();
        phase = Phase.OPEN;
        spurious.end();
    }

    private void undo(final TcpConnection c) {
        c.engine.counters.increment(StackCounter.TCP_SPURIOUS_RETRANSMITS);
        c.congestion.undo();
        final SentSegments flight = sent;
        if (flight != null) {
            flight.findAll();
            flight.reduction().end();
        }
        c.rtt.resetBackoff();
        phase = Phase.OPEN;
        recover = c.una;
        spurious.end();
        final Ecn ecn = c.ecn;
        if (ecn != null) {
            ecn.onUndone(c);
        }
    }

    /** Whether an acknowledgment that moves the left edge starts the retransmission timer anew. */
    boolean restartsTimer(final TcpConnection c) {
        if (phase != Phase.FAST || c.sack) {
            return true;
        }
        final boolean first = !timerRestarted; // RFC 6582 section 3.2: only the first partial one
        timerRestarted = true;
        return first;
    }

    /**
     * The retransmission timer expired: all that did not arrive is lost, where there is SACK but for what was sent so
     * shortly before that it may be on its way (RFC 8985 section 6.3).
     */
    void onTimeout(final TcpConnection c, final long now) {
        final SentSegments flight = sent;
        if (flight != null) {
            PathModel.startSample(c, flight, now);
        }
        final boolean repeated = c.retries > 0 || phase == Phase.FAST;
        c.congestion.onTimeout(CongestionRoom.flightSize(c, 0), c.mss, repeated, Ecn.reducesForMark(c));
        Ecn.onReduced(c, phase != Phase.OPEN);
        c.transfer().probeAt = TcpConnection.NEVER;
        duplicates.clear();
        unanswered = 0;
        if (phase == Phase.OPEN) {
            spurious.start(c.una, true, probe.copies());
        } else {
            // Whatever the timer did: the loss that was found before, or the timeout before, still has to be proven
            // none.
            spurious.restart();
        }
        probe.forget();
        phase = Phase.TIMEOUT;
        recover = c.nxt;
        if (flight == null) {
            return;
        }
        flight.reduction().end();
        if (!c.sack || Reneging.onTimeout(c, flight)) {
            flight.loseAll(c.sack);
        } else {
            rack.onTimeout(flight, c.rtt.smoothed(), now);
        }
        c.congestion.holdAtLeast(CongestionRoom.inNetwork(c) + c.mss); // the first one goes out whatever is on its way
    }

    /** A router dropped what is in flight for its size: it is sent again in smaller parts, at the same rate. */
    void onPathShrank(final TcpConnection c) {
        final SentSegments flight = sent;
        if (flight != null) {
            flight.loseAll(false);
            flight.reduction().end();
            probe.forget();
            duplicates.clear();
            c.transfer().probeAt = TcpConnection.NEVER;
            phase = Phase.TIMEOUT; // all is sent again; the window stays as it is
            recover = c.nxt;
            spurious.end();
        }
    }

    /** The peer's window closed over what is in flight: it counts as never sent. */
    void forgetFlight(final TcpConnection c) {
        final SentSegments flight = sent;
        if (flight != null) {
            sent = null;
            c.engine.spares.give(flight);
        }
        duplicates.clear();
        unanswered = 0;
        probe.forget();
        c.transfer().probeAt = TcpConnection.NEVER;
        phase = Phase.OPEN;
        recover = c.max;
        spurious.end();
    }

    /** Starts the timer for a tail loss probe, if one may be sent. */
    void scheduleProbe(final TcpConnection c, final long now) {
        if (phase == Phase.OPEN) {
            probe.schedule(c, sent, now);
        }
    }

    /** The timer for reordering, or for a probe, expired. Returns whether a probe is to be sent. */
    boolean onProbeTimer(final TcpConnection c, final long now) {
        c.transfer().probeAt = TcpConnection.NEVER;
        final SentSegments flight = sent;
        if (flight == null) {
            return false;
        }
        if (phase == Phase.OPEN && flight.sackedBytes() == 0) {
            return !probe.isOut();
        }
        detectLate(c, flight, now);
        return false;
    }

    /** So much time has passed that reordering does not explain any more why something has not arrived. */
    private void detectLate(final TcpConnection c, final SentSegments flight, final long now) {
        PathModel.startSample(c, flight, now);
        final long wait = rack.detect(flight, phase != Phase.OPEN, c.rtt.smoothed(), now);
        if (wait >= 0) {
            c.transfer().probeAt = now + wait;
        }
        if (phase == Phase.OPEN && flight.anyLost() && !SizeSearch.isAllThatIsLost(c, flight, now)) {
            // What came with the acknowledgment that set the timer has not been answered yet.
            enter(c, flight, unanswered);
            flight.reduction().onAcknowledged(unanswered, CongestionRoom.inNetwork(c), false, c.mss);
            unanswered = 0;
        }
    }

    /** An acknowledgment, which moves nothing yet, told of a mark, and the congestion window was reduced. */
    void onMarked(final TcpConnection c) {
        probe.onMarked();
        CongestionRoom.onMarked(c);
    }
}

package io.millrace.stack.socket.tcp;

import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.stack.socket.tcp.congestion.Dctcp;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;
import io.millrace.stack.wire.TcpView;
import org.jspecify.annotations.Nullable;

/**
 * Explicit congestion notification of one connection (RFC 3168); only connections whose peers agreed to it have one, and
 * of those at rest only the ones that have something to remember.
 *
 * <p>As a receiver it echoes marks until the sender says that it slowed down. As a sender it marks new data as capable,
 * and takes an echo for what it is: congestion without a loss, answered once for each window of data.
 *
 * <p>With DCTCP (RFC 8257) the echo tells of each segment whether it was marked, and the answer is by how many were.
 */
final class Ecn {
    /** IP header: the sender understands marks. What is sent; the other code point stands for experiments (RFC 8311). */
    static final int CAPABLE = 2;

    /** IP header: a router on the way was congested. */
    static final int CONGESTED = 3;

    /** Flags of a SYN that asks for it. One that has both in its answer is a peer that reflects what it does not know. */
    static final int SETUP = TcpView.ECE | TcpView.CWR;

    /** Null before the connection's algorithm was DCTCP. */
    private @Nullable Dctcp dctcp;

    /** Null for classic notification. */
    private @Nullable AccurateEcn accurate;

    private boolean echo;
    private boolean slowedDown;
    private boolean echoed;
    /** What the last reduction was for ends here. */
    private int reducedUpTo;
    /** The same of the last one for a mark. */
    private int markedUpTo;
    /** {@link #slowedDown} for a mark. */
    private boolean slowedForMark;
    /** A mark came for which nothing was reduced, as it was for a loss already. */
    private boolean unanswered;

    private int marks;
    private int echoes;

    Ecn(final int una) {
        begin(una);
    }

    /**
     * Begins, or goes on where a connection rested that had nothing to remember.
     *
     * @param una first sequence number not acknowledged
     */
    void begin(final int una) {
        reducedUpTo = una - 1;
        markedUpTo = una - 1;
        echoed = false;
    }

    /** The handshake agreed on it. */
    static void agree(final TcpConnection c) {
        c.usesEcn = true;
        if (c.transferOrNull() != null) {
            c.ecn = c.engine.spares.takeEcn(c.una);
        }
    }

    /** The handshake agreed on the accurate kind, with a SYN of the peer's that came with a code point. */
    static AccurateEcn agree(final TcpConnection c, final int codePoint) {
        c.usesEcn = true;
        final Ecn known = c.ecn;
        final Ecn ecn = known == null ? c.engine.spares.takeEcn(c.una) : known;
        final AccurateEcn accurate = new AccurateEcn(codePoint);
        ecn.accurate = accurate;
        c.ecn = ecn;
        return accurate;
    }

    /** What both sides count; null for classic notification. */
    @Nullable
    AccurateEcn accurate() {
        return accurate;
    }

    /** A connection rests, all of whose data is acknowledged: there has to be something to remember to keep this for. */
    static void rest(final TcpConnection c) {
        final Ecn ecn = c.ecn;
        if (ecn != null && ecn.isPlain()) {
            c.ecn = null;
            c.engine.spares.give(ecn);
        }
    }

    private boolean isPlain() {
        return accurate == null
                && !echo
                && !slowedDown
                && !slowedForMark
                && !unanswered
                && marks == 0
                && echoes == 0
                && dctcp == null;
    }

    /** Whether a SYN asks for classic ECN, or for more than we know, or its answer agrees to it. */
    static boolean agreed(final TcpRepr syn) {
        final int flags = syn.flags & SETUP;
        return flags == (syn.has(TcpView.ACK) ? TcpView.ECE : SETUP);
    }

    /** Flags of the next segment, to a peer that does not count. */
    int flags(final boolean newData) {
        return (echo ? TcpView.ECE : 0) | (newData && slowedDown ? TcpView.CWR : 0);
    }

    /**
     * Flags and code point of a segment with text; of the accurate kind {@link AccurateEcn#tell} was called before.
     *
     * @param fresh whether it is neither sent again nor a probe of a closed window: those must not be marked unless that is
     *     of the accurate kind (RFC 3168 sections 6.1.5 and 6.1.6)
     */
    void tellWithText(final TcpRepr header, final boolean fresh) {
        if (accurate != null) {
            accurate.tellWithText(header);
        } else if (fresh) {
            header.flags |= flags(true);
            header.ecn = CAPABLE;
        }
    }

    /** New data was sent with {@link #flags}. */
    void onNewData() {
        slowedDown = false;
        slowedForMark = false;
    }

    /** Data within the window came in. */
    void onData(final TcpConnection c, final TcpRepr segment, final long now) {
        final boolean marked = segment.ecn == CONGESTED;
        if (marked) {
            marks++;
            c.engine.counters.increment(StackCounter.TCP_CONGESTION_MARKS);
        }
        if (accurate != null) {
            return; // that counts, and tells, of all packets
        }
        if (c.congestion.algorithm() == CongestionAlgorithm.DCTCP) {
            echoEach(c, marked, now);
            return;
        }
        if (segment.has(TcpView.CWR)) {
            echo = false;
        }
        if (marked && !echo) {
            echo = true;
            c.ackNow = true; // the sooner the sender knows
        }
    }

    /** RFC 8257 section 3.2: an acknowledgment speaks of segments that were all marked, or all not. */
    private void echoEach(final TcpConnection c, final boolean marked, final long now) {
        if (marked != echo) {
            if (c.owesAck()) {
                c.engine.acks.acknowledge(c, now);
            }
            echo = marked;
            c.ackNow = true;
        }
    }

    /** An acceptable acknowledgment of so many bytes came; called before the window may grow by it. */
    void onAcknowledgment(final TcpConnection c, final TcpRepr segment, final int acknowledged) {
        if (accurate != null) {
            return; // its flags make sense only with how many packets arrived
        }
        final boolean echo = segment.has(TcpView.ECE) && !segment.has(TcpView.SYN);
        hear(c, segment, acknowledged, echo ? acknowledged : 0, echo);
    }

    /**
     * The same of a peer that counts.
     *
     * @param delivered bytes that it is the first to acknowledge, or to report
     * @param packets as many
     */
    void onDelivery(final TcpConnection c, final TcpRepr segment, final int delivered, final int packets) {
        if (accurate != null) {
            final int marked = accurate.feedback.onAcknowledgment(c, segment, packets);
            hear(c, segment, delivered, Math.min(marked * c.mss, delivered), marked > 0);
        }
    }

    /** A segment that acknowledges nothing came, from a peer that counts: it may report of what is no text, or came late. */
    static void onReport(final TcpConnection c, final TcpRepr segment) {
        final Ecn ecn = c.ecn;
        if (ecn != null) {
            ecn.onDelivery(c, segment, 0, 0);
        }
    }

    private void hear(
            final TcpConnection c,
            final TcpRepr segment,
            final int acknowledged,
            final int marked,
            final boolean congested) {
        echoed = congested;
        if (c.congestion.algorithm() == CongestionAlgorithm.DCTCP) {
            path(c).onAcknowledged(acknowledged, marked, segment.ack, c.max);
        }
        if (!echoed) {
            if (TcpSeq.gt(segment.ack, reducedUpTo)) {
                reducedUpTo = segment.ack - 1; // it stays behind, however much is sent until there is a mark
                unanswered = false;
            }
            if (TcpSeq.gt(segment.ack, markedUpTo)) {
                markedUpTo = segment.ack - 1;
            }
            return;
        }
        echoes++;
        // Behind the end, not at it: only what was sent since then tells the peer that we slowed down.
        if (TcpSeq.gt(segment.ack, reducedUpTo) && c.recovery().phase() == LossRecovery.Phase.OPEN) {
            // What is not in flight any more, or was no text, had the window to itself.
            onMarked(c, c.allAcknowledged() ? c.congestion.window() : c.inFlight());
        } else if (TcpSeq.gt(segment.ack, markedUpTo)) {
            unanswered = true;
        }
    }

    private Dctcp path(final TcpConnection c) {
        Dctcp known = dctcp;
        if (known == null) {
            known = new Dctcp(c.una);
            dctcp = known;
        }
        return known;
    }

    private void onMarked(final TcpConnection c, final int inFlight) {
        c.congestion.onMarked(inFlight, c.mss, dctcp == null ? 1 : dctcp.share());
        c.engine.counters.increment(StackCounter.TCP_CONGESTION_ECHOES);
        slowedDown = true;
        slowedForMark = true;
        reducedUpTo = c.max;
        markedUpTo = c.max;
        unanswered = false;
        c.recovery().onMarked(c);
    }

    /**
     * The congestion window was reduced for a loss: the peer is told (section 6.1.2).
     *
     * @param again whether it was for an earlier loss, too, that may yet turn out to be none
     */
    static void onReduced(final TcpConnection c, final boolean again) {
        final Ecn ecn = c.ecn;
        if (ecn != null) {
            ecn.slowedDown = true;
            ecn.reducedUpTo = c.max;
            ecn.unanswered &= again;
        }
    }

    /**
     * What it was reduced for, but for marks, turned out to be none, and it is as it was: the peer is not told that it was,
     * and a mark that seemed to have its answer gets one.
     */
    void onUndone(final TcpConnection c) {
        slowedDown = slowedForMark;
        reducedUpTo = markedUpTo;
        if (unanswered) {
            onMarked(c, Math.max(c.inFlight(), c.congestion.window()));
        }
    }

    /** Whether what was sent before the last reduction is not acknowledged up to its end. */
    boolean reduces(final int una) {
        return TcpSeq.lt(una, reducedUpTo);
    }

    /** Whether the window was reduced for a mark, and what had been sent by then is not acknowledged up to its end. */
    static boolean reducesForMark(final TcpConnection c) {
        final Ecn ecn = c.ecn;
        return ecn != null && TcpSeq.lt(c.una, ecn.markedUpTo);
    }

    /** Whether it was reduced so, and that covers what is in flight up to {@code end}. */
    static boolean reducedForMark(final TcpConnection c, final int end) {
        final Ecn ecn = c.ecn;
        return ecn != null && TcpSeq.le(end, ecn.markedUpTo);
    }

    /** Whether the last acknowledgment told of congestion, so that the window must not grow by it. */
    boolean echoed() {
        return echoed;
    }

    /** Segments with data that came with a mark; the count wraps. */
    int marks() {
        return marks;
    }

    /** Acknowledgments that told of marks; the count wraps. */
    int echoes() {
        return echoes;
    }
}

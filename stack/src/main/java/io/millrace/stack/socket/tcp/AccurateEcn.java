package io.millrace.stack.socket.tcp;

import io.millrace.stack.wire.AccurateEcnOption;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;

/**
 * Accurate ECN of one connection (RFC 9768). As a receiver it counts packets that came with a mark, and the bytes of each
 * code point; three flags of every segment tell the former, an option the latter. As a sender it learns from the peer's how
 * many of its packets were marked: {@link EcnFeedback}. What is done about that is {@link Ecn}'s.
 *
 * <p>The flags of the handshake tell the code point that the SYN, or its answer, came with (tables 2 and 3): that shows who
 * changes it on the way.
 */
final class AccurateEcn {
    /** The flags, as one number: the ACE field. */
    static final int FLAGS = TcpView.AE | TcpView.CWR | TcpView.ECE;

    /** Flags of a SYN that asks for it. */
    static final int SETUP = FLAGS;

    /** The counter of packets begins with this: a field of zeros stands out (section 3.2.1). */
    static final int FIRST = 5;

    /** What fits into the field. */
    static final int MASK = 7;

    /** The counters of bytes with ECT(0) and ECT(1) begin with this, the one with CE at 0. */
    static final int FIRST_BYTES = 1;

    private static final int SHIFT = Integer.numberOfTrailingZeros(TcpView.ECE);

    /** The field in a handshake, by code point. */
    private static final int[] HANDSHAKE = {0b010, 0b011, 0b100, 0b110};

    static final int CAPABLE_1 = 1;
    static final int CAPABLE_0 = 2;
    private static final int NOT_CAPABLE = 0;
    private static final int UNUSED = -1;

    /** What an answer to a SYN may say in times to come. */
    private static final int RESERVED = 0b101;

    /** Marked packets since the last acknowledgment after which text is answered at once (section 3.2.2.5.1). */
    private static final int MOST_UNTOLD = 2;

    /** The same of what is no text: far fewer answers than packets, so that two ends do not keep each other busy. */
    private static final int MOST_UNTOLD_BARE = 6;

    /** What the peer tells. */
    final EcnFeedback feedback = new EcnFeedback();

    private int ceReceived;
    private int untold;
    private int ect0Bytes;
    private int ceBytes;
    private int ect1Bytes;

    /** Code point of the last packet. */
    private byte lastCodePoint;
    /** Code points of text since the last option, a bit each. */
    private byte news;
    /** Code point of the peer's SYN, or of its answer. */
    private byte ofSyn;
    /** The next acknowledgment is of segments without text only. */
    private boolean answersBare;
    /** The next bare acknowledgment tells {@link #ofSyn}. */
    private boolean tellsOfSyn;
    /** Packets may be marked on their way: nothing between us changes code points as none should. */
    private boolean capable = true;

    /** The peer can send the option through. */
    private boolean optionSeen;
    /** The last segment with the option told of one that came twice, and began here. */
    private boolean optionDoubted;

    private int doubtedFrom;
    /** Ours does not come through. */
    private boolean optionLost;

    AccurateEcn(final int ofSyn) {
        this.ofSyn = (byte) ofSyn;
        this.lastCodePoint = (byte) ofSyn;
    }

    /** The three flags of a segment as one number. */
    static int field(final TcpRepr segment) {
        return (segment.flags & FLAGS) >>> SHIFT;
    }

    /** Whether a SYN asks for it: with all three flags, or with some that only a later standard knows (section 3.1.3). */
    static boolean isAskedFor(final TcpRepr syn) {
        final int field = field(syn);
        return field != 0 && field != Ecn.SETUP >>> SHIFT;
    }

    /**
     * Whether a SYN that comes again asks for the other kind of congestion notification: nobody would know which one the two
     * ends agreed on (section 3.1.5).
     *
     * @param agreed whether one was agreed on, and so whether it was the accurate one
     */
    static boolean isContradicted(
            final TcpEngine engine, final TcpRepr syn, final boolean agreed, final boolean accurate) {
        if (accurate) {
            return field(syn) != 0 && !isAskedFor(syn);
        }
        return agreed && engine.offer().ecn().acceptsAccurate() && isAskedFor(syn);
    }

    /** Whether the flags of what acknowledges an answer may be of accurate notification (section 5.1). */
    static boolean isHandshake(final TcpRepr segment) {
        return field(segment) > 1;
    }

    /** Whether the answer to a SYN that asked for it agrees (table 2); one that is reserved does (section 3.1.3). */
    static boolean isAgreed(final TcpRepr answer) {
        final int field = field(answer);
        return codePoint(field) != UNUSED || field == RESERVED;
    }

    /** The code point that a field of a handshake stands for. */
    private static int codePoint(final int field) {
        return switch (field) {
            case 0b010 -> NOT_CAPABLE;
            case 0b011 -> CAPABLE_1;
            case 0b100 -> CAPABLE_0;
            case 0b110 -> Ecn.CONGESTED;
            default -> UNUSED;
        };
    }

    /** Flags that answer a SYN which came with a code point. */
    static int answer(final int codePoint) {
        return HANDSHAKE[codePoint] << SHIFT;
    }

    /** Flags of our SYN when it answers the peer's. */
    int answer() {
        return answer(ofSyn);
    }

    /**
     * The answer to a SYN whose data was taken, {@link #answer} and all, goes out: the first time with the option, from the
     * third time on without flags, since a path may swallow either (section 3.2.3.2.2).
     */
    void fitAnswer(final TcpRepr header, final int retries, final boolean option) {
        if (retries == 0 && option) {
            tellNothing(header);
        } else if (retries > 1) {
            header.flags &= ~FLAGS;
            onOtherSyn(true);
        }
    }

    /** The option of the answer to a SYN, which has all its others: nothing was counted yet. */
    static void tellNothing(final TcpRepr header) {
        header.accurateEcn = TcpView.OPTION_ACCURATE_ECN_1;
        header.ecnCounts = AccurateEcnOption.COUNTS;
        header.shortenAccurateEcn();
        tell(header, 0, 0, 0);
    }

    private static void tell(final TcpRepr header, final int ect0Bytes, final int ceBytes, final int ect1Bytes) {
        header.ect0Bytes = (ect0Bytes + FIRST_BYTES) & AccurateEcnOption.MASK;
        header.ceBytes = ceBytes & AccurateEcnOption.MASK;
        header.ect1Bytes = (ect1Bytes + FIRST_BYTES) & AccurateEcnOption.MASK;
    }

    /** The handshake ends: with the answer to our SYN, or with what acknowledges ours. */
    void onEstablished(final TcpConnection c, final TcpRepr segment) {
        if (segment.has(TcpView.SYN)) {
            onSynAck(c, segment);
        } else {
            onHandshakeEnd(c, segment);
        }
    }

    private void onSynAck(final TcpConnection c, final TcpRepr answer) {
        final int field = field(answer);
        capable = leftAlone(c, codePoint(field)) || field == RESERVED;
        ceReceived = answer.ecn == Ecn.CONGESTED ? 1 : 0;
        untold = ceReceived;
        tellOfSyn(c, answer);
    }

    /** Whether our SYN's code point came through, which is none, or nobody cares (section 3.2.2.3). */
    private static boolean leftAlone(final TcpConnection c, final int codePoint) {
        return codePoint == NOT_CAPABLE || !c.engine.config.features().ecnChecks();
    }

    /** A SYN came that is not acceptable: if it is the answer to ours again, our acknowledgment of that was lost. */
    static void onSynAgain(final TcpConnection c, final TcpRepr syn) {
        final AccurateEcn accurate = c.accurateEcn();
        if (accurate != null && syn.has(TcpView.ACK) && syn.seq == c.rcvNxt - 1) {
            accurate.tellOfSyn(c, syn);
        }
    }

    /** Our next acknowledgment tells what the answer to our SYN came with. */
    private void tellOfSyn(final TcpConnection c, final TcpRepr answer) {
        ofSyn = (byte) answer.ecn;
        tellsOfSyn = true;
        noteOption(c, answer);
    }

    /** If a SYN did not ask for any, or an answer did not agree, too, what follows is not to be marked (section 3.1.5). */
    void onOtherSyn(final boolean sent) {
        capable &= !sent;
    }

    /** Table 4. */
    private void onHandshakeEnd(final TcpConnection c, final TcpRepr segment) {
        final int field = field(segment);
        final int codePoint = codePoint(field);
        if (field == 0) {
            capable = false;
            feedback.ignore();
        } else if (codePoint != UNUSED && segment.payloadLength == 0 && segment.sackCount == 0) {
            feedback.onHandshake(field, codePoint == Ecn.CONGESTED);
            capable &= leftAlone(c, codePoint);
        }
    }

    /** An acceptable segment came, with so many bytes of payload. */
    void onSegment(final TcpConnection c, final TcpRepr segment, final int length) {
        final int codePoint = segment.ecn;
        final boolean changed = codePoint != lastCodePoint;
        lastCodePoint = (byte) codePoint;
        if (codePoint == Ecn.CONGESTED) {
            ceReceived++;
            untold++;
        }
        if (length > 0) {
            count(codePoint, length);
            answersBare = false;
            c.ackNow |= changed || untold >= MOST_UNTOLD;
        } else if (untold >= MOST_UNTOLD_BARE) {
            answersBare |= !c.ackNow && !c.owesAck();
            c.ackNow = true;
            c.engine.ready(c);
        }
        noteOption(c, segment);
    }

    private void count(final int codePoint, final int length) {
        news |= (byte) (1 << codePoint & ~(1 << NOT_CAPABLE));
        switch (codePoint) {
            case CAPABLE_1 -> ect1Bytes += length;
            case CAPABLE_0 -> ect0Bytes += length;
            case Ecn.CONGESTED -> ceBytes += length;
            default -> {
                // Nobody counts what could not be marked.
            }
        }
    }

    /**
     * A segment came again. If we told of that already, and with the option, the option may be what did not come through
     * (section 3.2.3.2.2): many segments that come once more are what lost acknowledgments look like.
     */
    static void onRepetition(final TcpConnection c, final TcpRepr segment) {
        final AccurateEcn accurate = c.accurateEcn();
        if (accurate != null && segment.payloadLength > 0) {
            accurate.optionLost |= accurate.optionDoubted && segment.seq == accurate.doubtedFrom;
            accurate.onSegment(c, segment, segment.payloadLength);
        }
    }

    private void noteOption(final TcpConnection c, final TcpRepr segment) {
        if (!optionSeen && segment.accurateEcn != AccurateEcnOption.NONE) {
            optionSeen = true;
            c.updateMss(c.engine.egress.pathMss(c)); // segments have one of ours from now on
        }
    }

    /** Flags, code point and option of a segment, as if it were bare; what else it has is there already, but text. */
    void tell(final TcpConnection c, final TcpRepr header) {
        header.flags |= tellsOfSyn ? answer(ofSyn) : counter();
        header.ecn = c.sack ? codePoint() : NOT_CAPABLE; // else an answer to it is one more duplicate acknowledgment
        if (answersBare) {
            header.sackCount = 0; // which shows that it reports no loss (section 3.2.2.5.1)
        }
        if (usesOption(c) && EcnOptionRoom.fit(c, header, news, counted())) {
            tell(header, ect0Bytes, ceBytes, ect1Bytes);
        }
    }

    /** Code points of text that came at any time. */
    private int counted() {
        return (ect0Bytes == 0 ? 0 : 1 << CAPABLE_0)
                | (ect1Bytes == 0 ? 0 : 1 << CAPABLE_1)
                | (ceBytes == 0 ? 0 : 1 << Ecn.CONGESTED);
    }

    /** A segment with text says how many packets were marked, whatever the handshake left to say. */
    void tellWithText(final TcpRepr header) {
        header.flags = (header.flags & ~FLAGS) | counter();
        header.ecn = codePoint();
    }

    /** Flags that tell how many packets were marked. */
    int counter() {
        return counter(ceReceived);
    }

    /** Flags that tell of so many marked packets. */
    static int counter(final int marked) {
        return ((marked + FIRST) & MASK) << SHIFT;
    }

    /** Code point of what we send. */
    int codePoint() {
        return capable ? Ecn.CAPABLE : NOT_CAPABLE;
    }

    /** Whether segments have an option, where there is room. */
    boolean usesOption(final TcpConnection c) {
        return optionSeen && !optionLost && c.engine.offer().accurateEcnOption();
    }

    /**
     * A segment left with what {@link #tell} put into it.
     *
     * @param repetition whether it tells of a segment that came twice
     * @param from where that began
     */
    void onSent(final TcpRepr header, final boolean repetition, final int from) {
        untold = 0;
        answersBare = false;
        tellsOfSyn = false;
        if (header.accurateEcn != AccurateEcnOption.NONE) {
            news = 0;
            optionDoubted = repetition;
            doubtedFrom = from;
        }
    }

    /** Whether the peer sent the option. */
    boolean optionSeen() {
        return optionSeen;
    }

    /** Fills in what came. */
    void count(final EcnCounts counts) {
        counts.cePackets = ceReceived;
        counts.ect0Bytes = ect0Bytes;
        counts.ceBytes = ceBytes;
        counts.ect1Bytes = ect1Bytes;
    }
}

package io.millrace.stack.socket.tcp;

import io.millrace.stack.wire.AccurateEcnOption;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;
import io.millrace.stack.wire.TcpView;

/**
 * What the peer's Accurate ECN tells a sender (RFC 9768 section 3.2.2, appendix A): how many of its packets were marked. The
 * flags tell that modulo 8. Where an acknowledgment is of more packets than that, the option's bytes say whether the counter
 * went round; without them it is taken to have, unless acknowledgments of many packets are usual here.
 */
final class EcnFeedback {
    /** An average of more packets for each acknowledgment than this is many; in 64ths. */
    private static final int MANY = 4 * 64;

    private static final int WEIGHT = 64;

    private static final int UNKNOWN = -1;

    /** {@link #ofHandshake}: the handshake is behind us, or told nothing. */
    private static final byte NOTHING = -1;

    private int ceDelivered;
    private int ect0Bytes;
    private int ceBytes;
    private int ect1Bytes;
    /** Timestamp of what was heard last. */
    private int latest;
    /** Packets for each acknowledgment of some, in 64ths; 0 before the first. */
    private char average;

    /** Flags of the acknowledgment that ended the handshake, which tell of our SYN, until another one has others. */
    private byte ofHandshake = NOTHING;

    private boolean ignored;
    private boolean optionSeen;
    /** The first counts of the first option were 0: somebody on the way blanks it. */
    private boolean optionBlank;

    /** Nothing that the peer tells is to be believed (table 4, note 1). */
    void ignore() {
        ignored = true;
    }

    /**
     * The handshake ended with an acknowledgment whose flags tell of our SYN, or of our answer to one.
     *
     * @param marked whether that came with a mark
     */
    void onHandshake(final int field, final boolean marked) {
        ofHandshake = (byte) field;
        ceDelivered = marked ? 1 : 0;
    }

    /**
     * An acceptable acknowledgment came.
     *
     * @param packets that it is the first to acknowledge, or to report
     * @return how many packets it is the first to tell were marked
     */
    int onAcknowledgment(final TcpConnection c, final TcpRepr segment, final int packets) {
        final boolean overtaken = TcpSeq.lt(segment.ack, c.una) || (packets == 0 && !isLater(c, segment));
        if (ignored || overtaken) {
            return 0; // what was overtaken tells less than what came before
        }
        final int field = AccurateEcn.field(segment);
        if (field == ofHandshake) {
            return 0;
        }
        ofHandshake = NOTHING;
        final int marked = readOption(segment);
        latest = segment.tsVal;
        if (packets > 0) {
            average = (char) Math.min(
                    average == 0 ? packets * WEIGHT : average + packets - average / WEIGHT, Character.MAX_VALUE);
        }
        final int told = (field - AccurateEcn.FIRST - ceDelivered) & AccurateEcn.MASK;
        final int fresh = packets <= AccurateEcn.MASK ? told : resolve(c, told, packets, marked);
        ceDelivered += fresh;
        return fresh;
    }

    /** If it acknowledges nothing new, only a later timestamp shows that it was not overtaken. */
    private boolean isLater(final TcpConnection c, final TcpRepr segment) {
        return c.timestamps
                && segment.timestamps
                && TcpSeq.gt(segment.tsVal, c.tsRecent)
                && TcpSeq.gt(segment.tsVal, latest);
    }

    /** Whether the counter went round (appendix A.2). */
    private int resolve(final TcpConnection c, final int told, final int packets, final int marked) {
        final int most = packets - ((packets - told) & AccurateEcn.MASK);
        if (marked == UNKNOWN) {
            return average > MANY ? told : most;
        }
        return (long) marked > (long) told * c.mss ? most : told;
    }

    /** Takes what an option tells; returns how many more bytes were marked, {@link #UNKNOWN} if it does not say. */
    private int readOption(final TcpRepr segment) {
        if (segment.accurateEcn == AccurateEcnOption.NONE || optionBlank) {
            return UNKNOWN;
        }
        final int counts = segment.ecnCounts;
        final boolean zeroFirst = segment.accurateEcn == TcpView.OPTION_ACCURATE_ECN_0;
        if (counts > 0 && !optionSeen) {
            optionSeen = true;
            optionBlank = (zeroFirst ? segment.ect0Bytes : segment.ect1Bytes) == 0;
            if (optionBlank) {
                return UNKNOWN;
            }
        }
        if (counts >= (zeroFirst ? 1 : AccurateEcnOption.COUNTS)) {
            ect0Bytes += Math.max(0, more(ect0Bytes + AccurateEcn.FIRST_BYTES, segment.ect0Bytes));
        }
        if (counts >= (zeroFirst ? AccurateEcnOption.COUNTS : 1)) {
            ect1Bytes += Math.max(0, more(ect1Bytes + AccurateEcn.FIRST_BYTES, segment.ect1Bytes));
        }
        if (counts < 2) {
            return counts == 0 ? UNKNOWN : 0; // what is left out has not changed, unless there was no room
        }
        final int marked = Math.max(0, more(ceBytes, segment.ceBytes));
        ceBytes += marked;
        return marked;
    }

    /** By how much a count of 24 bits is ahead of one that is known; less than 0 if it is behind. */
    private static int more(final int known, final int told) {
        return (told - known) << 8 >> 8;
    }

    /** Fills in what arrived at the peer. */
    void count(final EcnCounts counts) {
        counts.cePackets = ceDelivered;
        counts.ect0Bytes = ect0Bytes;
        counts.ceBytes = ceBytes;
        counts.ect1Bytes = ect1Bytes;
    }
}

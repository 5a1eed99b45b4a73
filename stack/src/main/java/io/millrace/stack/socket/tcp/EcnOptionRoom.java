package io.millrace.stack.socket.tcp;

import io.millrace.stack.wire.AccurateEcnOption;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;

/**
 * The room that the option of Accurate ECN has beside others (RFC 9768 section 3.2.3.3): which of its two kinds a segment has,
 * and with how many counts. Counts that changed since the last option must be told, or there is none; those that changed
 * earlier are told again if possible.
 */
final class EcnOptionRoom {
    /** SACK blocks do not make room for the option if there are no more than so many. */
    private static final int KEPT_BLOCKS = 2;

    private static final int ECT_0 = 1 << AccurateEcn.CAPABLE_0;
    private static final int ECT_1 = 1 << AccurateEcn.CAPABLE_1;
    private static final int CE = 1 << Ecn.CONGESTED;

    private EcnOptionRoom() {}

    /**
     * Chooses the kind of option and how many counts it has. For news there are fewer SACK blocks if there have to be, and
     * rather than that counts are left out which changed earlier: whoever lost an acknowledgment hears of those.
     *
     * @param header with all its other options
     * @param news code points whose counts changed since the last option, a bit each
     * @param counted code points whose counts changed at any time, a bit each
     * @return whether there is one; if not, nothing changed
     */
    static boolean fit(final TcpConnection c, final TcpRepr header, final int news, final int counted) {
        final int least = news == 0 ? header.sackCount : Math.min(header.sackCount, KEPT_BLOCKS);
        return place(c, header, counted | news, least) || (news != 0 && place(c, header, news, least));
    }

    private static boolean place(
            final TcpConnection c, final TcpRepr header, final int codePoints, final int leastBlocks) {
        final int fixed = SegmentSize.fixedOptions(c);
        for (int blocks = header.sackCount; blocks >= leastBlocks; blocks--) {
            // With padding if all fits so: that is what receivers read fast.
            if (choose(header, AccurateEcnOption.mostAligned(fixed, blocks), codePoints)
                    || (codePoints != 0 && choose(header, packed(c, blocks), codePoints))) {
                header.sackCount = blocks;
                return true;
            }
        }
        return false;
    }

    private static int packed(final TcpConnection c, final int blocks) {
        return AccurateEcnOption.mostPacked(Signatures.kind(c.settings().keysOrNull(), c), c.timestamps, blocks);
    }

    /** Chooses the kind of option that tells the counts of some code points within as many as there is room for. */
    private static boolean choose(final TcpRepr header, final int most, final int codePoints) {
        if (most < AccurateEcnOption.COUNTS && (codePoints == 0 || most < 1)) {
            return false;
        }
        final boolean oneFirst = most >= needed(codePoints, ECT_1, ECT_0);
        if (!oneFirst && most < needed(codePoints, ECT_0, ECT_1)) {
            return false;
        }
        header.accurateEcn = oneFirst ? TcpView.OPTION_ACCURATE_ECN_1 : TcpView.OPTION_ACCURATE_ECN_0;
        header.ecnCounts = most;
        return true;
    }

    /** Counts that an option has to have for some code points if it begins and ends with given ones. */
    private static int needed(final int codePoints, final int first, final int last) {
        if ((codePoints & last) != 0) {
            return 3;
        }
        return (codePoints & CE) != 0 ? 2 : (codePoints & first) != 0 ? 1 : 0;
    }
}

package io.millrace.stack.socket.tcp;

import io.millrace.stack.storage.RangeSet;
import io.millrace.stack.wire.TcpSeq;

/**
 * What the next acknowledgment tells the peer to have come twice (RFC 2883). There is room for one range: the first since
 * the last acknowledgment, and what lies beside it. Segments of a burst are acknowledged as one, and so are told of as one,
 * as Linux does with those that it coalesced.
 */
final class SeenTwice {
    private SeenTwice() {}

    /** Part of a segment was received before. */
    static void report(final TcpConnection c, final int left, final int right) {
        if (!c.sack || TcpSeq.ge(left, right)) {
            return;
        }
        final Transfer transfer = c.transfer();
        if (transfer.duplicateLeft == transfer.duplicateRight) {
            transfer.duplicateLeft = left;
            transfer.duplicateRight = right;
        } else if (TcpSeq.le(left, transfer.duplicateRight) && TcpSeq.ge(right, transfer.duplicateLeft)) {
            transfer.duplicateLeft = TcpSeq.min(transfer.duplicateLeft, left);
            transfer.duplicateRight = TcpSeq.max(transfer.duplicateRight, right);
        }
    }

    /** The first part of a segment, by its positions in the stream, that was there: wherever in it that is. */
    static void reportOverlap(final TcpConnection c, final RangeSet ahead, final long position, final long end) {
        final int known = ahead.firstOverlap(position, end);
        if (known >= 0) {
            final int base = c.rcvNxt - (int) c.transfer().receive.tail();
            report(
                    c,
                    base + (int) Math.max(position, ahead.start(known)),
                    base + (int) Math.min(end, ahead.end(known)));
        }
    }
}

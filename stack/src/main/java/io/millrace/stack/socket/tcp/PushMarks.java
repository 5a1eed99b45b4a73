package io.millrace.stack.socket.tcp;

/**
 * Which segments say PSH (RFC 9293 section 3.9.1.2): the last one of what is queued, unless the application said that
 * more follows, and the last one of a record. Besides, where more follows, the last one of each piece of several
 * segments, as of what Linux hands to its device at once: a receiver that coalesces segments learns that it need not
 * wait for another. A piece is what would leave within a millisecond if windows were spread over the round trip, and at
 * most half of the largest window of the peer, but two segments at least; a short one at the end belongs to it. What is
 * sent again leaves segment by segment, and none is marked for that: a receiver with a gap answers each of them anyway.
 */
final class PushMarks {
    private static final double MILLIS = 1000;
    private static final int LEAST = 2;

    /** Of full segments that leave in one go: how many there are, with a short one behind them, and in a piece. */
    private int count;

    private int total;
    private int piece;
    private boolean ends;

    /** Whether a segment with these bytes has the last ones of all, or of a record. */
    static boolean ends(final TcpConnection c, final long position, final int length) {
        final Transfer transfer = c.transfer();
        return (position + length == transfer.transmit.tail() && !c.holds(TcpConnection.UNPUSHED))
                || length == transfer.recordLeft(position);
    }

    /**
     * Full segments are to leave in one go.
     *
     * @param position of their first byte
     * @param segments how many there are
     */
    void of(final TcpConnection c, final long position, final int segments) {
        final Transfer transfer = c.transfer();
        final int length = segments * c.mss;
        final long left = transfer.transmit.tail() - position - length;
        final int spread = Math.max(LEAST, (int) (Pacing.windowRate(c) / (MILLIS * c.mss)));
        count = segments;
        total = left > 0 && left < c.mss ? segments + 1 : segments;
        piece = Math.clamp((c.maxWindow >> 1) / c.mss, LEAST, spread);
        ends = ends(c, position, length);
    }

    /**
     * Whether a packet says it.
     *
     * @param place of its last segment among them, from 1 on
     * @param segments that it has, for a device to cut
     */
    boolean at(final int place, final int segments) {
        return (ends && place == count) || endsPiece(place, segments);
    }

    private boolean endsPiece(final int place, final int segments) {
        if (piece >= total) {
            return place == total && piece > 1 && total > 1;
        }
        final int within = place % piece;
        return piece > 1 && (within < segments || (place == total && within > 1));
    }
}

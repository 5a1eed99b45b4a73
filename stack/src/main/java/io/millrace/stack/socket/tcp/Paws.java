package io.millrace.stack.socket.tcp;

import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;
import io.millrace.stack.wire.TcpView;

/** Protection against segments of long ago by their timestamps (PAWS, RFC 7323 section 5). */
final class Paws {
    /** All flags that a segment may have which only acknowledges. */
    private static final int BARE = TcpView.ACK | TcpView.PSH | AccurateEcn.FLAGS;

    private Paws() {}

    /** Whether a segment's timestamp is so old that it is not acceptable (section 5.3, R1; section 5.5). */
    static boolean refuses(final TcpConnection c, final TcpRepr segment, final long now) {
        return TcpSeq.lt(segment.tsVal, c.tsRecent)
                && now / TcpEngine.SECOND - c.tsRecentAt < FlowSecrets.TIMESTAMP_LIFETIME
                && !overtaken(c, segment);
    }

    /**
     * Whether a segment only repeats the last acknowledgment and was overtaken by a later one on its way. Section 5.3
     * would have it dropped; but it changes neither numbers nor windows, so even one of long ago does no harm, and where
     * acknowledgments overtake one another it may be the third duplicate, or the only one to tell of some blocks. As on
     * Linux, one that is older than a retransmission timeout is not taken; the peer's clock is held to be as fast as ours.
     */
    static boolean overtaken(final TcpConnection c, final TcpRepr segment) {
        return c.timestamps
                && segment.timestamps
                && TcpSeq.lt(segment.tsVal, c.tsRecent)
                && (segment.flags & ~BARE) == 0
                && segment.payloadLength == 0
                && segment.seq == c.rcvNxt
                && segment.ack == c.una
                && c.state.isSynchronized()
                && c.wl1 == segment.seq
                && segment.window << c.sendShift <= c.window
                && TcpSeq.diff(c.tsRecent, segment.tsVal) <= c.rto() / FlowSecrets.TIMESTAMP_TICK;
    }
}

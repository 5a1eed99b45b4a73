package io.millrace.stack.socket.tcp;

import io.millrace.stack.wire.AccurateEcnOption;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpView;

/**
 * How large the segments of a connection may be. Sizes of segments are those of options and payload together: an MSS is told
 * without regard to options, and who sends makes room for them (RFC 6691 section 2).
 */
final class SegmentSize {
    private SegmentSize() {}

    /** Bytes of options in every segment, and of that of Accurate ECN, which gives way to SACK blocks. */
    static int options(final TcpConnection c) {
        final AccurateEcn accurate = c.accurateEcn();
        final int counts = accurate != null && accurate.usesOption(c) ? AccurateEcnOption.LENGTH : 0;
        return Math.min(fixedOptions(c) + counts, TcpView.MAX_LENGTH - TcpView.MIN_LENGTH);
    }

    /** Bytes of options in every segment. */
    static int fixedOptions(final TcpConnection c) {
        final int signature =
                TcpRepr.signatureLength(Signatures.kind(c.settings().keysOrNull(), c));
        return signature + (c.timestamps ? TcpRepr.TIMESTAMPS_LENGTH : 0);
    }

    /** Bytes of the largest segment that the peer takes, we are set to send and a path carries. */
    static int largest(final TcpConnection c, final int pathMss) {
        return Math.min(Math.min(c.peerMss, pathMss), c.settings().maxSegment());
    }

    /** Bytes of payload in such a segment, at least 1. */
    static int largestPayload(final TcpConnection c, final int pathMss) {
        return Math.max(1, largest(c, pathMss) - options(c));
    }
}

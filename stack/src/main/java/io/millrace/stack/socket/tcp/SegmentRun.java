package io.millrace.stack.socket.tcp;

import io.millrace.stack.wire.AccurateEcnOption;
import io.millrace.stack.wire.TcpRepr;
import io.millrace.stack.wire.TcpSeq;
import org.jspecify.annotations.Nullable;

/**
 * Segments of a connection that came within a burst, follow on one another and say the same: to the connection they are
 * one. Their payload is in its receive queue already, behind what that counts as received.
 */
final class SegmentRun {
    /** Of the first segment, but with the payload of all. */
    final TcpRepr header = new TcpRepr();

    /** Whose it is; null if it is nobody's. */
    @Nullable
    TcpConnection connection;

    /** Segments in it. */
    int count;
    /** Bytes of the longest. */
    int longest;
    /** Sequence number of the last one. */
    int lastSeq;

    void begin(final TcpConnection c, final TcpRepr first) {
        connection = c;
        header.clear();
        header.srcPort = first.srcPort;
        header.dstPort = first.dstPort;
        header.flags = first.flags;
        header.seq = first.seq;
        header.ack = first.ack;
        header.window = first.window;
        header.timestamps = first.timestamps;
        header.tsVal = first.tsVal;
        header.tsEcr = first.tsEcr;
        header.ecn = first.ecn;
        header.accurateEcn = first.accurateEcn;
        header.ecnCounts = first.ecnCounts;
        header.ect0Bytes = first.ect0Bytes;
        header.ceBytes = first.ceBytes;
        header.ect1Bytes = first.ect1Bytes;
        header.udpPort = first.udpPort;
        header.ownUdpPort = first.ownUdpPort;
        header.payloadLength = 0;
        count = 0;
        longest = 0;
        append(first);
    }

    void append(final TcpRepr next) {
        lastSeq = next.seq;
        longest = Math.max(longest, next.payloadLength);
        header.payloadLength += next.payloadLength;
        header.flags |= next.flags;
        count++;
    }

    /** Whether a segment that is {@linkplain Coalescer plain} goes on where this ends, and says the same. */
    boolean continues(final TcpRepr next) {
        return next.seq == header.seq + header.payloadLength
                && next.ack == header.ack
                && next.window == header.window
                && next.tsVal == header.tsVal
                && next.tsEcr == header.tsEcr
                && next.ecn == header.ecn
                && ((next.flags ^ header.flags) & AccurateEcn.FLAGS) == 0
                && tellsTheSame(next);
    }

    /** In the option of Accurate ECN. */
    private boolean tellsTheSame(final TcpRepr next) {
        return next.accurateEcn == header.accurateEcn
                && (next.accurateEcn == AccurateEcnOption.NONE
                        || (next.ecnCounts == header.ecnCounts
                                && next.ect0Bytes == header.ect0Bytes
                                && next.ceBytes == header.ceBytes
                                && next.ect1Bytes == header.ect1Bytes));
    }

    /** What would differ had the connection seen each segment by itself. */
    void settle(final TcpConnection c) {
        c.segmentsIn += count - 1;
        c.dataSegmentsIn += count - 1;
        if (c.wl1 == header.seq && TcpSeq.gt(lastSeq, c.wl1)) {
            c.wl1 = lastSeq;
        }
    }
}

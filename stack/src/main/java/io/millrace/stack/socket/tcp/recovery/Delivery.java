package io.millrace.stack.socket.tcp.recovery;

import io.millrace.stack.wire.TcpSeq;

/**
 * What one acknowledgment says has arrived; filled by {@link SentSegments}, one object for all connections of a shard.
 */
public final class Delivery {
    /** Bytes that arrived and were not known to have. */
    public int bytes;

    /** Segments that arrived and were not known to have. */
    public int segments;

    /** Whether a segment arrived that was sent only once. */
    public boolean original;

    /** Whether a segment arrived, sent only once, although one that was sent later had arrived before. */
    public boolean reordered;

    /** Where the first segment of which that is so begins; meaningful only if {@link #reordered}. */
    int overtakenFrom;

    /** Whether an acknowledgment covers bytes selectively that it did not before. */
    public boolean sacked;

    /** When the segment that was sent last, of those that arrived, was sent; -1 if none arrived. */
    public long sentAt;

    /** Sequence number behind that segment. */
    public int end;

    /** Whether that segment was sent more than once. */
    public boolean again;

    /** Behind the highest byte that had arrived before. */
    int highestBefore;

    /** When the latest of those that were sent only once was sent; -1 if there is none. */
    public long originalSentAt;

    /** Starts anew. */
    public void clear() {
        bytes = 0;
        segments = 0;
        original = false;
        reordered = false;
        sacked = false;
        sentAt = -1;
        end = 0;
        again = false;
        originalSentAt = -1;
    }

    /**
     * A segment arrived.
     *
     * @param sent when it was sent last
     * @param start its sequence number
     * @param behind sequence number behind it
     * @param repeated whether it was sent more than once
     */
    void add(final long sent, final int start, final int behind, final boolean repeated) {
        segments++;
        if (sent > sentAt || (sent == sentAt && TcpSeq.gt(behind, end))) {
            sentAt = sent;
            end = behind;
            again = repeated;
        }
        if (!repeated) {
            original = true;
            originalSentAt = Math.max(originalSentAt, sent);
            if (TcpSeq.lt(behind, highestBefore)) {
                overtaken(start);
            }
        }
    }

    /** A segment that was sent only once arrived, although one that was sent later had arrived before. */
    void overtaken(final int start) {
        overtakenFrom = reordered ? TcpSeq.min(overtakenFrom, start) : start;
        reordered = true;
    }
}

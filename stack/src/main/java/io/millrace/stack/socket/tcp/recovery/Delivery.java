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

    /** Whether a segment arrived that was sent only once; where the first of those begins is {@link #originalFrom}. */
    public boolean original;

    /** Meaningful only if {@link #original}. */
    public int originalFrom;

    /** Whether a segment arrived, sent only once, although one that was sent later had arrived before. */
    public boolean reordered;

    /** Where the first segment of which that is so begins; meaningful only if {@link #reordered}. */
    int overtakenFrom;

    /** Whether an acknowledgment covers bytes selectively that it did not before. */
    public boolean sacked;

    /**
     * When the segment that was sent last, of those that arrived, was sent; -1 if none arrived. What was sent again
     * counts only if it was not the original that arrived.
     */
    public long sentAt;

    /** Sequence number behind that segment. */
    public int end;

    /** Behind the highest byte that had arrived before. */
    int highestBefore;

    /** When the latest of those that were sent only once was sent; -1 if there is none. */
    public long originalSentAt;

    private int originalEnd;

    private long now;
    private long leastRoundTrip;
    private long answeredBefore;

    /**
     * Starts anew.
     *
     * @param time of the acknowledgment
     * @param least round trip: what was sent again less than that ago has not arrived yet
     * @param echoed what was sent at this time or later did not cause the acknowledgment, as its timestamp shows;
     *     {@link Long#MAX_VALUE} without timestamps
     */
    public void begin(final long time, final long least, final long echoed) {
        clear();
        now = time;
        leastRoundTrip = least;
        answeredBefore = echoed;
    }

    /** It turned out that nothing that was sent again has arrived yet. */
    public void originalsOnly() {
        sentAt = originalSentAt;
        end = originalEnd;
    }

    /** Starts anew, for a time at which nothing that was sent again is mistaken for its original. */
    public void clear() {
        now = Long.MAX_VALUE;
        leastRoundTrip = 0;
        answeredBefore = Long.MAX_VALUE;
        bytes = 0;
        segments = 0;
        original = false;
        reordered = false;
        sacked = false;
        sentAt = -1;
        end = 0;
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
        // RFC 8985 section 6.2, step 2: else it was the original that arrived.
        final boolean sure = !repeated || (sent < answeredBefore && now - sent >= leastRoundTrip);
        if (sure && (sent > sentAt || (sent == sentAt && TcpSeq.gt(behind, end)))) {
            sentAt = sent;
            end = behind;
        }
        if (!repeated) {
            originalFrom = original ? TcpSeq.min(originalFrom, start) : start;
            original = true;
            if (sent > originalSentAt || (sent == originalSentAt && TcpSeq.gt(behind, originalEnd))) {
                originalSentAt = sent;
                originalEnd = behind;
            }
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

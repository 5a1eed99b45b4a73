package io.millrace.stack.socket.tcp.recovery;

import io.millrace.stack.wire.TcpSeq;

/**
 * Loss detection by time (RFC 8985 section 6): a segment is lost if one that was sent later has arrived, and it has not
 * for as long as reordering may take. How long that is adapts: nothing until reordering is seen, then a quarter of the
 * round trip, and more when the peer reports what was sent again for nothing.
 */
public final class Rack {
    /** Section 6.2 step 4: recoveries for which a widened window lasts. */
    private static final int PERSIST = 16;

    /** Time after which the least round trip may be stale; what Linux takes. */
    private static final long LEAST_LIFETIME = 300_000_000;

    private static final int DUPLICATE_THRESHOLD = 3;

    // Of reorderingMemory: the lowest seven bits are the multiplier.
    private static final int PERSIST_SHIFT = 7;
    private static final int PERSIST_MASK = 0x1F;
    private static final int REORDERING = 1 << 12;

    private long sentAt = -1;
    private int end;
    private int roundTrip;
    private int leastRoundTrip;
    private long leastAt;
    private boolean reordering;
    private byte multiplier = 1;
    private byte persist;
    /** What must be acknowledged before the window widens once more; the round of section 6.2, step 4. */
    private int roundEnd;

    private boolean inRound;

    /**
     * Starts anew for a connection whose earlier segments have all arrived.
     *
     * @param least {@link #leastRoundTrip()} when it rested
     * @param leastMeasuredAt {@link #leastAt()} then
     * @param memory {@link #reorderingMemory()} then
     */
    public void resume(final int least, final long leastMeasuredAt, final short memory) {
        sentAt = -1;
        end = 0;
        roundTrip = 0;
        leastRoundTrip = least;
        leastAt = leastMeasuredAt;
        reordering = reordering(memory);
        multiplier = (byte) Math.max(1, memory & Byte.MAX_VALUE);
        persist = (byte) (memory >>> PERSIST_SHIFT & PERSIST_MASK);
        inRound = false;
    }

    /** What is known of the path's reordering, for {@link #resume}; 0 if nothing. */
    public short reorderingMemory() {
        return (short)
                (multiplier == 1 && !reordering
                        ? 0
                        : (reordering ? REORDERING : 0) | persist << PERSIST_SHIFT | multiplier);
    }

    /** {@link #reordering()} as {@link #reorderingMemory()} remembers it. */
    public static boolean reordering(final short memory) {
        return (memory & REORDERING) != 0;
    }

    /** When {@link #leastRoundTrip()} was measured. */
    public long leastAt() {
        return leastAt;
    }

    /** Least round trip of late; 0 if unknown. */
    public int leastRoundTrip() {
        return leastRoundTrip;
    }

    /** Whether segments have been seen to overtake others. */
    public boolean reordering() {
        return reordering;
    }

    /** Section 6.2, steps 1 to 3. */
    public void onDelivered(final Delivery delivery, final long now) {
        if (delivery.originalSentAt >= 0) {
            onRoundTrip(now - delivery.originalSentAt, now);
        }
        reordering |= delivery.reordered;
        if (delivery.sentAt < 0) {
            return;
        }
        roundTrip = (int) Math.min(now - delivery.sentAt, Integer.MAX_VALUE);
        if (delivery.sentAt > sentAt || (delivery.sentAt == sentAt && TcpSeq.gt(delivery.end, end))) {
            sentAt = delivery.sentAt;
            end = delivery.end;
        }
    }

    /** A round trip was measured, with data or in the handshake (step 1), in microseconds. */
    public void onRoundTrip(final long sample, final long now) {
        if (leastRoundTrip == 0 || sample <= leastRoundTrip || now - leastAt > LEAST_LIFETIME) {
            leastRoundTrip = Math.clamp(sample, 1, Integer.MAX_VALUE);
            leastAt = now;
        }
    }

    /** The peer reported that something came twice; widens the window once each round trip (section 6.2, step 4). */
    public void onDuplicateReport(final int una, final int max) {
        // A round of long ago seems to lie ahead again, but behind all that was sent.
        if (inRound && TcpSeq.lt(una, roundEnd) && TcpSeq.le(roundEnd, max)) {
            return;
        }
        inRound = true;
        roundEnd = max;
        persist = PERSIST;
        multiplier = (byte) Math.min(multiplier + 1, Byte.MAX_VALUE);
    }

    /** A recovery ended, be it from a loss or from a timeout. */
    public void onRecovered() {
        if (persist > 0 && --persist == 0) {
            multiplier = 1;
        }
    }

    /** Section 6.2, step 4: the reordering window. */
    int window(final boolean recovering, final int sackedSegments, final int smoothedRoundTrip) {
        if (!reordering && (recovering || sackedSegments >= DUPLICATE_THRESHOLD)) {
            return 0;
        }
        return (int) Math.min((long) multiplier * leastRoundTrip / 4, smoothedRoundTrip);
    }

    /**
     * Section 6.2, step 5: marks what is lost.
     *
     * @return time until more will be; -1 if there is nothing to wait for
     */
    public long detect(final SentSegments sent, final boolean recovering, final int smoothedRoundTrip, final long now) {
        if (sentAt < 0) {
            return SentSegments.NONE;
        }
        return sent.detectLosses(sentAt, end, patience(sent, recovering, smoothedRoundTrip), now);
    }

    private long patience(final SentSegments sent, final boolean recovering, final int smoothedRoundTrip) {
        return (long) roundTrip + window(recovering, sent.sackedSegments(), smoothedRoundTrip);
    }

    /**
     * Section 6.3: the retransmission timer expired. What was sent so shortly before that it may well arrive yet is not
     * lost, but for the first segment.
     */
    public void onTimeout(final SentSegments sent, final int smoothedRoundTrip, final long now) {
        sent.loseUntil(now - patience(sent, true, smoothedRoundTrip));
    }
}

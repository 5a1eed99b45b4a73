package io.millrace.stack.socket.tcp.recovery;

import io.millrace.stack.wire.TcpSeq;

/**
 * How fast the network delivers (draft-ietf-ccwg-bbr section 4.1): each segment remembers how much had been delivered
 * when it was sent, and when; what was delivered between then and its acknowledgment, over the longer of the times that
 * sending and acknowledging took, is a sample. Kept beside {@link SentSegments}, whose indices are used here.
 *
 * <p>Bytes and microseconds. Not thread-safe; allocates only when it grows.
 */
public final class DeliveryRate {
    /** Gets to know of each segment that is found to be lost. */
    public interface Losses {
        /**
         * A segment is lost.
         *
         * @param apart whether the segment before it was not the last one that was lost
         * @param bytes that it has
         * @param inFlight bytes that were in flight when it was sent, itself included
         * @param lostSince bytes that were found to be lost since then, itself included
         * @param limited whether the application had nothing more to send then
         */
        void onLost(boolean apart, int bytes, int inFlight, long lostSince, boolean limited);
    }

    /** Nobody wants to know of losses. */
    static final Losses NOBODY = (apart, bytes, inFlight, lostSince, limited) -> {};

    // A segment's fields in its slot, as of when it was sent; one after the other, since they are wanted together.
    // Counts and times wrap: only differences to then matter, less than half an hour.
    private static final int DELIVERED = 0;
    private static final int LOST = 1;
    /** Time of the last delivery. */
    private static final int DELIVERY_TIME = 2;

    private static final int FIRST_TIME = 3;
    /**
     * Bytes in flight; inverted if the application had nothing more to send; {@link #UNKNOWN} if the segment was sent
     * before anything was measured, or has arrived.
     */
    private static final int FLIGHT = 4;

    private static final int FIELDS = 5;
    private static final int UNKNOWN = 0;

    private int[] slots = new int[SegmentRing.INITIAL * FIELDS];
    private Losses losses = NOBODY;
    private long delivered;
    private long lost;
    private long deliveredTime;
    private long firstTime;
    /** When {@link #delivered} exceeds it, what was sent while the application was silent is through; 0 if it is. */
    private long limitedUntil;

    private int lastLost = SegmentLists.NONE;
    private long now;

    // The sample of the acknowledgment at hand.
    private boolean sampled;
    private long newestSent;
    private int newestEnd;
    private long priorDelivered;
    private long interval;
    private int flight;
    private boolean limited;
    private long lostSince;
    private long newlyLost;
    private long newlyDelivered;

    /** Starts anew. Segments that are in flight already tell nothing. */
    public void begin(final Losses sink) {
        beginEmpty(sink);
        for (int slot = 0; slot < slots.length; slot += FIELDS) {
            slots[slot + FLIGHT] = UNKNOWN;
        }
    }

    /** Starts anew while nothing is in flight. */
    void beginEmpty(final Losses sink) {
        losses = sink;
        delivered = 0;
        lost = 0;
        deliveredTime = 0;
        firstTime = 0;
        limitedUntil = 0;
        lastLost = SegmentLists.NONE;
        startSample(0);
    }

    /** An acknowledgment came, or a timer found losses: what follows belongs to its sample. */
    public void startSample(final long nowMicros) {
        now = nowMicros;
        sampled = false;
        priorDelivered = 0;
        interval = 0;
        flight = 0;
        limited = false;
        lostSince = 0;
        newlyLost = 0;
        newlyDelivered = 0;
    }

    /** Time of the sample at hand. */
    public long now() {
        return now;
    }

    /** The application has nothing more to send, or less is sent on purpose, with so much in flight. */
    public void limit(final int inFlight) {
        limitedUntil = Math.max(delivered + inFlight, 1);
    }

    /** Whether what is in flight was limited by the application. */
    public boolean isLimited() {
        return limitedUntil != 0;
    }

    /** The sample is complete. */
    public void endSample() {
        if (limitedUntil != 0 && delivered > limitedUntil) {
            limitedUntil = 0;
        }
    }

    /** Whether a segment arrived about which something is known. */
    public boolean hasSample() {
        return sampled;
    }

    /**
     * Bytes a second, or 0 if the sample is none.
     *
     * @param leastRoundTrip a sample over less than it is too good to be true
     */
    public double rate(final int leastRoundTrip) {
        return !sampled || interval <= 0 || interval < leastRoundTrip ? 0 : sampleDelivered() * 1e6 / interval;
    }

    /** Bytes delivered between sending and acknowledgment of the latest segment that arrived. */
    public long sampleDelivered() {
        return sampled ? delivered - priorDelivered : 0;
    }

    /** Bytes that had been delivered when that segment was sent. */
    public long priorDelivered() {
        return priorDelivered;
    }

    /** Bytes in flight after that segment was sent. */
    public int sampleFlight() {
        return flight;
    }

    /** Bytes found to be lost since that segment was sent. */
    public long sampleLost() {
        return lostSince;
    }

    /** Whether the application had nothing more to send then. */
    public boolean sampleLimited() {
        return limited;
    }

    /** Bytes that this acknowledgment delivered. */
    public long newlyDelivered() {
        return newlyDelivered;
    }

    /** Bytes that were found to be lost with it. */
    public long newlyLost() {
        return newlyLost;
    }

    /** Bytes delivered so far. */
    public long delivered() {
        return delivered;
    }

    /** A segment is sent, with so much in flight, itself included. */
    void onSent(final int index, final int length, final int inFlight, final long nowMicros) {
        if (inFlight <= length) {
            firstTime = nowMicros;
            deliveredTime = nowMicros;
        }
        final int slot = index * FIELDS;
        slots[slot + DELIVERED] = (int) delivered;
        slots[slot + LOST] = (int) lost;
        slots[slot + DELIVERY_TIME] = (int) deliveredTime;
        slots[slot + FIRST_TIME] = (int) firstTime;
        slots[slot + FLIGHT] = limitedUntil != 0 ? ~inFlight : inFlight;
    }

    /** Bytes arrived of which it is not known when they were sent. */
    void onPart(final int bytes) {
        delivered += bytes;
        newlyDelivered += bytes;
        deliveredTime = now;
    }

    /** Segments arrived, of which the latest is at {@code index}, was sent at {@code sentAt} and ends at {@code end}. */
    void onDelivered(final int index, final int bytes, final long sentAt, final int end) {
        onPart(bytes);
        final int slot = index * FIELDS;
        final int inFlight = slots[slot + FLIGHT];
        if (inFlight == UNKNOWN) {
            return;
        }
        if (!sampled || sentAt > newestSent || (sentAt == newestSent && TcpSeq.gt(end, newestEnd))) {
            sampled = true;
            newestSent = sentAt;
            newestEnd = end;
            priorDelivered = delivered - ((int) delivered - slots[slot + DELIVERED]);
            flight = inFlight < 0 ? ~inFlight : inFlight;
            limited = inFlight < 0;
            lostSince = Integer.toUnsignedLong((int) lost - slots[slot + LOST]);
            final int sending = (int) sentAt - slots[slot + FIRST_TIME];
            // Acknowledging takes long if the clock jumps, sending does not.
            interval = Math.max(sending, now - sentAt + ((int) sentAt - slots[slot + DELIVERY_TIME]));
            firstTime = sentAt;
        }
        slots[slot + FLIGHT] = UNKNOWN;
    }

    void onLost(final int number, final int index, final int bytes) {
        lost += bytes;
        newlyLost += bytes;
        lostSince += sampled ? bytes : 0;
        final boolean apart = number != lastLost + 1 || lastLost == SegmentLists.NONE;
        lastLost = number;
        final int slot = index * FIELDS;
        final int inFlight = slots[slot + FLIGHT];
        if (inFlight != UNKNOWN) {
            final boolean wasLimited = inFlight < 0;
            losses.onLost(apart, bytes, wasLimited ? ~inFlight : inFlight, (int) lost - slots[slot + LOST], wasLimited);
        }
    }

    void renumber(final int less) {
        lastLost -= lastLost == SegmentLists.NONE ? 0 : less;
    }

    /** As many slots as the ring of segments has. */
    void fit(final int head, final int tail, final int size) {
        final int old = capacity();
        if (old >= size) {
            return;
        }
        final int[] bigger = new int[size * FIELDS];
        for (int i = head; i != tail; i++) {
            System.arraycopy(slots, (i & old - 1) * FIELDS, bigger, (i & size - 1) * FIELDS, FIELDS);
        }
        slots = bigger;
    }

    /** Slots kept. */
    public int capacity() {
        return slots.length / FIELDS;
    }
}

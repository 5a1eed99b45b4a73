package io.millrace.stack.socket.tcp.recovery;

/**
 * Proportional rate reduction (RFC 9937): during recovery, or the round trip after a mark (RFC 3168), as much is sent for
 * each acknowledgment as brings what is in the network down to the new threshold by its end, neither a pause nor a burst.
 */
public final class RateReduction {
    private int threshold;
    private int atStart;
    private long delivered;
    private long sent;
    /** The congestion window for now. */
    private long window;

    private boolean begun;
    /** Bytes that may be sent at first whatever is in the network. */
    private int first;

    private boolean on;

    /**
     * A recovery begins.
     *
     * @param outstanding bytes sent and not known to have arrived before the acknowledgment that began it
     * @param newThreshold what shall be in the network at its end
     * @param mss what is sent again at once, whatever is in the network
     */
    public void start(final int outstanding, final int newThreshold, final int mss) {
        start(Math.max(outstanding, mss), newThreshold);
        first = mss;
        window = 0;
    }

    /**
     * A mark was reported: nothing is lost that would have to be sent again. What reports it may acknowledge nothing; until
     * something arrives, the threshold is all that holds. Arguments as above.
     */
    public void start(final int outstanding, final int newThreshold) {
        on = true;
        first = 0;
        atStart = Math.max(outstanding, 1);
        threshold = newThreshold;
        delivered = 0;
        sent = 0;
        window = Math.max(outstanding, newThreshold);
        begun = false;
    }

    /**
     * An acknowledgment came. One with which nothing arrived changes nothing: what is found to be lost later, by time,
     * makes room for itself.
     *
     * @param newlyDelivered bytes
     * @param inFlight bytes in the network now
     * @param progress whether it moved the left edge and showed no further loss, so that slow start is safe
     */
    public void onAcknowledged(final int newlyDelivered, final int inFlight, final boolean progress, final int mss) {
        if (newlyDelivered <= 0 && begun) {
            return;
        }
        begun = true;
        delivered += newlyDelivered;
        final long more;
        if (inFlight > threshold) {
            more = (delivered * threshold + atStart - 1) / atStart - sent;
        } else {
            // Section 6.2: conservation of packets, and, when that is safe, slow start towards the threshold.
            final long limit = Math.max(delivered - sent, newlyDelivered) + (progress ? mss : 0);
            more = Math.min(threshold - inFlight, limit);
        }
        // Fast retransmit: the first segment of a recovery goes out at once.
        window = inFlight + Math.max(more, sent == 0 ? first : 0);
    }

    /** It is over. */
    public void end() {
        on = false;
    }

    /** Whether it says how much may be sent. */
    public boolean isOn() {
        return on;
    }

    /**
     * Bytes that may be sent now; a segment may exceed what is left, which is made up for later.
     *
     * @param inFlight bytes in the network now
     */
    public int allowance(final int inFlight) {
        return (int) Math.min(window - inFlight, Integer.MAX_VALUE);
    }

    /** Bytes were sent. */
    public void onSent(final int bytes) {
        sent += bytes;
    }
}

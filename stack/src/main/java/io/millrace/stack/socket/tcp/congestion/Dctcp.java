package io.millrace.stack.socket.tcp.congestion;

import io.millrace.stack.wire.TcpSeq;

/**
 * What DCTCP's sender knows of its path (RFC 8257 section 3.3): the share of bytes that were marked, smoothed over
 * windows of data. Belongs to a connection that uses congestion notification, whatever its algorithm is at the moment.
 */
public final class Dctcp {
    /** Weight of a new window of data, g. */
    private static final double GAIN = 1.0 / 16;

    /** All is taken to be marked until a window of data was seen. */
    private double share = 1;

    private long acknowledged;
    private long marked;
    private int windowEnd;

    /** The first window of data begins. */
    public Dctcp(final int seq) {
        this.windowEnd = seq;
    }

    /**
     * An acknowledgment came.
     *
     * @param bytes that it acknowledges, 0 or more
     * @param markedBytes how many of these were marked
     * @param ack its number
     * @param next the next sequence number to be sent
     */
    public void onAcknowledged(final int bytes, final int markedBytes, final int ack, final int next) {
        acknowledged += bytes;
        marked += markedBytes;
        if (TcpSeq.gt(ack, windowEnd)) {
            if (acknowledged > 0) {
                share += GAIN * ((double) marked / acknowledged - share);
            }
            acknowledged = 0;
            marked = 0;
            windowEnd = next;
        }
    }

    /** Share of bytes that are marked, 0 to 1: RFC 8257's DCTCP.Alpha. */
    public double share() {
        return share;
    }

    /** The window after a reduction: less by half of the share (equation 9). */
    static int threshold(final int window, final int mss, final double share) {
        return Math.max((int) (window * (1 - share / 2)), 2 * mss);
    }
}

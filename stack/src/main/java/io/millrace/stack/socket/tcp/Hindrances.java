package io.millrace.stack.socket.tcp;

/**
 * What stood in a connection's way so far, for {@link TcpInfo}: kept only by connections in whose way something stood, so
 * that the others are small. Counts wrap; times are microseconds.
 */
final class Hindrances {
    /** Those of a connection in whose way nothing stood; never changed. */
    static final Hindrances NONE = new Hindrances();

    /** Segments sent again, SYNs included. */
    int retransmits;
    /** Bytes in them. */
    long bytesRetransmitted;
    /** Reports of the peer's that something came twice (RFC 2883). */
    int duplicatesReported;
    /** Acknowledgments that showed segments to have overtaken others. */
    int reorderings;
    /** Most segments that were seen to overtake one. */
    int reorderingExtent;
    /** Segments that came ahead of a gap. */
    int receivedAhead;
    /** Expiries of the retransmission timer. */
    int timeouts;
    /** First ones of the same data. */
    int timeoutRecoveries;
    /** Time from those until data was acknowledged. */
    long timeoutTime;
    /** When the one that is not over began; -1 if all are. */
    long timeoutSince = -1;
    /** Why the data of our SYN was not taken, {@link TcpInfo#fastOpenFailure}. */
    int fastOpenFailure;
    /** Time in which the peer's window was what kept data from being sent. */
    long windowLimited;
    /** Time in which the application had more to send, and the buffer no room. */
    long bufferLimited;
    /** {@link BusyTime#before} but for its low 32 bits, an hour and more. */
    long busyBefore;

    /** Of {@link #reported}: there is something. */
    static final int REPORTED = 1 << 16;

    /**
     * ICMP type and code, a byte each, of the last error that said that the peer cannot be reached, with {@link #REPORTED}; 0
     * if it was heard since.
     */
    int reported;

    /** The retransmission timer expired, for the first time since something was acknowledged or not. */
    void onTimeout(final boolean first, final long now) {
        timeouts++;
        if (first) {
            timeoutRecoveries++;
            timeoutSince = now;
        }
    }

    /** Segments overtook another one, so many of them. */
    void onReordered(final int extent) {
        reorderings++;
        reorderingExtent = Math.max(reorderingExtent, extent);
    }

    /** Time spent in timeouts so far. */
    long timeoutTime(final long now) {
        return timeoutTime + (timeoutSince < 0 ? 0 : now - timeoutSince);
    }

    /** Something was acknowledged. */
    void onProgress(final long now) {
        reported = 0;
        if (timeoutSince >= 0) {
            timeoutTime += now - timeoutSince;
            timeoutSince = -1;
        }
    }
}

package io.millrace.stack.socket.tcp;

import io.millrace.stack.wire.TcpSeq;

/**
 * Whether a connection uses its congestion window, without which that does not grow: more than half of it was in flight
 * within a round trip (RFC 7661 sections 4.2 and 4.3).
 */
final class WindowUse {
    /** Most bytes in flight in this round trip, and SND.NXT then. */
    private int most;

    private int until;

    /** Starts anew. */
    void clear(final int una) {
        most = 0;
        until = una;
    }

    /** New data up to {@code end} was sent. */
    void onSent(final int una, final int end) {
        if (end - una > most || TcpSeq.ge(una, until)) {
            most = end - una;
            until = end;
        }
    }

    /**
     * Whether a window is used.
     *
     * @param inFlight bytes that are or, until the acknowledgment that came, were
     */
    boolean uses(final int window, final int inFlight) {
        return 2L * Math.max(most, inFlight) > window;
    }
}

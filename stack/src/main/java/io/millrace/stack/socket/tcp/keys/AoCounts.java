package io.millrace.stack.socket.tcp.keys;

import io.millrace.stack.StackCounter;

/**
 * What was judged of the segments of a connection or a listener that TCP-AO is for, as {@code TCP_AO_INFO} tells it. Anybody
 * may set the counts; belongs to the thread of its stack.
 */
public final class AoCounts {
    /** Segments that were signed right. */
    public long good;
    /** Segments with a wrong code. */
    public long bad;
    /** Segments signed with a key that is not set. */
    public long keyNotFound;
    /** Segments that were not signed. */
    public long required;
    /** ICMP errors that were not believed. */
    public long droppedIcmps;

    AoCounts() {}

    /** Something was refused. */
    void refused(final StackCounter reason) {
        switch (reason) {
            case TCP_AO_BAD -> bad++;
            case TCP_AO_KEY_NOT_FOUND -> keyNotFound++;
            case TCP_AO_REQUIRED -> required++;
            case TCP_AO_DROPPED_ICMPS -> droppedIcmps++;
            default -> {
                // No matter of TCP-AO.
            }
        }
    }
}

package io.millrace.dataplane.linux;

/**
 * What the kernel knows of the paths that a route leads to ({@code RTA_METRICS}). 0, false and an empty name stand for
 * what it does not say.
 *
 * @param mtu longest IP packet, bytes
 * @param mtuLocked whether path MTU discovery leaves {@code mtu} alone
 * @param advertisedMss largest MSS that TCP announces, bytes
 * @param initialWindow segments that TCP sends at first
 * @param initialReceiveWindow segments that TCP lets a peer send at first
 * @param minRtoMillis least retransmission timeout, milliseconds
 * @param quickAck whether acknowledgments are never delayed
 * @param congestion name of the congestion control, as {@code TCP_CONGESTION} has it
 * @param ecn whether TCP asks for congestion notification
 */
public record LinuxMetrics(
        int mtu,
        boolean mtuLocked,
        int advertisedMss,
        int initialWindow,
        int initialReceiveWindow,
        int minRtoMillis,
        boolean quickAck,
        String congestion,
        boolean ecn) {
    /** Nothing is known. */
    public static final LinuxMetrics NONE = new LinuxMetrics(0, false, 0, 0, 0, 0, false, "", false);
}

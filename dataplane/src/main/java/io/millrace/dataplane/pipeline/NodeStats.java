package io.millrace.dataplane.pipeline;

import java.util.List;

/**
 * What a node did so far, and how long it took. Time is measured on some of the polls only, those of {@link
 * GraphBuilder#timeEvery}, and holds the node's work and the moving of its packets into the next vectors.
 *
 * @param name the node's
 * @param packets packets in its vector
 * @param bursts runs with at least one packet
 * @param timedPackets packets of the runs that were measured
 * @param timedBursts runs that were measured
 * @param timedNanos nanoseconds that these took
 * @param reasons why it dropped packets, and how many
 * @param counters what else it counts
 */
public record NodeStats(
        String name,
        long packets,
        long bursts,
        long timedPackets,
        long timedBursts,
        long timedNanos,
        List<Reason> reasons,
        List<NodeCounter> counters) {
    /** Packets that the node dropped, for whatever reason. */
    public long drops() {
        long sum = 0;
        for (final Reason reason : reasons) {
            sum += reason.count();
        }
        return sum;
    }

    /** Packets of a burst, on average; 0 before the first. */
    public double packetsPerBurst() {
        return bursts == 0 ? 0 : (double) packets / bursts;
    }

    /** Nanoseconds of a burst, on average; 0 if none was measured. */
    public double nanosPerBurst() {
        return timedBursts == 0 ? 0 : (double) timedNanos / timedBursts;
    }

    /** Nanoseconds of a packet, on average; 0 if none was measured. */
    public double nanosPerPacket() {
        return timedPackets == 0 ? 0 : (double) timedNanos / timedPackets;
    }
}

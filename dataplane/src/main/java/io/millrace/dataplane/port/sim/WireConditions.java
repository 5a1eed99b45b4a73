package io.millrace.dataplane.port.sim;

/**
 * What a {@link SimulatedWire} does to the packets of one direction. Immutable; start from {@link #PERFECT}.
 *
 * @param latencyMicros time that a packet travels, in microseconds, 0 or more
 * @param bitsPerSecond bandwidth, at which packets are serialised one after the other; 0 for no limit. Without a limit
 *     there is no queue
 * @param queuePackets packets that may wait for the link; one that finds the queue full is dropped. At least 1
 * @param loss probability that a packet is lost, 0 to 1
 * @param duplication probability that a packet arrives twice
 * @param reorder probability that a packet is held back, so that later ones overtake it
 * @param reorderMicros how long a packet is held back at most, in microseconds, at least 1
 * @param corruption probability that one bit of a packet is flipped
 */
public record WireConditions(
        long latencyMicros,
        long bitsPerSecond,
        int queuePackets,
        double loss,
        double duplication,
        double reorder,
        long reorderMicros,
        double corruption) {
    /** No delay, no limit, no fault. */
    public static final WireConditions PERFECT = new WireConditions(0, 0, 1000, 0, 0, 0, 1000, 0);

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public WireConditions {
        if (latencyMicros < 0 || bitsPerSecond < 0 || queuePackets < 1 || reorderMicros < 1) {
            throw new IllegalArgumentException("latency " + latencyMicros + " us, bandwidth " + bitsPerSecond
                    + " bit/s, queue of " + queuePackets + " packets, reordering by up to " + reorderMicros
                    + " us; latency and bandwidth must be 0 or more, the others at least 1");
        }
        checkProbability("loss", loss);
        checkProbability("duplication", duplication);
        checkProbability("reorder", reorder);
        checkProbability("corruption", corruption);
    }

    private static void checkProbability(final String what, final double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(what + " of " + value + "; a probability is 0 to 1");
        }
    }

    /** With this latency, in microseconds. */
    public WireConditions withLatency(final long micros) {
        return new WireConditions(
                micros, bitsPerSecond, queuePackets, loss, duplication, reorder, reorderMicros, corruption);
    }

    /** With this bandwidth, in bits a second, 0 for no limit, and this many packets waiting for it at most. */
    public WireConditions withBandwidth(final long newBitsPerSecond, final int newQueuePackets) {
        return new WireConditions(
                latencyMicros,
                newBitsPerSecond,
                newQueuePackets,
                loss,
                duplication,
                reorder,
                reorderMicros,
                corruption);
    }

    /** With this probability of loss. */
    public WireConditions withLoss(final double probability) {
        return new WireConditions(
                latencyMicros,
                bitsPerSecond,
                queuePackets,
                probability,
                duplication,
                reorder,
                reorderMicros,
                corruption);
    }

    /** With this probability of duplication. */
    public WireConditions withDuplication(final double probability) {
        return new WireConditions(
                latencyMicros, bitsPerSecond, queuePackets, loss, probability, reorder, reorderMicros, corruption);
    }

    /** With this probability that a packet is held back, and for how long at most, in microseconds. */
    public WireConditions withReorder(final double probability, final long upToMicros) {
        return new WireConditions(
                latencyMicros, bitsPerSecond, queuePackets, loss, duplication, probability, upToMicros, corruption);
    }

    /** With this probability that a bit is flipped. */
    public WireConditions withCorruption(final double probability) {
        return new WireConditions(
                latencyMicros, bitsPerSecond, queuePackets, loss, duplication, reorder, reorderMicros, probability);
    }
}

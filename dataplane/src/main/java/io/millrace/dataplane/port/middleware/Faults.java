package io.millrace.dataplane.port.middleware;

/**
 * What a {@link FaultInjector} does to the packets of one direction. Immutable; start from {@link #NONE}.
 *
 * @param loss probability that a packet is dropped, 0 to 1
 * @param corruption probability that one bit of a packet is flipped
 * @param mutation probability that a packet is handed to the injector's {@link PacketMutator}
 * @param duplication probability that a packet comes twice
 * @param reorder probability that a packet is held back, so that later ones overtake it
 * @param reorderMicros how long such a packet is held back at most, in microseconds, at least 1
 * @param delayMicros how long every packet is held back, in microseconds
 * @param jitterMicros how much longer at most, at random; packets may overtake each other then
 * @param longest longest packet in bytes, link header included; longer ones are dropped; 0 for no limit
 * @param packetsPerSecond rate at which the token bucket fills, one token for each packet; a packet that finds none is
 *     dropped; 0 for no limit
 * @param bucket tokens that the bucket holds, at least 1; it is full in the beginning
 */
public record Faults(
        double loss,
        double corruption,
        double mutation,
        double duplication,
        double reorder,
        long reorderMicros,
        long delayMicros,
        long jitterMicros,
        int longest,
        long packetsPerSecond,
        int bucket) {
    /** None at all. */
    public static final Faults NONE = new Faults(0, 0, 0, 0, 0, 1000, 0, 0, 0, 0, 1);

    /** Checks the ranges. */
    public Faults {
        checkProbability("loss", loss);
        checkProbability("corruption", corruption);
        checkProbability("mutation", mutation);
        checkProbability("duplication", duplication);
        checkProbability("reorder", reorder);
        if (delayMicros < 0 || jitterMicros < 0 || longest < 0 || packetsPerSecond < 0) {
            throw new IllegalArgumentException("delay " + delayMicros + " us, jitter " + jitterMicros
                    + " us, longest packet " + longest + " bytes, " + packetsPerSecond
                    + " packets a second; none may be negative");
        }
        if (reorderMicros < 1 || bucket < 1 || packetsPerSecond > 1_000_000_000L) {
            throw new IllegalArgumentException("reordering by up to " + reorderMicros + " us, bucket of " + bucket
                    + " tokens, " + packetsPerSecond + " packets a second; the first two are at least 1, the rate at"
                    + " most 1000000000");
        }
    }

    private static void checkProbability(final String what, final double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(what + " of " + value + "; a probability is 0 to 1");
        }
    }

    /** With this probability of loss. */
    public Faults withLoss(final double probability) {
        return new Faults(
                probability,
                corruption,
                mutation,
                duplication,
                reorder,
                reorderMicros,
                delayMicros,
                jitterMicros,
                longest,
                packetsPerSecond,
                bucket);
    }

    /** With this probability that a bit is flipped. */
    public Faults withCorruption(final double probability) {
        return new Faults(
                loss,
                probability,
                mutation,
                duplication,
                reorder,
                reorderMicros,
                delayMicros,
                jitterMicros,
                longest,
                packetsPerSecond,
                bucket);
    }

    /** With this probability that a packet is mutated. */
    public Faults withMutation(final double probability) {
        return new Faults(
                loss,
                corruption,
                probability,
                duplication,
                reorder,
                reorderMicros,
                delayMicros,
                jitterMicros,
                longest,
                packetsPerSecond,
                bucket);
    }

    /** With this probability of duplication. */
    public Faults withDuplication(final double probability) {
        return new Faults(
                loss,
                corruption,
                mutation,
                probability,
                reorder,
                reorderMicros,
                delayMicros,
                jitterMicros,
                longest,
                packetsPerSecond,
                bucket);
    }

    /** With this probability that a packet is held back, and for how long at most, in microseconds. */
    public Faults withReorder(final double probability, final long upToMicros) {
        return new Faults(
                loss,
                corruption,
                mutation,
                duplication,
                probability,
                upToMicros,
                delayMicros,
                jitterMicros,
                longest,
                packetsPerSecond,
                bucket);
    }

    /** With this delay of every packet, and up to so much more at random, in microseconds. */
    public Faults withDelay(final long micros, final long upToMoreMicros) {
        return new Faults(
                loss,
                corruption,
                mutation,
                duplication,
                reorder,
                reorderMicros,
                micros,
                upToMoreMicros,
                longest,
                packetsPerSecond,
                bucket);
    }

    /** With this limit of a packet's length in bytes. */
    public Faults withLongest(final int bytes) {
        return new Faults(
                loss,
                corruption,
                mutation,
                duplication,
                reorder,
                reorderMicros,
                delayMicros,
                jitterMicros,
                bytes,
                packetsPerSecond,
                bucket);
    }

    /** With this limit of the rate, in packets a second, and so many packets at once at most. */
    public Faults withRate(final long newPacketsPerSecond, final int newBucket) {
        return new Faults(
                loss,
                corruption,
                mutation,
                duplication,
                reorder,
                reorderMicros,
                delayMicros,
                jitterMicros,
                longest,
                newPacketsPerSecond,
                newBucket);
    }
}

package io.millrace.dataplane.port.middleware;

/**
 * What a {@link FaultInjector} does to the packets of one direction. Immutable; made by {@link #builder()}.
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
 *     dropped; at most 10^9; 0 for no limit
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

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
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

    /** A builder for no faults, to change what is to differ. */
    public static Builder builder() {
        return new Builder();
    }

    /** Sets what is to differ from {@link Faults#NONE}. */
    public static final class Builder {
        private double loss = NONE.loss;
        private double corruption = NONE.corruption;
        private double mutation = NONE.mutation;
        private double duplication = NONE.duplication;
        private double reorder = NONE.reorder;
        private long reorderMicros = NONE.reorderMicros;
        private long delayMicros = NONE.delayMicros;
        private long jitterMicros = NONE.jitterMicros;
        private int longest = NONE.longest;
        private long packetsPerSecond = NONE.packetsPerSecond;
        private int bucket = NONE.bucket;

        private Builder() {}

        /** Sets {@link Faults#loss()}. */
        public Builder loss(final double probability) {
            loss = probability;
            return this;
        }

        /** Sets {@link Faults#corruption()}. */
        public Builder corruption(final double probability) {
            corruption = probability;
            return this;
        }

        /** Sets {@link Faults#mutation()}. */
        public Builder mutation(final double probability) {
            mutation = probability;
            return this;
        }

        /** Sets {@link Faults#duplication()}. */
        public Builder duplication(final double probability) {
            duplication = probability;
            return this;
        }

        /** Sets {@link Faults#reorder()} and {@link Faults#reorderMicros()}. */
        public Builder reorder(final double probability, final long upToMicros) {
            reorder = probability;
            reorderMicros = upToMicros;
            return this;
        }

        /** Sets {@link Faults#delayMicros()} and {@link Faults#jitterMicros()}. */
        public Builder delay(final long micros, final long upToMoreMicros) {
            delayMicros = micros;
            jitterMicros = upToMoreMicros;
            return this;
        }

        /** Sets {@link Faults#longest()}. */
        public Builder longest(final int bytes) {
            longest = bytes;
            return this;
        }

        /** Sets {@link Faults#packetsPerSecond()} and {@link Faults#bucket()}. */
        public Builder rate(final long newPacketsPerSecond, final int newBucket) {
            packetsPerSecond = newPacketsPerSecond;
            bucket = newBucket;
            return this;
        }

        /**
         * The faults.
         *
         * @throws IllegalArgumentException if one is out of its range
         */
        public Faults build() {
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
                    packetsPerSecond,
                    bucket);
        }
    }
}

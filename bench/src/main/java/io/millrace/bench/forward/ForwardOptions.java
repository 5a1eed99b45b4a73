package io.millrace.bench.forward;

import io.millrace.bench.reference.EalArguments;
import java.time.Duration;
import java.util.List;

/**
 * How to measure.
 *
 * @param packetSize bytes of each packet, without frame check sequence, 64 to 1518
 * @param burst packets of a burst, 1 to 512
 * @param duration how long each measurement takes, not counting its warm-up
 * @param rounds how often Millrace and the reference take turns; the median counts
 * @param buffers size of the pool
 * @param hugepages whether memory comes from hugepages, which must be reserved
 */
record ForwardOptions(int packetSize, int burst, Duration duration, int rounds, int buffers, boolean hugepages) {
    /** 64-byte packets, bursts of 32, 60 turns of a tenth of a second, without hugepages. */
    public static final ForwardOptions DEFAULT = new ForwardOptions(64, 32, Duration.ofMillis(100), 60, 16_383, false);

    /** Checks the numbers. */
    public ForwardOptions {
        if (packetSize < 64 || packetSize > 1518) {
            throw new IllegalArgumentException("packets of " + packetSize + " bytes; they have 64 to 1518");
        }
        if (burst < 1 || burst > 512) {
            throw new IllegalArgumentException("bursts of " + burst + " packets; they have 1 to 512");
        }
        if (rounds < 1 || duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException(
                    rounds + " rounds of " + duration + "; there must be something to measure");
        }
    }

    /** The same with other packets and bursts. */
    public ForwardOptions withPackets(final int size, final int burstLength) {
        return new ForwardOptions(size, burstLength, duration, rounds, buffers, hugepages);
    }

    /** The same with other rounds. */
    public ForwardOptions withRounds(final int number, final Duration length) {
        return new ForwardOptions(packetSize, burst, length, number, buffers, hugepages);
    }

    /** The same with hugepages or without. */
    public ForwardOptions withHugepages(final boolean wanted) {
        return new ForwardOptions(packetSize, burst, duration, rounds, buffers, wanted);
    }

    /** EAL's arguments for Millrace and for the reference, but for CPUs and devices. */
    List<String> ealArguments(final String who) {
        return EalArguments.of(filePrefix(who), hugepages);
    }

    /** What the files of one EAL process of this run are called. */
    static String filePrefix(final String who) {
        return EalArguments.filePrefix(who);
    }
}

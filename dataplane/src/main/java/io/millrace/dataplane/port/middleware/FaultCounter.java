package io.millrace.dataplane.port.middleware;

import io.millrace.dataplane.counter.CounterLabel;
import io.millrace.dataplane.counter.CounterName;

/** What a {@link FaultInjector} counts on each queue, both directions together. */
public enum FaultCounter implements CounterName {
    /** Lost. */
    LOST("faultLost", "packets that the fault injector dropped at random", true),
    /** Too long. */
    TOO_LONG("faultTooLong", "packets that were longer than the fault injector's limit", true),
    /** Over the rate. */
    OVER_RATE("faultOverRate", "packets that found the fault injector's token bucket empty", true),
    /** No room to hold it back. */
    QUEUE_FULL("faultQueueFull", "packets received while the fault injector held back as many as it can", true),
    /** Held when the port closed. */
    UNDELIVERED("faultUndelivered", "packets that the fault injector held when the port closed", true),
    /** A segment of a long one that was sent found no buffer. */
    NO_BUFFER("faultNoBuffer", "segments that the fault injector had no buffer for when it cut a long one", true),
    /** Corrupted. */
    CORRUPTED("faultCorrupted", "packets of which a bit was flipped", false),
    /** Mutated. */
    MUTATED("faultMutated", "packets that the fault injector's mutator changed", false),
    /** Duplicated. */
    DUPLICATED("faultDuplicated", "packets that come twice", false),
    /** Held back. */
    REORDERED("faultReordered", "packets held back so that others overtake them", false);

    private final CounterLabel label;

    FaultCounter(final String key, final String description, final boolean drop) {
        this.label = new CounterLabel(key, description, drop);
    }

    @Override
    public CounterLabel label() {
        return label;
    }
}

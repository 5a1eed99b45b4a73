package io.millrace.dataplane.run;

import io.millrace.dataplane.counter.CounterLabel;
import io.millrace.dataplane.counter.CounterName;

/** What a dispatcher counts. */
public enum DispatchCounter implements CounterName {
    /** To shards. */
    TO_SHARDS("dispatchToShards", "packets handed to shards, copies included", false),
    /** From shards. */
    FROM_SHARDS("dispatchFromShards", "packets of shards handed to the port", false),
    /** Copies for further shards. */
    COPIES("dispatchCopies", "copies made of packets that are for all shards", false),
    /** A shard is too slow. */
    SHARD_FULL("dispatchShardFull", "packets for a shard whose ring was full", true),
    /** No buffer for a copy. */
    NO_BUFFER("dispatchNoBuffer", "copies that could not be made since no buffer was free", true),
    /** Left in a shard's ring at the end. */
    UNCLAIMED("dispatchUnclaimed", "packets that a shard had not received when it ended, or the port closed", true),
    /** Left over at the end. */
    UNSENT("dispatchUnsent", "packets of shards that the port did not take before the dispatcher closed", true);

    private final CounterLabel label;

    DispatchCounter(final String key, final String description, final boolean drop) {
        this.label = new CounterLabel(key, description, drop);
    }

    @Override
    public CounterLabel label() {
        return label;
    }
}

package io.millrace.bench.fuzz;

import io.millrace.dataplane.flow.FlowClassifier;
import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.port.Medium;

/** Frames into the classifier that spreads them over shards: always one that exists, or all. */
public final class ClassifierFuzz {
    private static final int SHARDS = 3;
    private static final Scratch SCRATCH = new Scratch();
    private static final FlowClassifier CLASSIFIER = new FlowClassifier(new FlowHash(1), SHARDS);

    private ClassifierFuzz() {}

    /** The engine's entry point. */
    public static void fuzzerTestOneInput(final byte[] input) {
        SCRATCH.put(input, 0);
        check(Medium.ETHERNET);
        check(Medium.IP);
    }

    private static void check(final Medium medium) {
        final int shard = CLASSIFIER.shard(medium, SCRATCH.memory(), SCRATCH.offset(), SCRATCH.length());
        if (shard >= SHARDS || (shard < 0 && shard != FlowClassifier.ALL)) {
            throw new AssertionError("shard " + shard);
        }
    }
}

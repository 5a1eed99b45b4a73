package io.millrace.bench.fuzz;

import io.millrace.dataplane.flow.FlowClassifier;
import io.millrace.dataplane.flow.FlowKey;
import io.millrace.dataplane.port.Medium;

/** Frames into the classifier that spreads them over shards: always a kind that there is. */
public final class ClassifierFuzz {
    private static final Scratch SCRATCH = new Scratch();
    private static final FlowKey KEY = new FlowKey();

    private ClassifierFuzz() {}

    /** The engine's entry point. */
    public static void fuzzerTestOneInput(final byte[] input) {
        SCRATCH.put(input, 0);
        check(Medium.ETHERNET);
        check(Medium.IP);
    }

    private static void check(final Medium medium) {
        final int kind = FlowClassifier.classify(medium, SCRATCH.memory(), SCRATCH.offset(), SCRATCH.length(), KEY);
        if (kind < FlowClassifier.ALL || kind > FlowClassifier.FRAGMENT) {
            throw new AssertionError("kind " + kind);
        }
    }
}

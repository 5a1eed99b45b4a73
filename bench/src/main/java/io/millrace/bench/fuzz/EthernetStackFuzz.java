package io.millrace.bench.fuzz;

import io.millrace.dataplane.port.Medium;

/** Frames into a stack over Ethernet. */
public final class EthernetStackFuzz {
    private EthernetStackFuzz() {}

    /** The engine's entry point. */
    public static void fuzzerTestOneInput(final byte[] input) {
        FuzzedStack.run(Medium.ETHERNET, input);
    }
}

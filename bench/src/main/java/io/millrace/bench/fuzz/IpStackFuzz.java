package io.millrace.bench.fuzz;

import io.millrace.dataplane.port.Medium;

/** Packets into a stack over raw IP. */
public final class IpStackFuzz {
    private IpStackFuzz() {}

    /** The engine's entry point. */
    public static void fuzzerTestOneInput(final byte[] input) {
        FuzzedStack.run(Medium.IP, input);
    }
}

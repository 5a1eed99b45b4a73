package io.millrace.dataplane.pipeline.node;

import io.millrace.dataplane.pipeline.Burst;
import io.millrace.dataplane.pipeline.Node;

/** Where packets have arrived: frees them, and does not call that a drop. */
public final class End extends Node {
    /** Makes one. */
    public End(final String name) {
        super(name);
    }

    @Override
    protected void process(final Burst burst, final long nowMicros) {
        for (int i = 0; i < burst.count(); i++) {
            cache().free(burst.handle(i));
            burst.keep(i);
        }
    }
}

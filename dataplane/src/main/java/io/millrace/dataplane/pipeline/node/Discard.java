package io.millrace.dataplane.pipeline.node;

import io.millrace.dataplane.pipeline.Burst;
import io.millrace.dataplane.pipeline.Node;
import io.millrace.dataplane.pipeline.Reason;

/** Drops everything for one reason: the end of an edge that nobody is interested in. */
public final class Discard extends Node {
    private final Reason reason;

    /**
     * Makes one.
     *
     * @param key of the reason, lowerCamelCase
     * @param description which packets these are
     */
    public Discard(final String name, final String key, final String description) {
        super(name);
        reason = reason(key, description);
    }

    @Override
    protected void process(final Burst burst, final long nowMicros) {
        for (int i = 0; i < burst.count(); i++) {
            burst.drop(i, reason);
        }
    }
}

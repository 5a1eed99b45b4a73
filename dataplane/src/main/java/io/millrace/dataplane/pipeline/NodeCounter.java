package io.millrace.dataplane.pipeline;

import io.millrace.dataplane.counter.CounterName;
import java.util.concurrent.atomic.AtomicLong;

/** Something that a node counts beside its packets and drops. The node declares and writes it; any thread may read it. */
public final class NodeCounter implements CounterName {
    private final String key;
    private final String description;
    private final AtomicLong count = new AtomicLong();

    NodeCounter(final String key, final String description) {
        this.key = key;
        this.description = description;
    }

    @Override
    public String key() {
        return key;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public boolean drop() {
        return false;
    }

    /** Its value. */
    public long count() {
        return count.getOpaque();
    }

    /** Counts. The graph's thread only. */
    public void add(final long amount) {
        count.setOpaque(count.getPlain() + amount);
    }
}

package io.millrace.dataplane.pipeline;

import io.millrace.dataplane.counter.CounterLabel;
import io.millrace.dataplane.counter.CounterName;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Something that a node counts beside its packets and drops. The node declares and writes it; any thread may read it. */
public final class NodeCounter implements CounterName {
    private final CounterLabel label;
    private final AtomicLong count = new AtomicLong();
    private final LongSupplier source;

    NodeCounter(final String key, final String description) {
        this(key, description, () -> 0);
    }

    /**
     * Makes one of what is counted elsewhere.
     *
     * @param source its value; any thread
     */
    NodeCounter(final String key, final String description, final LongSupplier source) {
        this.label = new CounterLabel(key, description, false);
        this.source = source;
    }

    @Override
    public CounterLabel label() {
        return label;
    }

    /** Its value. */
    public long count() {
        return count.getOpaque() + source.getAsLong();
    }

    /** Counts. The graph's thread only. */
    public void add(final long amount) {
        count.setOpaque(count.getPlain() + amount);
    }
}

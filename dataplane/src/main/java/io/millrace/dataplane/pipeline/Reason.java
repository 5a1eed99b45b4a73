package io.millrace.dataplane.pipeline;

import io.millrace.dataplane.counter.CounterLabel;
import io.millrace.dataplane.counter.CounterName;
import java.util.concurrent.atomic.AtomicLong;

/** Why a node drops packets, and how many it has. The node declares it; any thread may read the count. */
public final class Reason implements CounterName {
    private final CounterLabel label;
    private final AtomicLong count = new AtomicLong();

    /** What a place of the node's vector is marked with. */
    final int mark;

    Reason(final String key, final String description, final int mark) {
        this.label = new CounterLabel(key, description, true);
        this.mark = mark;
    }

    @Override
    public CounterLabel label() {
        return label;
    }

    /** How many packets were dropped for it. */
    public long count() {
        return count.getOpaque();
    }

    /** Counts; the graph's thread only. */
    void add(final int packets) {
        count.setOpaque(count.getPlain() + packets);
    }
}

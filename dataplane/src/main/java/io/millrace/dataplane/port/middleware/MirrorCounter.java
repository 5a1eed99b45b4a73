package io.millrace.dataplane.port.middleware;

import io.millrace.dataplane.counter.CounterLabel;
import io.millrace.dataplane.counter.CounterName;

/** What a {@link Mirror} counts on each queue. What is missing in the mirror was carried all the same. */
public enum MirrorCounter implements CounterName {
    /** Copied. */
    MIRRORED("mirrorMirrored", "packets of which the mirror's port took a copy", false),
    /** Missing. */
    NOT_MIRRORED("mirrorNotMirrored", "packets not mirrored since no buffer was free or the port took no more", false);

    private final CounterLabel label;

    MirrorCounter(final String key, final String description, final boolean drop) {
        this.label = new CounterLabel(key, description, drop);
    }

    @Override
    public CounterLabel label() {
        return label;
    }
}

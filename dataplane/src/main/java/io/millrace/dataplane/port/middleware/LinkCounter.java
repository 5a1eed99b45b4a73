package io.millrace.dataplane.port.middleware;

import io.millrace.dataplane.counter.CounterLabel;
import io.millrace.dataplane.counter.CounterName;

/** What a {@link LinkWatch} counts. */
public enum LinkCounter implements CounterName {
    /** It went down. */
    DOWNS("linkDowns", "times the link was found to have gone down"),
    /** It came up, for the first time or again. */
    UPS("linkUps", "times the link was found to have come up"),
    /** How long it was down, over since it is up again. */
    DOWN_MILLIS("linkDownMillis", "milliseconds that the link was down, until it came up again"),
    /** Lost meanwhile; the port's totals have them, too. */
    LOST("linkDownLost", "packets that the port missed, refused or could not send while the link was down");

    private final CounterLabel label;

    LinkCounter(final String key, final String description) {
        // none a drop: what is lost is counted by the port as well
        this.label = new CounterLabel(key, description, false);
    }

    @Override
    public CounterLabel label() {
        return label;
    }
}

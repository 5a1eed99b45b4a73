package io.millrace.dataplane.run;

import io.millrace.dataplane.counter.CounterLabel;
import io.millrace.dataplane.counter.CounterName;

/** What a shard's run loop counts. */
public enum RunCounter implements CounterName {
    /** Polls. */
    POLLS("polls", "polls of the shard's task"),
    /** Polls with work. */
    BUSY_POLLS("busyPolls", "polls that found work"),
    /** Work done. */
    WORK("work", "units of work done, packets for the most part"),
    /** Idle turns. */
    IDLES("idles", "times the thread idled"),
    /** Commands. */
    COMMANDS("commands", "commands of other threads that were run"),
    /** Longest time between two polls. */
    LONGEST_CYCLE_MICROS(
            "longestCycleMicros", "longest time between the begins of two polls in microseconds, idling" + " included"),
    /** Time since the start. */
    RUN_MICROS("runMicros", "microseconds that the shard has run, idling included"),
    /** Time of polls with work. */
    BUSY_MICROS("busyMicros", "microseconds of polls that found work"),
    /** Exceptions. */
    ERRORS("runErrors", "exceptions that came out of the task");

    private final CounterLabel label;

    RunCounter(final String key, final String description) {
        this.label = new CounterLabel(key, description, false);
    }

    @Override
    public CounterLabel label() {
        return label;
    }
}

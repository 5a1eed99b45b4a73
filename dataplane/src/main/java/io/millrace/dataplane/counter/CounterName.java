package io.millrace.dataplane.counter;

/** What an enum of counters says about each of them. The order of an enum's constants is the order of reports. */
public interface CounterName {
    /** Key in reports and JSON, lowerCamelCase, unique within a shard. */
    String key();

    /** One sentence for a person, without a full stop. */
    String description();

    /** Whether each count is a packet that was dropped. */
    boolean drop();
}

package io.millrace.dataplane.counter;

/** Something that is counted. The order of an enum's constants is the order of reports. */
public interface CounterName {
    /** What reports call it. */
    CounterLabel label();

    /** {@link CounterLabel#key()}. */
    default String key() {
        return label().key();
    }

    /** {@link CounterLabel#description()}. */
    default String description() {
        return label().description();
    }

    /** {@link CounterLabel#drop()}. */
    default boolean drop() {
        return label().drop();
    }
}

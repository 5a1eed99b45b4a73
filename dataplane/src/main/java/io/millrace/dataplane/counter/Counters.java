package io.millrace.dataplane.counter;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.ObjLongConsumer;

/**
 * One thread's counters, one for each constant of an enum. The thread that owns the set writes it; any thread may read
 * it and sees each counter's value a moment old, never torn.
 *
 * @param <E> the enum
 */
public final class Counters<E extends Enum<E> & CounterName> {
    private final E[] names;
    private final AtomicLongArray values;

    /** Makes a set with all counters 0. */
    public Counters(final Class<E> names) {
        this.names = names.getEnumConstants();
        this.values = new AtomicLongArray(this.names.length);
    }

    /** Counts one. Owner thread only. */
    public void increment(final E name) {
        add(name, 1);
    }

    /** Adds to a counter. Owner thread only. */
    public void add(final E name, final long amount) {
        final int index = name.ordinal();
        // Opaque is enough for readers and costs no fence; the owner is the only writer.
        values.setOpaque(index, values.getPlain(index) + amount);
    }

    /** A counter's value. */
    public long get(final E name) {
        return values.getOpaque(name.ordinal());
    }

    /** Sum of all counters that count dropped packets. */
    public long drops() {
        long sum = 0;
        for (final E name : names) {
            if (name.drop()) {
                sum += get(name);
            }
        }
        return sum;
    }

    /** Hands every counter to {@code consumer}, in the enum's order. */
    public void forEach(final ObjLongConsumer<CounterName> consumer) {
        for (final E name : names) {
            consumer.accept(name, get(name));
        }
    }
}

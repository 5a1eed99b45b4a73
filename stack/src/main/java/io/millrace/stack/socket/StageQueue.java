package io.millrace.stack.socket;

import io.millrace.dataplane.counter.Counters;
import io.millrace.stack.StackCounter;
import org.jspecify.annotations.Nullable;

/**
 * What applications have to be told of stages that what they sent passed, in order, until the next poll tells it. Bounded:
 * what does not fit in is counted as {@link StackCounter#SEND_STAGES_LOST}. Allocates nothing per event once it has grown.
 */
public final class StageQueue {
    /** Most events of one poll. */
    public static final int MOST = 8192;

    private static final int FIRST = 64;

    private final Counters<StackCounter> counters;
    private @Nullable Object[] targets = new Object[0];
    private long[] keys = new long[0];
    private long[] times = new long[0];
    private byte[] kinds = new byte[0];
    private int head;
    private int count;

    /** Who tells an application of an event. */
    @FunctionalInterface
    public interface Teller {
        /** Tells; arguments as of {@link StageQueue#add}. */
        void tell(Object target, int kind, long key, long micros);
    }

    /** Makes an empty one. */
    public StageQueue(final Counters<StackCounter> counters) {
        this.counters = counters;
    }

    /** Whether nothing is to be told. */
    public boolean isEmpty() {
        return count == 0;
    }

    /**
     * Adds an event.
     *
     * @param target whom it is for
     * @param kind a stage's place in {@link SendStage}, or a number of the target's own, at most 127
     * @return false if it was lost
     */
    public boolean add(final Object target, final int kind, final long key, final long micros) {
        if (count == keys.length && !grow()) {
            counters.increment(StackCounter.SEND_STAGES_LOST);
            return false;
        }
        final int at = (head + count) & (keys.length - 1);
        targets[at] = target;
        kinds[at] = (byte) kind;
        keys[at] = key;
        times[at] = micros;
        count++;
        return true;
    }

    /** Tells of what was added until now; what is added meanwhile waits for the next call. Returns how many. */
    public int tell(final Teller teller) {
        final int due = count;
        for (int i = 0; i < due; i++) {
            final int at = head;
            final Object target = targets[at];
            targets[at] = null;
            head = (head + 1) & (keys.length - 1);
            count--;
            if (target != null) {
                teller.tell(target, kinds[at], keys[at], times[at]);
            }
        }
        return due;
    }

    private boolean grow() {
        final int old = keys.length;
        if (old == MOST) {
            return false;
        }
        final int more = old == 0 ? FIRST : 2 * old;
        // Full: what is behind the head first, then what is before it.
        final int behind = old - head;
        final Object[] grownTargets = new Object[more];
        final long[] grownKeys = new long[more];
        final long[] grownTimes = new long[more];
        final byte[] grownKinds = new byte[more];
        System.arraycopy(targets, head, grownTargets, 0, behind);
        System.arraycopy(targets, 0, grownTargets, behind, head);
        System.arraycopy(keys, head, grownKeys, 0, behind);
        System.arraycopy(keys, 0, grownKeys, behind, head);
        System.arraycopy(times, head, grownTimes, 0, behind);
        System.arraycopy(times, 0, grownTimes, behind, head);
        System.arraycopy(kinds, head, grownKinds, 0, behind);
        System.arraycopy(kinds, 0, grownKinds, behind, head);
        targets = grownTargets;
        keys = grownKeys;
        times = grownTimes;
        kinds = grownKinds;
        head = 0;
        return true;
    }
}

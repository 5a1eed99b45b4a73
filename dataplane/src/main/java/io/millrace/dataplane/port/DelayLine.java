package io.millrace.dataplane.port;

import org.agrona.BitUtil;

/**
 * Packets that wait until they are due, by handle. They come out in the order of their due times, and those that are due
 * at the same time in the order in which they were added.
 *
 * <p>Packets whose due times rise, as those of a constant delay do, go through a ring and cost the same however many
 * wait. One that is due earlier than the latest in the ring goes into a binary heap and costs its logarithm, so that
 * jitter and reordering of thousands of packets stay cheap. Allocates nothing once made.
 *
 * <p>The unit of time is the caller's. For one thread. Whoever adds a packet owns it again when it comes out.
 */
public final class DelayLine {
    private final int capacity;

    /** Sorted: each due at the time of the one before or later. */
    private final Slots run;

    private final int mask;
    private int head;
    private int running;

    /** Each due no later than those at twice its place plus 1 and 2. */
    private final Slots heap;

    private int heaped;
    private long added;

    /**
     * Makes one.
     *
     * @param capacity how many packets it holds, 1 to 2^30; up to twice as many slots are made
     * @throws IllegalArgumentException if it is out of its range
     */
    public DelayLine(final int capacity) {
        if (capacity < 1 || capacity > 1 << 30) {
            throw new IllegalArgumentException("a delay line of " + capacity + " packets; it holds 1 to " + (1 << 30));
        }
        this.capacity = capacity;
        final int size = BitUtil.findNextPositivePowerOfTwo(capacity);
        run = new Slots(size);
        heap = new Slots(capacity);
        mask = size - 1;
    }

    /** How many packets wait. */
    public int size() {
        return running + heaped;
    }

    /** Whether none waits. */
    public boolean isEmpty() {
        return running + heaped == 0;
    }

    /** How many more it takes. */
    public int room() {
        return capacity - running - heaped;
    }

    /** When the first is due, or {@link Long#MAX_VALUE} if none waits. */
    public long firstDue() {
        if (isEmpty()) {
            return Long.MAX_VALUE;
        }
        return isRunFirst() ? run.due[head] : heap.due[0];
    }

    /**
     * Adds a packet.
     *
     * @throws IllegalStateException if it is full
     */
    public void add(final long handle, final long due) {
        if (running + heaped == capacity) {
            throw new IllegalStateException("a delay line of " + capacity + " packets is full");
        }
        final long number = added++;
        if (running == 0 || due >= run.due[head + running - 1 & mask]) {
            run.set(head + running++ & mask, handle, due, number);
        } else {
            rise(heaped++, handle, due, number);
        }
    }

    /**
     * Takes out packets that are due.
     *
     * @param to where their handles go
     * @param from at which index
     * @param max how many at most
     * @param now the time; what is due then comes out
     * @return how many came
     */
    public int take(final long[] to, final int from, final int max, final long now) {
        int taken = 0;
        while (taken < max && !isEmpty() && firstDue() <= now) {
            to[from + taken++] = removeFirst();
        }
        return taken;
    }

    /**
     * Takes out the packet that is due first, whether it is due yet or not.
     *
     * @throws IllegalStateException if there is none
     */
    public long removeFirst() {
        if (isEmpty()) {
            throw new IllegalStateException("a delay line without packets");
        }
        if (isRunFirst()) {
            final long handle = run.handles[head];
            head = head + 1 & mask;
            running--;
            return handle;
        }
        final long handle = heap.handles[0];
        heaped--;
        if (heaped > 0) {
            sink(heap.handles[heaped], heap.due[heaped], heap.numbers[heaped]);
        }
        return handle;
    }

    private boolean isRunFirst() {
        return running > 0 && (heaped == 0 || !heap.isBefore(0, run.due[head], run.numbers[head]));
    }

    private void rise(final int from, final long handle, final long due, final long number) {
        int at = from;
        while (at > 0) {
            final int parent = (at - 1) >> 1;
            if (heap.isBefore(parent, due, number)) {
                break;
            }
            heap.copy(parent, at);
            at = parent;
        }
        heap.set(at, handle, due, number);
    }

    private void sink(final long handle, final long due, final long number) {
        int at = 0;
        for (int child = 1; child < heaped; child = 2 * at + 1) {
            if (child + 1 < heaped && heap.isBefore(child + 1, heap.due[child], heap.numbers[child])) {
                child++;
            }
            if (!heap.isBefore(child, due, number)) {
                break;
            }
            heap.copy(child, at);
            at = child;
        }
        heap.set(at, handle, due, number);
    }

    /** Packets, when they are due, and in which order they were added. */
    private static final class Slots {
        final long[] handles;
        final long[] due;
        final long[] numbers;

        Slots(final int size) {
            handles = new long[size];
            due = new long[size];
            numbers = new long[size];
        }

        void set(final int at, final long handle, final long dueAt, final long number) {
            handles[at] = handle;
            due[at] = dueAt;
            numbers[at] = number;
        }

        void copy(final int from, final int to) {
            set(to, handles[from], due[from], numbers[from]);
        }

        boolean isBefore(final int at, final long otherDue, final long otherNumber) {
            return due[at] == otherDue ? numbers[at] < otherNumber : due[at] < otherDue;
        }
    }
}

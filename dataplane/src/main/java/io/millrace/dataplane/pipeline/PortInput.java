package io.millrace.dataplane.pipeline;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.port.PortQueue;
import java.lang.foreign.MemorySegment;

/** Where packets come in by a port. All of them go along its one edge, {@code out}. */
public final class PortInput extends Source {
    /** A port without a number. */
    private static final int NONE = -1;

    private static final int MAX_NUMBER = 65_000;

    private final PortQueue queue;
    private final int number;

    private PortInput(final String name, final PortQueue queue, final int burst, final int number) {
        super(name, burst);
        this.queue = queue;
        this.number = number;
    }

    /**
     * Makes an input.
     *
     * @param queue of a port that has the graph's pool; the graph's thread polls it from now on
     * @param burst most packets of a poll, at least 1
     */
    public static PortInput of(final String name, final PortQueue queue, final int burst) {
        return new PortInput(name, queue, burst, NONE);
    }

    /**
     * Makes an input that writes its number into each packet's buffer, for nodes that have to know where a packet came
     * in: {@link Burst#port}. That costs a store a packet.
     *
     * @param number 0 to 65,000; what is above has a meaning of its own in buffers
     * @throws IllegalArgumentException if it is out of its range
     */
    public static PortInput numbered(final String name, final PortQueue queue, final int burst, final int number) {
        if (number < 0 || number > MAX_NUMBER) {
            throw new IllegalArgumentException(name + " has the number " + number + "; it is 0 to " + MAX_NUMBER);
        }
        return new PortInput(name, queue, burst, number);
    }

    @Override
    protected int fill(final long[] handles, final int max, final long nowMicros) {
        final int count = queue.receive(handles, max, nowMicros);
        if (number != NONE) {
            final MemorySegment memory = cache().pool().memory();
            for (int i = 0; i < count; i++) {
                BufferHeader.port(memory, handles[i], number);
            }
        }
        return count;
    }
}

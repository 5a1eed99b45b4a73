package io.millrace.dataplane.pipeline;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.BufferLedger;
import io.millrace.dataplane.buffer.PacketPool;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The vector of a node: handles of packets that are the node's to decide about, in the order in which they came. While
 * the node is at work it marks each place; what it does not mark is freed and counted as {@code notTaken}. A later mark
 * of the same place replaces an earlier one.
 *
 * <p>Belongs to the graph's thread. Nothing here allocates.
 */
public final class Burst {
    /** Freed and counted as not taken. */
    static final int UNMARKED = 0;

    /** The node keeps it. */
    static final int KEPT = -1;

    private Node node;
    private PacketPool pool;
    private MemorySegment memory = MemorySegment.NULL;
    private long[] handles = new long[0];
    private int[] marks = new int[0];
    private int count;

    /** What all places are marked with, as long as {@link #mixed} is false: most bursts go one way as a whole. */
    private int whole;

    /** Whether each place has a mark of its own, in {@link #marks}. */
    private boolean mixed;

    @SuppressWarnings("NullAway.Init") // its node and the pool come with the graph
    Burst() {}

    void allocate(final Node newNode, final PacketPool newPool, final int capacity) {
        node = newNode;
        pool = newPool;
        memory = newPool.memory();
        handles = new long[capacity];
        marks = new int[capacity];
    }

    /** Number of packets. */
    public int count() {
        return count;
    }

    /** The handle of a packet, {@code index} from 0. */
    public long handle(final int index) {
        return handles[index];
    }

    /** The memory of all packets. */
    public MemorySegment memory() {
        return memory;
    }

    /** Where a packet's first byte is within {@link #memory()}. */
    public long offset(final int index) {
        return pool.dataOffset(handles[index]);
    }

    /** Bytes of a packet. */
    public int length(final int index) {
        return BufferHeader.length(memory, handles[index]);
    }

    /**
     * Number of the port that a packet came in by, if its {@link PortInput} has one; else nothing that means anything.
     */
    public int port(final int index) {
        return BufferHeader.port(memory, handles[index]);
    }

    /** Sends a packet on, along an edge of this node. */
    public void send(final int index, final Edge edge) {
        check(edge);
        mark(index, edge.mark);
    }

    /** Sends all packets on, along one edge of this node. */
    public void sendAll(final Edge edge) {
        check(edge);
        markAll(edge.mark);
    }

    /** Drops a packet; it is freed, and counted for the reason. */
    public void drop(final int index, final Reason reason) {
        mark(index, reason.mark);
    }

    /**
     * Keeps a packet: from now on the node owns it, or whoever it has given it to. What a node keeps it frees, or sends
     * on later with {@link Node#emit}.
     */
    public void keep(final int index) {
        mark(index, KEPT);
    }

    /** Keeps the first packets, at most all, and drops the others. */
    void keepFirst(final int number, final Reason reason) {
        if (number == count) {
            markAll(KEPT);
        } else {
            markAll(reason.mark);
            for (int i = 0; i < number; i++) {
                mark(i, KEPT);
            }
        }
    }

    void unmarkAll() {
        markAll(UNMARKED);
    }

    private void markAll(final int mark) {
        whole = mark;
        mixed = false;
    }

    private void mark(final int index, final int mark) {
        if (!mixed) {
            Arrays.fill(marks, 0, count, whole);
            mixed = true;
        }
        marks[index] = mark;
    }

    long[] handles() {
        return handles;
    }

    int mark(final int index) {
        return mixed ? marks[index] : whole;
    }

    /** How many packets from an index on have the same mark as that one. */
    int run(final int from) {
        final int end = count;
        if (!mixed) {
            return end - from;
        }
        final int[] all = marks;
        final int mark = all[from];
        int at = from + 1;
        while (at < end && all[at] == mark) {
            at++;
        }
        return at - from;
    }

    void filled(final int number) {
        count = number;
    }

    void clear() {
        count = 0;
    }

    /**
     * Takes over all packets of another vector if this one is empty and as long: both change their arrays.
     *
     * @return false if that cannot be; nothing is changed then
     */
    boolean takeOver(final Burst other) {
        if (count > 0 || handles.length != other.handles.length) {
            return false;
        }
        final long[] empty = handles;
        handles = other.handles;
        count = other.count;
        other.handles = empty;
        return true;
    }

    /**
     * Adds packets at the end.
     *
     * @return how many there was room for, the first ones
     */
    int add(final long[] from, final int first, final int number) {
        final int at = count;
        final int fitting = Math.min(number, handles.length - at);
        final long[] to = handles;
        // A loop and not arraycopy: with mixed traffic most runs are of one or two.
        for (int i = 0; i < fitting; i++) {
            to[at + i] = from[first + i];
        }
        count = at + fitting;
        return fitting;
    }

    /** Adds a packet at the end; returns whether there was room. */
    boolean add(final long handle) {
        if (count == handles.length) {
            return false;
        }
        handles[count++] = handle;
        return true;
    }

    private void check(final Edge edge) {
        if (BufferLedger.ENABLED && !node.has(edge)) {
            throw new IllegalArgumentException(
                    node.name() + " sends along " + edge.name() + ", which is an edge of another node");
        }
    }
}

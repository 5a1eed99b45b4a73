package io.millrace.dataplane.pipeline;

import io.millrace.dataplane.buffer.PoolCache;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A step of a graph: gets bursts of packets and says where each goes. A node declares its ways out and its reasons for
 * drops as fields, and marks every packet of a burst:
 *
 * <pre>{@code
 * final class ShortFrames extends Node {
 *     private final Edge out = edge("out");
 *     private final Reason tooLong = reason("tooLong", "packets of more than 576 bytes");
 *
 *     ShortFrames() {
 *         super("short-frames");
 *     }
 *
 *     protected void process(final Burst burst, final long nowMicros) {
 *         for (int i = 0; i < burst.count(); i++) {
 *             if (burst.length(i) > 576) {
 *                 burst.drop(i, tooLong);
 *             } else {
 *                 burst.send(i, out);
 *             }
 *         }
 *     }
 * }
 * }</pre>
 *
 * <p>A node is part of one graph, and all its methods are called by that graph's thread. Packets may be written in place.
 * {@link #process} must not allocate, block or throw for what a packet holds; if it throws all the same, packets that it
 * has not marked by then are freed and counted, and the exception leaves {@link Graph#poll}.
 */
public abstract class Node {
    private final String name;
    private final List<Edge> edges = new ArrayList<>();
    private final List<Reason> reasons = new ArrayList<>();
    private final List<NodeCounter> counters = new ArrayList<>();
    private final Reason notTaken = reason("notTaken", "packets that the node neither sent on nor dropped nor kept");
    private final Reason noRoom = reason("noRoom", "packets for which the next node's vector had no room");
    private final Burst burst = new Burst();
    private final AtomicLong packets = new AtomicLong();
    private final AtomicLong bursts = new AtomicLong();
    private final AtomicLong timedPackets = new AtomicLong();
    private final AtomicLong timedBursts = new AtomicLong();
    private final AtomicLong timedNanos = new AtomicLong();
    private @Nullable PoolCache cache;
    private long wakeAt = Long.MAX_VALUE;

    /**
     * Makes a node.
     *
     * @param name what reports and traces call it; different from those of the other nodes of its graph
     */
    protected Node(final String name) {
        this.name = name;
    }

    /** What reports and traces call it. */
    public final String name() {
        return name;
    }

    /** Declares a way out. Only before the node is part of a graph. */
    protected final Edge edge(final String edgeName) {
        checkNew();
        final Edge edge = new Edge(edgeName, edges.size() + 1);
        edges.add(edge);
        return edge;
    }

    /**
     * Declares a reason for drops. Only before the node is part of a graph.
     *
     * @param key in reports, lowerCamelCase, unique within the node
     * @param description one sentence for a person, without a full stop: which packets these are
     */
    protected final Reason reason(final String key, final String description) {
        checkNew();
        final Reason reason = new Reason(key, description, Burst.KEPT - 1 - reasons.size());
        reasons.add(reason);
        return reason;
    }

    /**
     * Declares something else to count. Only before the node is part of a graph.
     *
     * @param key in reports, lowerCamelCase, unique within the node
     * @param description one sentence for a person, without a full stop
     */
    protected final NodeCounter counter(final String key, final String description) {
        return add(new NodeCounter(key, description));
    }

    /**
     * The same of something that is counted elsewhere.
     *
     * @param source what has been counted; any thread asks
     */
    protected final NodeCounter counter(final String key, final String description, final LongSupplier source) {
        return add(new NodeCounter(key, description, source));
    }

    private NodeCounter add(final NodeCounter counter) {
        checkNew();
        counters.add(counter);
        return counter;
    }

    /** Its ways out, in the order of their declaration. */
    public final List<Edge> edges() {
        return Collections.unmodifiableList(edges);
    }

    /** Whether an edge is one of its own. Allocates nothing. */
    final boolean has(final Edge edge) {
        return edge.mark <= edges.size() && edges.get(edge.mark - 1).equals(edge);
    }

    /** Its reasons for drops, those that every node has included. */
    public final List<Reason> reasons() {
        return Collections.unmodifiableList(reasons);
    }

    /**
     * Decides about packets; see {@link Burst}. Called when there are some, and, with an empty burst, when the time of
     * {@link #wakeAt} has come.
     *
     * @param nowMicros the poll loop's time in microseconds, never less than before
     */
    protected abstract void process(Burst burst, long nowMicros);

    /** Called once, when the graph is built; {@link #cache} works from now on. */
    protected void start() {}

    /** Called once, when the graph is closed: frees every packet that is still kept. */
    protected void stop() {}

    /** The graph's way into the pool, for packets that the node makes or frees. */
    protected final PoolCache cache() {
        if (cache == null) {
            throw new IllegalStateException(name + " is not part of a graph yet");
        }
        return cache;
    }

    /**
     * Sends a packet on that the node made or had kept, so that its burst does not hold it. If there is no room for it,
     * it is freed and counted.
     */
    protected final void emit(final Edge edge, final long handle) {
        if (!edge.to().burst.add(handle)) {
            noRoom.add(1);
            cache().free(handle);
        }
    }

    /** Counts packets as dropped that are in no burst: that the node freed itself, or could not make. */
    protected final void count(final Reason reason, final int number) {
        reason.add(number);
    }

    /**
     * Asks to be called on every poll from a time on, even if there are no packets, until it asks for another time;
     * {@code Long.MAX_VALUE} for never, which holds at first.
     */
    protected final void wakeAt(final long micros) {
        wakeAt = micros;
    }

    final long wakeAt() {
        return wakeAt;
    }

    final Burst burst() {
        return burst;
    }

    final boolean isStarted() {
        return cache != null;
    }

    final void start(final PoolCache newCache, final int capacity) {
        cache = newCache;
        burst.allocate(this, newCache.pool(), capacity);
        start();
    }

    /** Lets the node work and moves the packets to where it wants them. */
    final void run(final long nowMicros, final @Nullable PacketTrace trace) {
        burst.unmarkAll();
        try {
            process(burst, nowMicros);
        } finally {
            final int count = burst.count();
            if (count > 0) {
                if (trace != null) {
                    trace.visit(this, burst, nowMicros);
                }
                move(count);
                packets.setOpaque(packets.getPlain() + count);
                bursts.setOpaque(bursts.getPlain() + 1);
                burst.clear();
            }
        }
    }

    private void move(final int count) {
        int from = 0;
        while (from < count) {
            final int number = burst.run(from);
            final int mark = burst.mark(from);
            if (mark > 0) {
                final Burst to = edges.get(mark - 1).to().burst;
                if (number < count || !to.takeOver(burst)) {
                    final int taken = to.add(burst.handles(), from, number);
                    if (taken < number) {
                        free(from + taken, number - taken, noRoom);
                    }
                }
            } else if (mark != Burst.KEPT) {
                free(from, number, mark == Burst.UNMARKED ? notTaken : reasons.get(Burst.KEPT - 1 - mark));
            }
            from += number;
        }
    }

    private void free(final int from, final int number, final Reason reason) {
        reason.add(number);
        cache().free(burst.handles(), from, number);
    }

    /** Frees what is in the vector, at the end. */
    final void discard() {
        if (burst.count() > 0) {
            free(0, burst.count(), notTaken);
            burst.clear();
        }
    }

    /** Adds a measured run. */
    final void timed(final int number, final long nanos) {
        timedPackets.setOpaque(timedPackets.getPlain() + number);
        timedBursts.setOpaque(timedBursts.getPlain() + 1);
        timedNanos.setOpaque(timedNanos.getPlain() + nanos);
    }

    /** What the node did so far. Any thread. */
    public final NodeStats stats() {
        return new NodeStats(
                name,
                packets.getOpaque(),
                bursts.getOpaque(),
                timedPackets.getOpaque(),
                timedBursts.getOpaque(),
                timedNanos.getOpaque(),
                List.copyOf(reasons),
                List.copyOf(counters));
    }

    /** How the mark of a place reads: the edge and where it leads, the reason, or that the packet is kept. */
    final String verdict(final int mark) {
        if (mark > 0) {
            final Edge edge = edges.get(mark - 1);
            return edge.name() + " to " + edge.to().name;
        }
        if (mark == Burst.KEPT) {
            return edges.isEmpty() ? "gone" : "kept";
        }
        return "dropped: " + (mark == Burst.UNMARKED ? notTaken : reasons.get(Burst.KEPT - 1 - mark)).key();
    }

    private void checkNew() {
        if (cache != null) {
            throw new IllegalStateException(name + " is part of a graph already and cannot change any more");
        }
    }
}

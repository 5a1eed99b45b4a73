package io.millrace.dataplane.pipeline;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.filter.PacketFilter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Follows packets on their way through a graph: the next ones that come in, or those of them that a filter lets through,
 * up to a number. All memory is allocated when it is made; a graph without a trace pays one comparison a burst.
 *
 * <p>A packet is known by its buffer. One that a node keeps is followed on when the node emits it, until its buffer
 * comes in again with another packet; packets that nodes make are not followed.
 *
 * <p>Made by any thread, then the graph's; read by another when {@link #isDone} says so, or on the graph's thread.
 */
public final class PacketTrace {
    /** Bytes of each packet that are kept, as it came in. */
    public static final int SNAP = 128;

    /** Nodes of each packet's way that are kept. */
    public static final int MAX_HOPS = 32;

    private static final int MAX_PACKETS = 1_000;

    private final int most;
    private final PacketFilter.@Nullable Matcher wanted;
    private final MemorySegment bytes;
    private final int[] lengths;
    private final long[] times;
    private final int[] hopCounts;
    private final Node[] nodes;
    private final int[] marks;
    private final long[] handles;
    private final boolean[] under;
    private int begun;
    private int underWay;
    private volatile boolean done;

    /**
     * A packet's way.
     *
     * @param hops the names of the nodes, each with what became of the packet there
     * @param memory holds the packet's first bytes as it came in, {@link #SNAP} at most, from {@code offset} on
     * @param length its bytes, all together
     * @param micros the poll loop's time when it came in
     */
    public record Path(List<Hop> hops, MemorySegment memory, long offset, int length, long micros) {}

    /**
     * A node on a packet's way.
     *
     * @param node its name
     * @param verdict where the packet went from there
     */
    public record Hop(String node, String verdict) {}

    /**
     * Makes a trace of all packets.
     *
     * @param packets how many to follow, 1 to 1,000
     */
    public PacketTrace(final int packets) {
        this(packets, null);
    }

    /**
     * Makes a trace of some packets.
     *
     * @param packets how many to follow, 1 to 1,000
     * @param filter what they are, as they come in; null follows all
     * @throws IllegalArgumentException if there are to be more, or none
     */
    public PacketTrace(final int packets, final @Nullable PacketFilter filter) {
        if (packets < 1 || packets > MAX_PACKETS) {
            throw new IllegalArgumentException("a trace of " + packets + " packets; it has 1 to " + MAX_PACKETS);
        }
        most = packets;
        wanted = filter == null ? null : filter.matcher();
        bytes = Arena.ofAuto().allocate((long) packets * SNAP);
        lengths = new int[packets];
        times = new long[packets];
        hopCounts = new int[packets];
        nodes = new Node[packets * MAX_HOPS];
        marks = new int[packets * MAX_HOPS];
        handles = new long[packets];
        under = new boolean[packets];
    }

    /** Whether all packets have been followed to their end. Any thread. */
    public boolean isDone() {
        return done;
    }

    /** The ways of the packets so far, in the order in which they came in. */
    public List<Path> paths() {
        final List<Path> paths = new ArrayList<>();
        for (int i = 0; i < begun; i++) {
            final List<Hop> hops = new ArrayList<>();
            for (int hop = 0; hop < hopCounts[i]; hop++) {
                final Node node = nodes[i * MAX_HOPS + hop];
                hops.add(new Hop(node.name(), node.verdict(marks[i * MAX_HOPS + hop])));
            }
            paths.add(new Path(hops, bytes, (long) i * SNAP, lengths[i], times[i]));
        }
        return paths;
    }

    /** Notes what a node does to those of its packets that are followed. */
    void visit(final Node node, final Burst burst, final long nowMicros) {
        final boolean source = node instanceof Source;
        if (!source && underWay == 0) {
            return;
        }
        for (int i = 0; i < burst.count(); i++) {
            int packet = find(burst.handle(i));
            if (source && packet >= 0) {
                end(packet); // its buffer came back with another packet
                packet = -1;
            }
            if (source && begun < most && isWanted(burst, i)) {
                packet = begin(burst, i, nowMicros);
            }
            if (packet >= 0) {
                note(packet, node, burst.mark(i));
            }
        }
        done = begun == most && underWay == 0;
    }

    private boolean isWanted(final Burst burst, final int index) {
        return wanted == null || wanted.matches(burst.memory(), burst.offset(index), burst.length(index));
    }

    private int begin(final Burst burst, final int index, final long nowMicros) {
        final int packet = begun++;
        final int length = burst.length(index);
        MemorySegment.copy(burst.memory(), burst.offset(index), bytes, (long) packet * SNAP, Math.min(SNAP, length));
        lengths[packet] = length;
        times[packet] = nowMicros;
        handles[packet] = burst.handle(index);
        under[packet] = true;
        underWay++;
        return packet;
    }

    private void note(final int packet, final Node node, final int mark) {
        final int hop = hopCounts[packet];
        if (hop < MAX_HOPS) {
            nodes[packet * MAX_HOPS + hop] = node;
            marks[packet * MAX_HOPS + hop] = mark;
            hopCounts[packet] = hop + 1;
        }
        final boolean goesOn = mark > 0 || (mark == Burst.KEPT && !node.edges().isEmpty());
        if (!goesOn) {
            end(packet);
        }
    }

    private void end(final int packet) {
        under[packet] = false;
        handles[packet] = PacketPool.NONE;
        underWay--;
    }

    private int find(final long handle) {
        for (int i = 0; i < begun; i++) {
            if (handles[i] == handle && under[i]) {
                return i;
            }
        }
        return -1;
    }
}

package io.millrace.bench.latency;

import org.HdrHistogram.Histogram;

/**
 * What was seen of the packets that went through a forwarder, of one run or of several. Times are nanoseconds. Not
 * thread-safe.
 */
public final class LatencyRun {
    private static final long MAX_NANOS = 10_000_000_000L;
    private static final int DIGITS = 3;

    private final Histogram start = new Histogram(MAX_NANOS, DIGITS);
    private final Histogram steady = new Histogram(MAX_NANOS, DIGITS);
    private final Histogram lateness = new Histogram(MAX_NANOS, DIGITS);
    private long sent;
    private long received;
    private long reordered;
    private long refused;
    private int collections;

    /** Planned sending to arrival, of the packets planned during the start. */
    public Histogram start() {
        return start;
    }

    /** Planned sending to arrival, of the packets planned afterwards. */
    public Histogram steady() {
        return steady;
    }

    /** How late the sender itself was. That much of the times is not the forwarder's. */
    public Histogram lateness() {
        return lateness;
    }

    /** Packets sent. */
    public long sent() {
        return sent;
    }

    /** Packets that never arrived. */
    public long lost() {
        return sent - received;
    }

    /** Packets that arrived after a later one. */
    public long reordered() {
        return reordered;
    }

    /** How often the link took fewer packets than it was given, since the forwarder had not emptied it. */
    public long refused() {
        return refused;
    }

    /** Garbage collections of the forwarder. */
    public int collections() {
        return collections;
    }

    /** Counts another run's packets in. */
    void add(final LatencyRun other) {
        start.add(other.start);
        steady.add(other.steady);
        lateness.add(other.lateness);
        sent += other.sent;
        received += other.received;
        reordered += other.reordered;
        refused += other.refused;
        collections += other.collections;
    }

    void arrived(final Histogram part, final long nanos, final boolean inOrder) {
        part.recordValue(Math.clamp(nanos, 0, MAX_NANOS));
        received++;
        if (!inOrder) {
            reordered++;
        }
    }

    void stamped(final long late) {
        lateness.recordValue(Math.clamp(late, 0, MAX_NANOS));
    }

    void sent(final int packets) {
        sent += packets;
    }

    void refusedOnce() {
        refused++;
    }

    void collections(final int number) {
        collections = number;
    }
}

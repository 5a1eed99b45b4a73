package io.millrace.bench.latency;

import org.HdrHistogram.Histogram;

/** What was seen of the packets of one run through a forwarder. Times are nanoseconds. Not thread-safe. */
final class LatencyRun {
    private static final long MAX_NANOS = Integer.MAX_VALUE;
    private static final int DIGITS = 3;

    private final Histogram all = new Histogram(MAX_NANOS, DIGITS);
    private final Histogram undisturbed = new Histogram(MAX_NANOS, DIGITS);
    private final Histogram lateness = new Histogram(MAX_NANOS, DIGITS);
    private long sent;
    private long reordered;
    private long refused;
    private int stalls;
    private long stalledNanos;
    private long waitedNanos;

    LatencyRun() {}

    /** Planned sending to arrival, of all packets. */
    public Histogram all() {
        return all;
    }

    /** The same of the packets that were not under way while the sender stalled: what the forwarder answers for. */
    public Histogram undisturbed() {
        return undisturbed;
    }

    /** How late the sender itself was. That much of the times of all packets is not the forwarder's. */
    public Histogram lateness() {
        return lateness;
    }

    /** Packets sent. */
    public long sent() {
        return sent;
    }

    /** Packets that never arrived. */
    public long lost() {
        return sent - all.getTotalCount();
    }

    /** Packets that arrived after a later one. */
    public long reordered() {
        return reordered;
    }

    /** How often the link took fewer packets than it was given, since the forwarder had not emptied it. */
    public long refused() {
        return refused;
    }

    /** How often the sender stalled. */
    public int stalls() {
        return stalls;
    }

    /** How long, together. */
    public long stalledNanos() {
        return stalledNanos;
    }

    /** How long the forwarding thread could have run, but another had its CPU. */
    public long waitedNanos() {
        return waitedNanos;
    }

    void arrived(final long nanos, final boolean disturbed) {
        all.recordValue(nanos);
        if (!disturbed) {
            undisturbed.recordValue(nanos);
        }
    }

    void outOfOrder() {
        reordered++;
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

    void stalled(final Stalls seen) {
        stalls = seen.count();
        stalledNanos = seen.total();
    }

    void waited(final long nanos) {
        waitedNanos = nanos;
    }
}

package io.millrace.bench.latency;

import io.millrace.bench.reference.Turns;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * All that was seen of one forwarder.
 *
 * @param start its first seconds
 * @param turns after these, in turn with the other forwarder; at least one
 * @param collections garbage collections, all the time
 */
record LatencySide(LatencyRun start, List<LatencyRun> turns, int collections) {
    /** The median over the turns of something of each, such as a percentile. */
    public double median(final ToDoubleFunction<LatencyRun> of) {
        return Turns.quantile(turns.stream().mapToDouble(of).toArray(), 0.5);
    }

    /** The longest time of a packet that nothing disturbed, in all turns; nanoseconds. */
    public long longest() {
        return turns.stream()
                .map(LatencyRun::undisturbed)
                .mapToLong(Histogram::getMaxValue)
                .max()
                .orElse(0);
    }
}

package io.millrace.dataplane.port.middleware;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.CounterName;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.LinkState;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.PortStats;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts how often a port's link goes down and comes up, and what is lost meanwhile. It has no thread and costs packets
 * nothing: whoever waits anyway calls {@link #check} now and then. A link that is down for less than the time between two
 * calls is counted if the device counts ({@link Port#link}), else not noticed.
 *
 * <p>Called by one control thread at a time; counters may be read by any.
 */
public final class LinkWatch implements Middleware {
    private static final long MICROS_PER_MILLI = 1_000;

    private final Port port;
    private final Counters<LinkCounter> counters = new Counters<>(LinkCounter.class);
    private LinkState known;
    private boolean closed;
    private long downSince;
    private long lostBefore;

    /**
     * Begins to watch.
     *
     * @param port whose link is watched; this wraps it or what is around it
     * @param nowMicros any clock that does not go back, in microseconds
     */
    public LinkWatch(final Port port, final long nowMicros) {
        this.port = port;
        this.known = port.link();
        this.downSince = nowMicros;
        this.lostBefore = lost(port.stats());
    }

    /**
     * Looks at the link, and {@linkplain Port#tend tends} the port.
     *
     * @param nowMicros the clock of the beginning, in microseconds
     * @return what a person should know: that the link has gone down or come up, or both; null if it is as before
     */
    public synchronized @Nullable String check(final long nowMicros) {
        if (closed) {
            return null;
        }
        port.tend(nowMicros);
        final LinkState before = known;
        final LinkState now = port.link();
        known = now;
        final long unseen = now.downsSince(before) - (before.up() && !now.up() ? 1 : 0);
        if (unseen > 0) { // and how long it was down, and what was lost meanwhile, is not known
            counters.add(LinkCounter.DOWNS, unseen);
            counters.add(LinkCounter.UPS, unseen);
        }
        if (now.up() == before.up()) {
            return unseen <= 0 ? null : "the link of " + port.info().name() + " was down for a moment" + times(unseen);
        }
        return now.up() ? up(nowMicros) : down(nowMicros);
    }

    private static String times(final long count) {
        return count == 1 ? "" : ", " + count + " times";
    }

    private String down(final long nowMicros) {
        counters.increment(LinkCounter.DOWNS);
        downSince = nowMicros;
        lostBefore = lost(port.stats());
        return "the link of " + port.info().name() + " is down";
    }

    private String up(final long nowMicros) {
        final long millis = (nowMicros - downSince) / MICROS_PER_MILLI;
        counters.increment(LinkCounter.UPS);
        counters.add(LinkCounter.DOWN_MILLIS, millis);
        counters.add(LinkCounter.LOST, lost(port.stats()) - lostBefore);
        return "the link of " + port.info().name() + " is up, after " + millis + " ms";
    }

    private static long lost(final PortStats stats) {
        return stats.rxMissed() + stats.rxErrors() + stats.txErrors();
    }

    /** What it counted so far. */
    public Counters<LinkCounter> counters() {
        return counters;
    }

    /** The queue itself. */
    @Override
    public PortQueue wrap(final PortInfo info, final PortQueue queue, final int index, final PoolCache cache) {
        return queue;
    }

    @Override
    public void forEachCounter(final ObjLongConsumer<CounterName> consumer) {
        counters.forEach(consumer);
    }

    /** Counts what was lost of a link that is down to the end, and looks no more: a closed port's link is down. */
    @Override
    public synchronized void close() {
        if (!closed && !known.up() && counters.get(LinkCounter.DOWNS) > 0) {
            counters.add(LinkCounter.LOST, lost(port.stats()) - lostBefore);
        }
        closed = true;
    }
}

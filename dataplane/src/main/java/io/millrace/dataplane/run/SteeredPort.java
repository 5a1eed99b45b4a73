package io.millrace.dataplane.run;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.CounterName;
import io.millrace.dataplane.flow.FlowClassifier;
import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.flow.ShardTable;
import io.millrace.dataplane.port.LinkState;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.PortStats;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ObjLongConsumer;

/**
 * A port with a queue for each shard, whose device spreads packets over the queues. Each shard polls its own queue, and
 * passes on what the {@link FlowClassifier} and the {@link ShardTable} say is another's: an ICMP error about another's
 * flow, a fragment, a request that the first shard answers for all, a flow of a bucket that changed hands. What all
 * shards must hear of is copied for each. So every packet ends where it belongs whatever hash the device has; one that
 * hashes as {@link FlowHash} does just makes passing on rare.
 *
 * <p>The queue of a place where no shard runs is polled by the first shard that does. A queue is polled by one thread
 * at a time: who is to give it up does so at its next receive, and only then the other one takes it. From a shard whose
 * thread hangs it is {@linkplain #seize seized}, unless the thread hangs within the device's own code.
 *
 * <p>Between any two shards is a ring each way. A shard whose ring is full loses the packet, counted as {@link
 * DispatchCounter#SHARD_FULL} by the shard that had it. Sending goes straight to the shard's own queue.
 *
 * <p>Order at the end: first the shards' threads, then {@link #close}.
 */
public final class SteeredPort implements SharedPort {
    private static final int NOBODY = -1;

    /** Less the number of a shard, in place of that number: it may not poll the queue any more, but might be at it. */
    private static final int SEIZED = -2;

    private static final int VACANT = 0;
    private static final int OPEN = 1;
    private static final int TAKEN = 2;

    private static final long NEVER = Long.MIN_VALUE;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    private final Port port;
    private final int places;
    private final ShardTable table;
    private final ShardRings rings;
    private final PortQueue[] device;
    private final List<PoolCache> caches;
    private final ShardQueue[] ends;

    /** The shard that polls each of the device's queues. */
    private final AtomicIntegerArray pollers;

    /** Whether a shard is in a receive. Opaque: what it was a while ago is what counts. */
    private final AtomicIntegerArray inside;

    /** When a shard was first to be deprived of its queues. */
    private final long[] seized;

    /**
     * {@link #OPEN} if the shard of a place polls, so that its queue is not for others; changed before its thread starts.
     * {@link #TAKEN} if it may not any more.
     */
    private final AtomicIntegerArray open;

    /**
     * Puts itself in front of a port, all of whose queues it takes.
     *
     * @param port none of its queues is taken yet; closed with this one
     * @param table which shards there are; at least 2 places, no more than the port has queues
     * @param hash spreads the flows; that of the device, at best
     * @param caches that of each place's thread
     * @throws IllegalArgumentException if the port has too few queues, or there are fewer places
     */
    public SteeredPort(final Port port, final ShardTable table, final FlowHash hash, final List<PoolCache> caches) {
        this.places = table.places();
        if (places < 2 || places > port.info().queues()) {
            throw new IllegalArgumentException(port.info().name() + " has "
                    + port.info().queues() + " queues; they cannot be those of " + places + " shards");
        }
        this.port = port;
        this.table = table;
        this.rings = new ShardRings(hash, table, port.info().medium());
        this.caches = List.copyOf(caches);
        this.device = new PortQueue[places];
        this.ends = new ShardQueue[places];
        this.pollers = new AtomicIntegerArray(places);
        this.open = new AtomicIntegerArray(places);
        this.inside = new AtomicIntegerArray(places);
        this.seized = new long[places];
        Arrays.fill(seized, NEVER);
        for (int place = 0; place < places; place++) {
            device[place] = port.queue(place, caches.get(place));
            ends[place] = new ShardQueue(place, rings, new Source(place), caches.get(place));
            pollers.set(place, NOBODY);
            open.set(place, table.runs(place) ? OPEN : VACANT);
        }
    }

    @Override
    public PortInfo info() {
        return port.info();
    }

    @Override
    public PortQueue queue(final int index, final PoolCache cache) {
        if (index < 0 || index >= places || !caches.get(index).equals(cache)) {
            throw new IllegalArgumentException(
                    info().name() + " has " + places + " queues, each for the cache it was made with; wanted " + index);
        }
        return ends[index];
    }

    @Override
    public void owner(final int shard, final FlowOwner owner) {
        ends[shard].owner(owner);
    }

    @Override
    public void redirect() {
        port.redirect(table::shard);
    }

    /**
     * {@inheritDoc}
     *
     * <p>The first call forbids the thread to poll. A receive that it had begun by then is seen by the second one, and
     * none begins after it. So those who poll pay no fence for this.
     */
    @Override
    public boolean seize(final int shard, final long nowMicros) {
        if (seized[shard] == NEVER) {
            seized[shard] = nowMicros;
            open.set(shard, TAKEN);
            for (int queue = 0; queue < places; queue++) {
                pollers.compareAndSet(queue, shard, SEIZED - shard);
            }
            return false;
        }
        if (nowMicros - seized[shard] < SEIZE_MICROS || inside.get(shard) != 0) {
            return false;
        }
        release(SEIZED - shard);
        return true;
    }

    private void release(final int poller) {
        for (int queue = 0; queue < places; queue++) {
            pollers.compareAndSet(queue, poller, NOBODY);
        }
    }

    @Override
    public void reopen(final int shard) {
        seized[shard] = NEVER;
        open.set(shard, OPEN);
        final long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (pollers.get(shard) != NOBODY && pollers.get(shard) != shard) {
            if (System.nanoTime() - deadline > 0) {
                open.set(shard, VACANT);
                throw new IllegalStateException(info().name() + ": shard " + pollers.get(shard)
                        + " does not let go of queue " + shard + "; is it stuck?");
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    @Override
    public void discard(final int shard) {
        ends[shard].discard(null);
    }

    /** Lets another shard poll the queue of a place from now on; its own thread has ended. */
    @Override
    public void vacate(final int shard) {
        release(shard);
        release(SEIZED - shard);
        open.set(shard, VACANT);
    }

    @Override
    public boolean linkUp() {
        return port.linkUp();
    }

    @Override
    public LinkState link() {
        return port.link();
    }

    @Override
    public void tend(final long nowMicros) {
        port.tend(nowMicros);
    }

    /** The port's own, and as missed what was lost on the way between shards. */
    @Override
    public PortStats stats() {
        PortStats stats = port.stats();
        for (final ShardQueue end : ends) {
            stats = stats.plusMissed(end.counters().drops());
        }
        return stats;
    }

    @Override
    public void forEachCounter(final ObjLongConsumer<CounterName> consumer) {
        port.forEachCounter(consumer);
        for (final ShardQueue end : ends) {
            end.counters().forEach(consumer);
        }
    }

    /** Frees what is between shards, through their caches, and closes the port. No thread may poll any more. */
    @Override
    public void close() {
        for (final ShardQueue end : ends) {
            end.clear();
        }
        port.close();
    }

    /** What a shard polls: the device's queue of its place, and those of places where none runs if it is the first. */
    private final class Source implements PortQueue {
        private final int shard;
        private int nextQueue;

        Source(final int shard) {
            this.shard = shard;
        }

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            inside.setOpaque(shard, 1);
            final int count = receiveAny(handles, max, nowMicros);
            inside.setOpaque(shard, 0);
            return count;
        }

        private int receiveAny(final long[] handles, final int max, final long nowMicros) {
            if (mayPoll(shard)) {
                final int count = device[shard].receive(handles, max, nowMicros);
                if (count > 0) {
                    return count;
                }
            }
            for (int i = 0; i < places; i++) {
                nextQueue = nextQueue + 1 == places ? 0 : nextQueue + 1;
                if (nextQueue != shard && mayPoll(nextQueue)) {
                    final int count = device[nextQueue].receive(handles, max, nowMicros);
                    if (count > 0) {
                        return count;
                    }
                }
            }
            return 0;
        }

        /** Whether this shard polls a queue; if it should not any more, it gives the queue up. */
        private boolean mayPoll(final int queue) {
            final int place = open.get(queue);
            final boolean wanted = queue == shard ? place != TAKEN : place != OPEN && table.first() == shard;
            final int poller = pollers.get(queue);
            if (poller == shard) {
                if (!wanted) {
                    pollers.set(queue, NOBODY);
                }
                return wanted;
            }
            return wanted && poller == NOBODY && pollers.compareAndSet(queue, NOBODY, shard);
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            return device[shard].transmit(handles, from, count, nowMicros);
        }
    }
}

package io.millrace.dataplane.run;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.CounterName;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.flow.FlowClassifier;
import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.flow.FlowKey;
import io.millrace.dataplane.flow.FragmentTracker;
import io.millrace.dataplane.flow.ShardTable;
import io.millrace.dataplane.port.LinkState;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.PortStats;
import io.millrace.dataplane.ring.HandleRing;
import java.lang.foreign.MemorySegment;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Shares queue 0 of a port among several shards: to them it is a port with a queue for each. It is also the task of a
 * thread of its own, which spreads received packets over the shards by their flow (see {@link FlowClassifier}) and
 * collects what they send. Packets travel by handle over rings with one producer and one consumer each.
 *
 * <p>Where a {@link ShardTable} gives buckets to other shards, the dispatcher brings their packets to the shard that had
 * them, which passes on what is of no flow of its own. Fragments follow the first of their datagram, there too.
 *
 * <p>A shard that does not keep up loses packets, counted as {@link DispatchCounter#SHARD_FULL}; the others do not
 * notice. What shards send is never dropped on the way: a full ring takes no more.
 *
 * <p>Order at the end: first the shards, then the dispatcher's own thread, then {@link #close}.
 */
public final class Dispatcher implements SharedPort, ShardTask, FragmentTracker.Exit {
    private static final int BURST = 32;

    /** Packets that each ring holds. */
    private static final int RING = 2048;

    private final Port port;
    private final PortInfo info;
    private final PortQueue queue;
    private final PoolCache cache;
    private final PacketPool pool;
    private final MemorySegment memory;
    private final ShardRings rings;
    private final ShardTable table;
    private final FragmentTracker fragments;
    private final FlowKey key = new FlowKey();
    private final Counters<DispatchCounter> counters = new Counters<>(DispatchCounter.class);
    private final int shards;
    private final ShardRing[] queues;
    private final @Nullable ShardQueue[] ends;
    private final boolean[] taken;
    private final long[] received = new long[BURST];

    /** For each shard what it will get of this burst. */
    private final long[][] staged;

    private final int[] stagedCount;

    /** Collected from shards, not yet taken by the port. */
    private final long[] sending = new long[BURST];

    private int sendingFrom;
    private int sendingCount;
    private int firstShard;
    private boolean closed;

    /**
     * Puts a dispatcher in front of a port, whose queue 0 it takes.
     *
     * @param port the port, closed with the dispatcher
     * @param cache of the thread that will poll the dispatcher
     * @param table which shards there are
     * @param hash spreads the flows
     */
    public Dispatcher(final Port port, final PoolCache cache, final ShardTable table, final FlowHash hash) {
        this.port = port;
        this.table = table;
        this.rings = new ShardRings(hash, table, port.info().medium());
        this.fragments = new FragmentTracker(hash);
        this.cache = cache;
        this.pool = cache.pool();
        this.memory = pool.memory();
        this.shards = table.places();
        final PortInfo one = port.info();
        this.info = new PortInfo(one.name(), one.driver(), one.medium(), one.macAddress(), one.mtu(), shards);
        this.queue = port.queue(0, cache);
        this.queues = new ShardRing[shards];
        this.ends = new ShardQueue[shards];
        this.taken = new boolean[shards];
        this.staged = new long[shards][BURST];
        this.stagedCount = new int[shards];
        for (int i = 0; i < shards; i++) {
            queues[i] = new ShardRing();
        }
    }

    /** The port as the shards see it: its own, but with a queue for each shard. */
    @Override
    public PortInfo info() {
        return info;
    }

    @Override
    public PortQueue queue(final int index, final PoolCache shardCache) {
        if (index < 0 || index >= shards || taken[index]) {
            throw new IllegalStateException(
                    info.name() + " is shared by " + shards + " shards, each takes its queue once; wanted " + index);
        }
        if (!shardCache.pool().equals(pool)) {
            throw new IllegalArgumentException(info.name() + " was opened with another pool than that of the cache");
        }
        final ShardQueue former = ends[index];
        final ShardQueue end = former == null ? new ShardQueue(index, rings, queues[index], shardCache) : former;
        ends[index] = end;
        taken[index] = true;
        return end;
    }

    @Override
    public void owner(final int shard, final FlowOwner owner) {
        final ShardQueue end = ends[shard];
        if (end != null) {
            end.owner(owner);
        }
    }

    /** Nothing to wait for: a place's rings are nobody else's. */
    @Override
    public void reopen(final int shard) {
        taken[shard] = false;
    }

    /** Nothing to take away: the dispatcher gives packets to shards that serve something only. */
    @Override
    public boolean seize(final int shard, final long nowMicros) {
        return true;
    }

    /** Nothing to tell: the dispatcher looks into the table of shards for every packet. */
    @Override
    public void redirect() {}

    @Override
    public void discard(final int shard) {
        final ShardQueue end = ends[shard];
        if (end != null) {
            end.discard(queues[shard].toShard);
        }
    }

    /** Nothing to look at: the dispatcher gives packets to shards that run only. */
    @Override
    public void vacate(final int shard) {}

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

    /** The port's own, and as missed or unsent what was lost between it and the shards. */
    @Override
    public PortStats stats() {
        final long unsent = counters.get(DispatchCounter.UNSENT);
        long missed = counters.drops() - unsent;
        for (final ShardQueue end : ends) {
            missed += end == null ? 0 : end.counters().drops();
        }
        return port.stats().plusMissed(missed).plusUnsent(unsent);
    }

    @Override
    public void forEachCounter(final ObjLongConsumer<CounterName> consumer) {
        port.forEachCounter(consumer);
        counters.forEach(consumer);
        for (final ShardQueue end : ends) {
            if (end != null) {
                end.counters().forEach(consumer);
            }
        }
    }

    /** What was dispatched and dropped here; what shards passed on to each other is not in it. */
    public Counters<DispatchCounter> counters() {
        return counters;
    }

    /** Spreads one burst over the shards and sends one burst of theirs. */
    @Override
    public int poll(final long nowMicros) {
        return fragments.poll(nowMicros, this) + spread(nowMicros) + collect(nowMicros);
    }

    @Override
    public long pollAt(final long nowMicros) {
        return sendingCount > 0 ? nowMicros : fragments.pollAt();
    }

    /** Sends what the shards left, their last words to their peers, for as long as the port takes it. */
    @Override
    public void onClose(final long nowMicros) {
        while (collect(nowMicros) > 0) {
            // Until nothing is left, or nothing is taken.
        }
    }

    /** Frees what is left in the rings and closes the port. No thread may poll any more. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        drop(sending, sendingFrom, sendingCount, DispatchCounter.UNSENT);
        sendingCount = 0;
        fragments.clear((handle, kind, flow) -> {
            cache.free(handle);
            counters.increment(DispatchCounter.UNCLAIMED);
        });
        for (int shard = 0; shard < shards; shard++) {
            final ShardRing ring = queues[shard];
            for (int n = ring.toPort.poll(received, 0, BURST); n > 0; n = ring.toPort.poll(received, 0, BURST)) {
                drop(received, 0, n, DispatchCounter.UNSENT);
            }
            for (int n = ring.toShard.poll(received, 0, BURST); n > 0; n = ring.toShard.poll(received, 0, BURST)) {
                drop(received, 0, n, DispatchCounter.UNCLAIMED);
            }
            final ShardQueue end = ends[shard];
            if (end != null) {
                end.clear();
            }
        }
        port.close();
        cache.flush();
    }

    private int spread(final long nowMicros) {
        final int count = queue.receive(received, BURST, nowMicros);
        for (int i = 0; i < count; i++) {
            final long handle = received[i];
            final int kind = FlowClassifier.classify(
                    info.medium(), memory, pool.dataOffset(handle), BufferHeader.length(memory, handle), key);
            switch (kind) {
                case FlowClassifier.FLOW -> {
                    final int shard = table.shard(key.hash(rings.hash));
                    stage(shard, table.changed() ? handle : handle | ShardRings.FINAL);
                }
                case FlowClassifier.FRAGMENT -> fragments.add(key, handle, nowMicros, this);
                case FlowClassifier.ALL -> stageForAll(handle);
                default -> stage(table.first(), handle | ShardRings.FINAL);
            }
        }
        for (int i = 0; i < shards; i++) {
            deliver(i);
        }
        return count;
    }

    private void stage(final int shard, final long handle) {
        if (stagedCount[shard] == BURST) {
            deliver(shard);
        }
        staged[shard][stagedCount[shard]++] = handle;
    }

    /** A fragment whose way is known. */
    @Override
    public void leave(final long handle, final int kind, final FlowKey flow) {
        switch (kind) {
            case FlowClassifier.FLOW ->
                stage(
                        table.shard(flow.hash(rings.hash)),
                        handle | (table.changed() ? ShardRings.LED : ShardRings.FINAL));
            case FlowClassifier.FRAGMENT ->
                stage(table.shard(flow.hashOfAddresses(rings.hash)), handle | ShardRings.FINAL);
            default -> stage(table.first(), handle | ShardRings.FINAL);
        }
    }

    private void stageForAll(final long handle) {
        final int first = table.first();
        for (int i = 0; i < shards; i++) {
            if (i == first || !table.serves(i)) {
                continue;
            }
            final long copy = Copies.copy(cache, handle);
            if (copy == PacketPool.NONE) {
                counters.increment(DispatchCounter.NO_BUFFER);
                continue;
            }
            counters.increment(DispatchCounter.COPIES);
            stage(i, copy | ShardRings.FINAL);
        }
        stage(first, handle | ShardRings.FINAL);
    }

    private void deliver(final int shard) {
        final int count = stagedCount[shard];
        if (count == 0) {
            return;
        }
        stagedCount[shard] = 0;
        final int taken = queues[shard].toShard.offer(staged[shard], 0, count);
        counters.add(DispatchCounter.TO_SHARDS, taken);
        if (taken < count) {
            drop(staged[shard], taken, count - taken, DispatchCounter.SHARD_FULL);
        }
    }

    private int collect(final long nowMicros) {
        if (sendingCount == 0) {
            sendingFrom = 0;
            // Another shard comes first each time, so that none is starved.
            firstShard = firstShard + 1 == shards ? 0 : firstShard + 1;
            for (int i = 0; i < shards && sendingCount < BURST; i++) {
                final ShardRing shard = queues[(firstShard + i) % shards];
                sendingCount += shard.toPort.poll(sending, sendingCount, BURST - sendingCount);
            }
        }
        if (sendingCount == 0) {
            return 0;
        }
        final int sent = queue.transmit(sending, sendingFrom, sendingCount, nowMicros);
        sendingFrom += sent;
        sendingCount -= sent;
        counters.add(DispatchCounter.FROM_SHARDS, sent);
        return sent;
    }

    private void drop(final long[] handles, final int from, final int count, final DispatchCounter reason) {
        for (int i = from; i < from + count; i++) {
            cache.free(handles[i] & ShardRings.HANDLE);
        }
        counters.add(reason, count);
    }

    /** The two rings between the dispatcher and a shard: what the shard's end receives from and sends to. */
    private static final class ShardRing implements PortQueue {
        private final HandleRing toShard = new HandleRing(RING);
        private final HandleRing toPort = new HandleRing(RING);

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            return toShard.poll(handles, 0, max);
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            return toPort.offer(handles, from, count);
        }
    }
}

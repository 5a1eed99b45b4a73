package io.millrace.dataplane.run;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.CounterName;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.flow.FlowClassifier;
import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.PortStats;
import io.millrace.dataplane.ring.HandleRing;
import java.lang.foreign.MemorySegment;
import java.util.function.ObjLongConsumer;

/**
 * Shares queue 0 of a port among several shards: to them it is a port with a queue for each. It is also the task of a
 * thread of its own, which spreads received packets over the shards by their flow (see {@link FlowClassifier}) and
 * collects what they send. Packets travel by handle over rings with one producer and one consumer each.
 *
 * <p>A shard that does not keep up loses packets, counted as {@link DispatchCounter#SHARD_FULL}; the others do not
 * notice. What shards send is never dropped on the way: a full ring takes no more.
 *
 * <p>Order at the end: first the shards, then the dispatcher's own thread, then {@link #close}.
 */
public final class Dispatcher implements Port, ShardTask {
    private static final int BURST = 32;

    /** Packets that each ring holds; one less than a power of two, which is what Agrona's ring makes best use of. */
    private static final int RING = 2047;

    private final Port port;
    private final PortInfo info;
    private final PortQueue queue;
    private final PoolCache cache;
    private final PacketPool pool;
    private final MemorySegment memory;
    private final FlowClassifier classifier;
    private final Counters<DispatchCounter> counters = new Counters<>(DispatchCounter.class);
    private final int shards;
    private final ShardQueue[] queues;
    private final boolean[] queueTaken;
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
     * @param shards number of shards, 1 to {@value FlowHash#BUCKETS}
     * @param hash spreads the flows
     */
    public Dispatcher(final Port port, final PoolCache cache, final int shards, final FlowHash hash) {
        this.port = port;
        this.classifier = new FlowClassifier(hash, shards);
        this.cache = cache;
        this.pool = cache.pool();
        this.memory = pool.memory();
        this.shards = shards;
        final PortInfo one = port.info();
        this.info = new PortInfo(one.name(), one.driver(), one.medium(), one.macAddress(), one.mtu(), shards);
        this.queue = port.queue(0, cache);
        this.queues = new ShardQueue[shards];
        this.queueTaken = new boolean[shards];
        this.staged = new long[shards][BURST];
        this.stagedCount = new int[shards];
        for (int i = 0; i < shards; i++) {
            queues[i] = new ShardQueue();
        }
    }

    /** The port as the shards see it: its own, but with a queue for each shard. */
    @Override
    public PortInfo info() {
        return info;
    }

    @Override
    public PortQueue queue(final int index, final PoolCache shardCache) {
        if (index < 0 || index >= shards || queueTaken[index]) {
            throw new IllegalStateException(
                    info.name() + " is shared by " + shards + " shards, each takes its queue once; wanted " + index);
        }
        if (!shardCache.pool().equals(pool)) {
            throw new IllegalArgumentException(info.name() + " was opened with another pool than that of the cache");
        }
        queueTaken[index] = true;
        return queues[index];
    }

    @Override
    public boolean linkUp() {
        return port.linkUp();
    }

    /** The port's own, and as missed or unsent what was lost between it and the shards. */
    @Override
    public PortStats stats() {
        final long unsent = counters.get(DispatchCounter.UNSENT);
        return port.stats().plusMissed(counters.drops() - unsent).plusUnsent(unsent);
    }

    @Override
    public void forEachCounter(final ObjLongConsumer<CounterName> consumer) {
        port.forEachCounter(consumer);
        counters.forEach(consumer);
    }

    /** What was dispatched and dropped. */
    public Counters<DispatchCounter> counters() {
        return counters;
    }

    /** Spreads one burst over the shards and sends one burst of theirs. */
    @Override
    public int poll(final long nowMicros) {
        return spread(nowMicros) + collect(nowMicros);
    }

    @Override
    public long pollAt(final long nowMicros) {
        return sendingCount > 0 ? nowMicros : Long.MAX_VALUE;
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
        for (final ShardQueue shard : queues) {
            for (int n = shard.toPort.poll(received, 0, BURST); n > 0; n = shard.toPort.poll(received, 0, BURST)) {
                drop(received, 0, n, DispatchCounter.UNSENT);
            }
            for (int n = shard.toShard.poll(received, 0, BURST); n > 0; n = shard.toShard.poll(received, 0, BURST)) {
                drop(received, 0, n, DispatchCounter.UNCLAIMED);
            }
        }
        port.close();
        cache.flush();
    }

    private int spread(final long nowMicros) {
        final int count = queue.receive(received, BURST, nowMicros);
        for (int i = 0; i < count; i++) {
            final long handle = received[i];
            final int shard = classifier.shard(
                    info.medium(), memory, pool.dataOffset(handle), BufferHeader.length(memory, handle));
            if (shard == FlowClassifier.ALL) {
                stageForAll(handle);
            } else {
                stage(shard, handle);
            }
        }
        if (count > 0) {
            for (int i = 0; i < shards; i++) {
                deliver(i);
            }
        }
        return count;
    }

    private void stage(final int shard, final long handle) {
        staged[shard][stagedCount[shard]++] = handle;
    }

    private void stageForAll(final long handle) {
        final int length = BufferHeader.length(memory, handle);
        for (int i = 1; i < shards; i++) {
            final long copy = cache.allocate();
            if (copy == PacketPool.NONE) {
                counters.increment(DispatchCounter.NO_BUFFER);
                continue;
            }
            // A packet that came in with less headroom than a fresh one has still fits, for it keeps its place.
            BufferHeader.dataOff(memory, copy, BufferHeader.dataOff(memory, handle));
            MemorySegment.copy(memory, pool.dataOffset(handle), memory, pool.dataOffset(copy), length);
            BufferHeader.length(memory, copy, length);
            counters.increment(DispatchCounter.COPIES);
            stage(i, copy);
        }
        stage(FlowClassifier.FIRST, handle);
    }

    private void deliver(final int shard) {
        final int count = stagedCount[shard];
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
                final ShardQueue shard = queues[(firstShard + i) % shards];
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
        cache.free(handles, from, count);
        counters.add(reason, count);
    }

    /** The two rings between the dispatcher and a shard, as the shard sees them. */
    private static final class ShardQueue implements PortQueue {
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

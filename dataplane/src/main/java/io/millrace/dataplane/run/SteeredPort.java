package io.millrace.dataplane.run;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.CounterName;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.flow.FlowClassifier;
import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.PortStats;
import io.millrace.dataplane.ring.HandleRing;
import java.lang.foreign.MemorySegment;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A port with a queue for each shard, whose device spreads packets over the queues. Each shard polls its own queue, and
 * passes on what the {@link FlowClassifier} says is another's: an ICMP error about another's flow, or a request that the
 * first shard answers for all. What all shards must hear of is copied for each. So every packet ends where it belongs
 * whatever hash the device has; one that hashes as {@link FlowHash} does just makes passing on rare.
 *
 * <p>Between any two shards is a ring each way. A shard whose ring is full loses the packet, counted as {@link
 * DispatchCounter#SHARD_FULL} by the shard that had it. Sending goes straight to the shard's own queue.
 *
 * <p>Order at the end: first the shards' threads, then {@link #close}.
 */
public final class SteeredPort implements Port {
    private static final int BURST = 32;
    private static final int MAX_BURSTS = 8;

    /** Packets that each ring holds: most of a device's queue, should its hash be another than ours. */
    private static final int RING = 511;

    private final Port port;
    private final int shards;
    private final FlowClassifier classifier;
    private final @Nullable Queue[] queues;

    /** From the shard of the first index to that of the second; null from a shard to itself. */
    private final @Nullable HandleRing[][] rings;

    /**
     * Puts itself in front of a port.
     *
     * @param port none of its queues is taken yet; closed with this one
     * @param shards number of shards, 2 to {@value FlowHash#BUCKETS}, no more than the port has queues
     * @param hash spreads the flows; that of the device, at best
     */
    public SteeredPort(final Port port, final int shards, final FlowHash hash) {
        if (shards < 2 || shards > port.info().queues()) {
            throw new IllegalArgumentException(port.info().name() + " has "
                    + port.info().queues() + " queues; they cannot be those of " + shards + " shards");
        }
        this.port = port;
        this.shards = shards;
        this.classifier = new FlowClassifier(hash, shards);
        this.queues = new Queue[shards];
        this.rings = new HandleRing[shards][shards];
        for (int from = 0; from < shards; from++) {
            for (int to = 0; to < shards; to++) {
                rings[from][to] = from == to ? null : new HandleRing(RING);
            }
        }
    }

    @Override
    public PortInfo info() {
        return port.info();
    }

    @Override
    public PortQueue queue(final int index, final PoolCache cache) {
        final Queue queue = new Queue(index, port.queue(index, cache), cache);
        queues[index] = queue;
        return queue;
    }

    @Override
    public boolean linkUp() {
        return port.linkUp();
    }

    /** The port's own, and as missed what was lost on the way between shards. */
    @Override
    public PortStats stats() {
        PortStats stats = port.stats();
        for (final Queue queue : queues) {
            if (queue != null) {
                stats = stats.plusMissed(queue.counters.drops());
            }
        }
        return stats;
    }

    @Override
    public void forEachCounter(final ObjLongConsumer<CounterName> consumer) {
        port.forEachCounter(consumer);
        for (final Queue queue : queues) {
            if (queue != null) {
                queue.counters.forEach(consumer);
            }
        }
    }

    /** Frees what is between shards, through their caches, and closes the port. No thread may poll any more. */
    @Override
    public void close() {
        for (int to = 0; to < shards; to++) {
            final Queue queue = queues[to];
            for (int from = 0; from < shards; from++) {
                final HandleRing ring = rings[from][to];
                final Queue sender = queues[from];
                if (ring == null || sender == null) {
                    continue;
                }
                // A shard that never took its queue has no cache of its own.
                (queue == null ? sender : queue).clear(ring);
            }
        }
        port.close();
    }

    private final class Queue implements PortQueue {
        private final int shard;
        private final PortQueue queue;
        private final PoolCache cache;
        private final PacketPool pool;
        private final MemorySegment memory;
        private final Medium medium = port.info().medium();
        private final Counters<DispatchCounter> counters = new Counters<>(DispatchCounter.class);
        private final long[] received = new long[BURST];
        private final long[] staged = new long[1];
        private int nextSender;

        Queue(final int shard, final PortQueue queue, final PoolCache cache) {
            this.shard = shard;
            this.queue = queue;
            this.cache = cache;
            this.pool = cache.pool();
            this.memory = pool.memory();
        }

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            // What others passed on is older than what the device holds.
            int count = 0;
            for (int i = 0; i < shards && count < max; i++) {
                nextSender = nextSender + 1 == shards ? 0 : nextSender + 1;
                final HandleRing ring = rings[nextSender][shard];
                if (ring != null) {
                    count += ring.poll(handles, count, max - count);
                }
            }
            if (count < max) {
                count = receiveMine(handles, count, max, nowMicros);
            }
            return count;
        }

        /** To receive nothing means that there is nothing to do, so a burst of which nothing is ours is not the end. */
        private int receiveMine(final long[] handles, final int from, final int max, final long nowMicros) {
            final int wanted = Math.min(BURST, max - from);
            int count = from;
            int bursts = 0;
            int fresh;
            do {
                fresh = queue.receive(received, wanted, nowMicros);
                for (int i = 0; i < fresh; i++) {
                    if (isMine(received[i])) {
                        handles[count++] = received[i];
                    }
                }
                bursts++;
            } while (count == 0 && fresh == wanted && bursts < MAX_BURSTS);
            return count;
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            return queue.transmit(handles, from, count, nowMicros);
        }

        /** Whether a packet is for this shard. If not, it is on its way to the one that it is for, or gone. */
        private boolean isMine(final long handle) {
            final int owner =
                    classifier.shard(medium, memory, pool.dataOffset(handle), BufferHeader.length(memory, handle));
            if (owner == FlowClassifier.ALL) {
                for (int i = 0; i < shards; i++) {
                    if (i != shard) {
                        passCopy(i, handle);
                    }
                }
                return true;
            }
            if (owner != shard) {
                pass(owner, handle);
            }
            return owner == shard;
        }

        private void passCopy(final int to, final long handle) {
            final long copy = cache.allocate();
            if (copy == PacketPool.NONE) {
                counters.increment(DispatchCounter.NO_BUFFER);
                return;
            }
            final int length = BufferHeader.length(memory, handle);
            // A packet that came in with less headroom than a fresh one has still fits, for it keeps its place.
            BufferHeader.dataOff(memory, copy, BufferHeader.dataOff(memory, handle));
            MemorySegment.copy(memory, pool.dataOffset(handle), memory, pool.dataOffset(copy), length);
            BufferHeader.length(memory, copy, length);
            counters.increment(DispatchCounter.COPIES);
            pass(to, copy);
        }

        private void pass(final int to, final long handle) {
            final HandleRing ring = rings[shard][to];
            staged[0] = handle;
            if (ring != null && ring.offer(staged, 0, 1) == 1) {
                counters.increment(DispatchCounter.TO_SHARDS);
            } else {
                counters.increment(DispatchCounter.SHARD_FULL);
                cache.free(handle);
            }
        }

        private void clear(final HandleRing ring) {
            for (int n = ring.poll(received, 0, BURST); n > 0; n = ring.poll(received, 0, BURST)) {
                cache.free(received, 0, n);
                counters.add(DispatchCounter.UNCLAIMED, n);
            }
        }
    }
}

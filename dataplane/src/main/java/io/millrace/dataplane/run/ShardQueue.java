package io.millrace.dataplane.run;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.flow.FlowClassifier;
import io.millrace.dataplane.flow.FlowKey;
import io.millrace.dataplane.flow.FragmentTracker;
import io.millrace.dataplane.flow.ShardTable;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.ring.HandleRing;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A shard's end of a shared port: receives from a source and from the other shards, keeps what is for this shard and
 * hands the rest on. Sending goes straight to the source.
 *
 * <p>The source marks with {@link ShardRings#FINAL} what needs no look. A packet of a flow is this shard's if the table
 * says so; where buckets have changed hands, a former shard keeps what is of a flow that it has. Fragments go to the
 * shard that their addresses lead to, which knows how to go on once it has seen the first of the datagram, and from there
 * as the packet that it is a part of, the first one in front.
 */
final class ShardQueue implements PortQueue, FragmentTracker.Exit {
    private static final int BURST = 32;
    private static final int MAX_BURSTS = 8;

    private final int shard;
    private final ShardRings rings;
    private final ShardTable table;
    private final PortQueue source;
    private final PoolCache cache;
    private final PacketPool pool;
    private final MemorySegment memory;
    private final FragmentTracker fragments;
    private final Counters<DispatchCounter> counters = new Counters<>(DispatchCounter.class);
    private final FlowKey key = new FlowKey();
    private final long[] received = new long[BURST];
    private final long[] staged = new long[1];

    /** Fragments that were held and are this shard's: more at once than a burst may have room for. */
    private final HandleRing mine = new HandleRing(FragmentTracker.MAX_HELD + 1);

    private FlowOwner owner = FlowOwner.NONE;
    private int nextSender;

    ShardQueue(final int shard, final ShardRings rings, final PortQueue source, final PoolCache cache) {
        this.shard = shard;
        this.rings = rings;
        this.table = rings.table;
        this.source = source;
        this.cache = cache;
        this.pool = cache.pool();
        this.memory = pool.memory();
        this.fragments = new FragmentTracker(rings.hash);
    }

    Counters<DispatchCounter> counters() {
        return counters;
    }

    void owner(final FlowOwner newOwner) {
        owner = newOwner;
    }

    @Override
    public int receive(final long[] handles, final int max, final long nowMicros) {
        fragments.poll(nowMicros, this);
        int count = mine.poll(handles, 0, max);
        // What others passed on is older than what the source holds.
        final int places = table.places();
        for (int i = 0; i < places && count < max; i++) {
            nextSender = nextSender + 1 == places ? 0 : nextSender + 1;
            final HandleRing ring = rings.ring(nextSender, shard);
            if (ring != null) {
                final int fresh = ring.poll(received, 0, Math.min(BURST, max - count));
                count = keepMine(fresh, handles, count, nowMicros);
            }
        }
        if (count < max) {
            count = receiveFresh(handles, count, max, nowMicros);
        }
        // To receive nothing must mean that there is nothing, so what was held until just now comes with this burst.
        return count + mine.poll(handles, count, max - count);
    }

    /** To receive nothing means that there is nothing to do, so a burst of which nothing is ours is not the end. */
    private int receiveFresh(final long[] handles, final int from, final int max, final long nowMicros) {
        final int wanted = Math.min(BURST, max - from);
        int count = from;
        int bursts = 0;
        int fresh;
        do {
            fresh = source.receive(received, wanted, nowMicros);
            count = keepMine(fresh, handles, count, nowMicros);
            bursts++;
        } while (count == 0 && fresh == wanted && bursts < MAX_BURSTS);
        return count;
    }

    @Override
    public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
        return source.transmit(handles, from, count, nowMicros);
    }

    /** Copies those of {@link #received} that are this shard's, and hands the others on. */
    private int keepMine(final int fresh, final long[] handles, final int from, final long now) {
        int count = from;
        for (int i = 0; i < fresh; i++) {
            final long handle = received[i] & ShardRings.HANDLE;
            final long marks = received[i] & ~ShardRings.HANDLE;
            if ((marks & ShardRings.FINAL) != 0 || isMine(handle, marks, now)) {
                handles[count++] = handle;
            }
        }
        return count;
    }

    /** Whether a packet is for this shard. If not, it is on its way to the one that it is for, or held, or gone. */
    private boolean isMine(final long handle, final long marks, final long now) {
        final int kind = FlowClassifier.classify(
                rings.medium, memory, pool.dataOffset(handle), BufferHeader.length(memory, handle), key);
        if (kind == FlowClassifier.FRAGMENT && (marks & ShardRings.LED) != 0) {
            // Of a datagram whose beginning did not come by here, the shard that has it keeps the rest.
            return !fragments.complete(key, now, this) || isMyFlow(key, handle, marks);
        }
        if (kind == FlowClassifier.FRAGMENT) {
            final int home = table.owner(key.hashOfAddresses(rings.hash));
            if (home == shard) {
                fragments.add(key, handle, now, this);
            } else {
                pass(home, handle);
            }
            return false;
        }
        if (kind == FlowClassifier.FLOW) {
            return isMyFlow(key, handle, marks);
        }
        return take(handle, kind);
    }

    /**
     * Whether a packet's flow is this shard's.
     *
     * @param marks {@link ShardRings#ASKED} if the shards before this one in the bucket's chain do not have the flow,
     *     {@link ShardRings#LED} for a fragment
     */
    private boolean isMyFlow(final FlowKey flow, final long handle, final long marks) {
        final int hash = flow.hash(rings.hash);
        final long led = marks & ShardRings.LED;
        final int first = table.shard(hash);
        if (first != shard && (marks & ShardRings.ASKED) == 0) {
            pass(first, handle | (table.changed() ? led : ShardRings.FINAL));
            return false;
        }
        final int next = table.next(hash, shard);
        if (next == shard) {
            return true;
        }
        final boolean former = table.isFormer(hash, shard);
        if (former && owner.owns(flow)) {
            return true;
        }
        pass(next, handle | led | (former ? ShardRings.ASKED : 0));
        return false;
    }

    private boolean take(final long handle, final int kind) {
        if (kind == FlowClassifier.ALL) {
            for (int to = 0; to < table.places(); to++) {
                if (to != shard && table.serves(to)) {
                    passCopy(to, handle);
                }
            }
            return true;
        }
        return isFor(table.first(), handle);
    }

    /** A fragment whose way is known. */
    @Override
    public void leave(final long handle, final int kind, final FlowKey flow) {
        final boolean keep = switch (kind) {
            case FlowClassifier.FLOW -> isMyFlow(flow, handle, ShardRings.LED);
            case FlowClassifier.FRAGMENT -> isFor(table.shard(flow.hashOfAddresses(rings.hash)), handle);
            default -> isFor(table.first(), handle);
        };
        if (keep) {
            staged[0] = handle;
            if (mine.offer(staged, 0, 1) == 0) {
                drop(handle);
            }
        }
    }

    /** Whether a packet that one shard is to keep is for this one; if not, it is on its way there. */
    private boolean isFor(final int to, final long handle) {
        if (to != shard) {
            pass(to, handle | ShardRings.FINAL);
        }
        return to == shard;
    }

    private void passCopy(final int to, final long handle) {
        final long copy = Copies.copy(cache, handle);
        if (copy == PacketPool.NONE) {
            counters.increment(DispatchCounter.NO_BUFFER);
            return;
        }
        counters.increment(DispatchCounter.COPIES);
        pass(to, copy | ShardRings.FINAL);
    }

    private void pass(final int to, final long handle) {
        final HandleRing ring = rings.ring(shard, to);
        staged[0] = handle;
        if (ring != null && ring.offer(staged, 0, 1) == 1) {
            counters.increment(DispatchCounter.TO_SHARDS);
        } else {
            drop(handle & ShardRings.HANDLE);
        }
    }

    private void drop(final long handle) {
        counters.increment(DispatchCounter.SHARD_FULL);
        cache.free(handle);
    }

    /**
     * Frees what was left for a shard whose thread has ended, through the cache that was that thread's. The other shards
     * may go on.
     *
     * @param source what the source has for this shard, if that is a ring
     */
    void discard(final @Nullable HandleRing source) {
        while (source != null && source.poll(staged, 0, 1) == 1) {
            unclaimed(staged[0] & ShardRings.HANDLE);
        }
        clear();
        cache.flush();
    }

    /** Frees what is on its way to this shard, whose thread polls no more. */
    void clear() {
        fragments.clear((handle, kind, flow) -> unclaimed(handle));
        while (mine.poll(staged, 0, 1) == 1) {
            unclaimed(staged[0]);
        }
        counters.add(DispatchCounter.UNCLAIMED, rings.clear(shard, cache));
    }

    private void unclaimed(final long handle) {
        cache.free(handle);
        counters.increment(DispatchCounter.UNCLAIMED);
    }
}

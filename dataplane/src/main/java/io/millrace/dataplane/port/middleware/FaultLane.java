package io.millrace.dataplane.port.middleware;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.DelayLine;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** One direction of one queue of a {@link FaultInjector}: packets on their way, in the order in which they are due. */
final class FaultLane {
    private static final int SIZE = 4096;
    private static final long MICROS_PER_SECOND = 1_000_000;

    private final Direction direction;
    private final PoolCache cache;
    private final PacketPool pool;
    private final MemorySegment memory;
    private final PacketMutator mutator;
    private final Counters<FaultCounter> counters;
    private final SplittableRandom random;
    private final DelayLine waiting = new DelayLine(SIZE);

    /** Millionths of tokens in the bucket, and when they were counted last; the bucket that they are in. */
    private long tokens;

    private long tokensAt;
    private Faults tokensOf = Faults.NONE;

    FaultLane(
            final Direction direction,
            final PoolCache cache,
            final PacketMutator mutator,
            final Counters<FaultCounter> counters,
            final long seed) {
        this.direction = direction;
        this.cache = cache;
        this.pool = cache.pool();
        this.memory = pool.memory();
        this.mutator = mutator;
        this.counters = counters;
        this.random = new SplittableRandom(seed);
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Whether there is room for so many more and their twins. */
    boolean hasRoom(final int packets) {
        return waiting.room() >= 2 * packets;
    }

    /** Takes a packet over and does to it what is to be done. There is room for it. */
    void add(final long handle, final Faults faults, final long nowMicros) {
        final int length = BufferHeader.length(memory, handle);
        if (faults.longest() > 0 && length > faults.longest()) {
            drop(handle, FaultCounter.TOO_LONG);
        } else if (faults.packetsPerSecond() > 0 && !takeToken(faults, nowMicros)) {
            drop(handle, FaultCounter.OVER_RATE);
        } else if (happens(faults.loss())) {
            drop(handle, FaultCounter.LOST);
        } else {
            if (happens(faults.duplication())) {
                duplicate(handle, faults, nowMicros);
            }
            hold(handle, length, faults, nowMicros);
        }
    }

    /** Takes out packets that are due; see {@link DelayLine#take}. */
    int take(final long[] to, final int from, final int max, final long nowMicros) {
        return waiting.take(to, from, max, nowMicros);
    }

    /** Frees what is held. */
    void clear() {
        while (!waiting.isEmpty()) {
            drop(waiting.removeFirst(), FaultCounter.UNDELIVERED);
        }
    }

    /** Frees a packet and counts why. */
    void drop(final long handle, final FaultCounter reason) {
        cache.free(handle);
        counters.increment(reason);
    }

    private boolean happens(final double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }

    private boolean takeToken(final Faults faults, final long nowMicros) {
        final long full = faults.bucket() * MICROS_PER_SECOND;
        if (!faults.equals(tokensOf)) {
            tokensOf = faults;
            tokens = full;
            tokensAt = nowMicros;
        }
        // No longer than it takes to fill the bucket, or the product overflows.
        final long elapsed = Math.clamp(nowMicros - tokensAt, 0, full / faults.packetsPerSecond() + 1);
        tokens = Math.min(full, tokens + elapsed * faults.packetsPerSecond());
        tokensAt = nowMicros;
        if (tokens < MICROS_PER_SECOND) {
            return false;
        }
        tokens -= MICROS_PER_SECOND;
        return true;
    }

    private void duplicate(final long handle, final Faults faults, final long nowMicros) {
        final long twin = cache.copy(handle);
        if (twin != PacketPool.NONE) {
            counters.increment(FaultCounter.DUPLICATED);
            hold(twin, BufferHeader.length(memory, twin), faults, nowMicros);
        }
    }

    private void hold(final long handle, final int length, final Faults faults, final long nowMicros) {
        if (length > 0 && happens(faults.corruption())) {
            final long at = pool.dataOffset(handle) + random.nextInt(length);
            final int flipped = memory.get(ValueLayout.JAVA_BYTE, at) ^ 1 << random.nextInt(Byte.SIZE);
            memory.set(ValueLayout.JAVA_BYTE, at, (byte) flipped);
            forgetVerdict(handle);
            counters.increment(FaultCounter.CORRUPTED);
        }
        if (length > 0 && happens(faults.mutation())) {
            final int room = pool.dataRoom() - BufferHeader.dataOff(memory, handle);
            final int mutated = mutator.mutate(direction, random, memory, pool.dataOffset(handle), length, room);
            BufferHeader.length(memory, handle, Math.clamp(mutated, 1, room));
            forgetVerdict(handle);
            counters.increment(FaultCounter.MUTATED);
        }
        long due = nowMicros + faults.delayMicros();
        if (faults.jitterMicros() > 0) {
            due += random.nextLong(faults.jitterMicros() + 1);
        }
        if (happens(faults.reorder())) {
            due += 1 + random.nextLong(faults.reorderMicros());
            counters.increment(FaultCounter.REORDERED);
        }
        waiting.add(handle, due);
    }

    /** A device that found the checksums right had not seen what has become of the packet. */
    private void forgetVerdict(final long handle) {
        BufferHeader.offloadFlags(memory, handle, 0);
    }
}

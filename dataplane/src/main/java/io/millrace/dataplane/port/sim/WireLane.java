package io.millrace.dataplane.port.sim;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.DelayLine;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/**
 * One direction of a wire: packets in flight, in the order of their arrival. They stay in the sender's buffers until the
 * receiver takes them, and are handed over as they are when both ends share a pool.
 *
 * <p>Times within are nanoseconds, since a packet on a fast link takes less than a microsecond.
 */
final class WireLane {
    private static final long NANOS_PER_MICRO = 1000;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final Counters<WireCounter> counters = new Counters<>(WireCounter.class);
    private final SplittableRandom random;
    private final PoolCache sender;
    private final PacketPool pool;
    private final MemorySegment memory;
    private final int longestFrame;

    /** Packets in flight; no more than the sender's pool has buffers. */
    private final DelayLine flying;

    /** When each packet that waits for the link, or is on it, will have left; in order. */
    private final long[] departures;

    private int firstDeparture;
    private int waiting;
    private long linkFreeAt;

    private final int mask;
    private WireConditions conditions;
    private boolean up = true;

    WireLane(final PoolCache sender, final WireConditions conditions, final int longestFrame, final long seed) {
        this.sender = sender;
        this.pool = sender.pool();
        this.memory = pool.memory();
        this.conditions = conditions;
        this.longestFrame = longestFrame;
        this.random = new SplittableRandom(seed);
        final int size = 1 << (Integer.SIZE - Integer.numberOfLeadingZeros(pool.capacity()));
        this.flying = new DelayLine(pool.capacity());
        this.departures = new long[size];
        this.mask = size - 1;
    }

    Counters<WireCounter> counters() {
        return counters;
    }

    void conditions(final WireConditions newConditions) {
        conditions = newConditions;
    }

    void up(final boolean newUp) {
        up = newUp;
    }

    long nextArrival() {
        return flying.isEmpty() ? Long.MAX_VALUE : (flying.firstDue() + NANOS_PER_MICRO - 1) / NANOS_PER_MICRO;
    }

    void send(final long handle, final long nowMicros) {
        final WireConditions now = conditions;
        final int length = BufferHeader.length(memory, handle);
        if (!up) {
            drop(handle, WireCounter.LINK_DOWN);
        } else if (length > longestFrame) {
            drop(handle, WireCounter.OVERSIZE);
        } else if (!enqueue(length, nowMicros * NANOS_PER_MICRO)) {
            drop(handle, WireCounter.QUEUE_FULL);
        } else if (happens(now.loss())) {
            drop(handle, WireCounter.LOST);
        } else {
            final long arrival = linkFreeAt + now.latencyMicros() * NANOS_PER_MICRO;
            if (happens(now.duplication())) {
                duplicate(handle, length, arrival);
            }
            launch(handle, length, arrival);
        }
    }

    int receive(final long[] out, final int max, final long nowMicros, final PoolCache receiver) {
        final boolean shared = receiver.pool().equals(pool);
        int count = 0;
        while (count < max && !flying.isEmpty() && flying.firstDue() <= nowMicros * NANOS_PER_MICRO) {
            final long handle = flying.removeFirst();
            final long received = shared ? handle : copy(handle, receiver);
            if (received == PacketPool.NONE) {
                counters.increment(WireCounter.NO_BUFFER);
            } else {
                counters.increment(WireCounter.DELIVERED);
                out[count++] = received;
            }
        }
        return count;
    }

    /** Frees what is in flight. */
    void clear() {
        while (!flying.isEmpty()) {
            sender.free(flying.removeFirst());
        }
        waiting = 0;
    }

    private void drop(final long handle, final WireCounter reason) {
        sender.free(handle);
        counters.increment(reason);
    }

    private boolean happens(final double probability) {
        return probability > 0 && random.nextDouble() < probability;
    }

    /** Puts a packet in line for the link, which is free again at {@code linkFreeAt}. */
    private boolean enqueue(final int length, final long now) {
        final long bitsPerSecond = conditions.bitsPerSecond();
        if (bitsPerSecond == 0) {
            linkFreeAt = now;
            return true;
        }
        while (waiting > 0 && departures[firstDeparture & mask] <= now) {
            firstDeparture++;
            waiting--;
        }
        // A lost packet has used the link but its buffer, and so the bound on the number of packets, is gone.
        if (waiting >= Math.min(conditions.queuePackets(), mask)) {
            return false;
        }
        linkFreeAt = Math.max(linkFreeAt, now) + length * 8L * NANOS_PER_SECOND / bitsPerSecond;
        departures[firstDeparture + waiting++ & mask] = linkFreeAt;
        return true;
    }

    private void duplicate(final long handle, final int length, final long arrival) {
        final long twin = sender.allocate();
        if (twin == PacketPool.NONE) {
            return;
        }
        MemorySegment.copy(memory, pool.dataOffset(handle), memory, pool.dataOffset(twin), length);
        BufferHeader.length(memory, twin, length);
        counters.increment(WireCounter.DUPLICATED);
        launch(twin, length, arrival);
    }

    private void launch(final long handle, final int length, final long arrival) {
        if (length > 0 && happens(conditions.corruption())) {
            counters.increment(WireCounter.CORRUPTED);
            final long at = pool.dataOffset(handle) + random.nextInt(length);
            final int flipped = memory.get(ValueLayout.JAVA_BYTE, at) ^ 1 << random.nextInt(Byte.SIZE);
            memory.set(ValueLayout.JAVA_BYTE, at, (byte) flipped);
        }
        if (happens(conditions.reorder())) {
            counters.increment(WireCounter.REORDERED);
            flying.add(handle, arrival + (1 + random.nextLong(conditions.reorderMicros())) * NANOS_PER_MICRO);
        } else {
            flying.add(handle, arrival);
        }
    }

    private long copy(final long handle, final PoolCache receiver) {
        final PacketPool to = receiver.pool();
        final int length = BufferHeader.length(memory, handle);
        final long copy = length > to.dataRoom() - to.headroom() ? PacketPool.NONE : receiver.allocate();
        if (copy != PacketPool.NONE) {
            MemorySegment.copy(memory, pool.dataOffset(handle), to.memory(), to.dataOffset(copy), length);
            BufferHeader.length(to.memory(), copy, length);
        }
        sender.free(handle);
        return copy;
    }
}

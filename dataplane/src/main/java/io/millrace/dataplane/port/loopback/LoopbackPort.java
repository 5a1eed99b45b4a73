package io.millrace.dataplane.port.loopback;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortCounter;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.PortStats;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A port whose queues each lead back to themselves: handles go in and the same handles come out, in order. A full queue
 * takes no more packets, so nothing is ever dropped.
 *
 * <p>Each queue belongs to the thread that polls it; time does not matter.
 */
public final class LoopbackPort implements Port {
    private static final long MAC_ADDRESS = 0x0200_0000_0001L;

    private final PortInfo info;
    private final PacketPool pool;
    private final int depth;
    private final @Nullable Queue[] queues;

    private LoopbackPort(final PortInfo info, final PacketPool pool, final int depth) {
        this.info = info;
        this.pool = pool;
        this.depth = depth;
        this.queues = new Queue[info.queues()];
    }

    /**
     * Opens a loopback port.
     *
     * @param mtu largest IP packet in bytes
     * @param pool its packets' pool
     * @param queues number of queues, at least 1
     * @param depth packets that a queue holds, 1 to 2^24; rounded up to a power of two
     * @throws IllegalArgumentException if one is out of its range
     */
    public static LoopbackPort open(
            final Medium medium, final int mtu, final PacketPool pool, final int queues, final int depth) {
        if (queues < 1 || depth < 1 || depth > 1 << 24) {
            throw new IllegalArgumentException("loopback port with " + queues + " queues of " + depth
                    + " packets; there must be at least one queue of 1 to 16777216 packets");
        }
        final long mac = medium == Medium.ETHERNET ? MAC_ADDRESS : 0;
        final int size = depth == 1 ? 1 : Integer.highestOneBit(depth - 1) << 1;
        return new LoopbackPort(new PortInfo("loopback", "loopback", medium, mac, mtu, queues), pool, size);
    }

    @Override
    public PortInfo info() {
        return info;
    }

    @Override
    public PortQueue queue(final int index, final PoolCache cache) {
        info.checkQueue(index, index >= 0 && index < queues.length && queues[index] == null, pool, cache);
        final Queue queue = new Queue(cache, depth);
        queues[index] = queue;
        return queue;
    }

    @Override
    public boolean linkUp() {
        return true;
    }

    @Override
    public PortStats stats() {
        PortStats stats = PortStats.ZERO;
        for (final Queue queue : queues) {
            if (queue != null) {
                stats = stats.plus(queue.counters);
            }
        }
        return stats;
    }

    @Override
    public void close() {
        for (final Queue queue : queues) {
            if (queue != null) {
                queue.clear();
            }
        }
    }

    private static final class Queue implements PortQueue {
        private final PoolCache cache;
        private final MemorySegment memory;
        private final Counters<PortCounter> counters = new Counters<>(PortCounter.class);
        private final long[] ring;
        private final int mask;
        private int head;
        private int tail;

        Queue(final PoolCache cache, final int depth) {
            this.cache = cache;
            this.memory = cache.pool().memory();
            this.ring = new long[depth];
            this.mask = depth - 1;
        }

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            final int count = Math.min(max, tail - head);
            long bytes = 0;
            for (int i = 0; i < count; i++) {
                final long handle = ring[head++ & mask];
                handles[i] = handle;
                bytes += BufferHeader.length(memory, handle);
            }
            counters.add(PortCounter.RX_PACKETS, count);
            counters.add(PortCounter.RX_BYTES, bytes);
            return count;
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            final int taken = Math.min(count, ring.length - (tail - head));
            long bytes = 0;
            for (int i = 0; i < taken; i++) {
                final long handle = handles[from + i];
                ring[tail++ & mask] = handle;
                bytes += BufferHeader.length(memory, handle);
            }
            counters.add(PortCounter.TX_PACKETS, taken);
            counters.add(PortCounter.TX_BYTES, bytes);
            return taken;
        }

        private void clear() {
            while (head != tail) {
                cache.free(ring[head++ & mask]);
            }
        }
    }
}

package io.millrace.stack.netsim;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PoolCache;
import java.lang.foreign.MemorySegment;

/** One direction of a flow's own wire, behind the link that it shares: a delay and losses. Packets stay in order. */
final class Lane {
    private static final int SIZE = 1 << 14;

    private final Bottleneck link;
    private final PoolCache cache;
    private final MemorySegment memory;
    private final ChaChaRandom random;
    private final long delay;
    private final double loss;
    private final long[] handles = new long[SIZE];
    private final long[] arrivals = new long[SIZE];
    private int head;
    private int tail;

    Lane(final Bottleneck link, final PoolCache cache, final ChaChaRandom random, final long delay, final double loss) {
        this.link = link;
        this.cache = cache;
        this.memory = cache.pool().memory();
        this.random = random;
        this.delay = delay;
        this.loss = loss;
    }

    void send(final long handle, final long now) {
        final long left = link.transmit(BufferHeader.length(memory, handle), now);
        if (left == Bottleneck.DROPPED || random.nextUnit() < loss) {
            cache.free(handle);
            return;
        }
        if (tail - head == SIZE) {
            throw new IllegalStateException("more than " + SIZE + " packets in flight");
        }
        handles[tail & SIZE - 1] = handle;
        arrivals[tail & SIZE - 1] = left + delay;
        tail++;
    }

    int receive(final long[] out, final int max, final long now) {
        int count = 0;
        while (count < max && head != tail && arrivals[head & SIZE - 1] <= now) {
            out[count++] = handles[head++ & SIZE - 1];
        }
        return count;
    }

    long nextArrival() {
        return head == tail ? Long.MAX_VALUE : arrivals[head & SIZE - 1];
    }

    /** Frees what is in flight. */
    void clear() {
        while (head != tail) {
            cache.free(handles[head++ & SIZE - 1]);
        }
    }
}

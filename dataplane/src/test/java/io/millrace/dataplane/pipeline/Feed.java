package io.millrace.dataplane.pipeline;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Net;
import io.millrace.dataplane.buffer.PoolCache;
import java.util.ArrayDeque;
import java.util.Deque;

/** A source of packets that hold one byte each, their number. */
final class Feed extends Source {
    private final Deque<Long> waiting = new ArrayDeque<>();
    private final PoolCache cache;

    Feed(final String name, final PoolCache cache) {
        super(name, 32);
        this.cache = cache;
    }

    Feed with(final int... packets) {
        for (final int packet : packets) {
            final long handle = cache.allocate();
            BufferHeader.length(cache.pool().memory(), handle, 1);
            Net.put8(cache.pool().memory(), cache.pool().dataOffset(handle), packet);
            waiting.add(handle);
        }
        return this;
    }

    @Override
    protected int fill(final long[] handles, final int max, final long nowMicros) {
        int count = 0;
        while (count < max && !waiting.isEmpty()) {
            handles[count++] = waiting.remove();
        }
        return count;
    }
}

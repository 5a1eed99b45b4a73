package io.millrace.bench.packetdrill;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.PortQueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.function.Consumer;

/** A wire whose far end is in this program: packets come and go as arrays of bytes. For the thread that polls the stack. */
public final class ByteWire implements PortQueue {
    private final PacketPool pool;
    private final PoolCache cache;
    private final Consumer<byte[]> farEnd;
    private final Deque<byte[]> arriving = new ArrayDeque<>();
    private boolean stuck;

    /**
     * Makes an empty one.
     *
     * @param farEnd gets what is sent
     */
    public ByteWire(final PacketPool pool, final PoolCache cache, final Consumer<byte[]> farEnd) {
        this.pool = pool;
        this.cache = cache;
        this.farEnd = farEnd;
    }

    /** Lets packets come in, in order, with the next polls. */
    public void arrive(final Collection<byte[]> packets) {
        arriving.addAll(packets);
    }

    /** Whether all that came was taken. */
    public boolean isEmpty() {
        return arriving.isEmpty();
    }

    /** Sets whether it takes nothing, as a queue without places does. */
    void stuck(final boolean value) {
        stuck = value;
    }

    @Override
    public int receive(final long[] handles, final int max, final long nowMicros) {
        int count = 0;
        while (count < max && !arriving.isEmpty()) {
            final byte[] packet = arriving.poll();
            final long handle = cache.allocate();
            if (handle == PacketPool.NONE) {
                throw new IllegalStateException("no packet buffer is left");
            }
            MemorySegment.copy(packet, 0, pool.memory(), ValueLayout.JAVA_BYTE, pool.dataOffset(handle), packet.length);
            BufferHeader.length(pool.memory(), handle, packet.length);
            handles[count++] = handle;
        }
        return count;
    }

    @Override
    public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
        if (stuck) {
            return 0;
        }
        for (int i = from; i < from + count; i++) {
            final byte[] packet = new byte[BufferHeader.length(pool.memory(), handles[i])];
            MemorySegment.copy(
                    pool.memory(), ValueLayout.JAVA_BYTE, pool.dataOffset(handles[i]), packet, 0, packet.length);
            farEnd.accept(packet);
            cache.free(handles[i]);
        }
        return count;
    }
}

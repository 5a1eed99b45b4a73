package io.millrace.bench.forward;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.pipeline.node.MacSwap;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.node.ChecksumWriter;
import java.lang.foreign.MemorySegment;

/**
 * Moves bursts from one port to another, as an appliance would: the ports check every packet that they hand over, and
 * packets are read and written within the bounds of their pool. Not thread-safe.
 */
public final class Forwarder {
    private final PortQueue from;
    private final PortQueue to;
    private final PoolCache cache;
    private final PacketPool pool;
    private final MemorySegment memory;
    private final ForwardMode mode;
    private final long[] handles;

    /**
     * Makes a forwarder.
     *
     * @param cache of the polling thread; both ports have its pool
     * @param burst most packets of one call, at least 1
     */
    public Forwarder(
            final PortQueue from, final PortQueue to, final PoolCache cache, final ForwardMode mode, final int burst) {
        this.from = from;
        this.to = to;
        this.cache = cache;
        this.pool = cache.pool();
        this.memory = pool.memory();
        this.mode = mode;
        this.handles = new long[burst];
    }

    /**
     * Forwards one burst. What the other port does not take is freed.
     *
     * @return how many packets were sent
     */
    public int poll() {
        final int count = from.receive(handles, handles.length, 0);
        if (mode == ForwardMode.MACSWAP) {
            swapAddresses(count);
        } else if (mode == ForwardMode.CSUM) {
            writeChecksums(count);
        }
        final int sent = to.transmit(handles, 0, count, 0);
        if (sent < count) {
            cache.free(handles, sent, count - sent);
        }
        return sent;
    }

    private void swapAddresses(final int count) {
        for (int i = 0; i < count; i++) {
            final long handle = handles[i];
            MacSwap.swap(memory, pool.dataOffset(handle), BufferHeader.length(memory, handle));
        }
    }

    private void writeChecksums(final int count) {
        for (int i = 0; i < count; i++) {
            final long handle = handles[i];
            ChecksumWriter.write(memory, pool.dataOffset(handle), BufferHeader.length(memory, handle));
        }
    }
}

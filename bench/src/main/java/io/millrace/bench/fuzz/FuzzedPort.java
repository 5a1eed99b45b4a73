package io.millrace.bench.fuzz;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.PortStats;
import org.jspecify.annotations.Nullable;

/** A port that receives one frame of a conversation at a time, and takes most of what is sent. */
final class FuzzedPort implements Port, PortQueue {
    private static final int MTU = 1_500;

    /** Of so many packets that are sent one is not taken, by its length. */
    private static final int PICKY = 16;

    private final PortInfo info;
    private @Nullable PoolCache cache;
    private @Nullable FrameSlot next;
    private long sent;

    FuzzedPort(final String name, final long mac) {
        info = new PortInfo(name, "fuzz", Medium.ETHERNET, mac, MTU, 1);
    }

    /** Lets the frame come in with the next burst; false if there is no buffer for it. */
    boolean put(final Conversation frames) {
        if (next == null) {
            throw new IllegalStateException(info.name() + " has no queue yet");
        }
        return next.put(frames) != PacketPool.NONE;
    }

    /** Packets that were taken. */
    long sent() {
        return sent;
    }

    private PoolCache cache() {
        if (cache == null) {
            throw new IllegalStateException(info.name() + " has no queue yet");
        }
        return cache;
    }

    @Override
    public PortInfo info() {
        return info;
    }

    @Override
    public PortQueue queue(final int index, final PoolCache newCache) {
        cache = newCache;
        next = new FrameSlot(newCache);
        return this;
    }

    @Override
    public boolean linkUp() {
        return true;
    }

    @Override
    public PortStats stats() {
        return PortStats.ZERO;
    }

    @Override
    public int receive(final long[] handles, final int max, final long nowMicros) {
        return next == null ? 0 : next.receive(handles);
    }

    @Override
    public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
        final PoolCache own = cache();
        int taken = 0;
        while (taken < count && BufferHeader.length(own.pool().memory(), handles[from + taken]) % PICKY != PICKY - 1) {
            own.free(handles[from + taken]);
            taken++;
        }
        sent += taken;
        return taken;
    }

    @Override
    public void close() {
        // It has nothing; what was put is received at once.
    }
}

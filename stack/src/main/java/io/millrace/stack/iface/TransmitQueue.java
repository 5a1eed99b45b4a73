package io.millrace.stack.iface;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.IpOutput;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Packets on their way to a port, collected so that one poll hands them over at once, and kept while the port takes none.
 */
final class TransmitQueue {
    /** Packets collected before the port is called within a poll. */
    private static final int BURST = 64;

    /** How long to wait before a port that took nothing is tried again. */
    private static final long BUSY_MICROS = 50;

    private final PortQueue port;
    private final PoolCache cache;
    private final MemorySegment memory;
    private final Counters<StackCounter> counters;
    private final long[] queue;
    private int head;
    private int count;
    private boolean refused;
    /** When the port last took a packet. */
    private long lastTaken = Long.MIN_VALUE;

    /** When nothing waited. */
    private long emptyAt;

    private @Nullable WatchedPackets watched;

    /**
     * Makes an empty one.
     *
     * @param capacity most packets that wait
     */
    TransmitQueue(
            final PortQueue port, final PoolCache cache, final int capacity, final Counters<StackCounter> counters) {
        this.port = port;
        this.cache = cache;
        this.memory = cache.pool().memory();
        this.counters = counters;
        this.queue = new long[capacity];
    }

    /** Sets who knows which packets somebody wants to hear of when they leave. */
    void watched(final WatchedPackets packets) {
        watched = packets;
    }

    /** Whether there is room for a packet. */
    boolean ready() {
        return count < queue.length;
    }

    /** Whether a packet that was appended at a time still waits: the port has taken none since. */
    boolean holds(final long appended) {
        return count > 0 && appended > lastTaken;
    }

    /** Whether it takes so many packets now, at the latest after what waits was handed to the port. */
    boolean hasRoom(final int number, final long now) {
        if (number <= queue.length - count) {
            return true;
        }
        flush(now);
        return number <= queue.length - count || count == 0;
    }

    /**
     * Appends a packet that is complete. Takes it over.
     *
     * @return {@link IpOutput#SENT}, or {@link IpOutput#BUSY} if it was dropped since there was no room
     */
    int add(final long handle, final long now) {
        if (count == queue.length || (count >= BURST && !refused)) {
            flush(now);
        }
        if (count == queue.length) {
            counters.increment(StackCounter.TX_QUEUE_FULL);
            cache.free(handle);
            return IpOutput.BUSY;
        }
        final int tail = head + count;
        queue[tail >= queue.length ? tail - queue.length : tail] = handle;
        count++;
        return IpOutput.SENT;
    }

    /** Hands packets to the port; returns how many it took. */
    int flush(final long now) {
        int sent = 0;
        refused = false;
        while (count > 0) {
            final int burst = Math.min(count, queue.length - head);
            final int taken = transmit(burst, now);
            head = head + taken == queue.length ? 0 : head + taken;
            count -= taken;
            sent += taken;
            lastTaken = taken > 0 ? now : lastTaken;
            if (taken < burst) {
                refused = true;
                break;
            }
        }
        if (count == 0) {
            emptyAt = now;
        }
        return sent;
    }

    /** When {@link #flush} has something to do; {@code Long.MAX_VALUE} if nothing waits. */
    long flushAt(final long now) {
        if (count == 0) {
            return Long.MAX_VALUE;
        }
        return refused ? now + BUSY_MICROS : now;
    }

    /** Frees everything that waits. */
    void clear() {
        while (count > 0) {
            cache.free(queue[head]);
            head = head + 1 == queue.length ? 0 : head + 1;
            count--;
        }
    }

    private int transmit(final int burst, final long now) {
        // The port may recycle what it takes, so lengths are read first.
        long bytes = 0;
        for (int i = 0; i < burst; i++) {
            bytes += BufferHeader.packetLength(memory, queue[head + i]);
        }
        final int taken = hand(burst, now);
        for (int i = taken; i < burst; i++) {
            bytes -= BufferHeader.packetLength(memory, queue[head + i]);
        }
        counters.add(StackCounter.TX_PACKETS, taken);
        counters.add(StackCounter.TX_BYTES, bytes);
        return taken;
    }

    private int hand(final int burst, final long now) {
        final WatchedPackets watching = watched;
        if (watching == null || !watching.any(emptyAt, now) || !watching.collect(queue, head, burst)) {
            return port.transmit(queue, head, burst, now);
        }
        final int taken = port.transmit(queue, head, burst, now);
        watching.tell(queue, head, burst, taken, now);
        return taken;
    }
}

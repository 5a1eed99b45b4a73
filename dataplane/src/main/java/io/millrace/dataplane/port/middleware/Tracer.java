package io.millrace.dataplane.port.middleware;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Shows every packet that a port receives or takes for sending to a {@link PacketObserver}. Packets that the port did not
 * take are not shown. While there is no observer a tracer costs one read of a field a burst.
 *
 * <p>One tracer may wrap several ports and queues; the observer is then called by several threads.
 */
public final class Tracer implements Middleware {
    private volatile @Nullable PacketObserver observer;

    /** Makes a tracer, with an observer or, until {@link #observe}, without. */
    public Tracer(final @Nullable PacketObserver observer) {
        this.observer = observer;
    }

    /** From now on shows packets to another observer, or to none. Any thread; bursts that are under way go on. */
    public void observe(final @Nullable PacketObserver newObserver) {
        observer = newObserver;
    }

    @Override
    public PortQueue wrap(final PortInfo info, final PortQueue queue, final int index, final PoolCache cache) {
        return new Queue(info.medium(), queue, cache.pool());
    }

    private final class Queue implements PortQueue {
        private final Medium medium;
        private final PortQueue queue;
        private final PacketPool pool;
        private final MemorySegment memory;
        private final SentCopies copies;

        Queue(final Medium medium, final PortQueue queue, final PacketPool pool) {
            this.medium = medium;
            this.queue = queue;
            this.pool = pool;
            this.memory = pool.memory();
            this.copies = new SentCopies(pool);
        }

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            final int count = queue.receive(handles, max, nowMicros);
            final PacketObserver to = observer;
            if (to != null) {
                for (int i = 0; i < count; i++) {
                    to.packet(
                            Direction.RECEIVED,
                            medium,
                            memory,
                            pool.dataOffset(handles[i]),
                            BufferHeader.length(memory, handles[i]),
                            nowMicros);
                }
            }
            return count;
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            final PacketObserver to = observer;
            if (to == null) {
                return queue.transmit(handles, from, count, nowMicros);
            }
            int sent = 0;
            while (sent < count) {
                final int burst = copies.take(handles, from + sent, count - sent);
                final int taken = queue.transmit(handles, from + sent, burst, nowMicros);
                for (int i = 0; i < taken; i++) {
                    to.packet(Direction.SENT, medium, copies.memory(), copies.offset(i), copies.length(i), nowMicros);
                }
                sent += taken;
                if (taken < burst) {
                    break;
                }
            }
            return sent;
        }
    }
}

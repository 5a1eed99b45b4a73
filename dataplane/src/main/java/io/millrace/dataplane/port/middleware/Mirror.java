package io.millrace.dataplane.port.middleware;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.CounterName;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ObjLongConsumer;

/**
 * Sends a copy of every packet that a port receives, or takes for sending, out of another port, whose queue of the same
 * number it takes. What that port receives is not looked at. Mirroring yields: without a free buffer, or when the other
 * port takes no more, the copy is left out and counted.
 *
 * <p>For one port; closing that closes the mirror's port too.
 */
public final class Mirror implements Middleware {
    private final Port target;
    private final List<Queue> queues = new CopyOnWriteArrayList<>();

    /**
     * Makes a mirror.
     *
     * @param target where copies go; opened with the pool of the port that is mirrored, and with as many queues
     */
    public Mirror(final Port target) {
        this.target = target;
    }

    @Override
    public PortQueue wrap(final PortInfo info, final PortQueue queue, final int index, final PoolCache cache) {
        final Queue wrapped = new Queue(queue, target.queue(index, cache), cache);
        queues.add(wrapped);
        return wrapped;
    }

    @Override
    public void forEachCounter(final ObjLongConsumer<CounterName> consumer) {
        queues.forEach(queue -> queue.counters.forEach(consumer));
    }

    @Override
    public void close() {
        target.close();
    }

    private static final class Queue implements PortQueue {
        private static final int BURST = 32;

        private final PortQueue queue;
        private final PortQueue target;
        private final PoolCache cache;
        private final Counters<MirrorCounter> counters = new Counters<>(MirrorCounter.class);
        private final long[] copies = new long[BURST];

        Queue(final PortQueue queue, final PortQueue target, final PoolCache cache) {
            this.queue = queue;
            this.target = target;
            this.cache = cache;
        }

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            final int count = queue.receive(handles, max, nowMicros);
            for (int from = 0; from < count; from += BURST) {
                final int burst = Math.min(BURST, count - from);
                final int copied = copy(handles, from, burst);
                send(copied, burst, nowMicros);
            }
            return count;
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            int sent = 0;
            while (sent < count) {
                // The port may free a packet as soon as it takes it.
                final int burst = Math.min(BURST, count - sent);
                final int copied = copy(handles, from + sent, burst);
                final int taken = queue.transmit(handles, from + sent, burst, nowMicros);
                if (copied > taken) {
                    cache.free(copies, taken, copied - taken);
                }
                send(Math.min(copied, taken), taken, nowMicros);
                sent += taken;
                if (taken < burst) {
                    break;
                }
            }
            return sent;
        }

        /** Copies packets, the first ones, as many as there are buffers for. */
        private int copy(final long[] handles, final int from, final int count) {
            for (int i = 0; i < count; i++) {
                final long copy = cache.copy(handles[from + i]);
                if (copy == PacketPool.NONE) {
                    return i;
                }
                copies[i] = copy;
            }
            return count;
        }

        private void send(final int copied, final int wanted, final long nowMicros) {
            final int taken = copied == 0 ? 0 : target.transmit(copies, 0, copied, nowMicros);
            cache.free(copies, taken, copied - taken);
            counters.add(MirrorCounter.MIRRORED, taken);
            counters.add(MirrorCounter.NOT_MIRRORED, wanted - taken);
        }
    }
}

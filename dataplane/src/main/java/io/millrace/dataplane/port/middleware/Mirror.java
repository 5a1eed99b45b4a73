package io.millrace.dataplane.port.middleware;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.CounterName;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.offload.SoftwareOffload;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ObjLongConsumer;

/**
 * Sends a copy of every packet that a port receives, or takes for sending, out of another port, whose queue of the same
 * number it takes. What that port receives is not looked at. Mirroring yields: without a free buffer, or when the other
 * port takes no more, the copy is left out and counted. Copies are as on the wire: what a packet leaves to the device, a
 * checksum or its segmentation, is done in software.
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
        private static final int BURST = 64;

        private final PortQueue queue;
        private final PortQueue target;
        private final PoolCache cache;
        private final SoftwareOffload offload;
        private final Counters<MirrorCounter> counters = new Counters<>(MirrorCounter.class);

        /** Copies of the packets of a burst, each of which is several if it is long, and where those of each end. */
        private final long[] copies = new long[BURST];

        private final int[] ends = new int[BURST];

        /** How many copies there should be of a packet and those before it. */
        private final int[] wanted = new int[BURST];

        Queue(final PortQueue queue, final PortQueue target, final PoolCache cache) {
            this.queue = queue;
            this.target = target;
            this.cache = cache;
            this.offload = new SoftwareOffload(cache);
        }

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            final int count = queue.receive(handles, max, nowMicros);
            int sent = 0;
            while (sent < count) {
                final int burst = copy(handles, sent, count - sent);
                send(burst, nowMicros);
                sent += burst;
            }
            return count;
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            int sent = 0;
            while (sent < count) {
                // The port may free a packet as soon as it takes it.
                final int burst = copy(handles, from + sent, count - sent);
                final int copied = ends[burst - 1];
                final int taken = queue.transmit(handles, from + sent, burst, nowMicros);
                final int kept = taken == 0 ? 0 : ends[taken - 1];
                cache.free(copies, kept, copied - kept);
                send(taken, nowMicros);
                sent += taken;
                if (taken < burst) {
                    break;
                }
            }
            return sent;
        }

        /** Copies packets, the first ones, as many as there is room for; returns their number, at least 1. */
        private int copy(final long[] handles, final int from, final int count) {
            int copied = 0;
            int all = 0;
            int packets = 0;
            while (packets < Math.min(count, BURST)) {
                final long handle = handles[from + packets];
                final int parts = offload.packets(handle);
                if (packets > 0 && copied + parts > BURST) {
                    break;
                }
                all += parts;
                for (int part = 0; part < parts && copied < BURST; part++) {
                    final long copy = offload.finished(handle, part);
                    if (copy == PacketPool.NONE) {
                        break;
                    }
                    copies[copied++] = copy;
                }
                wanted[packets] = all;
                ends[packets++] = copied;
            }
            return packets;
        }

        /** Sends the copies of the first packets. */
        private void send(final int packets, final long nowMicros) {
            if (packets > 0) {
                final int copied = ends[packets - 1];
                final int taken = copied == 0 ? 0 : target.transmit(copies, 0, copied, nowMicros);
                cache.free(copies, taken, copied - taken);
                counters.add(MirrorCounter.MIRRORED, taken);
                counters.add(MirrorCounter.NOT_MIRRORED, wanted[packets - 1] - taken);
            }
        }
    }
}

package io.millrace.dataplane.port.middleware;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.CounterName;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.offload.SoftwareOffload;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ObjLongConsumer;

/**
 * Makes a port as bad as the network may be: loses, corrupts, mutates, duplicates, reorders, delays and limits packets,
 * in each direction as its {@link Faults} say, which may be changed while packets flow. The same seed, calls and times
 * give the same faults.
 *
 * <p>Packets that are held back wait in the injector, and go on when the queue is polled next, in whatever direction.
 * Sending takes packets over as long as there is room for them, even if the port does not take them yet. Without faults
 * it costs two reads a burst.
 *
 * <p>Faults are those of a wire, so packets that leave something to the device, a checksum or their segmentation, have
 * that done in software first.
 *
 * <p>For one port, since it keeps packets.
 */
public final class FaultInjector implements Middleware {
    private final long seed;
    private final PacketMutator mutator;
    private final List<Queue> queues = new CopyOnWriteArrayList<>();
    private volatile Faults onReceive = Faults.NONE;
    private volatile Faults onSend = Faults.NONE;

    /** Makes an injector without faults, whose mutator is {@link RandomMutator}. */
    public FaultInjector(final long seed) {
        this(seed, new RandomMutator());
    }

    /** Makes an injector without faults. */
    public FaultInjector(final long seed, final PacketMutator mutator) {
        this.seed = seed;
        this.mutator = mutator;
    }

    /** From now on does this to packets that come in. Any thread. */
    public void onReceive(final Faults faults) {
        onReceive = faults;
    }

    /** From now on does this to packets that go out. Any thread. */
    public void onSend(final Faults faults) {
        onSend = faults;
    }

    /** What is done to packets that come in. */
    public Faults onReceive() {
        return onReceive;
    }

    /** What is done to packets that go out. */
    public Faults onSend() {
        return onSend;
    }

    @Override
    public PortQueue wrap(final PortInfo info, final PortQueue queue, final int index, final PoolCache cache) {
        final Queue wrapped = new Queue(queue, cache, seed + 2L * index);
        queues.add(wrapped);
        return wrapped;
    }

    /** What all queues counted, of one kind. */
    public long count(final FaultCounter counter) {
        return queues.stream().mapToLong(queue -> queue.counters.get(counter)).sum();
    }

    @Override
    public void forEachCounter(final ObjLongConsumer<CounterName> consumer) {
        queues.forEach(queue -> queue.counters.forEach(consumer));
    }

    @Override
    public void close() {
        for (final Queue queue : queues) {
            queue.clear();
        }
    }

    private final class Queue implements PortQueue {
        private static final int BURST = 32;

        private final PortQueue queue;
        private final PoolCache cache;
        private final Counters<FaultCounter> counters = new Counters<>(FaultCounter.class);
        private final FaultLane received;
        private final FaultLane sent;
        private final SoftwareOffload offload;
        private final long[] burst = new long[BURST];

        /** Packets that are due to go out and that the port did not take yet, from {@code next} on. */
        private final long[] outgoing = new long[BURST];

        private int next;
        private int end;

        Queue(final PortQueue queue, final PoolCache cache, final long seed) {
            this.queue = queue;
            this.cache = cache;
            this.received = new FaultLane(Direction.RECEIVED, cache, mutator, counters, seed);
            this.sent = new FaultLane(Direction.SENT, cache, mutator, counters, seed + 1);
            this.offload = new SoftwareOffload(cache);
        }

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            drain(nowMicros);
            final Faults faults = onReceive;
            if (faults.equals(Faults.NONE) && received.isEmpty()) {
                return queue.receive(handles, max, nowMicros);
            }
            // A port that never runs dry, and packets that are never due, must not keep the caller here.
            int taken = received.take(handles, 0, max, nowMicros);
            int fresh = BURST;
            for (int tried = 0; tried < max && fresh == BURST && taken < max; tried += BURST) {
                fresh = queue.receive(burst, BURST, nowMicros);
                for (int i = 0; i < fresh; i++) {
                    if (!received.hasRoom(1)) {
                        received.drop(burst[i], FaultCounter.QUEUE_FULL);
                    } else {
                        received.add(burst[i], faults, nowMicros);
                    }
                }
                taken += received.take(handles, taken, max - taken, nowMicros);
            }
            return taken;
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            final Faults faults = onSend;
            if (faults.equals(Faults.NONE) && sent.isEmpty() && next == end) {
                return queue.transmit(handles, from, count, nowMicros);
            }
            int taken = 0;
            while (taken < count && sent.hasRoom(offload.packets(handles[from + taken]))) {
                send(handles[from + taken++], faults, nowMicros);
            }
            drain(nowMicros);
            return taken;
        }

        private void send(final long handle, final Faults faults, final long nowMicros) {
            if (!offload.isLong(handle)) {
                offload.complete(handle);
                sent.add(handle, faults, nowMicros);
                return;
            }
            final int packets = offload.packets(handle);
            for (int i = 0; i < packets; i++) {
                final long segment = offload.finished(handle, i);
                if (segment == PacketPool.NONE) {
                    counters.increment(FaultCounter.NO_BUFFER);
                } else {
                    sent.add(segment, faults, nowMicros);
                }
            }
            cache.free(handle);
        }

        /** Sends what is due, as far as the port takes it. */
        private void drain(final long nowMicros) {
            while (next < end || !sent.isEmpty()) {
                if (next == end) {
                    next = 0;
                    end = sent.take(outgoing, 0, BURST, nowMicros);
                }
                final int wanted = end - next;
                next += wanted == 0 ? 0 : queue.transmit(outgoing, next, wanted, nowMicros);
                if (next < end || wanted < BURST) {
                    break;
                }
            }
        }

        private void clear() {
            received.clear();
            while (next < end) {
                sent.drop(outgoing[next++], FaultCounter.UNDELIVERED);
            }
            sent.clear();
        }
    }
}

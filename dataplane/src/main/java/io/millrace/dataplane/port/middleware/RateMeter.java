package io.millrace.dataplane.port.middleware;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.CounterName;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ObjLongConsumer;

/**
 * Tells how fast packets flow through a port, all its queues together, at the place where it stands: around a faulty port
 * it sees what comes through. Polling threads only count; a rate is what was counted between two calls of {@link
 * Sampler#sample}, so that whoever looks chooses how long a time it is over.
 */
public final class RateMeter implements Middleware {
    private static final long MICROS_PER_SECOND = 1_000_000;

    private final List<Queue> queues = new CopyOnWriteArrayList<>();

    /**
     * Rates between two samples.
     *
     * @param micros length of that time in microseconds
     * @param rxPackets packets received a second
     * @param rxBits bits received a second, link headers included
     * @param txPackets packets taken for sending a second
     * @param txBits bits taken for sending a second
     */
    public record Rates(long micros, double rxPackets, double rxBits, double txPackets, double txBits) {}

    /** Makes a meter; one may wrap several ports, and adds them up. */
    public RateMeter() {}

    /**
     * Begins to look, from now on. Any thread.
     *
     * @param nowMicros any clock that does not go back, in microseconds
     */
    public Sampler sampler(final long nowMicros) {
        return new Sampler(nowMicros);
    }

    /** One who looks; each has rates of his own. For one thread at a time. */
    public final class Sampler {
        private long sampledMicros;
        private long rxPackets = total(MeterCounter.RX_PACKETS);
        private long rxBytes = total(MeterCounter.RX_BYTES);
        private long txPackets = total(MeterCounter.TX_PACKETS);
        private long txBytes = total(MeterCounter.TX_BYTES);

        private Sampler(final long nowMicros) {
            sampledMicros = nowMicros;
        }

        /**
         * The rates since the last call, or since the beginning. Nothing can be said of no time; what was counted
         * stays for the next call then.
         *
         * @param nowMicros the clock of the beginning, in microseconds
         */
        public Rates sample(final long nowMicros) {
            final long micros = nowMicros - sampledMicros;
            if (micros <= 0) {
                return new Rates(0, 0, 0, 0, 0);
            }
            final long oldRxPackets = rxPackets;
            final long oldRxBytes = rxBytes;
            final long oldTxPackets = txPackets;
            final long oldTxBytes = txBytes;
            rxPackets = total(MeterCounter.RX_PACKETS);
            rxBytes = total(MeterCounter.RX_BYTES);
            txPackets = total(MeterCounter.TX_PACKETS);
            txBytes = total(MeterCounter.TX_BYTES);
            sampledMicros = nowMicros;
            final double perSecond = (double) MICROS_PER_SECOND / micros;
            return new Rates(
                    micros,
                    (rxPackets - oldRxPackets) * perSecond,
                    (rxBytes - oldRxBytes) * Byte.SIZE * perSecond,
                    (txPackets - oldTxPackets) * perSecond,
                    (txBytes - oldTxBytes) * Byte.SIZE * perSecond);
        }
    }

    @Override
    public void forEachCounter(final ObjLongConsumer<CounterName> consumer) {
        queues.forEach(queue -> queue.counters.forEach(consumer));
    }

    private long total(final MeterCounter counter) {
        return queues.stream().mapToLong(queue -> queue.counters.get(counter)).sum();
    }

    @Override
    public PortQueue wrap(final PortInfo info, final PortQueue queue, final int index, final PoolCache cache) {
        final Queue wrapped = new Queue(queue, cache);
        queues.add(wrapped);
        return wrapped;
    }

    private static final class Queue implements PortQueue {
        private final PortQueue queue;
        private final MemorySegment memory;
        private final Counters<MeterCounter> counters = new Counters<>(MeterCounter.class);

        Queue(final PortQueue queue, final PoolCache cache) {
            this.queue = queue;
            this.memory = cache.pool().memory();
        }

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            final int count = queue.receive(handles, max, nowMicros);
            if (count > 0) {
                counters.add(MeterCounter.RX_PACKETS, count);
                counters.add(MeterCounter.RX_BYTES, bytes(handles, 0, count));
            }
            return count;
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            // What is taken may be another's at once, so all is summed before, and what is left taken off.
            final long all = bytes(handles, from, count);
            final int taken = queue.transmit(handles, from, count, nowMicros);
            if (taken > 0) {
                counters.add(MeterCounter.TX_PACKETS, taken);
                counters.add(MeterCounter.TX_BYTES, all - bytes(handles, from + taken, count - taken));
            }
            return taken;
        }

        private long bytes(final long[] handles, final int from, final int count) {
            long bytes = 0;
            for (int i = 0; i < count; i++) {
                bytes += BufferHeader.packetLength(memory, handles[from + i]);
            }
            return bytes;
        }
    }
}

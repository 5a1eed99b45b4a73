package io.millrace.dataplane.port.middleware;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.counter.Counters;
import io.millrace.dataplane.port.PortCounter;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Tells how fast packets flow through a port, all its queues together. Polling threads only count; a rate is what was
 * counted between two calls of {@link #sample}, so that whoever looks chooses how long a time it is over.
 *
 * <p>{@link #sample} is for one thread at a time.
 */
public final class RateMeter implements Middleware {
    private static final long MICROS_PER_SECOND = 1_000_000;

    private final List<Queue> queues = new CopyOnWriteArrayList<>();
    private long sampledMicros;
    private boolean sampled;
    private long rxPackets;
    private long rxBytes;
    private long txPackets;
    private long txBytes;

    /**
     * Rates between two samples; 0 of everything in the first sample.
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
     * The rates since the last call.
     *
     * @param nowMicros any clock that does not go back, in microseconds
     */
    public Rates sample(final long nowMicros) {
        final long micros = sampled ? nowMicros - sampledMicros : 0;
        final long oldRxPackets = rxPackets;
        final long oldRxBytes = rxBytes;
        final long oldTxPackets = txPackets;
        final long oldTxBytes = txBytes;
        rxPackets = total(PortCounter.RX_PACKETS);
        rxBytes = total(PortCounter.RX_BYTES);
        txPackets = total(PortCounter.TX_PACKETS);
        txBytes = total(PortCounter.TX_BYTES);
        if (sampled && micros <= 0) {
            // Nothing can be said of no time; what was counted stays for the next sample.
            rxPackets = oldRxPackets;
            rxBytes = oldRxBytes;
            txPackets = oldTxPackets;
            txBytes = oldTxBytes;
            return new Rates(0, 0, 0, 0, 0);
        }
        sampledMicros = nowMicros;
        if (!sampled) {
            sampled = true;
            return new Rates(0, 0, 0, 0, 0);
        }
        final double perSecond = (double) MICROS_PER_SECOND / micros;
        return new Rates(
                micros,
                (rxPackets - oldRxPackets) * perSecond,
                (rxBytes - oldRxBytes) * Byte.SIZE * perSecond,
                (txPackets - oldTxPackets) * perSecond,
                (txBytes - oldTxBytes) * Byte.SIZE * perSecond);
    }

    private long total(final PortCounter counter) {
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
        private final Counters<PortCounter> counters = new Counters<>(PortCounter.class);

        Queue(final PortQueue queue, final PoolCache cache) {
            this.queue = queue;
            this.memory = cache.pool().memory();
        }

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            final int count = queue.receive(handles, max, nowMicros);
            if (count > 0) {
                counters.add(PortCounter.RX_PACKETS, count);
                counters.add(PortCounter.RX_BYTES, bytes(handles, 0, count));
            }
            return count;
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            // What is taken may be another's at once, so all is summed before, and what is left taken off.
            final long all = bytes(handles, from, count);
            final int taken = queue.transmit(handles, from, count, nowMicros);
            if (taken > 0) {
                counters.add(PortCounter.TX_PACKETS, taken);
                counters.add(PortCounter.TX_BYTES, all - bytes(handles, from + taken, count - taken));
            }
            return taken;
        }

        private long bytes(final long[] handles, final int from, final int count) {
            long bytes = 0;
            for (int i = 0; i < count; i++) {
                bytes += BufferHeader.length(memory, handles[from + i]);
            }
            return bytes;
        }
    }
}

package io.millrace.bench.latency;

import io.millrace.dataplane.buffer.Packet;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.PortQueue;
import org.HdrHistogram.Histogram;

/**
 * Sends packets at a steady rate through one queue and meets them at another. A packet carries its number and the time at
 * which it was planned to be sent: if sender or forwarder stall, all packets of that while show it. Used by one thread.
 */
final class LatencyProbe {
    /** IEEE 802's first EtherType for local experiments: no forwarder knows it. */
    private static final int ETHER_TYPE = 0x88B5;

    private static final long DESTINATION = 0x0200_0000_0002L;
    private static final long SOURCE = 0x0200_0000_0001L;
    private static final int TYPE_OFFSET = 12;
    private static final int TIME_OFFSET = 16;
    private static final int NUMBER_OFFSET = 24;
    private static final int BURST = 32;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** How long to wait for the last packets once nothing comes any more. */
    private static final long PATIENCE = 200_000_000;

    private final PortQueue out;
    private final PortQueue in;
    private final PoolCache cache;
    private final int packetSize;
    private final Packet packet;
    private final long[] sending = new long[BURST];
    private final long[] receiving = new long[BURST];

    /** Packets stamped but not yet taken by the link: from an index of {@link #sending} on, so many. */
    private int pendingFrom;

    private int pending;

    /** Number of the next packet to stamp, and of the next one to arrive. */
    private long next;

    private long expected;

    /**
     * Makes a probe.
     *
     * @param out where packets leave
     * @param in where they come back
     * @param cache of the calling thread
     * @param packetSize bytes of a packet, at least 32
     */
    LatencyProbe(final PortQueue out, final PortQueue in, final PoolCache cache, final int packetSize) {
        this.out = out;
        this.in = in;
        this.cache = cache;
        this.packetSize = packetSize;
        this.packet = new Packet(cache.pool());
    }

    /**
     * Sends for a while, and waits for what is still under way.
     *
     * @param rate packets a second
     * @param startNanos how long the start is
     * @param steadyNanos how long to go on
     */
    LatencyRun run(final long rate, final long startNanos, final long steadyNanos) {
        final LatencyRun run = new LatencyRun();
        next = 0;
        expected = 0;
        final long begin = System.nanoTime();
        final long steady = begin + startNanos;
        final long end = steady + steadyNanos;
        for (long now = begin; now < end; now = System.nanoTime()) {
            send(run, begin, now, rate);
            receive(run, steady);
        }
        long last = System.nanoTime();
        while ((pending > 0 || run.lost() > 0) && System.nanoTime() - last < PATIENCE) {
            push(run);
            if (receive(run, steady) > 0) {
                last = System.nanoTime();
            }
        }
        cache.free(sending, pendingFrom, pending);
        pending = 0;
        return run;
    }

    /** Sends what is due by now, up to a burst. */
    private void send(final LatencyRun run, final long begin, final long now, final long rate) {
        if (pending == 0) {
            final long due = (now - begin) * rate / NANOS_PER_SECOND - next;
            if (due <= 0) {
                return;
            }
            pendingFrom = 0;
            pending = cache.allocate(sending, 0, (int) Math.min(due, BURST));
            for (int i = 0; i < pending; i++) {
                final long planned = begin + next * NANOS_PER_SECOND / rate;
                packet.wrap(sending[i]).length(packetSize);
                packet.put48(0, DESTINATION);
                packet.put48(6, SOURCE);
                packet.put16(TYPE_OFFSET, ETHER_TYPE);
                packet.put64(TIME_OFFSET, planned);
                packet.put64(NUMBER_OFFSET, next++);
                run.stamped(now - planned);
            }
        }
        push(run);
    }

    private void push(final LatencyRun run) {
        if (pending > 0) {
            final int taken = out.transmit(sending, pendingFrom, pending, 0);
            pendingFrom += taken;
            pending -= taken;
            run.sent(taken);
            if (pending > 0) {
                run.refusedOnce();
            }
        }
    }

    private int receive(final LatencyRun run, final long steady) {
        final int count = in.receive(receiving, BURST, 0);
        if (count == 0) {
            return 0;
        }
        final long now = System.nanoTime();
        for (int i = 0; i < count; i++) {
            packet.wrap(receiving[i]);
            if (packet.length() >= NUMBER_OFFSET + Long.BYTES && packet.u16(TYPE_OFFSET) == ETHER_TYPE) {
                final long planned = packet.i64(TIME_OFFSET);
                final long number = packet.i64(NUMBER_OFFSET);
                final Histogram part = planned - steady < 0 ? run.start() : run.steady();
                run.arrived(part, now - planned, number >= expected);
                expected = Math.max(expected, number + 1);
            }
        }
        cache.free(receiving, 0, count);
        return count;
    }
}

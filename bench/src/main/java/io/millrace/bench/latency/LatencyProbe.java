package io.millrace.bench.latency;

import io.millrace.dataplane.buffer.Packet;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.PortQueue;
import java.util.Arrays;
import java.util.Objects;

/**
 * Sends packets at a steady rate through one queue and meets them at another. A packet carries its number and the time at
 * which it was planned to be sent: if sender or forwarder stall, all packets of that while show it. When the sender did,
 * it knows. Used by one thread.
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

    /** How long to try to send what is overdue. */
    private static final long OVERTIME = 5 * NANOS_PER_SECOND;

    private static final long MAX_PACKETS = 100_000_000;
    private static final int MISSING = -1;

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
    private int next;

    private int expected;

    /** Packets of this run that have arrived. */
    private int received;

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
     * Sends for a while, and waits for what is still under way. Packets of an earlier run are left aside.
     *
     * @param rate packets a second
     * @param nanos how long; at most 100,000,000 packets
     */
    LatencyRun run(final long rate, final long nanos) {
        final int packets = Math.toIntExact(Math.min(MAX_PACKETS, nanos * rate / NANOS_PER_SECOND));
        final int[] times = new int[packets];
        Arrays.fill(times, MISSING);
        final LatencyRun run = new LatencyRun();
        next = 0;
        expected = 0;
        received = 0;
        final long begin = System.nanoTime();
        final Stalls stalls = new Stalls(begin);
        final long end = begin + nanos + OVERTIME;
        for (long now = begin; (next < packets || pending > 0) && now < end; now = System.nanoTime()) {
            stalls.look(now);
            send(run, begin, now, rate, packets);
            receive(run, begin, times);
        }
        long last = System.nanoTime();
        while (received < run.sent()) {
            final int count = receive(run, begin, times);
            final long now = System.nanoTime();
            stalls.look(now);
            if (count > 0) {
                last = now;
            } else if (now - last >= PATIENCE) {
                break;
            }
        }
        cache.free(sending, pendingFrom, pending);
        pending = 0;
        for (int i = 0; i < next; i++) {
            if (times[i] != MISSING) {
                run.arrived(times[i], stalls.disturbed(begin + i * NANOS_PER_SECOND / rate));
            }
        }
        run.stalled(stalls);
        return run;
    }

    /** Sends what is due by now, up to a burst. */
    private void send(final LatencyRun run, final long begin, final long now, final long rate, final int packets) {
        if (pending == 0) {
            final long due = Math.min(packets, (now - begin) * rate / NANOS_PER_SECOND) - next;
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
                packet.put32(NUMBER_OFFSET, next++);
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

    private int receive(final LatencyRun run, final long begin, final int[] times) {
        final int count = in.receive(receiving, BURST, 0);
        if (count == 0) {
            return 0;
        }
        final long now = System.nanoTime();
        for (int i = 0; i < count; i++) {
            packet.wrap(receiving[i]);
            if (packet.length() >= NUMBER_OFFSET + Integer.BYTES
                    && packet.u16(TYPE_OFFSET) == ETHER_TYPE
                    && packet.i64(TIME_OFFSET) - begin >= 0) {
                final int number = Objects.checkIndex(packet.i32(NUMBER_OFFSET), next);
                times[number] = Math.clamp(now - packet.i64(TIME_OFFSET), 0, Integer.MAX_VALUE);
                received++;
                if (number < expected) {
                    run.outOfOrder();
                }
                expected = Math.max(expected, number + 1);
            }
        }
        cache.free(receiving, 0, count);
        return count;
    }
}

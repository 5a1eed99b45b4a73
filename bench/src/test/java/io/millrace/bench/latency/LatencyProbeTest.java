package io.millrace.bench.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.ArenaPool;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class LatencyProbeTest {
    private static final long RATE = 100_000;
    private static final long START = 10_000_000;
    private static final long STEADY = 20_000_000;
    private static final long PACKETS = (START + STEADY) * RATE / 1_000_000_000;

    private final PacketPool pool = ArenaPool.create(512, 128);
    private final PoolCache cache = new PoolCache(pool, 64);
    private final LoopbackPort port = LoopbackPort.open(Medium.ETHERNET, 100, pool, 1, 64);
    private final PortQueue wire = port.queue(0, cache);

    @AfterEach
    void shouldEndWithAFullPool() {
        port.close();
        cache.flush();
        assertEquals(pool.capacity(), pool.available());
    }

    @Test
    void shouldTellStartAndSteadyStateApartByThePlannedTime() {
        final LatencyRun run = new LatencyProbe(wire, wire, cache, 64).run(RATE, START, STEADY);
        assertEquals(START * RATE / 1_000_000_000, run.start().getTotalCount());
        assertEquals(run.sent() - run.start().getTotalCount(), run.steady().getTotalCount());
        assertEquals(0, run.lost());
        assertEquals(0, run.reordered());
    }

    @Test
    void shouldCountPacketsThatNeverArrive() {
        final PortQueue lossy = new Wire() {
            private int sent;

            @Override
            public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
                if (++sent == 1) {
                    cache.free(handles, from, count);
                    lost = count;
                    return count;
                }
                return super.transmit(handles, from, count, nowMicros);
            }
        };
        final LatencyRun run = new LatencyProbe(lossy, wire, cache, 64).run(RATE, START, STEADY);
        assertEquals(lost, run.lost());
        assertEquals(
                run.sent() - lost, run.start().getTotalCount() + run.steady().getTotalCount());
    }

    @Test
    void shouldCountPacketsThatArriveAfterALaterOne() {
        final PortQueue backwards = new Wire() {
            @Override
            public int receive(final long[] handles, final int max, final long nowMicros) {
                final int count = super.receive(handles, max, nowMicros);
                if (count > 1) {
                    final long first = handles[0];
                    handles[0] = handles[count - 1];
                    handles[count - 1] = first;
                    swapped++;
                }
                return count;
            }
        };
        // More than a burst is due whenever the probe looks, so that packets come in bursts.
        final LatencyRun run = new LatencyProbe(backwards, backwards, cache, 64).run(100_000_000, 0, 1_000_000);
        assertTrue(swapped > 0 && run.reordered() >= swapped, () -> swapped + " " + run.reordered());
    }

    @Test
    void shouldSendLaterWhatTheLinkDoesNotTake() {
        final PortQueue narrow = new Wire() {
            @Override
            public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
                return super.transmit(handles, from, Math.min(1, count), nowMicros);
            }
        };
        final LatencyRun run = new LatencyProbe(narrow, narrow, cache, 64).run(RATE, START, STEADY);
        assertEquals(0, run.lost());
        assertEquals(run.sent(), run.start().getTotalCount() + run.steady().getTotalCount());
        assertTrue(run.sent() <= PACKETS, () -> run.sent() + " of " + PACKETS);
    }

    private int lost;
    private int swapped;

    private class Wire implements PortQueue {
        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            return wire.receive(handles, max, nowMicros);
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            return wire.transmit(handles, from, count, nowMicros);
        }
    }
}

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

@Timeout(300)
final class LatencyProbeTest {
    private static final long RATE = 100_000;
    private static final long NANOS = 30_000_000;
    private static final long PACKETS = NANOS * RATE / 1_000_000_000;
    private static final long HALT = 5_000_000;

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
    void shouldMeetEveryPacketThatItSends() {
        final LatencyRun run = probe(wire, wire).run(RATE, NANOS);
        assertEquals(PACKETS, run.sent());
        assertEquals(PACKETS, run.all().getTotalCount());
        assertEquals(PACKETS, run.lateness().getTotalCount());
        assertEquals(0, run.lost());
        assertEquals(0, run.reordered());
    }

    @Test
    void shouldLeaveAsideWhatAnEarlierRunHasSent() {
        final PortQueue slow = new Wire() {
            @Override
            public int receive(final long[] handles, final int max, final long nowMicros) {
                return held ? 0 : super.receive(handles, max, nowMicros);
            }
        };
        final LatencyProbe probe = probe(slow, slow);
        held = true;
        assertEquals(30, probe.run(10_000, 3_000_000).lost());
        held = false;
        final LatencyRun run = probe.run(RATE, NANOS);
        assertEquals(PACKETS, run.all().getTotalCount());
        assertEquals(0, run.lost());
        assertEquals(0, run.reordered());
    }

    @Test
    void shouldTellWhatTheSenderItselfHasHeldUp() {
        final PortQueue halting = new Wire() {
            @Override
            public int receive(final long[] handles, final int max, final long nowMicros) {
                if (!held) {
                    held = true;
                    for (final long begin = System.nanoTime(); System.nanoTime() - begin < HALT; ) {
                        Thread.onSpinWait();
                    }
                }
                return super.receive(handles, max, nowMicros);
            }
        };
        final LatencyRun run = probe(halting, halting).run(RATE, NANOS);
        assertTrue(run.stalls() >= 1 && run.stalledNanos() >= HALT, () -> run.stalls() + " " + run.stalledNanos());
        assertTrue(run.all().getMaxValue() >= HALT / 2, () -> run.all().getMaxValue() + " ns");
        assertTrue(run.undisturbed().getTotalCount() <= PACKETS - HALT * RATE / 1_000_000_000);
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
        final LatencyRun run = probe(lossy, wire).run(RATE, NANOS);
        assertEquals(lost, run.lost());
        assertEquals(run.sent() - lost, run.all().getTotalCount());
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
        final LatencyRun run = probe(backwards, backwards).run(100_000_000, 1_000_000);
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
        final LatencyRun run = probe(narrow, narrow).run(RATE, NANOS);
        assertEquals(0, run.lost());
        assertEquals(PACKETS, run.sent());
    }

    private LatencyProbe probe(final PortQueue out, final PortQueue in) {
        return new LatencyProbe(out, in, cache, 64);
    }

    private int lost;
    private int swapped;
    private boolean held;

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

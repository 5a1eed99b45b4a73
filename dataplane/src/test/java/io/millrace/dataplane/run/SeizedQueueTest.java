package io.millrace.dataplane.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.flow.FlowHash;
import io.millrace.dataplane.flow.ShardTable;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import io.millrace.dataplane.port.middleware.MiddlewarePort;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A shard whose thread hangs is one that the test does not poll any more. A loopback's queues stand for a device's that
 * has no redirection table: what is sent on one comes in on it, whoever it is for.
 */
final class SeizedQueueTest {
    private static final int SHARDS = 3;
    private static final int HANGS = 1;
    private static final int PACKETS = 30;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(1024, 256);
    private final List<PoolCache> caches = List.of(pools.cache(pool), pools.cache(pool), pools.cache(pool));
    private final ShardTable table = new ShardTable(SHARDS, SHARDS);

    /** What happens within the device, in each receive of the queue of the shard that hangs. */
    private Runnable inDevice = () -> {};

    private final Port device = MiddlewarePort.wrap(
            LoopbackPort.open(Medium.ETHERNET, 200, pool, SHARDS, 64),
            (info, queue, index, cache) -> index == HANGS ? new Watched(queue) : queue);
    private final SteeredPort port = new SteeredPort(device, table, new FlowHash(77), caches);
    private final List<PortQueue> shards =
            List.of(port.queue(0, caches.get(0)), port.queue(1, caches.get(1)), port.queue(2, caches.get(2)));
    private final long[] burst = new long[64];

    @AfterEach
    void close() {
        port.close();
    }

    private void comesIn() {
        for (int i = 0; i < PACKETS; i++) {
            final String frame = "020000000001 020000000002 0800 4500 001c 0000 0000 4011 0000 0a000001 0a000002"
                    + " %04x 0007 0008 0000".formatted(1_000 + i);
            final long[] one = {Frames.packet(caches.get(HANGS), frame)};
            assertEquals(1, shards.get(HANGS).transmit(one, 0, 1, 0));
        }
    }

    private int received(final int shard) {
        int sum = 0;
        for (int n = shards.get(shard).receive(burst, burst.length, 0);
                n > 0;
                n = shards.get(shard).receive(burst, burst.length, 0)) {
            caches.get(shard).free(burst, 0, n);
            sum += n;
        }
        return sum;
    }

    /** The shard takes its queue, and hangs from then on; it is removed, and nobody waits for its flows. */
    private void hang() {
        assertEquals(0, received(HANGS));
        table.remove(HANGS);
        table.abandon(HANGS);
        comesIn();
    }

    @Test
    void shouldLeaveWhatComesInToTheOthersWhenTheQueueIsSeized() {
        hang();
        assertEquals(0, received(0) + received(2), "the queue is another's");
        assertFalse(port.seize(HANGS, 5_000));
        assertFalse(port.seize(HANGS, 5_000 + SharedPort.SEIZE_MICROS - 1));
        assertEquals(0, received(0) + received(2), "its thread might be at it");
        assertTrue(port.seize(HANGS, 5_000 + SharedPort.SEIZE_MICROS));
        assertEquals(PACKETS, received(0) + received(2));
        assertEquals(0, port.stats().rxMissed());
    }

    @Test
    void shouldNotLetTheThreadHaveItsQueueAgainWhenItComesBack() {
        hang();
        port.seize(HANGS, 0);
        assertEquals(0, received(HANGS), "it was told not to");
        assertTrue(port.seize(HANGS, SharedPort.SEIZE_MICROS));
        assertEquals(0, received(HANGS), "it was told not to");
        assertEquals(PACKETS, received(0) + received(2));
        port.discard(HANGS);
        port.vacate(HANGS);
        comesIn();
        assertEquals(PACKETS, received(0) + received(2));
    }

    @Test
    void shouldLeaveTheQueueAloneWhileTheThreadIsInTheDevice() {
        assertEquals(0, received(HANGS));
        table.remove(HANGS);
        table.abandon(HANGS);
        final boolean[] seized = new boolean[2];
        inDevice = () -> {
            seized[0] |= port.seize(HANGS, 0);
            seized[1] |= port.seize(HANGS, 10 * SharedPort.SEIZE_MICROS);
        };
        assertEquals(0, received(HANGS));
        assertFalse(seized[0] || seized[1], "two would poll the queue");
        assertTrue(port.seize(HANGS, 11 * SharedPort.SEIZE_MICROS), "it has left the device");
    }

    /** Seized from a thread that ends before that is done. */
    @Test
    void shouldBeVacatedAsAlwaysWhenTheThreadEndsMeanwhile() {
        hang();
        assertFalse(port.seize(HANGS, 0));
        port.discard(HANGS);
        port.vacate(HANGS);
        assertEquals(PACKETS, received(0) + received(2));
    }

    private final class Watched implements PortQueue {
        private final PortQueue queue;

        Watched(final PortQueue queue) {
            this.queue = queue;
        }

        @Override
        public int receive(final long[] handles, final int max, final long nowMicros) {
            inDevice.run();
            return queue.receive(handles, max, nowMicros);
        }

        @Override
        public int transmit(final long[] handles, final int from, final int count, final long nowMicros) {
            return queue.transmit(handles, from, count, nowMicros);
        }
    }
}

package io.millrace.dataplane.port.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.BufferChain;
import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.PortStats;
import io.millrace.dpdk.DpdkExtension;
import io.millrace.testkit.Await;
import io.millrace.testkit.Frames;
import io.millrace.testkit.LongPackets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Long TCP segments from virtio to vhost, both in this process: neither side ever cuts them. */
@ExtendWith(DpdkExtension.class)
final class VhostSegmentationTest {
    private static final int PAYLOAD = 30_000;
    private static final int SEGMENT = 1448;

    @TempDir
    private Path folder;

    private final long[] handles = new long[32];

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldReceiveALongPacketInOnePieceWhenABufferHoldsIt(final boolean v4) {
        try (Wire wire = new Wire(65_000)) {
            final long handle = wire.exchange(v4);
            final byte[] frame = Frames.bytes(wire.pool, handle);
            assertEquals("", LongPackets.judge(frame, v4, 0, PAYLOAD, true));
            wire.cache.free(handle);
        }
    }

    @Test
    void shouldDropAndCountALongPacketThatNoBufferHolds() {
        try (Wire wire = new Wire(2048)) {
            assertEquals(-1, wire.exchange(true));
            assertEquals(1, wire.counter("dpdkRxScattered"));
        }
    }

    @Test
    void shouldRefuseALongPacketWhoseLengthsDoNotFit() {
        try (Wire wire = new Wire(2048)) {
            final long[] bad = {LongPackets.create(wire.cache, true, PAYLOAD, SEGMENT)};
            final long second = BufferChain.next(wire.pool.memory(), bad[0]);
            BufferHeader.length(wire.pool.memory(), second, 7);
            final long third = BufferChain.next(wire.pool.memory(), second);
            assertEquals(1, wire.from.transmit(bad, 0, 1, 0));
            final PortStats stats = wire.virtio.stats();
            assertEquals(1, stats.txErrors());
            assertEquals(0, stats.txPackets());
            // What hung on the first buffer nobody knows any more.
            BufferHeader.length(wire.pool.memory(), second, 100);
            wire.freeFrom(second, third);
        }
    }

    /** Both ports. */
    private final class Wire implements AutoCloseable {
        private static final int CAPACITY = 1023;

        final DpdkPool pool;
        final PoolCache cache;
        final DpdkPort vhost;
        final DpdkPort virtio;
        final PortQueue from;
        final PortQueue to;

        Wire(final int packetSize) {
            pool = DpdkPool.create("vhost-test", CAPACITY, packetSize);
            cache = new PoolCache(pool, 64);
            final Path socket = folder.resolve("vhost.sock");
            vhost = DpdkPort.open(DpdkPortConfig.of("net_vhost0,iface=" + socket + ",tso=1"), pool);
            virtio = DpdkPort.open(
                    DpdkPortConfig.of("net_virtio_user0,path=" + socket).withSegmentationOffload(), pool);
            from = virtio.queue(0, cache);
            to = vhost.queue(0, cache);
            assertTrue(virtio.info().offloads().segmentation().ipv6());
        }

        /** Sends a long packet until it arrives; returns it, or -1 if it was dropped. */
        long exchange(final boolean v4) {
            final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(Await.SECONDS);
            boolean sent = false;
            while (System.nanoTime() < deadline) {
                if (!sent && vhost.linkUp()) {
                    final long[] packet = {LongPackets.create(cache, v4, PAYLOAD, SEGMENT)};
                    assertEquals(1, from.transmit(packet, 0, 1, 0));
                    sent = true;
                }
                if (to.receive(handles, handles.length, 0) > 0) {
                    return handles[0];
                }
                if (counter("dpdkRxScattered") > 0) {
                    return -1;
                }
            }
            throw new AssertionError(sent ? "the packet does not arrive" : "the link does not come up");
        }

        long counter(final String key) {
            final Map<String, Long> counters = new HashMap<>();
            vhost.forEachCounter((name, value) -> counters.merge(name.key(), value, Long::sum));
            return counters.getOrDefault(key, -1L);
        }

        /** Frees the rest of a chain. */
        void freeFrom(final long second, final long third) {
            for (long at = third; at != -1; ) {
                final long next = BufferChain.next(pool.memory(), at);
                BufferHeader.reset(pool.memory(), at, pool.headroom());
                cache.free(at);
                at = next;
            }
            BufferHeader.reset(pool.memory(), second, pool.headroom());
            cache.free(second);
        }

        @Override
        public void close() {
            virtio.close();
            vhost.close();
            cache.flush();
            assertEquals(CAPACITY, pool.available());
            pool.close();
        }
    }
}

package io.millrace.bench.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.BufferHeader;
import io.millrace.dataplane.buffer.Packet;
import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.testkit.Await;
import io.millrace.testkit.PoolWatch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class UdpTunnelPortTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(256);
    private final PoolCache cache = pools.cache(pool);
    private final long[] handles = new long[32];

    @Test
    void shouldDeliverFramesInOrderWhenBothEndsAreConnected() throws IOException {
        try (UdpTunnelPort a = open(1);
                UdpTunnelPort b = open(2)) {
            a.connect(b.localAddress());
            b.connect(a.localAddress());
            assertTrue(a.linkUp());
            final PortQueue from = a.queue(0, cache);
            final PortQueue to = b.queue(0, cache);
            final Packet packet = new Packet(pool);
            for (int i = 0; i < 8; i++) {
                handles[i] = cache.allocate();
                packet.wrap(handles[i]).length(64 + i).put16(12, 0x88B5);
            }
            assertEquals(8, from.transmit(handles, 0, 8, 0));
            for (int i = 0; i < 8; i++) {
                final long handle = receiveOne(to);
                assertEquals(64 + i, packet.wrap(handle).length());
                assertEquals(0x88B5, packet.u16(12));
                cache.free(handle);
            }
            assertEquals(8, a.stats().txPackets());
            assertEquals(8, b.stats().rxPackets());
            assertEquals(a.stats().txBytes(), b.stats().rxBytes());
        }
    }

    @Test
    void shouldDropAndCountWhenAFrameIsShorterThanItsHeader() throws IOException {
        try (UdpTunnelPort a = open(1);
                UdpTunnelPort b = open(2)) {
            a.connect(b.localAddress());
            b.connect(a.localAddress());
            final PortQueue from = a.queue(0, cache);
            final PortQueue to = b.queue(0, cache);
            for (int i = 0; i < 2; i++) {
                handles[i] = cache.allocate();
                BufferHeader.length(pool.memory(), handles[i], 13 + i);
            }
            from.transmit(handles, 0, 2, 0);
            cache.free(receiveOne(to));
            assertEquals(1, b.stats().rxErrors());
        }
    }

    @Test
    void shouldCountAndFreeWhenTheOtherEndIsAbsent() throws IOException {
        try (UdpTunnelPort a = open(1)) {
            assertFalse(a.linkUp());
            final PortQueue queue = a.queue(0, cache);
            handles[0] = cache.allocate();
            assertEquals(1, queue.transmit(handles, 0, 1, 0));
            assertEquals(1, a.stats().txErrors());
            assertEquals(0, queue.receive(handles, 32, 0));
            assertThrows(IllegalStateException.class, () -> a.queue(0, cache));
        }
    }

    @Test
    void shouldBeAShortReadWhenCountedInLines() throws IOException {
        final Path source = Path.of("src/main/java/io/millrace/bench/example/UdpTunnelPort.java");
        assertTrue(Files.readAllLines(source).size() <= 200, "the example promises a device in at most 200 lines");
    }

    private long receiveOne(PortQueue queue) {
        return assertTimeoutPreemptively(Duration.ofSeconds(Await.SECONDS), () -> {
            while (queue.receive(handles, 1, 0) == 0) {
                Thread.onSpinWait();
            }
            return handles[0];
        });
    }

    private UdpTunnelPort open(long mac) throws IOException {
        return UdpTunnelPort.open(
                "tunnel" + mac,
                0x0200_0000_0000L | mac,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                pool);
    }
}

package io.millrace.dataplane.port.middleware;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.LinkState;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortInfo;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.PortStats;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import io.millrace.testkit.PoolWatch;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class LinkWatchTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PoolCache cache = pools.cache(8);
    private final FlappingPort device = new FlappingPort(LoopbackPort.open(Medium.IP, 100, cache.pool(), 1, 4));

    private static Map<String, Long> counted(final Port port) {
        final Map<String, Long> counted = new TreeMap<>();
        port.forEachCounter((counter, count) -> counted.merge(counter.key(), count, Long::sum));
        counted.keySet().removeIf(key -> !key.startsWith("link"));
        return counted;
    }

    @Test
    void shouldCountWhatTheLinkDoesAndWhatIsLostWhileItIsDown() {
        final LinkWatch watch = new LinkWatch(device, 0);
        try (Port port = MiddlewarePort.wrap(device, watch)) {
            assertNull(watch.check(1_000));
            device.lost = 5;
            device.up = false;
            assertEquals("the link of " + device.info().name() + " is down", watch.check(2_000));
            assertNull(watch.check(3_000));
            device.lost = 12;
            device.up = true;
            assertEquals("the link of " + device.info().name() + " is up, after 1500 ms", watch.check(1_502_000));
            device.lost = 20; // while it is up
            device.up = false;
            watch.check(2_000_000);
            device.lost = 23;
            device.up = true;
            watch.check(2_010_000);
            assertEquals(
                    Map.of("linkDowns", 2L, "linkUps", 2L, "linkDownMillis", 1_510L, "linkDownLost", 10L),
                    counted(port));
        }
        assertNull(watch.check(3_000_000), "a closed port has no link");
        assertEquals(2, watch.counters().get(LinkCounter.DOWNS));
        assertEquals(0, watch.counters().drops());
    }

    @Test
    void shouldCountNoDownOfALinkThatComesUpForTheFirstTime() {
        device.up = false;
        final LinkWatch watch = new LinkWatch(device, 0);
        try (Port port = MiddlewarePort.wrap(device, watch)) {
            assertNull(watch.check(500_000));
            device.up = true;
            watch.check(1_000_000);
            assertEquals(
                    Map.of("linkDowns", 0L, "linkUps", 1L, "linkDownMillis", 1_000L, "linkDownLost", 0L),
                    counted(port));
        }
    }

    @Test
    void shouldCountWhatIsLostUntilThePortCloses() {
        final LinkWatch watch = new LinkWatch(device, 0);
        try (Port port = MiddlewarePort.wrap(device, watch)) {
            assertEquals(1, port.info().queues());
            device.up = false;
            watch.check(1);
            device.lost = 3;
        }
        assertEquals(3, watch.counters().get(LinkCounter.LOST));
    }

    @Test
    void shouldCountWhatTheDeviceCountedBetweenTwoLooks() {
        device.downs = 7; // of before
        final LinkWatch watch = new LinkWatch(device, 0);
        try (Port port = MiddlewarePort.wrap(device, watch)) {
            assertNull(watch.check(1));
            device.downs = 8;
            assertEquals("the link of " + device.info().name() + " was down for a moment", watch.check(2));
            assertNull(watch.check(3));
            device.downs = 10;
            assertEquals("the link of " + device.info().name() + " was down for a moment, 2 times", watch.check(4));
            device.up = false;
            device.downs = 12; // it came up once, and stays down
            assertEquals("the link of " + device.info().name() + " is down", watch.check(5));
            device.downs = 13;
            watch.check(6);
            device.up = true;
            watch.check(7);
            assertEquals(
                    Map.of("linkDowns", 6L, "linkUps", 6L, "linkDownMillis", 0L, "linkDownLost", 0L), counted(port));
            device.downs = 1; // another interface of this name
            assertNull(watch.check(8));
        }
    }

    @Test
    void shouldCostPacketsNothing() {
        final LinkWatch watch = new LinkWatch(device, 0);
        final PortQueue queue = device.queue(0, cache);
        assertSame(queue, watch.wrap(device.info(), queue, 0, cache));
        device.close();
    }

    /** A port whose link does what the test says. */
    private static final class FlappingPort implements Port {
        private final Port port;
        private boolean up = true;
        private long lost;
        private long downs = LinkState.UNCOUNTED;

        FlappingPort(final Port port) {
            this.port = port;
        }

        @Override
        public PortInfo info() {
            return port.info();
        }

        @Override
        public PortQueue queue(final int index, final PoolCache cache) {
            return port.queue(index, cache);
        }

        @Override
        public boolean linkUp() {
            return up;
        }

        @Override
        public LinkState link() {
            return new LinkState(up, downs);
        }

        /** A third of them each that the device missed, refused and could not send. */
        @Override
        public PortStats stats() {
            return new PortStats(0, 0, 0, 0, lost / 3, lost / 3, lost - 2 * (lost / 3));
        }

        @Override
        public void close() {
            up = false;
            port.close();
        }
    }
}

package io.millrace.dataplane.port.middleware;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class TracerTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PoolCache cache = pools.cache(256);
    private final List<String> seen = new ArrayList<>();
    private final PacketObserver observer = (direction, medium, memory, offset, length, now) ->
            seen.add(now + " " + medium + " " + direction.arrow() + " " + Frames.hex(memory, offset, length));

    private Port port(final int depth, final Tracer tracer) {
        return MiddlewarePort.wrap(LoopbackPort.open(Medium.IP, 1500, cache.pool(), 1, depth), tracer);
    }

    @Test
    @Origin("smoltcp:phy::tracer::test_tracer")
    void shouldShowWhatIsSentAndWhatIsReceived() {
        try (Port port = port(4, new Tracer(observer))) {
            final PortQueue queue = port.queue(0, cache);
            final long[] burst = {Frames.packet(cache, "0102030405060708")};
            assertEquals(1, queue.transmit(burst, 0, 1, 1_000_000));
            assertEquals(List.of("1000000 IP -> 0102030405060708"), seen);
            assertEquals(1, queue.receive(burst, 1, 2_000_000));
            assertEquals("0102030405060708", Frames.hex(cache.pool(), burst[0]));
            assertEquals(List.of("1000000 IP -> 0102030405060708", "2000000 IP <- 0102030405060708"), seen);
            assertEquals(0, queue.receive(burst, 1, 3_000_000));
            assertEquals(2, seen.size());
            cache.free(burst, 0, 1);
        }
    }

    @Test
    void shouldShowOnlyWhatThePortTook() {
        try (Port port = port(2, new Tracer(observer))) {
            final PortQueue queue = port.queue(0, cache);
            final long[] burst = new long[3];
            for (int i = 0; i < burst.length; i++) {
                burst[i] = Frames.packet(cache, "4" + i);
            }
            assertEquals(2, queue.transmit(burst, 0, 3, 7));
            assertEquals(List.of("7 IP -> 40", "7 IP -> 41"), seen);
            cache.free(burst[2]);
        }
    }

    @Test
    void shouldShowEveryPacketOfABurstThatIsLargerThanItsCopies() {
        try (Port port = port(128, new Tracer(observer))) {
            final PortQueue queue = port.queue(0, cache);
            final long[] burst = new long[100];
            for (int i = 0; i < burst.length; i++) {
                burst[i] = Frames.packet(cache, "%02x".formatted(i));
            }
            assertEquals(90, queue.transmit(burst, 10, 90, 7));
            assertEquals(90, seen.size());
            assertEquals("7 IP -> 0a", seen.getFirst());
            assertEquals("7 IP -> 63", seen.getLast());
            cache.free(burst, 0, 10);
        }
    }

    @Test
    void shouldShowNothingWhileNobodyObserves() {
        final Tracer tracer = new Tracer(null);
        try (Port port = port(4, tracer)) {
            final PortQueue queue = port.queue(0, cache);
            final long[] burst = {Frames.packet(cache, "45")};
            queue.transmit(burst, 0, 1, 1);
            tracer.observe(observer);
            queue.receive(burst, 1, 2);
            tracer.observe(null);
            queue.transmit(burst, 0, 1, 3);
            assertEquals(List.of("2 IP <- 45"), seen);
        }
    }

    @Test
    void shouldBeWhatItWrapsOtherwise() {
        final LoopbackPort loopback = LoopbackPort.open(Medium.ETHERNET, 1500, cache.pool(), 2, 4);
        try (Port port = MiddlewarePort.wrap(loopback, new Tracer(observer))) {
            assertSame(loopback.info(), port.info());
            assertEquals(loopback.linkUp(), port.linkUp());
            assertEquals(loopback.stats(), port.stats());
        }
    }
}

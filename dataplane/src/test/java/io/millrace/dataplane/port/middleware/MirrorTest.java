package io.millrace.dataplane.port.middleware;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class MirrorTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(64, 100);
    private final PoolCache cache = pools.cache(pool);
    private final PoolCache far = pools.cache(64);
    private final PoolCache watcher = pools.cache(64);
    private final SimulatedWire wire =
            SimulatedWire.create(Medium.IP, 100, pool, far.pool(), WireConditions.PERFECT, 1);
    private final SimulatedWire tap =
            SimulatedWire.create(Medium.IP, 100, pool, watcher.pool(), WireConditions.PERFECT, 1);
    private final Port port = MiddlewarePort.wrap(wire.a(), new Mirror(tap.a()));
    private final PortQueue queue = port.queue(0, cache);
    private final PortQueue peer = wire.b().queue(0, far);
    private final PortQueue mirrored = tap.b().queue(0, watcher);
    private final long[] burst = new long[64];

    @AfterEach
    void close() {
        port.close();
        wire.close();
        tap.close();
    }

    private List<String> drain(final PortQueue from, final PoolCache of) {
        final List<String> packets = new ArrayList<>();
        final int count = from.receive(burst, burst.length, 0);
        for (int i = 0; i < count; i++) {
            packets.add(Frames.hex(of.pool(), burst[i]));
        }
        of.free(burst, 0, count);
        return packets;
    }

    private long counter(final String key) {
        final Map<String, Long> counters = new HashMap<>();
        port.forEachCounter((name, value) -> counters.merge(name.key(), value, Long::sum));
        return counters.getOrDefault(key, -1L);
    }

    @Test
    void shouldCopyBothDirections() {
        final long[] sent = {Frames.packet(cache, "4501"), Frames.packet(cache, "4502")};
        assertEquals(2, queue.transmit(sent, 0, 2, 0));
        final long[] answer = {Frames.packet(far, "4503")};
        assertEquals(1, peer.transmit(answer, 0, 1, 0));
        assertEquals(List.of("4503"), drain(queue, cache));
        assertEquals(List.of("4501", "4502"), drain(peer, far));
        assertEquals(List.of("4501", "4502", "4503"), drain(mirrored, watcher));
        assertEquals(3, counter("mirrorMirrored"));
        assertEquals(0, counter("mirrorNotMirrored"));
    }

    @Test
    void shouldCarryPacketsThatItHasNoBufferToCopyInto() {
        final long[] all = new long[64];
        for (int i = 0; i < 64; i++) {
            all[i] = Frames.packet(cache, "%02x".formatted(i));
        }
        assertEquals(60, queue.transmit(all, 0, 60, 0));
        cache.free(all, 60, 4);
        assertEquals(60, counter("mirrorNotMirrored"));
        assertEquals(60, drain(peer, far).size());
        assertEquals(0, drain(mirrored, watcher).size());
    }
}

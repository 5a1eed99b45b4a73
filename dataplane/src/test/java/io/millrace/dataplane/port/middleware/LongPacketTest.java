package io.millrace.dataplane.port.middleware;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.PacketPool;
import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.Segmentation;
import io.millrace.dataplane.port.pcap.PcapFile;
import io.millrace.dataplane.port.sim.SimulatedWire;
import io.millrace.dataplane.port.sim.WireConditions;
import io.millrace.testkit.Frames;
import io.millrace.testkit.LongPackets;
import io.millrace.testkit.PoolWatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands around a port that cuts TCP segments does to packets that it is to cut. */
final class LongPacketTest {
    private static final int PAYLOAD = 5000;
    private static final int SEGMENT = 500;
    private static final int SEGMENTS = 10;

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PacketPool pool = pools.pool(256, 600);
    private final PoolCache cache = pools.cache(pool);
    private final SimulatedWire wire =
            SimulatedWire.create(Medium.ETHERNET, 560, pool, pool, WireConditions.PERFECT, 1);
    private final PortQueue peer = wire.b().queue(0, cache);
    private final long[] burst = new long[64];

    LongPacketTest() {
        wire.a().offloadSegmentation(Segmentation.ALL);
    }

    @AfterEach
    void close() {
        wire.close();
    }

    private List<byte[]> drain(final PortQueue from) {
        final List<byte[]> packets = new ArrayList<>();
        final int count = from.receive(burst, burst.length, 0);
        for (int i = 0; i < count; i++) {
            packets.add(Frames.bytes(pool, burst[i]));
        }
        cache.free(burst, 0, count);
        return packets;
    }

    private static void judge(final List<byte[]> packets, final boolean v4) {
        assertEquals(SEGMENTS, packets.size());
        for (int i = 0; i < SEGMENTS; i++) {
            assertEquals("", LongPackets.judge(packets.get(i), v4, i * SEGMENT, SEGMENT, i == SEGMENTS - 1));
        }
    }

    private void send(final PortQueue queue, final boolean v4) {
        assertEquals(1, queue.transmit(new long[] {LongPackets.create(cache, v4, PAYLOAD, SEGMENT)}, 0, 1, 0));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldCutInThePortWhenNothingIsAround(final boolean v4) {
        send(wire.a().queue(0, cache), v4);
        judge(drain(peer), v4);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldCutBeforeFaultsHappen(final boolean v4) {
        final FaultInjector injector = new FaultInjector(1);
        final Port port = MiddlewarePort.wrap(wire.a(), injector);
        final PortQueue queue = port.queue(0, cache);
        injector.onSend(FaultText.parse("duplicate=1"));
        send(queue, v4);
        final List<byte[]> packets = drain(peer);
        assertEquals(2 * SEGMENTS, packets.size());
        judge(everySecond(packets), v4);
        assertEquals(SEGMENTS, injector.count(FaultCounter.DUPLICATED));
        port.close();
    }

    @Test
    void shouldNotWriteTheChecksumOfWhatAFaultChanged() {
        final FaultInjector injector = new FaultInjector(1);
        final Port port = MiddlewarePort.wrap(wire.a(), injector);
        injector.onSend(FaultText.parse("corrupt=1"));
        send(port.queue(0, cache), true);
        int changed = 0;
        for (final byte[] packet : drain(peer)) {
            final int from = changed++ * SEGMENT;
            final String wrong = LongPackets.judge(packet, true, from, SEGMENT, from + SEGMENT == PAYLOAD);
            assertTrue(!wrong.contains("payload") || wrong.contains("checksum of TCP"), wrong);
        }
        assertEquals(SEGMENTS, injector.count(FaultCounter.CORRUPTED));
        port.close();
    }

    private static List<byte[]> everySecond(final List<byte[]> packets) {
        final List<byte[]> second = new ArrayList<>();
        for (int i = 0; i < packets.size(); i += 2) {
            second.add(packets.get(i));
        }
        return second;
    }

    @Test
    void shouldMirrorAsOnTheWire() {
        final SimulatedWire tap = SimulatedWire.create(Medium.ETHERNET, 560, pool, pool, WireConditions.PERFECT, 1);
        final PortQueue mirrored = tap.b().queue(0, cache);
        final Port port = MiddlewarePort.wrap(wire.a(), new Mirror(tap.a()));
        send(port.queue(0, cache), true);
        judge(drain(peer), true);
        judge(drain(mirrored), true);
        final Map<String, Long> counters = new HashMap<>();
        port.forEachCounter((name, value) -> counters.merge(name.key(), value, Long::sum));
        assertEquals(SEGMENTS, counters.get("mirrorMirrored"));
        port.close();
        tap.close();
    }

    @Test
    void shouldShowAndCountThePacketWhole() {
        final List<Integer> lengths = new ArrayList<>();
        final Tracer tracer = new Tracer((direction, medium, memory, offset, length, now) -> {
            lengths.add(length);
            assertEquals((byte) (PAYLOAD - 1), Frames.bytes(memory, offset + length - 1, 1)[0]);
        });
        final RateMeter meter = new RateMeter();
        final RateMeter.Sampler sampler = meter.sampler(0);
        final Port port = MiddlewarePort.wrap(MiddlewarePort.wrap(wire.a(), tracer), meter);
        send(port.queue(0, cache), true);
        assertEquals(List.of(PAYLOAD + 54), lengths);
        assertEquals(8.0 * (PAYLOAD + 54), sampler.sample(1_000_000).txBits());
        judge(drain(peer), true);
        port.close();
    }

    @Test
    void shouldCaptureThePacketWhole(@TempDir final Path folder) throws IOException {
        final Path path = folder.resolve("out.pcap");
        try (PcapFile file = PcapFile.create(path, Medium.ETHERNET, 0);
                Port port = file.capture(wire.a())) {
            send(port.queue(0, cache), true);
            judge(drain(peer), true);
        }
        assertEquals(24 + 16 + 54 + PAYLOAD, Files.size(path));
    }
}

package io.millrace.dataplane.port.middleware;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.dataplane.buffer.PoolCache;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.Port;
import io.millrace.dataplane.port.PortQueue;
import io.millrace.dataplane.port.loopback.LoopbackPort;
import io.millrace.testkit.Frames;
import io.millrace.testkit.PoolWatch;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class RateMeterTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private final PoolCache cache = pools.cache(64);
    private final RateMeter meter = new RateMeter();
    private final long[] burst = new long[8];

    @Test
    void shouldTellTheRatesBetweenTwoSamples() {
        try (Port port = MiddlewarePort.wrap(LoopbackPort.open(Medium.IP, 100, cache.pool(), 2, 4), meter)) {
            final PortQueue first = port.queue(0, cache);
            final PortQueue second = port.queue(1, cache);
            final RateMeter.Sampler rates = meter.sampler(1_000_000);
            for (int i = 0; i < 5; i++) {
                burst[i] = Frames.packet(cache, "45".repeat(10));
            }
            assertEquals(4, first.transmit(burst, 0, 5, 0), "the loopback takes four");
            assertEquals(1, second.transmit(burst, 4, 1, 0));
            assertEquals(new RateMeter.Rates(500_000, 0, 0, 10, 800), rates.sample(1_500_000));
            assertEquals(new RateMeter.Rates(0, 0, 0, 0, 0), rates.sample(1_500_000));
            final int received = first.receive(burst, 8, 0);
            cache.free(burst, 0, received);
            assertEquals(new RateMeter.Rates(2_000_000, 2, 160, 0, 0), rates.sample(3_500_000));
            assertEquals(new RateMeter.Rates(1_000_000, 0, 0, 0, 0), rates.sample(4_500_000));
            assertEquals(
                    new RateMeter.Rates(1_000, 0, 0, 0, 0), meter.sampler(0).sample(1_000));
            final Map<String, Long> counted = new TreeMap<>();
            port.forEachCounter((counter, count) -> counted.merge(counter.key(), count, Long::sum));
            counted.keySet().removeIf(key -> !key.startsWith("meter"));
            assertEquals("{meterRxBytes=40, meterRxPackets=4, meterTxBytes=50, meterTxPackets=5}", counted.toString());
        }
    }
}

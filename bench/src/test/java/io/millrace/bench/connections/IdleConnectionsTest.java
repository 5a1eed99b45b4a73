package io.millrace.bench.connections;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class IdleConnectionsTest {
    @Test
    void shouldEstablishAllConnectionsAndMeasureThem() {
        try (IdleConnections none = new IdleConnections(0);
                IdleConnections connections = new IdleConnections(20_000)) {
            final IdleConnections.Result result = connections.run(20_000, none);
            assertEquals(20_000, result.connections());
            assertTrue(result.bytesEach() > 200 && result.bytesEach() < 2_000, result.toString());
            assertTrue(result.offHeapBytes() > 64 << 20, result.toString());
            assertTrue(result.pollNanosWithout() > 0 && result.pollNanos() > 0, result.toString());
        }
    }
}

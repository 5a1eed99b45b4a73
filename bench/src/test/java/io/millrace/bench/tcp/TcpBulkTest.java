package io.millrace.bench.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.socket.tcp.config.TcpConfig;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class TcpBulkTest {
    @Test
    @Timeout(300)
    void shouldMeasureBesideIdleListenersAndConnections() {
        final TcpBulkBench.Result result =
                TcpBulkBench.besideIdle(1500, 4, TcpConfig.builder(), 200, 3, Duration.ofMillis(300));
        assertEquals(3, result.turns().rounds());
        assertTrue(result.median().bytes() > 0, result.toString());
        assertTrue(result.turns().reference() > 0, result.toString());
    }
}

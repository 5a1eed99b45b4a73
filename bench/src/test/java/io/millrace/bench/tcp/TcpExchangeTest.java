package io.millrace.bench.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.stack.socket.tcp.config.TcpConfig;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TcpExchangeTest {
    private static final long NANOS = 50_000_000;

    @ParameterizedTest
    @Timeout(300)
    @ValueSource(ints = {4, 6})
    void shouldOpenUseAndCloseConnectionsInSevenSegments(final int family) {
        try (TcpExchange exchange = new TcpExchange(family, 8, 100, TcpConfig.builder())) {
            long connections = 0;
            long packets = 0;
            while (connections < 500) {
                final TcpExchange.Result result = exchange.run(NANOS);
                connections += result.connections();
                packets += result.packets();
            }
            // Some resolve addresses, and eight connections are under way.
            assertEquals(7, packets / (double) connections, 0.5);
        }
    }

    @Test
    @Timeout(300)
    void shouldDoTheSameWithTheKernel() throws IOException {
        try (LinuxExchange exchange = new LinuxExchange()) {
            while (exchange.run(NANOS).connections() == 0) {
                Thread.onSpinWait(); // a busy machine may let it do nothing for so long
            }
        }
    }
}

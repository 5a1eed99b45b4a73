package io.millrace.stack.netsim;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.socket.tcp.config.TcpConfig;
import io.millrace.stack.socket.tcp.config.TcpConfigBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Buffers that grow on a long fat path: a round trip of 100 ms, and a link of any rate. */
class BufferTuningTest {
    private static final int INITIAL = 64 * 1024;
    private static final int LIMIT = 1024 * 1024;
    private static final double ROUND_TRIPS_PER_SECOND = 10;
    private static final long BYTES = 30L * 1024 * 1024;

    private static TcpConfigBuilder config() {
        return TcpConfig.builder()
                .sendBuffer(INITIAL)
                .receiveBuffer(INITIAL)
                .bufferMemory(16L * 1024 * 1024)
                .expectedConnections(4);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldReachTheLimitsThroughputWhenBothBuffersMayGrow(final boolean timestamps) {
        final double rate = rate(config().sendBufferLimit(2 * LIMIT)
                .receiveBufferLimit(LIMIT)
                .timestamps(timestamps)
                .build());
        assertTrue(rate > 0.7 * LIMIT * ROUND_TRIPS_PER_SECOND, "bytes per second: " + rate);
        assertTrue(rate < 1.01 * LIMIT * ROUND_TRIPS_PER_SECOND, "no more than the limit: " + rate);
    }

    @Test
    void shouldStayAtTheBufferThatIsSetWhenItMayNotGrow() {
        assertTrue(rate(config().build()) < 1.01 * INITIAL * ROUND_TRIPS_PER_SECOND);
        assertTrue(rate(config().sendBufferLimit(LIMIT).build()) < 1.01 * INITIAL * ROUND_TRIPS_PER_SECOND);
        assertTrue(rate(config().receiveBufferLimit(LIMIT).build()) < 1.01 * INITIAL * ROUND_TRIPS_PER_SECOND);
    }

    @Test
    void shouldStopGrowingWhenMemoryIsShort() {
        // A quarter of the memory of both ends is left for whoever has less: the buffers stay within the rest.
        final double rate = rate(config().sendBufferLimit(2 * LIMIT)
                .receiveBufferLimit(LIMIT)
                .bufferMemory(4 * INITIAL)
                .build());
        assertTrue(rate <= 4.04 * INITIAL * ROUND_TRIPS_PER_SECOND, "bytes per second: " + rate);
        assertTrue(rate > 0.7 * INITIAL * ROUND_TRIPS_PER_SECOND, "bytes per second: " + rate);
    }

    private static double rate(final TcpConfig config) {
        return Netsim.single(config, 0, BYTES).throughput();
    }
}

package io.millrace.stack.socket.tcp.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TcpConfigTest {
    static Stream<Arguments> outOfRange() {
        return Stream.of(
                Arguments.of(TcpConfig.builder().chunkSize(1000), "tcp.chunkSize is 1000; it must be a power of two"),
                Arguments.of(TcpConfig.builder().bufferMemory(10), "tcp.bufferMemory is 10; it must be at least"),
                Arguments.of(TcpConfig.builder().minRto(999), "tcp.minRto is 999; it must be at least 1000"),
                Arguments.of(
                        TcpConfig.builder().maxRto(999_999), "tcp.maxRto is 999999; it must be at least initialRto"),
                Arguments.of(TcpConfig.builder().dataRetries(128), "tcp.dataRetries is 128; it must be 0 to 127"),
                Arguments.of(TcpConfig.builder().keepAliveProbes(0), "tcp.keepAliveProbes is 0; it must be 1 to 127"),
                Arguments.of(TcpConfig.builder().timeWait(-1), "tcp.timeWait is -1; it must be at least 0"),
                Arguments.of(TcpConfig.builder().hopLimit(256), "tcp.hopLimit is 256; it must be 1 to 255"),
                Arguments.of(
                        TcpConfig.builder().challengeAcks(32_768), "tcp.challengeAcks is 32768; it must be 1 to 32767"),
                Arguments.of(TcpConfig.builder().lastEphemeralPort(80), "tcp.lastEphemeralPort is 80; it must be"));
    }

    @ParameterizedTest
    @MethodSource("outOfRange")
    void shouldNameTheSettingWhenItsValueIsOutOfRange(final TcpConfigBuilder builder, final String message) {
        final String said = String.valueOf(
                assertThrows(IllegalArgumentException.class, builder::build).getMessage());

        assertTrue(said.startsWith(message), said);
    }

    @Test
    void shouldKeepABufferAsItIsWhenOnlyItsSizeIsSet() {
        final TcpBuffers buffers =
                TcpConfig.builder().sendBuffer(1000).receiveBuffer(2000).build().buffers();

        assertEquals(1000, buffers.sendBufferLimit());
        assertEquals(2000, buffers.receiveBufferLimit());
    }
}

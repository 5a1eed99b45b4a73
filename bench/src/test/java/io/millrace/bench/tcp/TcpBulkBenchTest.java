package io.millrace.bench.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.socket.tcp.config.TcpConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("peers")
@Timeout(600)
class TcpBulkBenchTest {
    @ParameterizedTest
    @ValueSource(ints = {4, 6})
    void shouldMeasureBothSidesWhenNamespacesCanBeMade(int family) throws InterruptedException {
        final List<String> said = new ArrayList<>();
        final TcpBulkBench.Result result =
                TcpBulkBench.run(1500, family, TcpConfig.builder(), 3, Duration.ofMillis(300), said::add);
        assertEquals(List.of(), said);
        assertEquals(3, result.turns().rounds());
        assertTrue(result.turns().millrace() > 0, result.toString());
        assertTrue(result.turns().reference() > 0, result.toString());
        assertTrue(result.turns().ratio() > 0, result.toString());
        assertTrue(result.median().bytes() > 0, result.toString());
    }
}

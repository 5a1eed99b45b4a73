package io.millrace.bench.buffers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.dpdk.DpdkLibraries;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** In a JVM of its own: the benchmark starts and stops EAL. */
final class BufferBenchTest {
    @Test
    void shouldMeasureBothSides() throws IOException, InterruptedException {
        assumeTrue(DpdkLibraries.problem() == null, DpdkLibraries.problem());
        final Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.millrace.bench.cli.Main",
                        "bench",
                        "buffers",
                        "--bulk=32")
                .redirectErrorStream(true)
                .start();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        final String figure = " +\\d+\\.\\d\\d ns";
        final String result = output.lines().toList().getLast();
        assertTrue(
                result.matches("bulk of 32   millrace" + figure + "   rte_pktmbuf("
                        + (output.contains("no reference") ? " not measured" : figure + "   ratio \\d+\\.\\d\\d")
                        + ")"),
                output);
    }

    @Test
    void shouldRefuseBulksThatNobodyAllocates() {
        assertThrows(IllegalArgumentException.class, () -> BufferBench.run(0, line -> {}));
        assertThrows(IllegalArgumentException.class, () -> BufferBench.run(513, line -> {}));
    }
}

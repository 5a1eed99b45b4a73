package io.millrace.bench.buffers;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.reference.BenchProcess;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** In a JVM of its own: the benchmark starts and stops EAL. */
final class BufferBenchTest {
    @Test
    void shouldMeasureBothSides() throws IOException, InterruptedException {
        final String output = BenchProcess.run("buffers", "--bulk=32");
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

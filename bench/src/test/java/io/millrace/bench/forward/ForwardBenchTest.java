package io.millrace.bench.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.dpdk.CpuAffinity;
import io.millrace.dpdk.DpdkLibraries;
import io.millrace.dpdk.Eal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The benchmark itself, in a JVM of its own: it starts and stops EAL. */
final class ForwardBenchTest {
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
                        "forward",
                        "--rounds=3",
                        "--seconds=0.4",
                        "--mode=csum")
                .redirectErrorStream(true)
                .start();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        final boolean reference =
                ForwardBench.hasReference() && CpuAffinity.current().cardinality() > 1;
        final String result = output.lines().toList().getLast();
        assertTrue(
                result.matches("csum +millrace +[1-9]\\d*\\.\\d Mpps   testpmd "
                        + (reference
                                ? " +[1-9]\\d*\\.\\d Mpps   ratio \\d+\\.\\d\\d \\(\\d+\\.\\d\\d to \\d+\\.\\d\\d\\)"
                                : "not measured")
                        + "   as a pipeline +[1-9]\\d*\\.\\d Mpps, \\d+\\.\\d\\d of that without"
                        + "   \\(medians of 3 turns\\)"),
                output);
        assertEquals(
                List.of(), output.lines().filter(line -> line.contains("EAL:")).toList());
        assertTrue(Eal.running() == null);
    }
}

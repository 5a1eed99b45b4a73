package io.millrace.bench.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.reference.BenchProcess;
import io.millrace.dpdk.CpuAffinity;
import io.millrace.dpdk.Eal;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The benchmark itself, in a JVM of its own: it starts and stops EAL. */
final class ForwardBenchTest {
    @Test
    void shouldMeasureBothSides() throws IOException, InterruptedException {
        final String output = BenchProcess.run("forward", "--rounds=3", "--seconds=0.4", "--mode=csum");
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

package io.millrace.bench.memif;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.bench.command.JvmCommand;
import io.millrace.dpdk.CpuAffinity;
import io.millrace.dpdk.DpdkLibraries;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The benchmarks over memif, each in a JVM of its own: they start and stop EAL, and another JVM that does. */
@Tag("peers")
@Timeout(600)
final class MemifBenchTest {
    @BeforeEach
    void needsDpdkAndTwoCpus() {
        assumeTrue(DpdkLibraries.problem() == null, DpdkLibraries.problem());
        assumeTrue(CpuAffinity.current().cardinality() > 1, "one CPU only");
    }

    @Test
    void shouldThrowPacketsBackAndForthBetweenTwoProcesses() throws Exception {
        final String said = run("bench", "memif", "--rounds=1", "--seconds=0.2");
        assertTrue(said.lines().toList().getLast().matches("millrace +\\d+\\.\\d\\d Mpps   testpmd .*"), said);
    }

    @Test
    void shouldShowPercentilesOfPacketsThroughAnotherProcess() throws Exception {
        final String said = run("bench", "latency", "--rate=1000", "--rounds=1", "--start=0.2", "--seconds=0.3");
        assertTrue(said.contains("millrace, start"), said);
        assertTrue(said.matches("(?s).*\nmillrace +\\d+\\.\\d.*\n  undisturbed +\\d+\\.\\d.*"), said);
        assertTrue(said.contains("buffers outstanding: 0"), said);
    }

    private static String run(final String... arguments) throws IOException, InterruptedException {
        final Process process = new ProcessBuilder(JvmCommand.of(List.of(), List.of(arguments)))
                .redirectErrorStream(true)
                .start();
        final String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return said.stripTrailing();
    }
}

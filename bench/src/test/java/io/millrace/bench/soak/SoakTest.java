package io.millrace.bench.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.bench.command.JvmCommand;
import io.millrace.dataplane.port.middleware.FaultText;
import io.millrace.dpdk.DpdkLibraries;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SoakTest {
    private static final long PACKETS = 1_000_000;
    private static final String FAULTS = "loss=1%,corrupt=1%,mutate=2%,duplicate=5%,reorder=2%@100us,delay=20us~5us,"
            + "longest=300,rate=5000000:64";

    private static SoakResult run(final String faults, final long packets) {
        return Soak.run(SoakPorts.LOOPBACK, packets, 7, FaultText.parse(faults), made -> {}, () -> false);
    }

    @Test
    void shouldHaveEveryBufferBackWhenEverythingGoesWrong() {
        final SoakResult result = run(FAULTS, PACKETS);
        assertEquals(PACKETS, result.made());
        assertEquals(0, result.outstanding());
        assertTrue(result.clean());
        assertTrue(result.arrived() > PACKETS / 2, result::toString);
        for (final String kind : List.of(
                "faultLost",
                "faultCorrupted",
                "faultMutated",
                "faultDuplicated",
                "faultReordered",
                "faultTooLong",
                "faultOverRate")) {
            assertTrue(result.counters().getOrDefault(kind, 0L) > 1_000, () -> kind + " of " + result);
        }
    }

    @Test
    void shouldSurviveFullPortsAndAnEmptyPool() {
        final SoakResult result = run("delay=100ms", 200_000);
        assertEquals(0, result.outstanding());
        assertTrue(result.counters().getOrDefault("faultQueueFull", 0L) + result.refused() > 1_000, result::toString);
    }

    @Test
    void shouldDoTheSameAgainWithTheSameSeed() {
        assertEquals(run(FAULTS, 50_000).counters(), run(FAULTS, 50_000).counters());
    }

    /** In a JVM of its own, which starts and stops EAL. */
    @ParameterizedTest
    @ValueSource(strings = {"net_ring", "net_null"})
    void shouldHaveEveryBufferBackWhenThePortsAreDpdks(final String ports) throws IOException, InterruptedException {
        assumeTrue(DpdkLibraries.problem() == null, DpdkLibraries.problem());
        final Process process = new ProcessBuilder(JvmCommand.of(
                        List.of(),
                        List.of("bench", "soak", "--ports=" + ports, "--packets=100000", "--faults=" + FAULTS)))
                .redirectErrorStream(true)
                .start();
        final String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        assertTrue(said.contains("buffers in the pool, 0 outstanding"), said);
        assertTrue(said.matches("(?s).* [\\d,]{5,}  faultDuplicated.*"), said);
        assertTrue(said.matches("(?s).* [\\d,]{7,}  dpdkRxPackets.*"), said);
    }
}

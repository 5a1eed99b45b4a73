package io.millrace.bench.start;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.bench.reference.TestpmdProcess;
import io.millrace.dpdk.DpdkLibraries;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class StartBenchTest {
    @Test
    void shouldSeeTheFirstPacketOfBothPrograms() throws IOException, InterruptedException {
        assumeTrue(DpdkLibraries.problem() == null, DpdkLibraries.problem());
        final StartResult result = StartBench.run(1);
        assertTrue(result.millrace() > 0, result.toString());
        assertEquals(TestpmdProcess.isInstalled(), result.testpmd() > 0, result.toString());
    }

    @Test
    void shouldRefuseToMeasureNothing() {
        assertThrows(IllegalArgumentException.class, () -> StartBench.run(0));
    }
}

package io.millrace.bench.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.bench.reference.Turns;
import io.millrace.dpdk.CpuAffinity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class RingBenchTest {
    @Test
    void shouldMeasureAndVerifyBothRingsWhenThereAreTwoCpus() throws IOException, InterruptedException {
        assumeTrue(CpuAffinity.current().cardinality() > 1, "one CPU only");
        final List<String> said = new ArrayList<>();
        final Turns turns = RingBench.run(32, 3, said::add);
        assertEquals(3, turns.rounds());
        assertTrue(turns.millrace() > 0, turns::toString);
        assertEquals(said.isEmpty(), turns.reference() > 0, () -> turns + " " + said);
    }

    @Test
    void shouldRefuseBurstsThatNoRingTakes() {
        assertThrows(IllegalArgumentException.class, () -> RingBench.run(0, 1, line -> {}));
        assertThrows(IllegalArgumentException.class, () -> RingBench.run(513, 1, line -> {}));
    }
}

package io.millrace.bench.checksum;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ChecksumBenchTest {
    @Test
    void shouldMeasureBothSides() throws IOException, InterruptedException {
        final List<String> progress = new ArrayList<>();
        final List<ChecksumResult> results = ChecksumBench.run(List.of(64), progress::add);
        assertEquals(
                List.of(false, true), results.stream().map(ChecksumResult::odd).toList());
        for (final ChecksumResult result : results) {
            assertEquals(64, result.length());
            assertTrue(result.millraceNanos() > 0);
            // Without a compiler or DPDK's headers it says so and measures its own side.
            assertEquals(progress.isEmpty(), result.ratio() > 0, () -> result + " " + progress);
        }
    }

    @Test
    void shouldRefuseLengthsThatNoPacketHas() {
        assertThrows(IllegalArgumentException.class, () -> ChecksumBench.run(List.of(20, 9001), line -> {}));
    }
}

package io.millrace.bench.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.dpdk.DpdkLibraries;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RouteBenchTest {
    /** EAL starts once in a process. That both sides forward alike is checked by the benchmark itself. */
    @Test
    void shouldMeasureBothSidesOfBothFamilies() throws IOException, InterruptedException {
        assumeTrue(DpdkLibraries.problem() == null, DpdkLibraries.problem());
        final Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.millrace.bench.cli.Main",
                        "bench",
                        "route",
                        "--routes=3000",
                        "--rounds=1")
                .redirectErrorStream(true)
                .start();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        for (final int family : List.of(4, 6)) {
            final List<String> lines = output.lines()
                    .filter(line -> line.startsWith("IPv" + family + ",    3000 routes   millrace"))
                    .toList();
            assertEquals(output.contains("no reference") ? 1 : 2, lines.size(), output);
            assertTrue(lines.stream().allMatch(line -> line.contains("bytes a route")), output);
        }
    }

    @Test
    void shouldRefuseTablesThatCannotBeMeasured() {
        assertThrows(
                IllegalArgumentException.class, () -> RouteBench.run(List.of(4), List.of(0), 1, r -> {}, line -> {}));
        assertThrows(
                IllegalArgumentException.class, () -> RouteBench.run(List.of(4), List.of(10), 0, r -> {}, line -> {}));
    }
}

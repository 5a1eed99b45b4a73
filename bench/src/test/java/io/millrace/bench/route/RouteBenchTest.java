package io.millrace.bench.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.reference.BenchProcess;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RouteBenchTest {
    /** EAL starts once in a process. That both sides forward alike is checked by the benchmark itself. */
    @Test
    void shouldMeasureBothSidesOfBothFamilies() throws IOException, InterruptedException {
        final String output = BenchProcess.run("route", "--routes=3000", "--rounds=1");
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

package io.millrace.bench.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Joins smoltcp's test functions with the tags of the tests here, and holds {@code stack/CONFORMANCE.md} to the outcome.
 *
 * <p>The system property {@code millrace.conformance} says what becomes of that file: {@code check} fails when it is not
 * what would be written, {@code write} writes it, as the build does if nothing is said; anything else, or a start without
 * the build, leaves it alone.
 */
final class ConformanceReportTest {
    private static final String COMMAND = "./mvnw -q test -pl bench -am -Dtest=ConformanceReportTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dmillrace.conformance=write";

    @Test
    void shouldAccountForEveryScenarioInScope() throws IOException {
        final Conformance data = Conformance.read();
        assertEquals(List.of(), data.mistakes(), "tags and tables that contradict each other");
        assertEquals(
                List.of(),
                data.unaccounted(),
                "scenarios of modules in scope.tsv that no test carries as @Origin and excuses.tsv does not name");

        final String report = ConformanceReport.render(data, COMMAND);
        final Path file = Path.of("..", "stack", "CONFORMANCE.md");
        switch (System.getProperty("millrace.conformance", "")) {
            case "write" -> Files.writeString(file, report);
            case "check" ->
                assertTrue(
                        Files.exists(file) && Files.readString(file).equals(report),
                        () -> "stack/CONFORMANCE.md is out of date; write it again with: " + COMMAND);
            default -> assertTrue(report.startsWith("# Conformance"));
        }
    }
}

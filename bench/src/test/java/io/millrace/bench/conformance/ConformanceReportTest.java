package io.millrace.bench.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
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

    /** What the other test relies on: that a scenario of which nobody took care is found, and an excuse that is none. */
    @Test
    void shouldNameScenariosAndExcusesThatNobodyTookCareOf() throws IOException {
        final Conformance data = Conformance.read();
        final SortedMap<String, List<String>> scenarios = new TreeMap<>(data.scenarios());
        final SortedMap<String, String> scope = new TreeMap<>(data.scope());
        final SortedMap<String, String> excuses = new TreeMap<>(data.excuses());
        scenarios.put("made::up", List.of("excused", "forgotten"));
        scenarios.put("out::of::scope", List.of("test"));
        scope.put("made::up", "");
        excuses.put("smoltcp:made::up::excused", "for a reason");
        final Conformance more = new Conformance(scenarios, scope, excuses, data.origins());
        assertEquals(List.of("smoltcp:made::up::forgotten"), more.unaccounted());
        assertEquals(List.of(), more.mistakes());

        excuses.put("smoltcp:made::up::forgoten", "misspelt");
        excuses.put("smoltcp:wire::tcp::test_parse", "has a counterpart");
        scope.put("no::module", "");
        final List<String> mistakes = more.mistakes();
        assertEquals(3, mistakes.size(), mistakes::toString);
        assertTrue(mistakes.get(0).contains("no module no::module"), mistakes::toString);
        assertTrue(mistakes.get(1).contains("no scenario smoltcp:made::up::forgoten"), mistakes::toString);
        assertTrue(mistakes.get(2).contains("test_parse needs no excuse"), mistakes::toString);
    }
}

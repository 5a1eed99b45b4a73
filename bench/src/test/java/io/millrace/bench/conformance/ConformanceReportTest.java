package io.millrace.bench.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Writes {@code target/conformance.md} from the tags of the tests: which of smoltcp's scenarios have a counterpart here,
 * which have none yet, and which sections of RFCs the tests name.
 */
final class ConformanceReportTest {
    private static final String SMOLTCP = "smoltcp:";
    private static final Pattern RFC = Pattern.compile("RFC \\d+( \\S.*)?");

    @Test
    void shouldKnowEveryOriginAndWriteTheReport() throws IOException {
        final Map<String, List<String>> origins = Origins.read();
        final Map<String, List<String>> scenarios = scenarios();

        final List<String> unknown = origins.keySet().stream()
                .filter(origin -> !RFC.matcher(origin).matches() && !known(origin, scenarios))
                .toList();
        assertEquals(List.of(), unknown, "tags that name neither an RFC nor a scenario of smoltcp.tsv");

        final Path report = Path.of("target", "conformance.md");
        Files.createDirectories(report.toAbsolutePath().getParent());
        Files.writeString(report, render(scenarios, origins));
        assertTrue(Files.size(report) > 0);
    }

    private static boolean known(final String origin, final Map<String, List<String>> scenarios) {
        if (!origin.startsWith(SMOLTCP)) {
            return false;
        }
        final int cut = origin.lastIndexOf("::");
        return cut > 0
                && scenarios
                        .getOrDefault(origin.substring(SMOLTCP.length(), cut), List.of())
                        .contains(origin.substring(cut + 2));
    }

    private static Map<String, List<String>> scenarios() throws IOException {
        final Map<String, List<String>> modules = new TreeMap<>();
        try (InputStream in = ConformanceReportTest.class.getResourceAsStream("/conformance/smoltcp.tsv")) {
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t", 2))
                    .forEach(row -> modules.computeIfAbsent(row[0], key -> new java.util.ArrayList<>())
                            .add(row[1]));
        }
        return modules;
    }

    private static String render(final Map<String, List<String>> scenarios, final Map<String, List<String>> origins) {
        final StringBuilder text =
                new StringBuilder("# Conformance\n\n| smoltcp module | covered | of |\n|---|---|---|\n");
        final StringBuilder rows = new StringBuilder("\n| scenario | tests here |\n|---|---|\n");
        int covered = 0;
        int total = 0;
        for (final Map.Entry<String, List<String>> module : scenarios.entrySet()) {
            int here = 0;
            for (final String test : module.getValue()) {
                final List<String> tests = origins.get(SMOLTCP + module.getKey() + "::" + test);
                here += tests == null ? 0 : 1;
                rows.append("| `%s::%s` | %s |%n"
                        .formatted(module.getKey(), test, tests == null ? "-" : String.join(", ", tests)));
            }
            covered += here;
            total += module.getValue().size();
            text.append("| %s | %d | %d |%n"
                    .formatted(module.getKey(), here, module.getValue().size()));
        }
        text.append("| **all** | **%d** | **%d** |%n".formatted(covered, total)).append(rows);
        text.append("\n| RFC | tests here |\n|---|---|\n");
        origins.forEach((origin, tests) -> {
            if (RFC.matcher(origin).matches()) {
                text.append("| %s | %s |%n".formatted(origin, String.join(", ", tests)));
            }
        });
        return text.toString();
    }
}

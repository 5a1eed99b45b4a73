package io.millrace.bench.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The scenarios that this project measures itself by, from the data beside it, joined with the tests' tags.
 *
 * <p>{@code smoltcp.tsv} lists every test function of smoltcp as module and name; {@code scope.tsv} names the modules
 * whose functions must all be accounted for; {@code excuses.tsv} gives a reason for each function that can have no
 * counterpart here.
 *
 * @param scenarios module to its test functions
 * @param scope modules whose functions must all have a counterpart or an excuse
 * @param excuses origin to the reason why it has no counterpart
 * @param origins the tests' tags
 */
record Conformance(
        SortedMap<String, List<String>> scenarios,
        SortedMap<String, String> scope,
        SortedMap<String, String> excuses,
        Origins origins) {
    /** What an origin of smoltcp begins with. */
    static final String SMOLTCP = "smoltcp:";

    /** An RFC, or an Internet-Draft by its name without the version. */
    private static final Pattern DOCUMENT = Pattern.compile("(RFC \\d+|draft(-[a-z0-9]+)+)( \\S.*)?");

    /** Reads data and tags. */
    static Conformance read() throws IOException {
        final SortedMap<String, List<String>> scenarios = new TreeMap<>();
        for (final String[] row : rows("smoltcp.tsv")) {
            scenarios.computeIfAbsent(row[0], key -> new ArrayList<>()).add(row[1]);
        }
        final SortedMap<String, String> scope = new TreeMap<>();
        for (final String[] row : rows("scope.tsv")) {
            scope.put(row[0], row.length > 1 ? row[1] : "");
        }
        final SortedMap<String, String> excuses = new TreeMap<>();
        for (final String[] row : rows("excuses.tsv")) {
            if (row.length < 2 || excuses.put(row[0], row[1]) != null) {
                throw new IOException("excuses.tsv: " + row[0] + " has no reason, or two");
            }
        }
        return new Conformance(scenarios, scope, excuses, Origins.read());
    }

    /** Whether an origin names a section of an RFC or an Internet-Draft. */
    static boolean isDocument(final String origin) {
        return DOCUMENT.matcher(origin).matches();
    }

    /** The origin of a module's test function. */
    static String origin(final String module, final String test) {
        return SMOLTCP + module + "::" + test;
    }

    /** Whether an origin is a scenario of {@code smoltcp.tsv}. */
    boolean isScenario(final String origin) {
        final int cut = origin.lastIndexOf("::");
        return origin.startsWith(SMOLTCP)
                && cut > 0
                && scenarios
                        .getOrDefault(origin.substring(SMOLTCP.length(), cut), List.of())
                        .contains(origin.substring(cut + 2));
    }

    /** Whether a test carries an origin. */
    boolean isMatched(final String origin) {
        return !origins.tests(origin).isEmpty();
    }

    /** Functions of modules in scope that have neither a counterpart nor an excuse. */
    List<String> unaccounted() {
        final List<String> missing = new ArrayList<>();
        for (final String module : scope.keySet()) {
            for (final String test : scenarios.getOrDefault(module, List.of())) {
                final String origin = origin(module, test);
                if (!isMatched(origin) && !excuses.containsKey(origin)) {
                    missing.add(origin);
                }
            }
        }
        return missing;
    }

    /** Tags, modules and excuses that name nothing, and excuses for what has a counterpart. */
    List<String> mistakes() {
        final List<String> mistakes = new ArrayList<>();
        for (final String origin : origins.all()) {
            if (!isDocument(origin) && !isScenario(origin)) {
                mistakes.add("@Origin(\"" + origin + "\") of "
                        + origins.tests(origin).keySet()
                        + " is neither a section of an RFC or draft nor in smoltcp.tsv");
            }
        }
        for (final String module : scope.keySet()) {
            if (!scenarios.containsKey(module)) {
                mistakes.add("scope.tsv: no module " + module + " in smoltcp.tsv");
            }
        }
        for (final String origin : excuses.keySet()) {
            if (!isScenario(origin)) {
                mistakes.add("excuses.tsv: no scenario " + origin + " in smoltcp.tsv");
            } else if (isMatched(origin)) {
                mistakes.add("excuses.tsv: " + origin + " needs no excuse, it has "
                        + origins.tests(origin).keySet());
            }
        }
        return mistakes;
    }

    private static List<String[]> rows(final String name) throws IOException {
        try (InputStream in = Conformance.class.getResourceAsStream("/conformance/" + name)) {
            if (in == null) {
                throw new IOException("no " + name + " on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> line.split("\t", -1))
                    .toList();
        }
    }
}

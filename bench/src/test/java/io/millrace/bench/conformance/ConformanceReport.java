package io.millrace.bench.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** Renders {@code stack/CONFORMANCE.md}: the same data and tags give the same text. */
final class ConformanceReport {
    private final Conformance data;
    private final StringBuilder text = new StringBuilder();

    private ConformanceReport(final Conformance data) {
        this.data = data;
    }

    /** The whole report. */
    static String render(final Conformance data, final String command) {
        final ConformanceReport report = new ConformanceReport(data);
        report.head(command);
        report.modules(true);
        report.text.append("\n## Not in scope yet\n\n");
        report.tableHead();
        report.modules(false);
        report.scenarios();
        report.differences();
        report.excuses();
        report.rfcs();
        return report.text.toString();
    }

    private void head(final String command) {
        text.append("""
                # Conformance

                Generated from the tests' `@Origin` tags and the tables in `bench/src/test/resources/conformance`; do not edit.
                To write it again: `%s`

                A scenario is a test function of smoltcp (commit 5393f885, after 0.13.1). It has a counterpart here when a test
                with the same inputs and expectations carries its name; where the outcome is meant to be another, the reason
                stands beside it. The build fails when a scenario of a module in scope has neither a counterpart nor an excuse.

                ## In scope

                """.formatted(command));
        tableHead();
    }

    private void tableHead() {
        text.append("| smoltcp module | scenarios | with a counterpart | of these different | excused | open |\n")
                .append("|---|---:|---:|---:|---:|---:|\n");
    }

    private void modules(final boolean inScope) {
        final int[] all = new int[5];
        for (final String module : data.scenarios().keySet()) {
            if (data.scope().containsKey(module) != inScope) {
                continue;
            }
            final int[] counts = count(module);
            row(module, counts);
            for (int i = 0; i < all.length; i++) {
                all[i] += counts[i];
            }
        }
        row("all of these", all);
    }

    private int[] count(final String module) {
        final int[] counts = new int[5];
        for (final String test : data.scenarios().getOrDefault(module, List.of())) {
            final String origin = Conformance.origin(module, test);
            final SortedMap<String, String> tests = data.origins().tests(origin);
            final boolean excused = data.excuses().containsKey(origin);
            counts[0]++;
            counts[1] += tests.isEmpty() ? 0 : 1;
            counts[2] += tests.values().stream().allMatch(String::isEmpty) ? 0 : 1;
            counts[3] += excused ? 1 : 0;
            counts[4] += tests.isEmpty() && !excused ? 1 : 0;
        }
        return counts;
    }

    private void row(final String name, final int[] counts) {
        text.append("| ").append(name);
        for (final int count : counts) {
            text.append(" | ").append(count);
        }
        text.append(" |\n");
    }

    private void scenarios() {
        text.append("\n## Scenarios and their counterparts\n\n| scenario | tests here |\n|---|---|\n");
        data.scenarios()
                .forEach((module, tests) -> tests.forEach(test -> {
                    final SortedMap<String, String> here = data.origins().tests(Conformance.origin(module, test));
                    if (!here.isEmpty()) {
                        text.append("| `%s::%s` | %s |\n".formatted(module, test, String.join(", ", here.keySet())));
                    }
                }));
    }

    private void differences() {
        final List<String> rows = new ArrayList<>();
        for (final String origin : data.origins().all()) {
            data.origins().tests(origin).forEach((test, differs) -> {
                if (!differs.isEmpty()) {
                    rows.add("| `%s` | %s | %s |\n".formatted(name(origin), test, differs));
                }
            });
        }
        text.append("\n## Different on purpose\n\n| scenario | test here | how and why |\n|---|---|---|\n");
        rows.forEach(text::append);
    }

    private void excuses() {
        text.append("\n## Excused\n\n| scenario | why it has no counterpart |\n|---|---|\n");
        for (final Map.Entry<String, String> excuse : data.excuses().entrySet()) {
            text.append("| `%s` | %s |\n".formatted(name(excuse.getKey()), excuse.getValue()));
        }
    }

    private void rfcs() {
        text.append("\n## Sections of RFCs and drafts that tests name\n\n| section | tests here |\n|---|---|\n");
        for (final String origin : data.origins().all()) {
            if (Conformance.isDocument(origin)) {
                text.append("| %s | %s |\n"
                        .formatted(
                                origin,
                                String.join(", ", data.origins().tests(origin).keySet())));
            }
        }
    }

    private static String name(final String origin) {
        return origin.startsWith(Conformance.SMOLTCP) ? origin.substring(Conformance.SMOLTCP.length()) : origin;
    }
}

package io.millrace.bench.packetdrill;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.bench.packetdrill.ScriptResult.Verdict;
import io.millrace.bench.packetdrill.script.Script;
import java.util.List;
import java.util.Map;

/** Runs scripts that stand in tests: {@code FOUR} is 4 in them, {@code OUR_MSS} what we announce. */
final class Scripts {
    private Scripts() {}

    static ScriptResult run(final String version, final String text) {
        final Map<String, String> defines = Map.of("FOUR", "4", "OUR_MSS", version.equals("ipv4") ? "1460" : "1440");
        return new ScriptRunner(defines, List.of(new Script.Option(0, "ip_version", version))).run("a.pkt", text);
    }

    static void assertPasses(final String text) {
        for (final String version : List.of("ipv4", "ipv6")) {
            assertEquals(ScriptResult.ok(), run(version, text), version);
        }
    }

    static void assertReports(final Verdict verdict, final String line, final String text) {
        for (final String version : List.of("ipv4", "ipv6")) {
            final ScriptResult result = run(version, text);
            assertEquals(verdict, result.verdict(), () -> version + " " + result);
            assertEquals(line, result.lines().getFirst(), version);
        }
    }
}

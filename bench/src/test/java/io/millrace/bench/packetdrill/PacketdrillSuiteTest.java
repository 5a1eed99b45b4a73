package io.millrace.bench.packetdrill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.millrace.bench.packetdrill.script.Script;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Runs the scripts of {@code src/test/packetdrill}, a folder for each topic, over IPv4 and IPv6. */
final class PacketdrillSuiteTest {
    private static final Path SCRIPTS = Path.of("src", "test", "packetdrill");
    private static final Pattern RFC = Pattern.compile("RFC \\d+");

    private static Stream<Path> list(final Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList().stream();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @TestFactory
    Stream<DynamicNode> shouldBehaveAsTheScriptsSay() {
        return list(SCRIPTS)
                .map(topic -> dynamicContainer(
                        topic.getFileName().toString(),
                        list(topic)
                                .flatMap(script -> Stream.of("ipv4", "ipv6").map(version -> {
                                    final String name = script.getFileName() + " " + version;
                                    return dynamicTest(name, script.toUri(), () -> passes(script, version));
                                }))));
    }

    private static void passes(final Path script, final String version) throws IOException {
        final ScriptRunner runner = new ScriptRunner(Map.of(), List.of(new Script.Option(0, "ip_version", version)));
        assertEquals(ScriptResult.ok(), runner.run(script));
    }

    @Test
    void shouldSayWhichRfcAScriptShows() {
        list(SCRIPTS).flatMap(PacketdrillSuiteTest::list).forEach(script -> {
            final String text = read(script);
            final String head = text.substring(0, text.indexOf("\n\n"));
            assertTrue(head.startsWith("// ") && RFC.matcher(head).find(), script + " names no RFC");
        });
    }

    private static String read(final Path script) {
        try {
            return Files.readString(script);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

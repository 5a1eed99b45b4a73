package io.millrace.config.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.config.ServeConfig;
import io.millrace.config.problem.ConfigException;
import io.millrace.config.problem.Problems;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file beside a {@code .expected} one: what a valid file means, what an invalid one is told. */
final class ConfigFileTest {
    private static final Path RESOURCES = Path.of("src/test/resources/config");

    static Stream<Path> valid() throws IOException {
        return files("valid");
    }

    static Stream<Path> invalid() throws IOException {
        return files("invalid");
    }

    private static Stream<Path> files(String folder) throws IOException {
        try (Stream<Path> files = Files.list(RESOURCES.resolve(folder))) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
        }
    }

    private static void assertExpected(Path file, List<String> actual) throws IOException {
        final Path expected = Path.of(file.toString().replace(".yaml", ".expected"));
        final String text = String.join("\n", actual) + "\n";
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(expected, text);
        }
        assertEquals(Files.readString(expected), text);
    }

    @ParameterizedTest
    @MethodSource("valid")
    void shouldReadEveryKeyWhenFileIsValid(Path file) throws IOException {
        final Problems problems = new Problems();
        final ServeConfig config = ConfigFile.read(file, problems).resolve();
        assertEquals(List.of(), problems.lines());
        assertNotNull(config);
        assertExpected(file, RecordText.of(config, RESOURCES.toAbsolutePath()));
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void shouldListEveryProblemWithItsPlaceWhenFileIsInvalid(Path file) throws IOException {
        final Problems problems = new Problems();
        assertNull(ConfigFile.read(file, problems).resolve());
        assertFalse(problems.isEmpty());
        final String folder = RESOURCES.toAbsolutePath() + "/";
        assertExpected(
                file,
                problems.lines().stream()
                        .map(line -> line.replace(folder, "").replace(RESOURCES + "/", ""))
                        .toList());
    }

    @Test
    void shouldThrowWithEveryLineWhenProblemsEndValidation() {
        final Problems problems = new Problems();
        ConfigFile.read(RESOURCES.resolve("invalid/many-problems.yaml"), problems)
                .resolve();
        final ConfigException thrown = assertThrows(ConfigException.class, problems::throwIfAny);
        assertEquals(problems.lines(), thrown.lines());
    }

    @Test
    void shouldSayWhyWhenFileCannotBeRead(@TempDir Path folder) throws IOException {
        final Path latin1 = folder.resolve("latin1.yaml");
        Files.write(latin1, "pcap: \u00fc".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(
                "missing.yaml: there is no such file; name a YAML file with --config FILE",
                unreadable(Path.of("missing.yaml")));
        assertEquals(latin1 + ": it is no UTF-8 text; name a YAML file with --config FILE", unreadable(latin1));
        assertEquals(
                folder + ": it cannot be read: Is a directory; name a YAML file with --config FILE",
                unreadable(folder));
    }

    private static String unreadable(Path file) {
        final Problems problems = new Problems();
        ConfigFile.read(file, problems);
        return String.join("\n", problems.lines());
    }

    @Test
    void shouldNeverThrowWhenFilesAreMutated() throws IOException {
        final List<String> texts = Stream.concat(valid(), invalid())
                .map(file -> {
                    try {
                        return Files.readString(file);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .toList();
        final SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 4_000; round++) {
            final StringBuilder text = new StringBuilder(texts.get(random.nextInt(texts.size())));
            for (int edits = random.nextInt(1, 6); edits > 0 && !text.isEmpty(); edits--) {
                final int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.setCharAt(at, (char) random.nextInt(128));
                    case 1 -> text.delete(at, Math.min(text.length(), at + random.nextInt(1, 8)));
                    default -> text.insert(at, text.substring(at, Math.min(text.length(), at + 5)));
                }
            }
            final Problems problems = new Problems();
            ConfigFile.parse("mutated.yaml", text.toString(), RESOURCES, problems)
                    .resolve();
        }
    }
}

package io.millrace.bench.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every target survives a few seconds of fuzzing; {@code millrace fuzz} does the same for hours. */
final class FuzzerTest {
    private static final Duration TIME = Duration.ofSeconds(5);

    @TempDir
    private Path folder;

    @Tag("peers") // It takes its time, and a JVM for each target.
    @ParameterizedTest
    @EnumSource(FuzzTarget.class)
    void shouldFindNothing(final FuzzTarget target) throws IOException, InterruptedException {
        final Path log = folder.resolve("log");
        final boolean clean = Fuzzer.run(target, TIME, folder, ProcessBuilder.Redirect.to(log.toFile()));
        assertTrue(clean, () -> read(log));
        assertTrue(read(log).contains("DONE"), () -> read(log));
    }

    @ParameterizedTest
    @EnumSource(Medium.class)
    void shouldReplayItsExamples(final Medium medium) throws IOException {
        ExampleConversations.write(medium, folder);
        final List<Path> examples;
        try (Stream<Path> files = Files.list(folder)) {
            examples = files.sorted().toList();
        }
        assertEquals(6, examples.size());
        for (final Path example : examples) {
            final byte[] input = Files.readAllBytes(example);
            assertTrue(input.length > 60, () -> example + " is empty");
            FuzzedStack.run(medium, input);
        }
    }

    @Test
    void shouldReadFramesUpToTheEndOfTheInput() {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        Conversation.write(out, new byte[300], 3);
        Conversation.write(out, new byte[] {1, 2}, 31);
        out.writeBytes(new byte[] {9, 9, 0, 7});
        final Conversation conversation = new Conversation(out.toByteArray());
        assertTrue(conversation.next());
        assertEquals(300, conversation.length());
        assertEquals(8, conversation.stepMicros());
        assertTrue(conversation.next());
        assertEquals(2, conversation.length());
        assertEquals(1L << 24, conversation.stepMicros());
        assertTrue(conversation.next());
        assertEquals(1, conversation.length());
        assertTrue(!conversation.next());
    }

    private static String read(final Path log) {
        try {
            return Files.readString(log);
        } catch (final IOException e) {
            return e.toString();
        }
    }
}

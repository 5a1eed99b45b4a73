package io.millrace.bench.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A JVM that is started by hand, with the property of the launcher. */
final class StandardErrorTest {
    private record Run(int code, String text) {}

    /** Starts a JVM by a shell that makes its descriptors so, and gives what it writes to both outputs. */
    private static Run run(final String descriptors, final String property, final String argument) throws Exception {
        final List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" " + descriptors, "sh"));
        command.addAll(JvmCommand.of(List.of("-D" + StandardError.PROPERTY + "=" + property), List.of(argument)));
        final Process process =
                new ProcessBuilder(command).redirectErrorStream(true).start();
        final String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(process.waitFor(), text);
    }

    @Test
    void shouldSayWhatIsWrongInOneLineWhenTheDescriptorIsTheJvmsOwn() throws Exception {
        final Run run = run("3>&-", "3", "--help");
        assertEquals(2, run.code, run.text);
        assertTrue(run.text.contains("millrace: -Dmillrace.stderr=3: nothing that can be written to"), run.text);
    }

    @Test
    void shouldSayWhatIsWrongInOneLineWhenNothingIsOpenThere() throws Exception {
        for (final String property : List.of("777", "three")) {
            final Run run = run("", property, "--help");
            assertEquals(2, run.code, run.text);
            assertTrue(run.text.contains("millrace: -Dmillrace.stderr=" + property + ": nothing"), run.text);
        }
    }

    @Test
    void shouldWriteWhereItIsToldWhenTheDescriptorIsOpen() throws Exception {
        final Run run = run("2>/dev/null 3>&1", "3", "nonsense");
        assertEquals(2, run.code, run.text);
        assertTrue(run.text.startsWith("millrace: there is no 'nonsense' here"), run.text);
    }
}

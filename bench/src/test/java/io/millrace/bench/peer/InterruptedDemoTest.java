package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.bench.cli.Main;
import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whoever ends the demo early finds the machine as it was. The namespace has no name: it lives as long as its processes. */
@Tag("peers")
@Timeout(120)
final class InterruptedDemoTest {
    @TempDir
    private Path folder;

    @BeforeAll
    static void needNamespaces() {
        try {
            Namespace.create().close();
        } catch (CommandException e) {
            assumeTrue(false, "no network namespace can be made here: " + e.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({"INT, 130, ' ... ping'", "TERM, 143, ' ... HTTP download'", "INT, 130, ' ... a file'"})
    void shouldLeaveNothingBehindWhenASignalEndsIt(String signal, int code, String when) throws Exception {
        // A shell that runs tests in the background has them ignore SIGINT.
        final List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT,TERM"));
        command.addAll(JavaCommand.of(Main.class, List.of("demo")));
        command.add(command.indexOf("-cp"), "-Djava.io.tmpdir=" + folder);
        final Process demo = new ProcessBuilder(command).redirectErrorStream(true).start();
        final StringBuilder said = new StringBuilder();
        final List<ProcessHandle> family;
        try (BufferedReader out = demo.inputReader()) {
            String line = "";
            while (line != null && !line.contains(when)) {
                line = out.readLine();
                said.append(line).append('\n');
            }
            family = demo.descendants().toList();
            Namespace.runHere("kill", "-" + signal, Long.toString(demo.pid()));
            for (line = out.readLine(); line != null; line = out.readLine()) {
                said.append(line).append('\n');
            }
        }
        assertTrue(demo.waitFor(40, TimeUnit.SECONDS), said::toString);
        assertEquals(code, demo.exitValue(), said::toString);
        assertTrue(family.stream().noneMatch(ProcessHandle::isAlive), "no process of it lives on");
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(), left.toList(), "temporary files");
        }
    }
}

package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.cli.Main;
import io.millrace.bench.netns.Namespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A millrace command that ran as a process of its own.
 *
 * @param code exit code
 * @param out what it wrote
 * @param err lines that it wrote to standard error
 */
record CommandRun(int code, String out, List<String> err) {
    private static final int SECONDS = 300;

    /** Runs {@code prefix millrace arguments} to its end. */
    static CommandRun of(
            Namespace namespace, Path folder, List<String> prefix, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        final Path out = Files.createTempFile(folder, "command", ".out");
        final Path err = Files.createTempFile(folder, "command", ".err");
        final Process process = start(namespace, folder, prefix, environment, out, err, arguments);
        assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), () -> "still running: " + String.join(" ", arguments));
        return read(process.exitValue(), out, err);
    }

    /** Starts it; {@link #read} tells what came of it. */
    static Process start(
            Namespace namespace,
            Path folder,
            List<String> prefix,
            Map<String, String> environment,
            Path out,
            Path err,
            String... arguments)
            throws IOException {
        final List<String> command = new ArrayList<>(prefix);
        command.addAll(JavaCommand.of(Main.class, List.of(arguments)));
        final ProcessBuilder builder = new ProcessBuilder(namespace.enter(command))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("MILLRACE_RUNTIME_DIR", folder.resolve("run").toString());
        builder.environment().putAll(environment);
        return builder.start();
    }

    static CommandRun read(int code, Path out, Path err) throws IOException {
        final List<String> lines = Files.readAllLines(err).stream()
                .filter(line -> !line.startsWith("WARNING: Using incubator modules"))
                .toList();
        return new CommandRun(code, Files.readString(out), lines);
    }
}

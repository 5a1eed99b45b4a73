package io.millrace.bench.fuzz;

import io.millrace.bench.command.StandardError;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Runs a fuzzing engine over a target, in a JVM of its own, since the engine changes every class as it is loaded. */
public final class Fuzzer {
    private static final String ENGINE = "com.code_intelligence.jazzer.Jazzer";
    private static final int MAX_INPUT = 8 * 1024;

    /** Exit code of the engine for something found. */
    private static final int FOUND = 77;

    private Fuzzer() {}

    /**
     * Fuzzes one target.
     *
     * @param time how long, at least a second
     * @param folder keeps the inputs that reached something new, below it, by target, and those that failed; made if it
     *     is not there
     * @param output where what the engine says goes
     * @return whether nothing was found
     * @throws IOException if the engine does not run; the message says why
     */
    public static boolean run(
            final FuzzTarget target, final Duration time, final Path folder, final ProcessBuilder.Redirect output)
            throws IOException, InterruptedException {
        final Path home = folder.resolve(target.label());
        final Path corpus = home.resolve("corpus");
        final Path findings = home.resolve("findings");
        Files.createDirectories(corpus);
        Files.createDirectories(findings);
        target.writeExamples(corpus);
        final Process engine = new ProcessBuilder(command(target, time, corpus, findings))
                .redirectErrorStream(true)
                .redirectOutput(output)
                .start();
        final int code;
        try {
            code = engine.waitFor();
        } finally {
            engine.destroy();
        }
        if (code != 0 && code != FOUND) {
            throw new IOException("the fuzzing engine ended with code " + code);
        }
        return code == 0;
    }

    private static List<String> command(
            final FuzzTarget target, final Duration time, final Path corpus, final Path findings) {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (final String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (!argument.startsWith("-D" + StandardError.PROPERTY + "=")) {
                command.add(argument);
            }
        }
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                ENGINE,
                "--target_class=" + target.entry(),
                "--instrumentation_includes=io.millrace.**",
                "--reproducer_path=" + findings,
                "-artifact_prefix=" + findings + "/",
                "-max_total_time=" + Math.max(1, time.toSeconds()),
                "-max_len=" + MAX_INPUT,
                corpus.toString()));
        return command;
    }
}

package io.millrace.bench.fuzz;

import io.millrace.bench.command.UserErrorException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Fuzzes parsers and whole stacks, for as long as wanted. */
@Command(
        name = "fuzz",
        description = "Feed the parsers and whole stacks with what a coverage-guided fuzzer makes up.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Exit code 0 if nothing was found, 1 if something was: FOLDER/TARGET/findings has the input. Another run"
                    + " with the same folder goes on from the inputs of the last one."
        })
public final class FuzzCommand implements Callable<Integer> {
    private static final int NOTHING = 0;
    private static final int FOUND = 1;

    @Parameters(
            paramLabel = "TARGET",
            arity = "0..*",
            completionCandidates = Names.class,
            description = "What to fuzz, one after the other: ${COMPLETION-CANDIDATES} (default: all).")
    private List<String> names = List.of();

    @Option(
            names = "--time",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long each target is fuzzed (default: ${DEFAULT-VALUE}).")
    private long seconds;

    @Option(
            names = "--folder",
            paramLabel = "FOLDER",
            defaultValue = "millrace-fuzz",
            description = "Keeps the inputs (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path folder;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (seconds < 1) {
            throw new UserErrorException("--time: " + seconds + " seconds; give at least 1");
        }
        final List<FuzzTarget> targets = targets();
        makeFolder();
        final PrintWriter out = spec.commandLine().getOut();
        final List<String> findings = new ArrayList<>();
        for (final FuzzTarget target : targets) {
            out.println("fuzzing " + target.label() + ": " + target.description());
            out.flush();
            if (!fuzz(target)) {
                findings.add(folder.resolve(target.label()).resolve("findings").toString());
            }
        }
        findings.forEach(place -> out.println("found something: see " + place));
        return findings.isEmpty() ? NOTHING : FOUND;
    }

    private void makeFolder() {
        try {
            Files.createDirectories(folder);
        } catch (final IOException e) {
            throw new UserErrorException(
                    "--folder: the folder " + folder + " cannot be made; name one where you may write", e);
        }
        if (!Files.isWritable(folder)) {
            throw new UserErrorException("--folder: you may not write to " + folder + "; name a folder where you may");
        }
    }

    private boolean fuzz(final FuzzTarget target) {
        try {
            return Fuzzer.run(target, Duration.ofSeconds(seconds), folder, ProcessBuilder.Redirect.INHERIT);
        } catch (final IOException e) {
            throw new UserErrorException("cannot fuzz " + target.label() + ": " + e.getMessage(), e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserErrorException("interrupted", e);
        }
    }

    private List<FuzzTarget> targets() {
        if (names.isEmpty()) {
            return List.of(FuzzTarget.values());
        }
        return names.stream().map(FuzzCommand::target).toList();
    }

    private static FuzzTarget target(final String name) {
        return Arrays.stream(FuzzTarget.values())
                .filter(target -> target.label().equals(name))
                .findFirst()
                .orElseThrow(() -> new UserErrorException("there is no target " + name + "; there are "
                        + Arrays.stream(FuzzTarget.values())
                                .map(FuzzTarget::label)
                                .collect(Collectors.joining(", "))));
    }

    /** Names of the targets, for help and completion. */
    static final class Names extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Names() {
            super(Arrays.stream(FuzzTarget.values()).map(FuzzTarget::label).toList());
        }
    }
}

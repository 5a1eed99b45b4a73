package io.millrace.bench.jmh;

import io.millrace.bench.command.BenchmarkCommand;
import io.millrace.bench.command.UserErrorException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The micro-benchmarks of {@code io.millrace.bench.jmh}. */
@Command(
        name = "jmh",
        description = "Run micro-benchmarks on JMH: all of them, or those whose names match.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: millrace bench jmh RouteLookup -p routes=1000000 --profile gc",
            "Each benchmark runs in a JVM of its own with the flags of this one. Compare figures of one machine only."
        })
public final class JmhCommand extends BenchmarkCommand {
    private static final int MAX_COUNT = 1000;

    @Parameters(
            arity = "0..*",
            paramLabel = "REGEX",
            description = "What to run: a part of the name of a class or method (default: everything).")
    private List<String> patterns = List.of();

    @Option(names = "--list", description = "List the benchmarks that match instead of running them.")
    private boolean list;

    @Option(
            names = "--forks",
            paramLabel = "N",
            defaultValue = "1",
            description = "JVMs for each benchmark; 0 runs in this one (default: ${DEFAULT-VALUE}).")
    private int forks;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            defaultValue = "3",
            description = "Iterations for the compiler (default: ${DEFAULT-VALUE}).")
    private int warmup;

    @Option(
            names = "--iterations",
            paramLabel = "N",
            defaultValue = "5",
            description = "Iterations that count (default: ${DEFAULT-VALUE}).")
    private int iterations;

    @Option(
            names = "--millis",
            paramLabel = "MS",
            defaultValue = "1000",
            description = "Length of an iteration in milliseconds (default: ${DEFAULT-VALUE}).")
    private int millis;

    @Option(
            names = {"-p", "--param"},
            paramLabel = "NAME=VALUE[,VALUE...]",
            description = "Values of a benchmark's parameter instead of its own.")
    private Map<String, String> parameters = Map.of();

    @Option(
            names = "--profile",
            paramLabel = "PROFILER",
            description =
                    "A profiler of JMH, for instance gc (bytes allocated) or perfnorm (counters of the processor).")
    private List<String> profilers = List.of();

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results to a file in JMH's JSON format.")
    private @Nullable Path json;

    @Override
    protected void measure(final PrintWriter out, final Consumer<String> progress) {
        checkRange("--forks", forks, 0, MAX_COUNT);
        checkRange("--warmup", warmup, 0, MAX_COUNT);
        checkRange("--iterations", iterations, 1, MAX_COUNT);
        if (millis < 1) {
            throw new UserErrorException("--millis: " + millis + " is out of range; write 1 or more");
        }
        patterns.forEach(JmhCommand::checkPattern);
        final SortedSet<String> names = names();
        if (names.isEmpty()) {
            throw new UserErrorException(
                    "no benchmark matches " + String.join(" ", patterns) + "; millrace bench jmh --list shows all");
        }
        if (list) {
            names.forEach(out::println);
            return;
        }
        try {
            new Runner(options().build()).run();
        } catch (final RunnerException e) {
            throw new UserErrorException("cannot run the benchmark: " + e.getMessage(), e);
        }
    }

    private SortedSet<String> names() {
        final SortedSet<String> names = new TreeSet<>();
        for (final BenchmarkListEntry entry : BenchmarkList.defaultList()
                .find(
                        OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT),
                        patterns.isEmpty() ? List.of(".*") : patterns,
                        List.of())) {
            names.add(entry.getUsername());
        }
        return names;
    }

    private ChainedOptionsBuilder options() {
        final TimeValue length = TimeValue.milliseconds(millis);
        final ChainedOptionsBuilder builder = new OptionsBuilder()
                .forks(forks)
                .warmupIterations(warmup)
                .warmupTime(length)
                .measurementIterations(iterations)
                .measurementTime(length);
        patterns.forEach(builder::include);
        parameters.forEach((name, values) -> builder.param(name, values.split(",")));
        profilers.forEach(builder::addProfiler);
        if (json != null) {
            builder.resultFormat(ResultFormatType.JSON).result(json.toString());
        }
        return builder;
    }

    private static void checkPattern(final String pattern) {
        try {
            Pattern.compile(pattern);
        } catch (final PatternSyntaxException e) {
            throw new UserErrorException(
                    "REGEX: " + pattern + " is no regular expression: " + e.getDescription() + " at character "
                            + (e.getIndex() + 1),
                    e);
        }
    }
}

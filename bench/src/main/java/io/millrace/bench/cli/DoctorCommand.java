package io.millrace.bench.cli;

import io.millrace.bench.options.ServeOptions;
import io.millrace.config.ServeConfig;
import io.millrace.config.doctor.Doctor;
import io.millrace.config.doctor.Finding;
import io.millrace.config.doctor.Finding.Status;
import io.millrace.config.doctor.Machine;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints what the checks of the host found; exit code 1 if anything stands in the way of running at all. */
@Command(
        name = "doctor",
        description = "Check this machine and say how to mend what is not fit. Changes nothing.",
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Settings of serve or forward as YAML, to see whether they keep CPUs, devices and packet"
                    + " buffers on one memory node of this machine.")
    private @Nullable Path config;

    @Override
    public Integer call() {
        final Machine machine = Machine.local();
        return print(
                config == null ? Doctor.examine(machine) : Doctor.examine(machine, read(config)),
                spec.commandLine().getOut());
    }

    private static ServeConfig read(Path file) {
        final ServeOptions options = new ServeOptions();
        options.config(file);
        return options.planWithoutAddresses().config();
    }

    static int print(List<Finding> findings, PrintWriter out) {
        int warnings = 0;
        int failures = 0;
        for (final Finding finding : findings) {
            out.println(Ansi.AUTO.string(label(finding.status()))
                    + String.format("  %-18s ", finding.topic())
                    + finding.what());
            if (finding.mend() != null) {
                out.println("                          -> " + finding.mend());
            }
            warnings += finding.status() == Status.WARN ? 1 : 0;
            failures += finding.status() == Status.FAIL ? 1 : 0;
        }
        out.printf("%nchecks: %d, warnings: %d, failures: %d%n", findings.size(), warnings, failures);
        out.flush();
        return failures > 0 ? ExitCode.SOFTWARE : ExitCode.OK;
    }

    private static String label(Status status) {
        final String style = switch (status) {
            case OK -> "green";
            case WARN -> "yellow";
            case FAIL -> "red";
        };
        return "@|" + style + " " + String.format("%-4s", status.name().toLowerCase(Locale.ROOT)) + "|@";
    }
}

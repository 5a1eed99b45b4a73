package io.millrace.bench.tcp;

import io.millrace.bench.command.BenchmarkCommand;
import io.millrace.bench.options.TcpSettingsOption;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Short connections through two stacks in one thread, beside the kernel's over its loopback interface. */
@Command(
        name = "exchange",
        description = "Open TCP connections, exchange 64 bytes and close them, through two whole stacks in one thread;"
                + " in turns with Linux's TCP over its loopback interface.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Each figure is the round with the median, after a million connections for the compiler, per second of the"
                    + " thread's processor time: what a core of its own would do. Goal: 300,000 connections."
        })
public final class ExchangeCommand extends BenchmarkCommand {
    /** What the compiler has to see before a round counts. */
    private static final int WARM_UP_CONNECTIONS = 1_000_000;

    private static final long LONGEST_WARM_UP_NANOS = 60_000_000_000L;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            defaultValue = "64",
            description = "Connections of ours under way at the same time (default: ${DEFAULT-VALUE}).")
    private int parallel;

    @Option(
            names = "--idle",
            paramLabel = "N",
            defaultValue = "0",
            description = "Measure ours beside N idle connections and as many idle listeners, at most 20,000 (up to"
                    + " 300,000; default: ${DEFAULT-VALUE}).")
    private int idle;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "How often to measure each (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "1",
            description = "Length of each measurement (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Mixin
    private final TcpSettingsOption tcpSettings = new TcpSettingsOption();

    @Override
    protected void measure(final PrintWriter out, final Consumer<String> progress) throws IOException {
        checkRange("--parallel", parallel, 1, 10_000);
        checkRange("--idle", idle, 0, Bystanders.MAX);
        checkRange("--rounds", rounds, 1, 1000);
        checkRange("--seconds", seconds, 1, 3600);
        for (final int family : List.of(4, 6)) {
            try (TcpExchange ours = new TcpExchange(family, parallel, idle, tcpSettings.builder());
                    LinuxExchange linux = new LinuxExchange()) {
                measure(out, family, ours, linux);
            }
        }
    }

    private void measure(final PrintWriter out, final int family, final TcpExchange ours, final LinuxExchange linux)
            throws IOException {
        final long nanos = seconds * 1_000_000_000L;
        long seen = 0;
        long warm = 0;
        while (seen < WARM_UP_CONNECTIONS && warm < LONGEST_WARM_UP_NANOS) {
            final TcpExchange.Result round = ours.run(nanos);
            seen += round.connections();
            warm += round.nanos();
        }
        linux.run(nanos);
        final List<TcpExchange.Result> mine = new ArrayList<>();
        final List<TcpExchange.Result> theirs = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            mine.add(ours.run(nanos));
            theirs.add(linux.run(nanos));
        }
        final TcpExchange.Result median = median(mine);
        final TcpExchange.Result reference = median(theirs);
        out.printf(
                Locale.ROOT,
                "IPv%d   millrace %,.0f connections/s   linux (IPv4) %,.0f connections/s   ratio %.2f%n",
                family,
                median.perCpuSecond(),
                reference.perCpuSecond(),
                median.perCpuSecond() / reference.perCpuSecond());
        out.printf("       %s%n", median);
    }

    private static TcpExchange.Result median(final List<TcpExchange.Result> results) {
        results.sort(Comparator.comparingDouble(TcpExchange.Result::perCpuSecond));
        return results.get(results.size() / 2);
    }
}

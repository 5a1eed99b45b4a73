package io.millrace.bench.start;

import io.millrace.bench.command.BenchmarkCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** From start to first packet, beside DPDK's own program. */
@Command(
        name = "start",
        description =
                "Time from the start of a process to the first packet that it forwards, in turns with dpdk-testpmd.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Figures are medians. Both forward between two of DPDK's pcap ports, and the first packet is there when"
                    + " the file that they write to grows. The launcher makes the JVM's ahead-of-time cache after each"
                    + " build, beside what was built; with it and without it is measured."
        })
public final class StartCommand extends BenchmarkCommand {
    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "11",
            description = "How often each is started (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Override
    protected void measure(final PrintWriter out, final Consumer<String> progress)
            throws IOException, InterruptedException {
        final StartResult result = StartBench.run(rounds);
        out.printf(
                "first packet after   millrace %.2f s%s   testpmd %s%n",
                result.millrace(),
                result.withoutCache() == 0
                        ? " (no AOT cache)"
                        : " (without AOT cache %.2f s)".formatted(result.withoutCache()),
                result.testpmd() == 0 ? "not measured" : "%.2f s".formatted(result.testpmd()));
    }
}

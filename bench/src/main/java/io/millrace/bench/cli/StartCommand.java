package io.millrace.bench.cli;

import io.millrace.bench.start.StartBench;
import io.millrace.bench.start.StartResult;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** From start to first packet, beside DPDK's own program. */
@Command(
        name = "start",
        description =
                "Time from the start of a process to the first packet that it forwards, in turns with dpdk-testpmd.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Figures are medians. Both forward between two of DPDK's pcap ports, and the first packet is there when the"
                    + " file that they write to grows. The launcher makes the JVM's ahead-of-time cache after each build,"
                    + " beside what was built; with it and without it is measured."
        })
final class StartCommand implements Runnable {
    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "11",
            description = "How often each is started (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        final PrintWriter out = spec.commandLine().getOut();
        try {
            final StartResult result = StartBench.run(rounds);
            out.printf(
                    "first packet after   millrace %.2f s%s   testpmd %s%n",
                    result.millrace(),
                    result.withoutCache() == 0
                            ? " (no AOT cache)"
                            : " (without AOT cache %.2f s)".formatted(result.withoutCache()),
                    result.testpmd() == 0 ? "not measured" : "%.2f s".formatted(result.testpmd()));
        } catch (final IllegalArgumentException e) {
            throw new UserErrorException(String.valueOf(e.getMessage()), e);
        } catch (final IOException e) {
            throw new UserErrorException("cannot run the benchmark: " + e.getMessage(), e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserErrorException("interrupted", e);
        }
    }
}

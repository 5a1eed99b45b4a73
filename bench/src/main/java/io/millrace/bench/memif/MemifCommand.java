package io.millrace.bench.memif;

import io.millrace.bench.command.BenchmarkCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Forwarding from process to process, beside dpdk-testpmd. */
@Command(
        name = "memif",
        description = "Throw packets back and forth between two processes over net_memif, in turns with two of"
                + " dpdk-testpmd.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "One process runs on each of two CPUs, which should be idle otherwise, and 256 packets go round. Figures"
                    + " are packets that came back to the first process; the ratio is the median of the turns' ratios with"
                    + " its quartiles. The reference needs: apt-get install dpdk-dev"
        })
public final class MemifCommand extends BenchmarkCommand {
    @Option(
            names = "--packet-size",
            paramLabel = "BYTES",
            defaultValue = "64",
            description = "Bytes of each packet (default: ${DEFAULT-VALUE}).")
    private int packetSize;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "7",
            description = "How often both take turns (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "3",
            description = "Length of each turn, not counting its warm-up (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Override
    protected void measure(final PrintWriter out, final Consumer<String> progress)
            throws IOException, InterruptedException {
        final Duration duration = Duration.ofMillis(Math.round(1_000 * seconds));
        out.println(MemifBench.run(packetSize, duration, rounds, progress).text("Mpps", "testpmd"));
    }
}

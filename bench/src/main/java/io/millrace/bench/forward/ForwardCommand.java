package io.millrace.bench.forward;

import io.millrace.bench.command.BenchmarkCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Forwarding between two null ports, beside dpdk-testpmd. */
@Command(
        name = "forward",
        description = "Forward small packets between two net_null ports on one CPU, in turns with dpdk-testpmd.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "A null port makes packets out of nothing and swallows them: what is measured is the way of a packet"
                    + " through the program. Both take many short turns; figures are medians, of the ratio also the"
                    + " quartiles. As a pipeline the same is done by nodes of a graph; in csum packets are UDP over IPv4"
                    + " without a UDP checksum. The reference needs: apt-get install dpdk-dev"
        })
public final class ForwardCommand extends BenchmarkCommand {
    @Option(
            names = "--mode",
            split = ",",
            paramLabel = "MODE",
            defaultValue = "io,macswap,csum",
            description = "What to do with each packet: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private List<ForwardMode> modes = List.of();

    @Option(
            names = "--packet-size",
            paramLabel = "BYTES",
            defaultValue = "64",
            description = "Bytes of each packet (default: ${DEFAULT-VALUE}).")
    private int packetSize;

    @Option(
            names = "--burst",
            paramLabel = "PACKETS",
            defaultValue = "32",
            description = "Packets of a burst (default: ${DEFAULT-VALUE}).")
    private int burst;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "60",
            description = "How often both take turns (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "0.1",
            description = "Length of each turn, not counting its warm-up (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--hugepages",
            description =
                    "Take both programs' memory from hugepages, of which about 600 MiB must be reserved. Without them"
                            + " DPDK places one buffer on each 4 KiB page, which costs its own program more than ours.")
    private boolean hugepages;

    @Override
    protected void measure(final PrintWriter out, final Consumer<String> progress)
            throws IOException, InterruptedException {
        for (final ForwardResult result : results(progress)) {
            out.printf(
                    "%-8s millrace %6.1f Mpps   testpmd %s   as a pipeline %6.1f Mpps, %.2f of that without"
                            + "   (medians of %d turns)%n",
                    result.mode().label(),
                    result.millraceMpps(),
                    result.testpmdMpps() == 0
                            ? "not measured"
                            : "%6.1f Mpps   ratio %.2f (%.2f to %.2f)"
                                    .formatted(
                                            result.testpmdMpps(),
                                            result.ratio(),
                                            result.lowRatio(),
                                            result.highRatio()),
                    result.pipelineMpps(),
                    result.pipelineRatio(),
                    result.rounds());
        }
    }

    private List<ForwardResult> results(final Consumer<String> progress) throws IOException, InterruptedException {
        final ForwardOptions options = ForwardOptions.DEFAULT
                .withPackets(packetSize, burst)
                .withRounds(rounds, Duration.ofMillis(Math.round(1_000 * seconds)))
                .withHugepages(hugepages);
        return ForwardBench.run(modes, options, progress);
    }
}

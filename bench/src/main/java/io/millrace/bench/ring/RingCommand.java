package io.millrace.bench.ring;

import io.millrace.bench.command.BenchmarkCommand;
import io.millrace.bench.reference.Turns;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Hand-over between two cores, beside DPDK's ring. */
@Command(
        name = "ring",
        description = "Hand packets from one core to another, in turns with DPDK's rte_ring.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Two pinned threads, one producer and one consumer; figures are million packet handles a second. The ratio"
                    + " is the median of the turns' ratios with its quartiles, above 1 where Millrace is faster. Both CPUs"
                    + " should be idle otherwise. The reference is compiled with gcc -O3 -march=native and needs: apt-get"
                    + " install gcc pkg-config libdpdk-dev"
        })
public final class RingCommand extends BenchmarkCommand {
    @Option(
            names = "--burst",
            paramLabel = "HANDLES",
            split = ",",
            defaultValue = "32",
            description = "Handles at once, one measurement each (default: ${DEFAULT-VALUE}).")
    private List<Integer> bursts = List.of();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "301",
            description = "How often each side has its turn (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Override
    protected void measure(final PrintWriter out, final Consumer<String> progress)
            throws IOException, InterruptedException {
        for (final int burst : bursts) {
            final Turns turns = RingBench.run(burst, rounds, progress);
            out.printf("bursts of %-3d   %s%n", burst, turns.text("M/s", "rte_ring"));
            out.flush();
        }
    }
}

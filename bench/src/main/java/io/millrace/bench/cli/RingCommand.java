package io.millrace.bench.cli;

import io.millrace.bench.reference.Turns;
import io.millrace.bench.ring.RingBench;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Hand-over between two cores, beside DPDK's ring. */
@Command(
        name = "ring",
        description = "Hand packets from one core to another, in turns with DPDK's rte_ring.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Two pinned threads, one producer and one consumer; figures are million packet handles a second. The ratio is"
                    + " the median of the turns' ratios with its quartiles, above 1 where Millrace is faster. Both CPUs"
                    + " should be idle otherwise. The reference is compiled with gcc -O3 -march=native and needs:"
                    + " apt-get install gcc pkg-config libdpdk-dev"
        })
final class RingCommand implements Runnable {
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

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        final PrintWriter out = spec.commandLine().getOut();
        final PrintWriter err = spec.commandLine().getErr();
        try {
            for (final int burst : bursts) {
                final Turns turns = RingBench.run(burst, rounds, err::println);
                out.printf("bursts of %-3d   %s%n", burst, turns.text("M/s", "rte_ring"));
                out.flush();
            }
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

package io.millrace.bench.cli;

import io.millrace.bench.memif.MemifBench;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Forwarding from process to process, beside dpdk-testpmd. */
@Command(
        name = "memif",
        description = "Throw packets back and forth between two processes over net_memif, in turns with two of"
                + " dpdk-testpmd.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "One process runs on each of two CPUs, which should be idle otherwise, and 256 packets go round. Figures are"
                    + " packets that came back to the first process; the ratio is the median of the turns' ratios with"
                    + " its quartiles. The reference needs: apt-get install dpdk-dev"
        })
final class MemifCommand implements Runnable {
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

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        final PrintWriter out = spec.commandLine().getOut();
        final PrintWriter err = spec.commandLine().getErr();
        try {
            final Duration duration = Duration.ofMillis(Math.round(1_000 * seconds));
            out.println(MemifBench.run(packetSize, duration, rounds, line -> {
                        err.println(line);
                        err.flush();
                    })
                    .text("Mpps", "testpmd"));
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

package io.millrace.bench.buffers;

import io.millrace.bench.command.BenchmarkCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Packet buffers, beside DPDK's. */
@Command(
        name = "buffers",
        description = "Allocate, reset and free packet buffers, in turns with DPDK's rte_pktmbuf functions.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Figures are medians; a ratio above 1 says that Millrace is faster. The reference is compiled with"
                    + " gcc -O3 -march=native and needs: apt-get install gcc pkg-config libdpdk-dev"
        })
public final class BuffersCommand extends BenchmarkCommand {
    @Option(
            names = "--bulk",
            paramLabel = "BUFFERS",
            defaultValue = "32",
            description = "Buffers at once (default: ${DEFAULT-VALUE}).")
    private int bulk;

    @Override
    protected void measure(final PrintWriter out, final Consumer<String> progress)
            throws IOException, InterruptedException {
        final BufferResult result = BufferBench.run(bulk, progress);
        out.printf(
                "bulk of %d   millrace %6.2f ns   rte_pktmbuf %s%n",
                bulk,
                result.millraceNanos(),
                result.ratio() == 0
                        ? "not measured"
                        : "%6.2f ns   ratio %.2f".formatted(result.dpdkNanos(), result.ratio()));
    }
}

package io.millrace.bench.checksum;

import io.millrace.bench.command.BenchmarkCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The internet checksum, beside DPDK's. */
@Command(
        name = "checksum",
        description =
                "Sum packets of several lengths, at even and at odd addresses, in turns with DPDK's rte_raw_cksum.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Figures are medians; a ratio above 1 says that Millrace is faster. The reference is compiled with"
                    + " gcc -O3 -march=native and needs: apt-get install gcc pkg-config libdpdk-dev"
        })
public final class ChecksumCommand extends BenchmarkCommand {
    @Option(
            names = "--length",
            split = ",",
            paramLabel = "BYTES",
            defaultValue = "20,40,64,128,256,576,1460,4096,9000",
            description = "What to sum (default: ${DEFAULT-VALUE}).")
    private List<Integer> lengths = List.of();

    @Override
    protected void measure(final PrintWriter out, final Consumer<String> progress)
            throws IOException, InterruptedException {
        for (final ChecksumResult result : ChecksumBench.run(lengths, progress)) {
            out.printf(
                    "%4d bytes, %-4s address   millrace %7.2f ns (%s)   rte_raw_cksum %s%n",
                    result.length(),
                    result.odd() ? "odd" : "even",
                    result.millraceNanos(),
                    result.implementation(),
                    result.ratio() == 0
                            ? "not measured"
                            : "%7.2f ns   ratio %.2f".formatted(result.rawCksumNanos(), result.ratio()));
        }
    }
}

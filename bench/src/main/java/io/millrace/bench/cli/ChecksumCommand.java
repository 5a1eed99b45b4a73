package io.millrace.bench.cli;

import io.millrace.bench.checksum.ChecksumBench;
import io.millrace.bench.checksum.ChecksumResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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
final class ChecksumCommand implements Runnable {
    @Option(
            names = "--length",
            split = ",",
            paramLabel = "BYTES",
            defaultValue = "20,40,64,128,256,576,1460,4096,9000",
            description = "What to sum (default: ${DEFAULT-VALUE}).")
    private List<Integer> lengths = List.of();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        final PrintWriter out = spec.commandLine().getOut();
        final PrintWriter err = spec.commandLine().getErr();
        try {
            for (final ChecksumResult result : ChecksumBench.run(lengths, err::println)) {
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

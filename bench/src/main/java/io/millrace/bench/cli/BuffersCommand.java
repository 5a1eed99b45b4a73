package io.millrace.bench.cli;

import io.millrace.bench.buffers.BufferBench;
import io.millrace.bench.buffers.BufferResult;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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
final class BuffersCommand implements Runnable {
    @Option(
            names = "--bulk",
            paramLabel = "BUFFERS",
            defaultValue = "32",
            description = "Buffers at once (default: ${DEFAULT-VALUE}).")
    private int bulk;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        final PrintWriter out = spec.commandLine().getOut();
        final PrintWriter err = spec.commandLine().getErr();
        try {
            final BufferResult result = BufferBench.run(bulk, err::println);
            out.printf(
                    "bulk of %d   millrace %6.2f ns   rte_pktmbuf %s%n",
                    bulk,
                    result.millraceNanos(),
                    result.ratio() == 0
                            ? "not measured"
                            : "%6.2f ns   ratio %.2f".formatted(result.dpdkNanos(), result.ratio()));
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

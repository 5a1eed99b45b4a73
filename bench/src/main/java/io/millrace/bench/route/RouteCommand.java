package io.millrace.bench.route;

import io.millrace.bench.command.BenchmarkCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Forwarding by large tables of routes, beside DPDK's. */
@Command(
        name = "route",
        description = "Forward frames by a large table of routes, in turns with DPDK's rte_fib and rte_lpm.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Each turn looks up 65,536 random destinations four times in bursts of 32, takes one from the hop limit"
                    + " and writes the link addresses of the next hop. Prefixes have the lengths of the Internet's, every"
                    + " one is as likely as any other, and both must leave the same bytes behind. The ratio is the median"
                    + " of the turns' ratios with its quartiles, above 1 where Millrace is faster. rte_lpm is left out"
                    + " where it would take hours to fill. The reference may use AVX-512, is compiled with gcc -O3"
                    + " -march=native and needs: apt-get install gcc pkg-config libdpdk-dev"
        })
public final class RouteCommand extends BenchmarkCommand {
    @Option(
            names = "--family",
            split = ",",
            paramLabel = "4|6",
            defaultValue = "4,6",
            description = "Of which addresses (default: ${DEFAULT-VALUE}).")
    private List<Integer> families = List.of();

    @Option(
            names = "--routes",
            split = ",",
            paramLabel = "N",
            defaultValue = "100000,1000000",
            description = "How many routes (default: ${DEFAULT-VALUE}).")
    private List<Integer> sizes = List.of();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "101",
            description = "How often both take turns (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Override
    protected void measure(final PrintWriter out, final Consumer<String> progress)
            throws IOException, InterruptedException {
        for (final int family : families) {
            if (family != 4 && family != 6) {
                throw new IllegalArgumentException("--family " + family + "; it is 4 or 6");
            }
        }
        RouteBench.run(families, sizes, rounds, result -> print(out, result), progress);
    }

    private static void print(final PrintWriter out, final RouteResult result) {
        out.printf(
                "IPv%d, %7d routes   %s   %.0f bytes a route, %.1f us to change one%n",
                result.family(),
                result.routes(),
                result.turns().text("Mpps", result.reference()),
                result.bytesPerRoute(),
                result.changeNanos() / 1e3);
        out.flush();
    }
}

package io.millrace.bench.cli;

import io.millrace.bench.route.RouteBench;
import io.millrace.bench.route.RouteResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Forwarding by large tables of routes, beside DPDK's. */
@Command(
        name = "route",
        description = "Forward frames by a large table of routes, in turns with DPDK's rte_fib and rte_lpm.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Each turn looks up 65,536 random destinations four times in bursts of 32, takes one from the hop limit and"
                    + " writes the link addresses of the next hop. Prefixes have the lengths of the Internet's, every one"
                    + " is as likely as any other, and both must leave the same bytes behind. The ratio is the median of"
                    + " the turns' ratios with its quartiles, above 1 where Millrace is faster. rte_lpm is left out where"
                    + " it would take hours to fill. The reference may use AVX-512, is compiled with gcc -O3"
                    + " -march=native and needs: apt-get install gcc pkg-config libdpdk-dev"
        })
final class RouteCommand implements Runnable {
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

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        final PrintWriter out = spec.commandLine().getOut();
        final PrintWriter err = spec.commandLine().getErr();
        try {
            for (final int family : families) {
                if (family != 4 && family != 6) {
                    throw new IllegalArgumentException("--family " + family + "; it is 4 or 6");
                }
            }
            RouteBench.run(families, sizes, rounds, result -> print(out, result), err::println);
        } catch (final IllegalArgumentException e) {
            throw new UserErrorException(String.valueOf(e.getMessage()), e);
        } catch (final IOException e) {
            throw new UserErrorException("cannot run the benchmark: " + e.getMessage(), e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserErrorException("interrupted", e);
        }
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

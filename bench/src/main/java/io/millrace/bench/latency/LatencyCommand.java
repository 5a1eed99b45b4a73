package io.millrace.bench.latency;

import io.millrace.bench.command.BenchmarkCommand;
import io.millrace.bench.forward.ForwardMode;
import io.millrace.bench.reference.Turns;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Latency of forwarding from process to process, beside dpdk-testpmd. */
@Command(
        name = "latency",
        description = "Send packets at a steady rate through millrace forward, in turns with dpdk-testpmd, and show how"
                + " long they take.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Packets leave over one net_memif link, pass through the forwarder on a CPU of its own, and come back over"
                    + " a second link. A packet's time begins when it was planned to be sent, so that a stall counts for"
                    + " all packets that it holds up. Both forwarders are started once; their first seconds, in which a"
                    + " JVM compiles, are shown apart. Then they take short turns, and figures are medians over these.",
            "",
            "The sender knows when its own CPU was taken from it. Undisturbed are the packets that were not under way"
                    + " then, nor a tenth of a millisecond before and after. What stalls a forwarder counts, whatever it"
                    + " is. Both CPUs should be idle otherwise. The reference needs: apt-get install dpdk-dev"
        })
public final class LatencyCommand extends BenchmarkCommand {
    private static final double MICROS = 1e3;
    private static final double[] PERCENTILES = {50, 99, 99.9, 99.99, 100};

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            defaultValue = "io",
            description = "What the forwarder does with each packet: io or macswap (default: ${DEFAULT-VALUE}).")
    private ForwardMode mode = ForwardMode.IO;

    @Option(
            names = "--rate",
            paramLabel = "PPS",
            defaultValue = "1000000",
            description = "Packets a second (default: ${DEFAULT-VALUE}).")
    private long rate;

    @Option(
            names = "--packet-size",
            paramLabel = "BYTES",
            defaultValue = "64",
            description = "Bytes of each packet (default: ${DEFAULT-VALUE}).")
    private int packetSize;

    @Option(
            names = "--start",
            paramLabel = "S",
            defaultValue = "5",
            description = "Seconds after the forwarder's start that are shown apart (default: ${DEFAULT-VALUE}).")
    private double start;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "1",
            description = "Length of each turn after those (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "21",
            description = "How often both take turns (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--real-time",
            description = "Let sender and forwarder run before all ordinary threads (SCHED_FIFO), and rest before each"
                    + " turn: for a machine with other work to do. Turns should be short then.")
    private boolean realTime;

    @Override
    protected void measure(final PrintWriter out, final Consumer<String> progress)
            throws IOException, InterruptedException {
        final LatencyOptions options =
                new LatencyOptions(mode, rate, packetSize, duration(start), duration(seconds), rounds, realTime);
        print(out, LatencyBench.run(options, progress));
    }

    private static Duration duration(final double number) {
        return Duration.ofMillis(Math.round(1_000 * number));
    }

    private static void print(final PrintWriter out, final LatencyBench.Result result) {
        out.println("microseconds              p50       p99     p99.9    p99.99       max");
        print(out, "millrace", result.millrace());
        final LatencySide testpmd = result.testpmd();
        if (testpmd == null) {
            out.println("testpmd is not installed, so there is nothing to compare with: apt-get install dpdk-dev");
        } else {
            print(out, "testpmd", testpmd);
            final double[] differences = new double[testpmd.turns().size()];
            Arrays.setAll(
                    differences,
                    i -> micros(result.millrace().turns().get(i).undisturbed(), 99.9)
                            - micros(testpmd.turns().get(i).undisturbed(), 99.9));
            out.printf(
                    Locale.ROOT,
                    "p99.9 undisturbed, millrace less testpmd: %+.1f us (%+.1f to %+.1f, %d turns)%n",
                    Turns.quantile(differences, 0.5),
                    Turns.quantile(differences, 0.25),
                    Turns.quantile(differences, 0.75),
                    differences.length);
        }
        out.printf(
                Locale.ROOT,
                "garbage collections of millrace forward: %d; buffers outstanding: %d%n",
                result.millrace().collections(),
                result.outstanding());
    }

    private static void print(final PrintWriter out, final String who, final LatencySide side) {
        row(out, who + ", start", percentile -> micros(side.start().all(), percentile));
        row(out, who, percentile -> side.median(run -> micros(run.all(), percentile)));
        row(out, "  undisturbed", percentile -> side.median(run -> micros(run.undisturbed(), percentile)));
        row(out, "  sender late by", percentile -> side.median(run -> micros(run.lateness(), percentile)));
        out.printf(
                Locale.ROOT,
                "  in a turn: %.1f %% undisturbed, sender stalled %.0f times, forwarder waited for its CPU %.1f ms;"
                        + " longest undisturbed of all turns %.1f us%n",
                side.median(run -> 100.0
                        * run.undisturbed().getTotalCount()
                        / Math.max(1, run.all().getTotalCount())),
                side.median(LatencyRun::stalls),
                side.median(run -> run.waitedNanos() / 1e6),
                side.longest() / MICROS);
        out.printf(
                Locale.ROOT,
                "  %,d sent, %,d lost, %,d out of order, link full %,d times%n",
                sum(side, LatencyRun::sent),
                sum(side, LatencyRun::lost),
                sum(side, LatencyRun::reordered),
                sum(side, LatencyRun::refused));
    }

    private static long sum(final LatencySide side, final ToLongFunction<LatencyRun> of) {
        return side.turns().stream().mapToLong(of).sum();
    }

    private static void row(final PrintWriter out, final String name, final DoubleUnaryOperator micros) {
        out.printf("%-18s", name);
        for (final double percentile : PERCENTILES) {
            out.printf(Locale.ROOT, " %9.1f", micros.applyAsDouble(percentile));
        }
        out.println();
    }

    private static double micros(final Histogram histogram, final double percentile) {
        return histogram.getValueAtPercentile(percentile) / MICROS;
    }
}

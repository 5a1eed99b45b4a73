package io.millrace.bench.tcp;

import io.millrace.bench.command.BenchmarkCommand;
import io.millrace.bench.command.UserErrorException;
import io.millrace.bench.options.TcpSettingsOption;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** TCP bulk transfer through two stacks in one thread, beside Linux's. */
@Command(
        name = "tcp",
        description = "Send TCP in bulk through two whole stacks in one thread, in turns with Linux's own TCP.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Both make and verify checksums in software, and copy each byte into a packet and out of it. Linux sends"
                    + " from one network namespace to another over a veth pair of the same MTU without offloads, both ends"
                    + " in one thread on the CPU that ours had a turn before; that needs root or user namespaces, and:"
                    + " apt-get install gcc iproute2 ethtool. Where it is not possible our figures come alone.",
            "",
            "Rates are payload in a second of the thread's CPU time. Each is the median of the turns, after a warm-up;"
                    + " the ratio is the median of the turns' ratios, with its quartiles, above 1 where Millrace is"
                    + " faster."
        })
public final class TcpCommand extends BenchmarkCommand {
    private static final int MIN_MTU = 1280;
    private static final int MAX_MTU = 9000;
    private static final int LINK_HEADER = 14;

    @Option(
            names = "--mtu",
            paramLabel = "BYTES",
            split = ",",
            defaultValue = "1500,9000",
            description = "Largest IP packets, one measurement each (default: ${DEFAULT-VALUE}).")
    private List<Integer> mtus = List.of();

    @Option(
            names = "--idle",
            paramLabel = "N",
            defaultValue = "0",
            description = "Measure beside N idle connections and as many idle listeners, at most 20,000, in turns with"
                    + " none instead of with Linux (up to 300,000; default: ${DEFAULT-VALUE}).")
    private int idle;

    @Option(
            names = "--single",
            description = "Measure in turns with stacks that build and receive each segment by itself, instead of with"
                    + " Linux.")
    private boolean single;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "9",
            description = "How often each side has its turn (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "0.3",
            description = "Length of each turn (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Mixin
    private final TcpSettingsOption tcpSettings = new TcpSettingsOption();

    @Override
    protected void measure(final PrintWriter out, final Consumer<String> progress) throws InterruptedException {
        mtus.forEach(mtu -> checkRange("--mtu", mtu, MIN_MTU, MAX_MTU));
        checkRange("--idle", idle, 0, Bystanders.MAX);
        if (single && idle > 0) {
            throw new UserErrorException("--single and --idle: both say what to compare with; leave one out");
        }
        checkRange("--rounds", rounds, 1, 1000);
        if (!(seconds >= 0.01 && seconds <= 3600)) {
            throw new UserErrorException(
                    "--seconds: " + seconds + " is out of range; write a number from 0.01 to 3600");
        }
        final Duration turn = Duration.ofMillis(Math.round(1_000 * seconds));
        for (final int mtu : mtus) {
            for (final int family : List.of(4, 6)) {
                print(out, mtu, family, result(mtu, family, turn, progress), reference());
            }
        }
    }

    private TcpBulkBench.Result result(
            final int mtu, final int family, final Duration turn, final Consumer<String> progress)
            throws InterruptedException {
        if (single) {
            return TcpBulkBench.besideSingle(mtu, family, tcpSettings.builder(), rounds, turn);
        }
        return idle > 0
                ? TcpBulkBench.besideIdle(mtu, family, tcpSettings.builder(), idle, rounds, turn)
                : TcpBulkBench.run(mtu, family, tcpSettings.builder(), rounds, turn, progress);
    }

    private String reference() {
        if (single) {
            return "one by one";
        }
        return idle > 0 ? "none idle" : "Linux";
    }

    private static void print(
            final PrintWriter out,
            final int mtu,
            final int family,
            final TcpBulkBench.Result result,
            final String reference) {
        final TcpBulk.Result median = result.median();
        out.printf(
                "IPv%d, frames of %d bytes: %s%n",
                family, mtu + LINK_HEADER, result.turns().text("Gbit/s", reference));
        out.printf(
                "  %.0f ns per frame, %.2f Gbit/s of the clock's time, %d B allocated in %.2f M frames%n",
                median.nanosPerPacket(), median.gigabitsPerSecond(), median.allocated(), median.packets() / 1e6);
        out.flush();
    }
}

package io.millrace.bench.cli;

import io.millrace.bench.tcp.TcpBulk;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** TCP bulk transfer through two stacks in one thread. */
@Command(
        name = "tcp",
        description = "Send TCP in bulk through two whole stacks in one thread, with software checksums.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Each figure is the round with the median throughput, after a round for the compiler. There is no reference in"
                    + " the same run: smoltcp does 11 to 15 Gbit/s on the kind of machine that the README names."
        })
final class TcpCommand implements Runnable {
    private static final int MIN_MTU = 1280;
    private static final int MAX_MTU = 9000;
    private static final long WARM_UP_NANOS = 2_000_000_000L;

    @Option(
            names = "--mtu",
            paramLabel = "BYTES",
            defaultValue = "1500",
            description = "Largest IP packet (default: ${DEFAULT-VALUE}).")
    private int mtu;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "How often to measure each family (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "1",
            description = "Length of each measurement (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        check("--mtu", mtu, MIN_MTU, MAX_MTU);
        check("--rounds", rounds, 1, 1000);
        check("--seconds", seconds, 1, 3600);
        final PrintWriter out = spec.commandLine().getOut();
        for (final int family : List.of(4, 6)) {
            out.println("IPv" + family + ", " + median(family));
        }
    }

    private TcpBulk.Result median(int family) {
        final List<TcpBulk.Result> results = new ArrayList<>();
        try (TcpBulk bulk = new TcpBulk(mtu, family)) {
            bulk.run(WARM_UP_NANOS);
            for (int round = 0; round < rounds; round++) {
                results.add(bulk.run(seconds * 1_000_000_000L));
            }
        }
        results.sort(Comparator.comparingDouble(TcpBulk.Result::gigabitsPerSecond));
        return results.get(results.size() / 2);
    }

    private static void check(String option, int value, int min, int max) {
        if (value < min || value > max) {
            throw new UserErrorException(
                    option + ": " + value + " is out of range; write a number from " + min + " to " + max);
        }
    }
}

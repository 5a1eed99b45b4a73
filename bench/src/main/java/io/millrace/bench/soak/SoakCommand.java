package io.millrace.bench.soak;

import io.millrace.bench.command.Progress;
import io.millrace.bench.command.Terminal;
import io.millrace.bench.command.UserErrorException;
import io.millrace.dataplane.port.middleware.FaultText;
import io.millrace.dataplane.port.middleware.Faults;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Packets without end through faulty ports and nodes. */
@Command(
        name = "soak",
        description = "Send packets through faulty ports and nodes, and see that no buffer is lost.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Time is virtual: the same seed repeats a run to the last packet. Exit code 0 if every buffer is back in"
                    + " the pool, 1 if not."
        })
public final class SoakCommand implements Callable<Integer> {
    private static final String FAULTS = "loss=1%,corrupt=1%,mutate=1%,duplicate=2%,reorder=1%@100us,delay=20us~5us,"
            + "longest=300,rate=5000000:64";

    @Option(
            names = "--ports",
            paramLabel = "PORTS",
            defaultValue = "loopback",
            description = "What they go through: loopback, which needs no DPDK, net_ring or net_null"
                    + " (default: ${DEFAULT-VALUE}).")
    private SoakPorts ports = SoakPorts.LOOPBACK;

    @Option(
            names = "--packets",
            paramLabel = "N",
            defaultValue = "1000000000",
            description = "How many to make (default: ${DEFAULT-VALUE}).")
    private long packets;

    @Option(
            names = "--faults",
            paramLabel = "FAULTS",
            defaultValue = FAULTS,
            description = "Of both ports, in both directions (default: ${DEFAULT-VALUE}).")
    private String faults = FAULTS;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The seed of all chances (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        final PrintWriter out = spec.commandLine().getOut();
        final SoakResult result = run(new Progress(spec.commandLine().getErr(), Terminal.isThere()));
        out.printf(
                Locale.ROOT,
                "%,d packets made, %,d arrived, %,d refused, in %.1f s: %.2f million a second%n",
                result.made(),
                result.arrived(),
                result.refused(),
                result.seconds(),
                result.made() / result.seconds() / 1e6);
        result.counters().forEach((name, count) -> out.printf(Locale.ROOT, "  %,20d  %s%n", count, name));
        out.printf(
                Locale.ROOT, "  %,20d  buffers in the pool, %d outstanding%n", result.buffers(), result.outstanding());
        out.flush();
        return result.clean() ? 0 : 1;
    }

    private SoakResult run(final Progress progress) {
        try {
            final Faults parsed = FaultText.parse(faults);
            progress.step(String.format(Locale.ROOT, "%,d packets through %s with %s", packets, ports.label(), faults));
            return Soak.run(
                    ports,
                    packets,
                    seed,
                    parsed,
                    made -> progress.at(String.format(Locale.ROOT, "%,d made, %.1f %%", made, 100.0 * made / packets)),
                    Thread.currentThread()::isInterrupted);
        } catch (final IllegalArgumentException e) {
            throw new UserErrorException(String.valueOf(e.getMessage()), e);
        }
    }
}

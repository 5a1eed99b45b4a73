package io.millrace.bench.control;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the sockets of a running server. */
@Command(
        name = "ss",
        description = "List the sockets of a running millrace serve, like Linux's ss.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Recv-Q and Send-Q of a connection are bytes that were not read and that were not acknowledged; of a listener,"
                    + " connections that wait, and its backlog."
        })
public final class SsCommand implements Runnable {
    private static final int GAP = 2;

    @Option(
            names = {"-a", "--all"},
            description = "Listeners and connections.")
    private boolean all;

    @Option(
            names = {"-l", "--listening"},
            description = "Listeners only.")
    private boolean listening;

    @Option(
            names = {"-t", "--tcp"},
            description = "TCP only.")
    private boolean tcp;

    @Option(
            names = {"-u", "--udp"},
            description = "UDP only.")
    private boolean udp;

    @Option(
            names = {"-i", "--info"},
            description = "Below each TCP connection what it looks like inside, in the words of Linux's ss: times in"
                    + " milliseconds, windows and thresholds in segments; below each listener what it counted.")
    private boolean info;

    @Option(
            names = "--instance",
            paramLabel = "NAME",
            description = "The server to ask, as its ready line names it; may be left out if only one runs.")
    private @Nullable String instance;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** Made by picocli. */
    public SsCommand() {}

    @Override
    public void run() {
        final List<SocketRow> rows = ControlClient.ask(
                instance, new ControlRequest("ss", "show", info ? Map.of("info", "yes") : Map.of()), SocketRow.class);
        final List<AddressRow> own =
                ControlClient.ask(instance, ControlClient.request("address", "show"), AddressRow.class);
        printLost(own, spec.commandLine().getOut());
        print(rows.stream().filter(this::wanted).toList(), spec.commandLine().getOut());
    }

    private boolean wanted(SocketRow row) {
        final boolean passive = row.state().equals("LISTEN") || row.state().equals("UNCONN");
        final boolean protocol = tcp == udp || row.protocol().equals(tcp ? "tcp" : "udp");
        return protocol && (all || passive == listening);
    }

    /** Says which addresses of the server's own another station has: nothing reaches sockets there. */
    static void printLost(List<AddressRow> rows, PrintWriter out) {
        rows.stream()
                .filter(row -> row.state().equals(AddressRow.DUPLICATED))
                .map(row -> "lost " + row.address() + " on " + row.device() + ": another station has it")
                .distinct()
                .forEach(out::println);
    }

    /** Prints a table whose columns are as wide as what is in them. */
    static void print(List<SocketRow> rows, PrintWriter out) {
        int local = "Local Address:Port".length();
        for (final SocketRow row : rows) {
            local = Math.max(local, row.local().length());
        }
        final String format = "%-6s%-11s%-8s%-8s%-" + (local + GAP) + "s%s%n";
        out.printf(format, "Netid", "State", "Recv-Q", "Send-Q", "Local Address:Port", "Peer Address:Port");
        for (final SocketRow row : rows) {
            out.printf(
                    format,
                    row.protocol(),
                    row.state(),
                    row.receiveQueue(),
                    row.sendQueue(),
                    row.local(),
                    row.remote());
            if (!row.info().isEmpty()) {
                out.println("\t " + row.info());
            }
        }
        out.flush();
    }
}

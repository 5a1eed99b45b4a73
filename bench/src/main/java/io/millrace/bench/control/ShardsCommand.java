package io.millrace.bench.control;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows the shards of a running server, starts and ends them. */
@Command(
        name = "shards",
        description = "Show the shards of a running millrace serve, start another one, or let one end.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        synopsisSubcommandLabel = "[show | add | remove]",
        footer = {
            "",
            "Without a subcommand it shows them. Flows are spread over 128 buckets, of which each shard owns a share."
                    + " What moves with a bucket is where new connections begin; those that there are stay with their"
                    + " shard until they end, TIME-WAIT included. A shard that is removed ends when its last one is over."
                    + " There can be as many as serve's --max-shards says.",
            "",
            "State: runs; leaves, while connections are left; ends, while its thread does; stuck, if it has been in"
                    + " one poll for two seconds; lost, if it was to end and has not within ten: its place is taken until"
                    + " it does."
        })
public final class ShardsCommand extends ControlCommand {
    /** Made by picocli. */
    public ShardsCommand() {
        super("shards");
    }

    @Override
    @Command(name = "show", description = "List them.", mixinStandardHelpOptions = true)
    void show() {
        print(ask("show", Map.of()), out());
    }

    @Command(
            name = "add",
            description = "Start a shard, which gets its share of new connections.",
            mixinStandardHelpOptions = true)
    void add(
            @Parameters(
                            paramLabel = "PLACE",
                            arity = "0..1",
                            description =
                                    "Its number, which says on which CPU it runs; the first that is free if left out.")
                    @Nullable
                    String place) {
        print(ask("add", place == null ? Map.of() : Map.of("place", place)), out());
    }

    @Command(
            name = "remove",
            description = "Give a shard no new connections; it ends when those that it has are over.",
            mixinStandardHelpOptions = true)
    void remove(@Parameters(paramLabel = "PLACE", description = "Its number.") String place) {
        print(ask("remove", Map.of("place", place)), out());
    }

    private List<ShardRow> ask(String action, Map<String, String> arguments) {
        return ask(action, arguments, ShardRow.class);
    }

    /** Prints a table. */
    static void print(List<ShardRow> rows, PrintWriter out) {
        out.println("Shard State   CPU Buckets Leaving Connections   Busy      Received          Sent  Longest cycle");
        for (final ShardRow row : rows) {
            if (row.isTaken()) {
                out.printf(
                        Locale.ROOT,
                        "%5d %-7s %3s %7d %7d %,11d %5.1f%% %,13d %,13d %,11d us%n",
                        row.place(),
                        row.state(),
                        row.cpu() < 0 ? "any" : row.cpu(),
                        row.buckets(),
                        row.leaving(),
                        row.connections(),
                        100 * row.busy(),
                        row.rxPackets(),
                        row.txPackets(),
                        row.longestCycleMicros());
            } else {
                out.printf(Locale.ROOT, "%5d %s%n", row.place(), row.state());
            }
        }
        out.flush();
    }
}

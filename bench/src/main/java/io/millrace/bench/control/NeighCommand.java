package io.millrace.bench.control;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

/** Shows and changes what a running server knows of its neighbours. */
@Command(
        name = "neigh",
        description = "Show or change what a running server or router knows of its neighbours, like ip neigh.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        synopsisSubcommandLabel = "[show | add | del | flush]",
        footer = {
            "",
            "A server is millrace serve, a router millrace forward --mode l3router.",
            "Without a subcommand it shows them."
        })
public final class NeighCommand extends ControlCommand {
    @Option(
            names = "--dev",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            description = "The interface, where there are several.")
    private @Nullable String device;

    /** Made by picocli. */
    public NeighCommand() {
        super("neigh");
    }

    @Override
    @Command(name = "show", description = "List them.", mixinStandardHelpOptions = true)
    void show() {
        print(ask("show", Map.of()), out());
    }

    @Command(
            name = "add",
            description = "Set the link address of a neighbour, in place of what is learned.",
            mixinStandardHelpOptions = true)
    void add(
            @Parameters(paramLabel = "ADDR", description = "IPv4 or IPv6 address.") String address,
            @Parameters(paramLabel = "MAC", description = "Its link address.") String mac) {
        ask("add", Map.of("address", address, "lladdr", mac));
    }

    @Command(name = "del", description = "Forget a neighbour.", mixinStandardHelpOptions = true)
    void del(@Parameters(paramLabel = "ADDR", description = "IPv4 or IPv6 address.") String address) {
        ask("del", Map.of("address", address));
    }

    @Command(name = "flush", description = "Forget all that were not set by hand.", mixinStandardHelpOptions = true)
    void flush() {
        ask("flush", Map.of());
    }

    private List<NeighborRow> ask(String action, Map<String, String> arguments) {
        final Map<String, String> all = new LinkedHashMap<>(arguments);
        if (device != null) {
            all.put("dev", device);
        }
        return ask(action, all, NeighborRow.class);
    }

    /** Prints each neighbour once, as the shard knows it that heard of it last. */
    static void print(List<NeighborRow> rows, PrintWriter out) {
        final Map<String, NeighborRow> latest = new LinkedHashMap<>();
        for (final NeighborRow row : rows) {
            latest.merge(
                    row.device() + " " + row.address(),
                    row,
                    (a, b) -> a.mac() == null || (b.mac() != null && b.ageSeconds() < a.ageSeconds()) ? b : a);
        }
        latest.values().forEach(out::println);
        out.flush();
    }
}

package io.millrace.bench.control;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

/** Shows and changes the routes of a running server. */
@Command(
        name = "route",
        description = "Show or change the routes of a running server or router, like ip route.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        synopsisSubcommandLabel = "[show | get | add | del]",
        footer = {
            "",
            "A server is millrace serve, a router millrace forward --mode l3router.",
            "Without a subcommand it shows them.",
            "Examples:",
            "  millrace route add 10.0.0.0/8 --via 192.0.2.7",
            "  millrace route add 10.9.0.0/16 --via 192.0.2.7 \\",
            "    mtu 1400 initcwnd 20 rto_min 50ms congctl bbr"
        })
public final class RouteCommand extends ControlCommand {
    @Option(
            names = "--dev",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            description = "The interface, where there are several.")
    private @Nullable String device;

    /** Made by picocli. */
    public RouteCommand() {
        super("route");
    }

    @Override
    @Command(name = "show", description = "List them.", mixinStandardHelpOptions = true)
    void show() {
        print(ask("show", Map.of()));
    }

    @Command(name = "get", description = "Tell where packets to an address go.", mixinStandardHelpOptions = true)
    void get(@Parameters(paramLabel = "ADDR", description = "IPv4 or IPv6 address.") String address) {
        print(ask("get", Map.of("address", address)));
    }

    @Command(name = "add", description = "Add a route.", mixinStandardHelpOptions = true)
    void add(
            @Parameters(index = "0", paramLabel = "CIDR", description = "The network, or default.") String to,
            @Option(
                            names = "--via",
                            paramLabel = "ADDR",
                            description = "The router; without it the hosts are on the link.")
                    @Nullable
                    String via,
            @Option(names = "--metric", paramLabel = "N", description = "The least counts; 0 if left out.") @Nullable
                    String metric,
            @Option(
                            names = "--weight",
                            paramLabel = "N",
                            description = "Share of the flows beside routes of the same metric, 1 to 256; 1 if left"
                                    + " out.")
                    @Nullable
                    String weight,
            @Parameters(
                            index = "1..*",
                            arity = "0..*",
                            paramLabel = "METRICS",
                            description = "What is known of the paths, as ip route has it: mtu [lock] N, advmss N,"
                                    + " initcwnd N, initrwnd N, rto_min TIME, quickack 0|1, congctl NAME, features ecn."
                                    + " Connections take it when they begin, mtu holds for every packet.")
                    @Nullable
                    List<String> metrics) {
        final Map<String, String> arguments = new LinkedHashMap<>(Map.of("to", to));
        put(arguments, "via", via);
        put(arguments, "metric", metric);
        put(arguments, "weight", weight);
        put(arguments, "metrics", metrics == null ? null : String.join(" ", metrics));
        ask("add", arguments);
    }

    @Command(name = "del", description = "Remove a route.", mixinStandardHelpOptions = true)
    void del(
            @Parameters(paramLabel = "CIDR", description = "The network, or default.") String to,
            @Option(names = "--via", paramLabel = "ADDR", description = "The router.") @Nullable String via) {
        final Map<String, String> arguments = new LinkedHashMap<>(Map.of("to", to));
        put(arguments, "via", via);
        ask("del", arguments);
    }

    private static void put(Map<String, String> arguments, String name, @Nullable String value) {
        if (value != null) {
            arguments.put(name, value);
        }
    }

    private List<RouteRow> ask(String action, Map<String, String> arguments) {
        final Map<String, String> all = new LinkedHashMap<>(arguments);
        put(all, "dev", device);
        return ask(action, all, RouteRow.class);
    }

    private void print(List<RouteRow> rows) {
        rows.forEach(row -> out().println(row.text()));
        out().flush();
    }
}

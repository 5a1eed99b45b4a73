package io.millrace.bench.control;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks into a running appliance, and changes what it does, while packets flow. */
@Command(
        name = "appliance",
        description =
                "Look into a running millrace forward: its nodes and counters, the way of single packets; change it.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        synopsisSubcommandLabel = "[show | trace | set]",
        footer = {
            "",
            "Without a subcommand it shows the nodes. Routes and neighbours of a router are changed with millrace"
                    + " route and millrace neigh, the stations of a switch with millrace mac."
        })
public final class ApplianceCommand extends ControlCommand {
    /** Made by picocli. */
    public ApplianceCommand() {
        super("appliance");
    }

    @Override
    @Command(
            name = "show",
            description = "List the nodes: packets, packets of a burst, nanoseconds of a packet and of a burst, drops.",
            mixinStandardHelpOptions = true)
    void show() {
        print("show", Map.of());
    }

    @Command(
            name = "trace",
            description = "Follow the next packets through the nodes.",
            mixinStandardHelpOptions = true)
    void trace(
            @Option(
                            names = "-c",
                            paramLabel = "COUNT",
                            defaultValue = "1",
                            description = "How many packets, 1 to 1000 (default: ${DEFAULT-VALUE}).")
                    String count,
            @Option(
                            names = "--seconds",
                            paramLabel = "S",
                            defaultValue = "10",
                            description = "How long to wait for them, 1 to 600 (default: ${DEFAULT-VALUE}).")
                    String seconds,
            @Option(
                            names = "--filter",
                            paramLabel = "EXPRESSION",
                            defaultValue = "",
                            description = "Follow only packets that match, in tcpdump's language.")
                    String filter) {
        print("trace", Map.of("count", count, "seconds", seconds, "filter", filter));
    }

    @Command(
            name = "set",
            description = {
                "Change a parameter of the mode.",
                "l2switch: ageing SECONDS",
                "recorder: record FILE to go on in another file, record off to stop",
                "responder: answer ADDRESS, ignore ADDRESS"
            },
            mixinStandardHelpOptions = true)
    void set(
            @Parameters(paramLabel = "NAME", description = "Of the parameter.") String name,
            @Parameters(paramLabel = "VALUE", description = "Its new value.") String value,
            @Option(names = "--port", paramLabel = "PORT", description = "Number or name of the port; all if left out.")
                    @Nullable
                    String port) {
        print(
                "set",
                port == null
                        ? Map.of("name", name, "value", value)
                        : Map.of("name", name, "value", value, "port", port));
    }
}

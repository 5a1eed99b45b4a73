package io.millrace.bench.control;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

/** Shows and changes where a running switch thinks that stations are. */
@Command(
        name = "mac",
        description = "Show or change the stations of a running millrace forward --mode l2switch, like bridge fdb.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        synopsisSubcommandLabel = "[show | add | del | flush]",
        footer = {"", "Without a subcommand it shows them.", "Example: millrace mac add 02:00:00:00:00:07 1 --vlan 10"})
public final class MacCommand extends ControlCommand {
    @Option(
            names = "--vlan",
            paramLabel = "ID",
            scope = ScopeType.INHERIT,
            description = "The VLAN; frames without a tag if left out.")
    private @Nullable String vlan;

    /** Made by picocli. */
    public MacCommand() {
        super("mac");
    }

    @Override
    @Command(name = "show", description = "List them.", mixinStandardHelpOptions = true)
    void show() {
        ask("show", Map.of());
    }

    @Command(
            name = "add",
            description = "Set the port of a station; it neither moves nor is forgotten.",
            mixinStandardHelpOptions = true)
    void add(
            @Parameters(paramLabel = "MAC", description = "Its address.") String mac,
            @Parameters(paramLabel = "PORT", description = "Number or name of the port.") String port) {
        ask("add", Map.of("mac", mac, "port", port));
    }

    @Command(name = "del", description = "Forget a station.", mixinStandardHelpOptions = true)
    void del(@Parameters(paramLabel = "MAC", description = "Its address.") String mac) {
        ask("del", Map.of("mac", mac));
    }

    @Command(name = "flush", description = "Forget all that were not set by hand.", mixinStandardHelpOptions = true)
    void flush() {
        ask("flush", Map.of());
    }

    private void ask(String action, Map<String, String> arguments) {
        final Map<String, String> all = new LinkedHashMap<>(arguments);
        if (vlan != null) {
            all.put("vlan", vlan);
        }
        print(action, all);
    }
}

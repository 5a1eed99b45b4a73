package io.millrace.bench.control;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Shows and changes where a running switch thinks that stations are. */
@Command(
        name = "mac",
        description = "Show or change the stations of a running millrace forward --mode l2switch, like bridge fdb.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        synopsisSubcommandLabel = "[show | add | del | flush]",
        footer = {"", "Without a subcommand it shows them.", "Example: millrace mac add 02:00:00:00:00:07 1 --vlan 10"})
public final class MacCommand implements Runnable {
    @Option(
            names = "--instance",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            description = "The appliance to ask, as its ready line names it; may be left out if only one runs.")
    private @Nullable String instance;

    @Option(
            names = "--vlan",
            paramLabel = "ID",
            scope = ScopeType.INHERIT,
            description = "The VLAN; frames without a tag if left out.")
    private @Nullable String vlan;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** Made by picocli. */
    public MacCommand() {}

    @Override
    public void run() {
        show();
    }

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
        ControlClient.ask(instance, new ControlRequest("mac", action, all), TextRow.class)
                .forEach(row -> spec.commandLine().getOut().println(row.text()));
        spec.commandLine().getOut().flush();
    }
}

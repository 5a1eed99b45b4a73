package io.millrace.bench.control;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Looks at the ports of a running server or appliance, and makes them faulty. */
@Command(
        name = "port",
        description = "Show the ports of a running millrace serve or forward, their rates, and change their faults.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        synopsisSubcommandLabel = "[show | rate | faults]",
        footer = {
            "",
            "Without a subcommand it shows them.",
            "Example: millrace port faults --port 0 --in loss=1%%,delay=10ms~2ms --out none"
        })
public final class PortCommand extends ControlCommand {
    @Option(
            names = "--port",
            paramLabel = "PORT",
            scope = ScopeType.INHERIT,
            description = "Number or name of the port; all if left out.")
    private @Nullable String port;

    /** Made by picocli. */
    public PortCommand() {
        super("port");
    }

    @Override
    @Command(name = "show", description = "List them: link, counters, faults.", mixinStandardHelpOptions = true)
    void show() {
        ask("show", Map.of());
    }

    @Command(name = "rate", description = "Packets and bits a second, both ways.", mixinStandardHelpOptions = true)
    void rate(
            @Option(
                            names = "--seconds",
                            paramLabel = "S",
                            defaultValue = "1",
                            description = "How long to look, 1 to 60 (default: ${DEFAULT-VALUE}).")
                    String seconds) {
        ask("rate", Map.of("seconds", seconds));
    }

    @Command(
            name = "faults",
            description = {
                "Show what goes wrong with packets, or change it while they flow.",
                "FAULTS are those of serve --faults-in: loss=1%%,corrupt=1%%,mutate=1%%,duplicate=1%%,reorder=5%%@2ms,"
                        + "delay=10ms~2ms,longest=576,rate=5000:64, some of these, or none."
            },
            mixinStandardHelpOptions = true)
    void faults(
            @Option(names = "--in", paramLabel = "FAULTS", description = "With packets that come in.") @Nullable
                    String in,
            @Option(names = "--out", paramLabel = "FAULTS", description = "With packets that go out.") @Nullable
                    String out) {
        final Map<String, String> arguments = new LinkedHashMap<>();
        if (in != null) {
            arguments.put("in", in);
        }
        if (out != null) {
            arguments.put("out", out);
        }
        ask("faults", arguments);
    }

    private void ask(String action, Map<String, String> arguments) {
        final Map<String, String> all = new LinkedHashMap<>(arguments);
        if (port != null) {
            all.put("port", port);
        }
        print(action, all);
    }
}

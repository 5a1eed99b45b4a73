package io.millrace.bench.control;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** A command that asks a running process about one of its things; without a subcommand it shows them. */
abstract class ControlCommand implements Runnable {
    private final String topic;

    @Option(
            names = "--instance",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            description = "The process to ask, as its ready line names it; may be left out if only one runs.")
    private @Nullable String instance;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** What requests name what they are about. */
    ControlCommand(String topic) {
        this.topic = topic;
    }

    @Override
    public final void run() {
        show();
    }

    abstract void show();

    final <R> List<R> ask(String action, Map<String, String> arguments, Class<R> rows) {
        return ControlClient.ask(instance, new ControlRequest(topic, action, arguments), rows);
    }

    /** Asks, and prints the answer as it is. */
    final void print(String action, Map<String, String> arguments) {
        ask(action, arguments, TextRow.class).forEach(row -> out().println(row.text()));
        out().flush();
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }
}

package io.millrace.bench.demo;

import io.millrace.bench.cli.NamespacedCommand;
import java.io.Console;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Runs the demo again, in a process that is alone in a new network namespace. */
final class DemoProcess {
    private DemoProcess() {}

    /** Runs it and returns its exit code. */
    static int run() throws IOException, InterruptedException {
        final List<String> arguments = new ArrayList<>(List.of("demo", "--inside"));
        if (isTerminal()) {
            arguments.add("--terminal");
        }
        return NamespacedCommand.run(arguments);
    }

    /** Whether a person watches. */
    @SuppressWarnings("SystemConsoleNull") // whether it is null depends on the provider that the JDK picks
    static boolean isTerminal() {
        final Console console = System.console();
        return console != null && console.isTerminal();
    }
}

package io.millrace.bench.demo;

import io.millrace.bench.command.NamespacedCommand;
import io.millrace.bench.command.Terminal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Runs the demo again, in a process that is alone in a new network namespace. */
final class DemoProcess {
    private DemoProcess() {}

    /** Runs it and returns its exit code. */
    static int run() throws IOException, InterruptedException {
        final List<String> arguments = new ArrayList<>(List.of("demo", "--inside"));
        if (Terminal.isThere()) {
            arguments.add("--terminal");
        }
        return NamespacedCommand.run(arguments);
    }
}

package io.millrace.bench.demo;

import io.millrace.bench.cli.JvmCommand;
import io.millrace.bench.cli.StandardError;
import io.millrace.bench.netns.Namespace;
import java.io.Console;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs the demo again, in a process that is alone in a new network namespace. The namespace ends with that process, and
 * that process ends with this one: on a signal it is told to, and if this JVM is killed its standard input ends.
 */
final class DemoProcess {
    private static final int STOP_SECONDS = 20;

    private DemoProcess() {}

    /** Runs it and returns its exit code. */
    static int run() throws IOException, InterruptedException {
        final Process process = new ProcessBuilder(command())
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        final Thread hook = new Thread(() -> stop(process), "demo-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        final int code = process.waitFor();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // A signal came; the hook has seen the process end, and the JVM exits with the signal's code.
            return code;
        }
        return code;
    }

    /** Whether a person watches. */
    @SuppressWarnings("SystemConsoleNull") // whether it is null depends on the provider that the JDK picks
    static boolean isTerminal() {
        final Console console = System.console();
        return console != null && console.isTerminal();
    }

    private static List<String> command() {
        final List<String> command = new ArrayList<>(Namespace.unshare(!Namespace.isRoot()));
        // A JVM that finds no IPv6 address at its start, not even the loopback interface's, never speaks IPv6. What the
        // JVM itself says at its start it has said to this one already.
        command.addAll(List.of("sh", "-c", "ip link set lo up && exec 3>&2 && exec \"$0\" \"$@\" 2>/dev/null"));
        command.addAll(JvmCommand.of(List.of("-D" + StandardError.PROPERTY + "=3"), List.of("demo", "--inside")));
        if (isTerminal()) {
            command.add("--terminal");
        }
        return command;
    }

    private static void stop(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}

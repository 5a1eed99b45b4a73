package io.millrace.bench.command;

import io.millrace.bench.netns.ChildProcess;
import io.millrace.bench.netns.Namespace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a command of ours in a process that is alone in a new network namespace. The namespace ends with that process, and
 * that process ends with this one: on a signal it is told to, and if this JVM is killed its standard input ends.
 */
public final class NamespacedCommand {
    private static final int STOP_SECONDS = 20;

    private NamespacedCommand() {}

    /**
     * Runs it and waits for its end.
     *
     * @param arguments of {@code millrace}
     * @return its exit code
     */
    public static int run(final List<String> arguments) throws IOException, InterruptedException {
        final Process process = new ProcessBuilder(command(arguments))
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        final Thread hook = new Thread(() -> stop(process), "namespace-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        final int code = process.waitFor();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (final IllegalStateException e) {
            // A signal came; the hook has seen the process end, and the JVM exits with the signal's code.
            return code;
        }
        return code;
    }

    private static List<String> command(final List<String> arguments) {
        final List<String> command = new ArrayList<>(Namespace.unshare(!Namespace.isRoot()));
        // A JVM that finds no IPv6 address at its start, not even the loopback interface's, never speaks IPv6. What the
        // JVM itself says at its start it has said to this one already.
        command.addAll(List.of("sh", "-c", "ip link set lo up && exec 3>&2 && exec \"$0\" \"$@\" 2>/dev/null"));
        command.addAll(JvmCommand.of(List.of("-D" + StandardError.PROPERTY + "=3"), arguments));
        return command;
    }

    private static void stop(final Process process) {
        process.destroy();
        ChildProcess.end(process, STOP_SECONDS);
    }
}

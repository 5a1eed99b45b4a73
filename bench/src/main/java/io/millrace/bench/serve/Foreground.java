package io.millrace.bench.serve;

import io.millrace.bench.command.Terminal;
import io.millrace.bench.command.UserErrorException;
import io.millrace.bench.control.ControlSocket;
import io.millrace.bench.control.RuntimeFolder;
import io.millrace.config.ServeConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Runs something in the foreground of a command: from its {@code ready} line, with a control socket and, where a person
 * watches, live counters, until a signal or a failure, to its summary.
 */
public final class Foreground {
    private static final int REFRESH_MILLIS = 500;

    private final CommandSpec spec;
    private final ServeConfig config;

    /**
     * Makes one.
     *
     * @param spec the command
     * @param config what it is to do
     */
    public Foreground(CommandSpec spec, ServeConfig config) {
        this.spec = spec;
        this.config = config;
    }

    /**
     * Runs it to its end.
     *
     * @param start starts it
     * @return the exit code
     */
    public int run(Supplier<Running> start) throws Exception {
        return Termination.during(spec, termination -> run(start, termination));
    }

    private int run(Supplier<Running> start, Termination termination) throws InterruptedException {
        final PrintWriter out = spec.commandLine().getOut();
        try (Running running = start.get()) {
            final String instance = config.instance() == null
                    ? spec.name() + "-" + ProcessHandle.current().pid()
                    : config.instance();
            final ControlSocket control = control(instance, running);
            try {
                out.println(running.readyLine() + (control == null ? "" : " instance=" + instance));
                out.flush();
                watch(running, termination, out);
            } finally {
                close(control);
            }
            final ServeSummary summary = running.stop();
            summary.print(out);
            writeJson(summary);
            final String lost = running.captureFailure();
            if (lost != null) {
                throw new UserErrorException(lost);
            }
            final Throwable failure = running.failure();
            if (failure != null) {
                throw new IllegalStateException("a shard failed: " + failure, failure);
            }
            return summary.buffersOutstanding() == 0 ? 0 : 1;
        }
    }

    /** The control socket; null if this machine gives us no place for one, which is no reason not to run. */
    private @Nullable ControlSocket control(String instance, Running running) {
        try {
            return ControlSocket.open(RuntimeFolder.ofUser(), instance, running.control());
        } catch (IOException e) {
            spec.commandLine()
                    .getErr()
                    .println(spec.qualifiedName()
                            + ": no control socket, so neigh, route and other commands cannot be used: "
                            + e.getMessage() + "; set MILLRACE_RUNTIME_DIR to a folder of yours");
            return null;
        }
    }

    private void close(@Nullable ControlSocket control) {
        if (control != null) {
            try {
                control.close();
            } catch (IOException e) {
                spec.commandLine()
                        .getErr()
                        .println(spec.qualifiedName() + ": the control socket is left behind: " + e.getMessage());
            }
        }
    }

    /** Waits for a signal or for a shard that fails; where a person watches, with live counters. */
    private static void watch(Running running, Termination termination, PrintWriter out) throws InterruptedException {
        final LiveCounters counters = Terminal.isThere() ? new LiveCounters(out, running.sample()) : null;
        boolean told = false;
        while (!termination.await(REFRESH_MILLIS) && running.failure() == null) {
            final String lost = told ? null : running.captureFailure();
            if (lost != null) {
                told = true;
                say(lost, counters, out);
            }
            for (final String news : running.news()) {
                say(news, counters, out);
            }
            if (counters != null) {
                counters.show(running.sample(), running.detail());
            }
        }
        if (counters != null) {
            counters.clear();
        }
    }

    private static void say(String news, @Nullable LiveCounters counters, PrintWriter out) {
        if (counters != null) {
            counters.clear();
        }
        out.println(news);
        out.flush();
    }

    private void writeJson(ServeSummary summary) {
        final var file = config.statsJson();
        if (file != null) {
            try {
                Files.writeString(file.value(), summary.json());
            } catch (IOException e) {
                throw new UserErrorException(
                        file.place() + ": the summary cannot be written to " + file.value() + ": " + e.getMessage()
                                + "; name another file",
                        e);
            }
        }
    }
}

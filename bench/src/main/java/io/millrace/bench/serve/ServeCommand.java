package io.millrace.bench.serve;

import io.millrace.bench.cli.ServeOptions;
import io.millrace.bench.cli.ServePlan;
import io.millrace.bench.cli.UserErrorException;
import io.millrace.bench.control.ControlSocket;
import io.millrace.bench.control.RuntimeFolder;
import io.millrace.config.ServeConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs a server until it is interrupted. */
@Command(
        name = "serve",
        description = "Serve TCP, UDP and ping on a device, through our own stack.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "One line that begins with \"ready\" says when it can be reached. Ctrl-C ends it in order.",
            "",
            "Example, with Linux as the peer on the other side of a veth pair:",
            "  ip link add mr0 type veth peer name peer0",
            "  ip link set mr0 addrgenmode none up",
            "  ip link set peer0 up; ip address add 10.0.0.1/24 dev peer0",
            "  ethtool -K peer0 tx off",
            "  millrace serve --port net_af_packet0,iface=mr0 --address 10.0.0.2/24 --tcp echo:7,http:80"
        })
public final class ServeCommand implements Callable<Integer> {
    private static final int REFRESH_MILLIS = 500;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    private ServeOptions options;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** Made by picocli. */
    public ServeCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        final ServePlan plan = options.plan();
        try (Termination termination = Termination.install()) {
            try {
                final int code = serve(plan, termination);
                termination.finished(code);
                return code;
            } catch (RuntimeException e) {
                if (termination.isRequested()) {
                    // The JVM ends as soon as it can; nobody else gets to say this any more.
                    e.printStackTrace(spec.commandLine().getErr());
                }
                throw e;
            }
        }
    }

    private int serve(ServePlan plan, Termination termination) throws InterruptedException {
        final PrintWriter out = spec.commandLine().getOut();
        try (Server server = Server.start(plan)) {
            final String instance = instance(plan.config());
            final ControlSocket control = control(instance, server);
            try {
                out.println(server.readyLine() + (control == null ? "" : " instance=" + instance));
                out.flush();
                watch(server, termination, out);
            } finally {
                close(control);
            }
            final ServeSummary summary = server.stop();
            summary.print(out);
            writeJson(plan.config(), summary);
            final Throwable failure = server.failure();
            if (failure != null) {
                throw new IllegalStateException("a shard failed: " + failure, failure);
            }
            return summary.buffersOutstanding() == 0 ? 0 : 1;
        }
    }

    private static String instance(ServeConfig config) {
        return config.instance() == null ? "serve-" + ProcessHandle.current().pid() : config.instance();
    }

    /** The control socket; null if this machine gives us no place for one, which is no reason not to serve. */
    private @Nullable ControlSocket control(String instance, Server server) {
        try {
            return ControlSocket.open(RuntimeFolder.ofUser(), instance, server.control());
        } catch (IOException e) {
            spec.commandLine()
                    .getErr()
                    .println(spec.qualifiedName() + ": no control socket, so neigh, route and ss cannot be used: "
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
    private static void watch(Server server, Termination termination, PrintWriter out) throws InterruptedException {
        final LiveCounters counters = LiveCounters.wanted() ? new LiveCounters(out, server.sample()) : null;
        while (!termination.await(REFRESH_MILLIS) && server.failure() == null) {
            for (final LostAddress lost : server.lostAddresses()) {
                if (counters != null) {
                    counters.clear();
                }
                out.println(lost + "; take it from that station, or choose another");
                out.flush();
            }
            if (counters != null) {
                counters.show(server.sample());
            }
        }
        if (counters != null) {
            counters.clear();
        }
    }

    private static void writeJson(ServeConfig config, ServeSummary summary) {
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

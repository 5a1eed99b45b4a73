package io.millrace.bench.demo;

import io.millrace.bench.command.Progress;
import io.millrace.bench.command.UserErrorException;
import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import io.millrace.bench.netns.VethPair;
import io.millrace.bench.options.ServeOptions;
import io.millrace.bench.plan.ServePlan;
import io.millrace.bench.serve.ServeSummary;
import io.millrace.bench.serve.Server;
import io.millrace.bench.serve.Termination;
import io.millrace.dpdk.EalException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.HdrHistogram.Histogram;
import picocli.CommandLine;

/** One run of the demo, from the first line to the last. */
final class Demo {
    /** The server's addresses, IPv4 first. */
    static final List<String> ADDRESSES = List.of("10.77.0.2", "fd77::2");

    /** The same with their networks. */
    static final List<String> OURS = List.of("10.77.0.2/24", "fd77::2/64");

    /** The peer's addresses with their networks. */
    static final List<String> THEIRS = List.of("10.77.0.1/24", "fd77::1/64");

    static final int ECHO_PORT = 7;
    static final int HTTP_PORT = 80;

    private static final String OUR_INTERFACE = "mr0";
    private static final String THEIR_INTERFACE = "peer0";
    private static final int MTU = 1500;
    private static final int MEBIBYTES = 64;
    private static final int INTERRUPTED = 130;

    private final PrintWriter out;
    private final Progress progress;
    private final long start = System.nanoTime();
    private String link = "a veth pair";

    /** Who asks the demo to end, unless it is said otherwise before. */
    private volatile String interruptedBy = "a signal";

    /** A place to run the demo in. */
    @FunctionalInterface
    private interface Place {
        int run(Termination termination, DemoSite site) throws IOException, InterruptedException;
    }

    Demo(PrintWriter out, boolean terminal) {
        this.out = out;
        this.progress = new Progress(out, terminal);
    }

    /** With Linux as the peer. This process is alone in its namespace and may configure it. */
    int inNamespace() throws IOException, InterruptedException {
        try {
            new VethPair(OUR_INTERFACE, THEIR_INTERFACE, THEIRS, MTU).create(Namespace::runHere);
        } catch (CommandException e) {
            throw new UserErrorException(
                    "the veth pair could not be made: " + e.getMessage() + "; try --in-process", e);
        }
        return guarded((termination, site) -> {
            endWithParent(termination);
            return withLinux(termination, site);
        });
    }

    /** With a stack of ours as the peer, in this process. */
    int inProcess(String why) throws IOException, InterruptedException {
        return guarded((termination, site) -> {
            final Thread watcher = onRequest(termination, () -> {});
            try (WireDemo wire = new WireDemo(site.folder())) {
                DemoReport.intro(
                        out,
                        wire.toString(),
                        "a second stack of ours on a wire inside this process (" + why + ")",
                        THEIRS);
                final DemoScenario scenario = scenario(wire.peer(), site);
                final Histogram latency = scenario.run();
                return report(scenario, latency, wire.stop());
            } finally {
                watcher.interrupt();
            }
        });
    }

    private int withLinux(Termination termination, DemoSite site) throws IOException, InterruptedException {
        try (Server server = start(site.folder());
                DemoPeer peer = new LinuxPeer()) {
            // With the server gone, whatever the peer waits for fails at once.
            final Thread watcher = onRequest(termination, server::abandon);
            try {
                DemoReport.intro(
                        out,
                        server.readyLine(),
                        "Linux " + System.getProperty("os.version") + " behind " + link
                                + " in a network namespace of its own",
                        THEIRS);
                final DemoScenario scenario = scenario(peer, site);
                final Histogram latency = scenario.run();
                return report(scenario, latency, server.stop());
            } finally {
                watcher.interrupt();
            }
        }
    }

    /** Starts the server on a driver of DPDK or, where that is not installed, on a TAP interface of the kernel's. */
    private Server start(Path root) throws IOException {
        try {
            return Server.start(plan("net_af_packet0,iface=" + OUR_INTERFACE, root));
        } catch (EalException e) {
            if (e.errno() != 0) {
                throw e;
            }
            progress.done("  no DPDK: " + e.getMessage());
        }
        link = "a TAP interface";
        try {
            Namespace.runHere("ip", "link", "delete", OUR_INTERFACE);
            final Server server = Server.start(plan("tap:" + THEIR_INTERFACE, root));
            try {
                VethPair.configure(Namespace::runHere, THEIR_INTERFACE, THEIRS);
                return server;
            } catch (CommandException e) {
                server.close();
                throw e;
            }
        } catch (CommandException e) {
            throw new IOException("the TAP interface could not be set up: " + e.getMessage(), e);
        }
    }

    private DemoScenario scenario(DemoPeer peer, DemoSite site) {
        return new DemoScenario(
                peer,
                new DemoScenario.Target(ADDRESSES, ECHO_PORT, HTTP_PORT, DemoSite.PATH, site.size(), site.sha256()),
                progress);
    }

    private int report(DemoScenario scenario, Histogram latency, ServeSummary summary) {
        DemoReport.end(out, latency, summary, System.nanoTime() - start);
        return scenario.failures() == 0 && summary.buffersOutstanding() == 0 ? 0 : 1;
    }

    /** Runs the demo somewhere, such that everything is cleaned up before a signal ends the process. */
    private int guarded(Place place) throws IOException, InterruptedException {
        try (Termination termination = Termination.install()) {
            int code = 1;
            progress.step("a file of " + MEBIBYTES + " MiB to fetch");
            try (DemoSite site = DemoSite.create(MEBIBYTES, termination::isRequested)) {
                code = place.run(termination, site);
            } catch (IOException | InterruptedException e) {
                if (!termination.isRequested()) {
                    throw e;
                }
                progress.done("  interrupted by " + interruptedBy);
            } finally {
                termination.finished(termination.isRequested() ? INTERRUPTED : code);
            }
            return termination.isRequested() ? INTERRUPTED : code;
        }
    }

    /** Interrupts the calling thread when the process is to end, after having done {@code first}. */
    private static Thread onRequest(Termination termination, Runnable first) {
        final Thread caller = Thread.currentThread();
        return Thread.ofPlatform().daemon().name("demo-interrupt").start(() -> {
            try {
                if (termination.await(Long.MAX_VALUE)) {
                    first.run();
                    caller.interrupt();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the demo is over
            }
        });
    }

    /** The parent holds the other end of our standard input; if it dies, however it dies, we are next. */
    private void endWithParent(Termination termination) {
        Thread.ofPlatform().daemon().name("demo-parent").start(() -> {
            try {
                while (System.in.read() >= 0) {
                    Thread.onSpinWait(); // nothing is said there
                }
                interruptedBy = "the end of the process that started it";
            } catch (IOException e) {
                interruptedBy = "a failure of its standard input: " + e.getMessage();
            }
            termination.request();
        });
    }

    private static ServePlan plan(String port, Path root) {
        return CommandLine.populateCommand(
                        new ServeOptions(),
                        "--port=" + port,
                        "--address=" + String.join(",", OURS),
                        "--tcp=echo:" + ECHO_PORT + ",http:" + HTTP_PORT,
                        "--udp=echo:" + ECHO_PORT,
                        "--http-root=" + root)
                .plan();
    }
}

package io.millrace.bench.demo;

import io.millrace.bench.command.Terminal;
import io.millrace.bench.command.UserErrorException;
import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows on any machine, in less than half a minute, what this project is. */
@Command(
        name = "demo",
        description = {
            "Start a server, use it from outside, and show how it went.",
            "The server gets a DPDK device on a veth pair in a network namespace of its own, and Linux uses it from"
                    + " the other end; without DPDK it gets a TAP interface, and where this machine does not allow"
                    + " namespaces, both ends are stacks in this process. Takes less than half a minute and leaves nothing"
                    + " behind."
        },
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
    @Option(names = "--in-process", description = "Use the wire inside the process, even where namespaces are allowed.")
    private boolean inProcess;

    @Option(names = "--inside", hidden = true, description = "This process is in the namespace already.")
    private boolean inside;

    @Option(names = "--terminal", hidden = true, description = "Standard output is a terminal.")
    private boolean terminal;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** Made by picocli. */
    public DemoCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        final PrintWriter out = spec.commandLine().getOut();
        try {
            if (inside) {
                return new Demo(out, terminal).inNamespace();
            }
            if (inProcess) {
                return new Demo(out, Terminal.isThere()).inProcess("as you asked");
            }
            try {
                Namespace.create().close();
            } catch (CommandException e) {
                return new Demo(out, Terminal.isThere()).inProcess("no network namespace here: " + e.getMessage());
            }
            return DemoProcess.run();
        } catch (IOException e) {
            throw new UserErrorException("the demo could not run: " + e.getMessage() + "; try --in-process", e);
        }
    }
}

package io.millrace.bench.tcp;

import io.millrace.bench.netns.ChildProcess;
import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import io.millrace.bench.netns.VethPair;
import io.millrace.bench.reference.CompiledC;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Linux's own TCP as the reference: from one network namespace to another over a veth pair without offloads, so that it
 * makes packets of the same size and the same checksums as we do, and both ends in one thread on one CPU. It is started
 * once and then measures whenever it is its turn.
 */
final class LinuxTcp implements AutoCloseable {
    private static final String PORT = "9";
    private static final String SENDER = "sender0";
    private static final String RECEIVER = "receiver0";
    private static final int STOP_SECONDS = 5;

    private final Namespace sender;
    private final Namespace receiver;
    private final Path folder;
    private final Process process;
    private final BufferedReader output;
    private final Writer input;

    private LinuxTcp(final Namespace sender, final Namespace receiver, final Path folder, final Process process) {
        this.sender = sender;
        this.receiver = receiver;
        this.folder = folder;
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
        this.input = process.outputWriter(StandardCharsets.UTF_8);
    }

    /**
     * Makes the namespaces and opens the connection.
     *
     * @param mtu of the pair, in bytes
     * @param family 4 or 6
     * @param cpu where both ends run
     * @throws IOException if there is no compiler, or the program fails
     * @throws CommandException if no namespace can be made here
     */
    static LinuxTcp start(final int mtu, final int family, final int cpu)
            throws IOException, CommandException, InterruptedException {
        final Namespace sender = Namespace.create();
        try {
            final Namespace receiver = sender.another();
            try {
                link(sender, receiver, mtu);
                return start(sender, receiver, family, cpu);
            } catch (IOException | CommandException | InterruptedException e) {
                receiver.close();
                throw e;
            }
        } catch (IOException | CommandException | InterruptedException e) {
            sender.close();
            throw e;
        }
    }

    private static void link(final Namespace sender, final Namespace receiver, final int mtu) throws CommandException {
        sender.run("ip", "link", "add", SENDER, "type", "veth", "peer", "name", RECEIVER);
        sender.run("ip", "link", "set", RECEIVER, "netns", Long.toString(receiver.pid()));
        VethPair.prepare(sender::run, SENDER, mtu);
        VethPair.prepare(receiver::run, RECEIVER, mtu);
        VethPair.configure(sender::run, SENDER, List.of("192.0.2.1/24", "2001:db8::1/64"));
        VethPair.configure(receiver::run, RECEIVER, List.of("192.0.2.2/24", "2001:db8::2/64"));
    }

    private static LinuxTcp start(final Namespace sender, final Namespace receiver, final int family, final int cpu)
            throws IOException, InterruptedException {
        final Path folder = Files.createTempDirectory("millrace-tcp");
        try {
            final Path program = CompiledC.program(LinuxTcp.class, "linux_tcp", folder);
            final Process process = sender.process(
                            program.toString(),
                            Integer.toString(cpu),
                            "/proc/" + receiver.pid() + "/ns/net",
                            family == 4 ? "192.0.2.2" : "2001:db8::2",
                            PORT)
                    .redirectErrorStream(true)
                    .start();
            final LinuxTcp linux = new LinuxTcp(sender, receiver, folder, process);
            final String first = linux.output.readLine();
            if (!"ready".equals(first)) {
                process.destroyForcibly();
                throw new IOException("the reference does not start: " + first);
            }
            return linux;
        } catch (IOException | InterruptedException e) {
            delete(folder);
            throw e;
        }
    }

    /** Transfers for so long; Gbit/s of payload in a second of CPU time. */
    double turn(final long nanos) throws IOException {
        input.write(nanos / 1_000 + "\n");
        input.flush();
        final String line = output.readLine();
        if (line == null || !line.matches("\\d+ \\d+")) {
            throw new IOException("the reference failed: " + line);
        }
        final String[] words = line.split(" ", -1);
        return 8.0 * Long.parseLong(words[0]) / Long.parseLong(words[1]);
    }

    /** Ends the program; the namespaces end with it. */
    @Override
    public void close() throws IOException {
        input.close();
        ChildProcess.end(process, STOP_SECONDS);
        receiver.close();
        sender.close();
        delete(folder);
    }

    private static void delete(final Path folder) throws IOException {
        for (final String name : List.of("linux_tcp.c", "linux_tcp")) {
            Files.deleteIfExists(folder.resolve(name));
        }
        Files.delete(folder);
    }
}

package io.millrace.bench.peer.calls;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import io.millrace.bench.peer.Namespaces;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Socket calls on Linux's own sockets, in a namespace whose only interface has the addresses of {@code AgentRig}. */
public final class LinuxCalls implements AutoCloseable {
    private final Namespace namespace = Namespaces.create();
    private final Path errors;
    private final Process python;
    private final Writer told;
    private final BufferedReader said;

    public LinuxCalls(Path folder) throws IOException, CommandException {
        errors = folder.resolve("err");
        final Path script = Files.writeString(folder.resolve("linux.py"), resource("linux.py"));
        namespace.run("ip", "link", "set", "lo", "up");
        namespace.run("ip", "link", "set", "lo", "mtu", "1600"); // as long as ours
        namespace.run("ip", "address", "add", "10.0.0.1/24", "dev", "lo");
        namespace.run("ip", "address", "add", "2001:db8::1/64", "dev", "lo", "nodad");
        namespace.run("sysctl", "-qw", "net.ipv4.ping_group_range=0 0");
        python = namespace
                .process("python3", "-u", script.toString())
                .redirectError(errors.toFile())
                .start();
        told = python.outputWriter();
        said = python.inputReader();
    }

    /** Runs a command where the sockets are. */
    public void run(String... command) throws CommandException {
        namespace.run(command);
    }

    /** The answer to a request of the agent's kind. */
    public String ask(String request) throws IOException {
        told.write(request + "\n");
        told.flush();
        final String answer = said.readLine();
        assertTrue(answer != null, () -> "Python failed at " + request + ": " + text(errors));
        return answer;
    }

    /** Lines of a file beside the script that are neither empty nor comments. */
    public static List<String> lines(String name) throws IOException {
        return resource(name)
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("# "))
                .toList();
    }

    private static String resource(String name) throws IOException {
        try (InputStream in =
                LinuxCalls.class.getResourceAsStream("/peer/" + (name.contains("/") ? "" : "calls/") + name)) {
            assertTrue(in != null, name);
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() {
        python.destroyForcibly();
        namespace.close();
    }
}

package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.bench.agent.AgentRig;
import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import io.millrace.testkit.PoolWatch;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same socket calls, one after the other, on Linux's sockets and on ours: the answers, return values, errors and bytes
 * of options, are the same, but for the differences that {@code calls.txt} names.
 */
@Tag("peers")
@Timeout(60)
final class SocketCallsPeerTest {
    /** Behind it stands what we answer instead, and why. */
    private static final String DIFFERENCE = "#!";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @Test
    void shouldAnswerAsLinuxDoesWhenCallsAreMade(@TempDir Path folder) throws Exception {
        final Path script = folder.resolve("linux.py");
        Files.writeString(script, resource("linux.py"));
        final List<String> wrong = new ArrayList<>();
        int calls = 0;
        try (Namespace namespace = namespace();
                AgentRig ours = new AgentRig(pools)) {
            namespace.run("ip", "link", "set", "lo", "up");
            namespace.run("ip", "link", "set", "lo", "mtu", "1600"); // as long as ours
            namespace.run("ip", "address", "add", "10.0.0.1/24", "dev", "lo");
            namespace.run("ip", "address", "add", "2001:db8::1/64", "dev", "lo", "nodad");
            namespace.run("sysctl", "-qw", "net.ipv4.ping_group_range=0 0");
            final Process python = namespace
                    .process("python3", "-u", script.toString())
                    .redirectError(folder.resolve("err").toFile())
                    .start();
            try (Writer told = python.outputWriter();
                    BufferedReader said = python.inputReader()) {
                for (final String line : resource("calls.txt").lines().toList()) {
                    if (line.isBlank() || line.startsWith("# ")) {
                        continue;
                    }
                    final int mark = line.indexOf(DIFFERENCE);
                    final String request = (mark < 0 ? line : line.substring(0, mark)).strip();
                    told.write(request + "\n");
                    told.flush();
                    final String linux = said.readLine();
                    assertTrue(linux != null, () -> "Python failed: " + text(folder.resolve("err")));
                    compare(request, linux, ours.ask(request), mark < 0 ? "" : line.substring(mark + 2), wrong);
                    calls++;
                }
            } finally {
                python.destroyForcibly();
            }
        }
        assertEquals(List.of(), wrong, "of " + calls + " calls");
    }

    private static void compare(String request, String linux, String ours, String difference, List<String> wrong) {
        final String named = difference.strip();
        if (named.isEmpty() ? !ours.equals(linux) : !named.startsWith(ours + " ")) {
            wrong.add(request + ": Linux " + linux + ", we " + ours + (named.isEmpty() ? "" : ", meant: " + named));
        } else if (!named.isEmpty() && ours.equals(linux)) {
            wrong.add(request + ": the difference that is named is none: " + named);
        }
    }

    private static Namespace namespace() throws IOException {
        try {
            return Namespace.create();
        } catch (CommandException e) {
            assumeTrue(false, "no network namespace can be made here: " + e.getMessage());
            throw new IOException(e);
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = SocketCallsPeerTest.class.getResourceAsStream("/peer/calls/" + name)) {
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
}

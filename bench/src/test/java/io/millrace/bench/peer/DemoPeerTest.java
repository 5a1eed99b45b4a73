package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.bench.cli.Main;
import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import io.millrace.testkit.Await;
import io.millrace.testkit.PacketCapture;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The demo without DPDK, and ended early: then the machine is as it was. The demo's namespace has no name and lives as
 * long as its processes.
 */
@Tag("peers")
@Timeout(600)
final class DemoPeerTest {
    @TempDir
    private Path folder;

    @BeforeAll
    static void needNamespaces() throws CommandException {
        Namespaces.create().close();
    }

    @Test
    void shouldUseATapInterfaceWhenDpdkCannotBeLoaded() throws Exception {
        final Path wrong = Files.createDirectory(folder.resolve("wrong"));
        Files.writeString(wrong.resolve("librte_eal.so.23"), "not a library");
        final ProcessBuilder demo = demo();
        demo.environment().put("LD_LIBRARY_PATH", wrong.toString());
        final String said = succeed(demo);
        assertTrue(said.contains("no DPDK: "), said);
        assertTrue(said.contains("driver=tap"), said);
    }

    @Test
    void shouldSendNothingThatIsWrongWhenDpdkIsThere() throws Exception {
        final String said = succeed(demo());
        assumeTrue(!said.contains("no DPDK: "), said);
        assertTrue(said.contains("driver=net_af_packet"), said);
    }

    private static ProcessBuilder demo() {
        return new ProcessBuilder(JavaCommand.of(Main.class, List.of("demo"))).redirectErrorStream(true);
    }

    /** Runs it with tshark as the judge of what the server sends, and gives what it said. */
    private String succeed(ProcessBuilder builder) throws Exception {
        final Process demo = builder.start();
        final StringBuilder said = new StringBuilder();
        // Its interfaces come and go, so all are watched, from before there are any.
        final List<ProcessHandle> inner = new ArrayList<>();
        Await.until("the demo's namespace", () -> {
            assertTrue(demo.isAlive(), () -> demo.inputReader().lines().collect(Collectors.joining("\n")));
            inner(demo).ifPresent(inner::add);
            return !inner.isEmpty();
        });
        try (BufferedReader out = demo.inputReader();
                PacketCapture capture = PacketCapture.start(
                        command -> inside(inner.getFirst(), command), "any", folder.resolve("all.pcap"))) {
            final String mac = Pattern.compile(" mac=(\\S+)")
                    .matcher(until(out, "driver=", said))
                    .results()
                    .findFirst()
                    .orElseThrow()
                    .group(1);
            until(out, null, said);
            assertEquals(0, demo.waitFor(), said::toString);
            capture.assertSoundInEveryProtocol(mac);
        }
        assertTrue(said.toString().contains(" 0 outstanding"), said::toString);
        return said.toString();
    }

    /** Reads up to and with the line that contains {@code words}, or all; gives that line. */
    private static String until(BufferedReader out, @Nullable String words, StringBuilder said) throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            said.append(line).append('\n');
            if (words != null && line.contains(words)) {
                return line;
            }
        }
        return "";
    }

    /** The words that run a command in the namespace of a process. */
    private static List<String> inside(ProcessHandle process, List<String> command) {
        return Namespace.enter(process.pid(), !Namespace.isRoot(), command);
    }

    /**
     * The demo in its namespace, once it is seen there: a child of the one outside, which has made and left another one to
     * see that it can. While it becomes a JVM it has no command line for a moment, and is not seen.
     */
    private static Optional<ProcessHandle> inner(Process demo) {
        return demo.children().filter(DemoPeerTest::isInside).findFirst();
    }

    private static boolean isInside(ProcessHandle process) {
        final Path folder = Path.of("/proc", Long.toString(process.pid()));
        try {
            return Files.readString(folder.resolve("cmdline")).contains("--inside")
                    && !Files.readSymbolicLink(folder.resolve("ns/net"))
                            .equals(Files.readSymbolicLink(Path.of("/proc/self/ns/net")));
        } catch (IOException e) {
            return false; // not any more
        }
    }

    @ParameterizedTest
    @CsvSource({"INT, 130, ' ... ping'", "TERM, 143, ' ... HTTP download'", "INT, 130, ' ... a file'"})
    void shouldLeaveNothingBehindWhenASignalEndsIt(String signal, int code, String when) throws Exception {
        // A shell that runs tests in the background has them ignore SIGINT.
        final List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT,TERM"));
        command.addAll(JavaCommand.of(Main.class, List.of("demo")));
        command.add(command.indexOf("-cp"), "-Djava.io.tmpdir=" + folder);
        final Process demo =
                new ProcessBuilder(command).redirectErrorStream(true).start();
        final StringBuilder said = new StringBuilder();
        final List<ProcessHandle> family;
        try (BufferedReader out = demo.inputReader()) {
            until(out, when, said);
            family = demo.descendants().toList();
            Namespace.runHere("kill", "-" + signal, Long.toString(demo.pid()));
            until(out, null, said);
        }
        assertTrue(demo.waitFor(Await.SECONDS, TimeUnit.SECONDS), said::toString);
        assertEquals(code, demo.exitValue(), said::toString);
        // They end with it, which takes the system a moment.
        for (final ProcessHandle process : family) {
            process.onExit().get(Await.SECONDS, TimeUnit.SECONDS);
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(), left.toList(), "temporary files");
        }
    }
}

package io.millrace.bench.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.cli.Main;
import io.millrace.bench.cli.UserErrorException;
import io.millrace.testkit.PoolWatch;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Unix socket that requests come over. */
@Timeout(30)
class AgentListenerTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static AgentListener listen(AgentRig rig, Path path) {
        return AgentListener.start(path, ControlPath.listen(path), rig.agent);
    }

    @Test
    void shouldAnswerEachConnectionOnceWhileAnotherWaits() throws Exception {
        final Path path = folder.resolve("agent.sock");
        try (AgentRig rig = new AgentRig(pools)) {
            final AgentListener listener = listen(rig, path);
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
            assertEquals("3 0\n", AgentClient.ask(path, "socket 2 1 0\n"));
            assertEquals("0 0\n", AgentClient.ask(path, "bind 3 10.0.0.1 80\n"));
            assertEquals("0 0\n", AgentClient.ask(path, "listen 3 10\n"));
            final FutureTask<String> accept = new FutureTask<>(() -> AgentClient.ask(path, "accept 3\n"));
            Thread.startVirtualThread(accept);
            assertEquals("4 0\n", AgentClient.ask(path, "socket 2 1 0\nsocket 2 1 0\n"));
            assertFalse(accept.isDone());
            assertEquals(
                    "0 0\n", AgentClient.ask(path, "connect 4 10.0.0.1 80")); // the end of what is sent ends it, too
            assertTrue(accept.get().startsWith("5 0 10.0.0.1 "));
            assertEquals("-1 38\n", AgentClient.ask(path, "\n"));
            assertEquals("-1 22\n", AgentClient.ask(path, "x".repeat(10_000) + "\n"));
            listener.close();
            assertFalse(Files.exists(path));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/tmp/agent.sock, write unix:PATH",
        "tcp:9, write unix:PATH",
        "unix:, write unix:PATH",
    })
    void shouldSayHowToNameASocketWhenTheCommandIsToldAnother(String control, String part) {
        final StringWriter err = new StringWriter();
        final int code = Main.run(
                new PrintWriter(new StringWriter(), true),
                new PrintWriter(err, true),
                "agent",
                "--port",
                "tap:mr0",
                "--address",
                "10.0.0.2/24",
                "--control",
                control);
        assertEquals(2, code);
        assertEquals(1, err.toString().lines().count(), err::toString);
        assertTrue(err.toString().contains("--control: "), err::toString);
        assertTrue(err.toString().contains(part), err::toString);
    }

    @Test
    void shouldReplaceASocketOnlyWhenNobodyAnswersOnIt() throws IOException {
        final Path path = folder.resolve("agent.sock");
        try (ServerSocketChannel first = ControlPath.listen(path)) {
            assertTrue(first.isOpen());
            final UserErrorException e = assertThrows(UserErrorException.class, () -> ControlPath.listen(path));
            assertTrue(e.lines().getFirst().contains("somebody listens on"), e::getMessage);
        }
        assertTrue(Files.exists(path));
        ControlPath.listen(path).close();
    }

    @Test
    void shouldLeaveOtherFilesAlone() throws IOException {
        final Path file = Files.writeString(folder.resolve("notes"), "mine");
        final UserErrorException e = assertThrows(UserErrorException.class, () -> ControlPath.listen(file));
        assertTrue(e.lines().getFirst().contains("is no socket"), e::getMessage);
        assertEquals("mine", Files.readString(file));
        assertThrows(UserErrorException.class, () -> ControlPath.listen(folder));
        assertThrows(
                UserErrorException.class,
                () -> ControlPath.listen(folder.resolve("missing").resolve("a.sock")));
        assertThrows(UserErrorException.class, () -> ControlPath.parse("unix:" + "x".repeat(108)));
        assertEquals(Path.of("/run/a.sock"), ControlPath.parse("unix:/run/a.sock"));
    }
}

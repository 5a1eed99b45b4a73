package io.millrace.bench.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.cli.Main;
import io.millrace.bench.command.UserErrorException;
import io.millrace.testkit.Await;
import io.millrace.testkit.PoolWatch;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Unix socket that requests come over. */
@Timeout(300)
class AgentListenerTest {
    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static AgentListener listen(AgentRig rig, Path path) throws IOException {
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
            assertEquals("-1 38\n", AgentClient.ask(path, "x".repeat(100_000) + "\n"));
            listener.close();
            assertFalse(Files.exists(path));
        }
    }

    @Test
    void shouldServeAThousandCallsThatWaitAtOnce() throws Exception {
        final Path path = folder.resolve("agent.sock");
        try (AgentRig rig = new AgentRig(pools);
                AgentListener listener = listen(rig, path)) {
            assertEquals("3 0\n", AgentClient.ask(path, "socket 2 1 0\n"));
            assertEquals("0 0\n", AgentClient.ask(path, "bind 3 10.0.0.1 80\n"));
            assertEquals("0 0\n", AgentClient.ask(path, "listen 3 10\n"));
            final List<FutureTask<String>> calls = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                final String request = i % 2 == 0 ? "poll 3 1 -1\n" : "accept 3\n";
                final FutureTask<String> call = new FutureTask<>(() -> AgentClient.ask(path, request));
                calls.add(call);
                Thread.startVirtualThread(call);
            }
            awaitCalls(listener, calls.size());
            assertEquals("4 0\n", AgentClient.ask(path, "socket 2 1 0\n"));
            assertEquals("0 0\n", AgentClient.ask(path, "connect 4 10.0.0.1 80\n"));
            assertEquals("0 0\n", AgentClient.ask(path, "reset\n"));
            int accepted = 0;
            for (int i = 0; i < calls.size(); i++) {
                final String answer = calls.get(i).get();
                accepted += answer.startsWith("5 0 10.0.0.1 ") ? 1 : 0;
                assertTrue(
                        i % 2 == 0 ? answer.startsWith("1 0 ") : answer.matches("(-1 9|5 0 10\\.0\\.0\\.1 \\d+)\n"),
                        answer);
            }
            assertTrue(accepted <= 1, "calls that got the one connection: " + accepted);
            // Not before all have ended: one whose thread was late would take this for the socket that it means.
            assertEquals("3 0\n", AgentClient.ask(path, "socket 2 1 0\n"));
        }
    }

    @Test
    void shouldGoOnWhenClientsLeaveOrSendWhatIsNoText() throws Exception {
        final Path path = folder.resolve("agent.sock");
        try (AgentRig rig = new AgentRig(pools);
                AgentListener _ = listen(rig, path)) {
            assertEquals("3 0\n", AgentClient.ask(path, "socket 2 1 0\n"));
            assertEquals("0 0\n", AgentClient.ask(path, "listen 3 10\n"));
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                client.write(ByteBuffer.wrap("accept 3\n".getBytes(StandardCharsets.US_ASCII)));
            } // nobody waits for the answer
            final byte[] noise = new byte[5_000];
            new Random(1).nextBytes(noise);
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                client.write(ByteBuffer.wrap(noise));
                client.shutdownOutput();
                final String answer =
                        new String(Channels.newInputStream(client).readAllBytes(), StandardCharsets.US_ASCII);
                assertTrue(answer.equals("-1 38\n") || answer.equals("-1 22\n"), "'" + answer + "'");
            }
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                client.shutdownInput(); // left without a request
            }
            final String endless = "x".repeat(1 << 20);
            assertEquals("-1 38\n", AgentClient.ask(path, endless + "\n"));
            assertEquals("-1 22\n", AgentClient.ask(path, "reset " + endless + "\n"));
            assertEquals("0 0 0\n", AgentClient.ask(path, "poll 3 1 0\n"));
            assertEquals("0 0\n", AgentClient.ask(path, "reset\n"));
            assertEquals("3 0\n", AgentClient.ask(path, "socket 2 1 0\n"));
        }
    }

    @Test
    void shouldEndACallWhenItsClientLeavesAndNotWhenThatOnlySendsNoMore() throws Exception {
        final Path path = folder.resolve("agent.sock");
        try (AgentRig rig = new AgentRig(pools);
                AgentListener listener = listen(rig, path)) {
            assertEquals("3 0\n", AgentClient.ask(path, "socket 2 2 0\n"));
            assertEquals("0 0\n", AgentClient.ask(path, "bind 3 10.0.0.1 80\n"));
            final FutureTask<String> other = new FutureTask<>(() -> AgentClient.ask(path, "recv 3 9 0\n"));
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                client.write(ByteBuffer.wrap("recv 3 9 0\n".getBytes(StandardCharsets.US_ASCII)));
                awaitCalls(listener, 1);
                Thread.startVirtualThread(other); // it shuts down its side behind the request
                awaitCalls(listener, 2);
            }
            awaitCalls(listener, 1);
            assertEquals("4 0\n", AgentClient.ask(path, "socket 2 2 0\n"));
            assertEquals("5 0\n", AgentClient.ask(path, "sendto 4 5 0 10.0.0.1 80\n"));
            assertEquals("5 0\n", other.get());
        }
    }

    @Test
    void shouldStillEndACallWhenItsClientLeavesAfterManyThatTookNoTime() throws Exception {
        final Path path = folder.resolve("agent.sock");
        try (AgentRig rig = new AgentRig(pools);
                AgentListener listener = listen(rig, path)) {
            final List<FutureTask<Integer>> callers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                final FutureTask<Integer> caller = new FutureTask<>(() -> {
                    int answers = 0;
                    for (int calls = 0; calls < 500; calls++) {
                        answers += AgentClient.ask(path, "poll -1 0 0\n").equals("0 0 0\n") ? 1 : 0;
                    }
                    return answers;
                });
                callers.add(caller);
                Thread.ofPlatform().start(caller);
            }
            for (final FutureTask<Integer> caller : callers) {
                assertEquals(500, caller.get());
            }
            awaitCalls(listener, 0);
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                client.write(ByteBuffer.wrap("poll -1 0 -1\n".getBytes(StandardCharsets.US_ASCII)));
                awaitCalls(listener, 1);
            }
            awaitCalls(listener, 0);
        }
    }

    /** Waits until so many calls are under way. */
    private static void awaitCalls(AgentListener listener, int count) throws Exception {
        Await.until(count + " calls", () -> listener.calls() == count);
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

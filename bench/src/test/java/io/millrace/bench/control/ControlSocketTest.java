package io.millrace.bench.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import io.millrace.bench.command.UserErrorException;
import io.millrace.dataplane.linux.FolderLock;
import io.millrace.testkit.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
final class ControlSocketTest {
    @TempDir
    private Path temporary;

    private RuntimeFolder folder = RuntimeFolder.of(name -> null, false, 0);

    @BeforeEach
    void folderOfOurOwn() {
        final String path = temporary.resolve("run").toString();
        folder = RuntimeFolder.of(name -> "MILLRACE_RUNTIME_DIR".equals(name) ? path : null, true, 0);
    }

    /** Answers with what it was asked. */
    private ControlSocket open(String instance) throws IOException {
        return ControlSocket.open(folder, instance, request -> {
            if (request.action().equals("fail")) {
                throw new ControlException("it is broken; mend it");
            }
            if (request.action().equals("crash")) {
                throw new IllegalStateException("bug");
            }
            return new Gson().toJsonTree(List.of(request));
        });
    }

    /** Leaves a socket as a server does that was killed. */
    private void leaveDead(String instance) throws IOException {
        try (FolderLock _ = folder.lock();
                ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(folder.socket(instance)));
        }
    }

    private List<ControlRequest> ask(String instance, ControlRequest request) {
        return ControlClient.ask(folder, instance, request, ControlRequest.class);
    }

    @Test
    void shouldCarryRequestAndRowsWhenAskedSeveralTimes() throws IOException {
        final ControlRequest request = new ControlRequest("neigh", "add", Map.of("address", "fe80::1\n\"ä"));
        try (ControlSocket _ = open("a")) {
            assertEquals(List.of(request), ask("a", request));
            assertEquals(List.of(request), ask("a", request));
        }
    }

    @Test
    void shouldLetOnlyItsUserInAndLeaveNothingBehind() throws IOException {
        try (ControlSocket _ = open("a")) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.socket("a"))));
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.path())));
            assertEquals(List.of("a"), folder.running());
        }
        assertFalse(Files.exists(folder.path()), "socket and folder are gone");
    }

    @Test
    void shouldRefuseAFolderThatIsOpenToOthers() throws IOException {
        Files.createDirectory(folder.path());
        Files.setPosixFilePermissions(folder.path(), PosixFilePermissions.fromString("rwxrwxrwx"));
        final var failure = assertThrows(IOException.class, () -> open("a"));
        assertTrue(String.valueOf(failure.getMessage()).contains("open to others"), failure::getMessage);
    }

    @Test
    void shouldRefuseAFolderThatIsALink() throws IOException {
        Files.createSymbolicLink(folder.path(), Files.createDirectory(temporary.resolve("elsewhere")));
        assertThrows(IOException.class, () -> open("a"));
    }

    @Test
    void shouldReplaceTheSocketOfAServerThatDied() throws IOException {
        leaveDead("a");
        assertTrue(Files.exists(folder.socket("a")), "a closed socket's file stays");
        try (ControlSocket _ = open("a")) {
            assertEquals(1, ask("a", ControlClient.request("ss", "show")).size());
        }
    }

    @Test
    void shouldForgetServersThatDiedWhenListingThem() throws IOException {
        leaveDead("dead");
        try (ControlSocket _ = open("alive")) {
            assertEquals(List.of("alive"), folder.running());
            assertFalse(Files.exists(folder.socket("dead")));
        }
    }

    @Test
    void shouldSayThatThereAreTooManyClients() throws Exception {
        try (ControlSocket _ = open("one")) {
            final List<SocketChannel> others = new ArrayList<>();
            try {
                final UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.socket("one"));
                for (int i = 0; i < ControlSocket.MAX_CLIENTS; i++) {
                    others.add(SocketChannel.open(address));
                }
                final UserErrorException e =
                        assertThrows(UserErrorException.class, () -> ask("one", ControlClient.request("a", "b")));
                assertTrue(String.valueOf(e.getMessage()).contains("16 others"), e::getMessage);
            } finally {
                for (final SocketChannel other : others) {
                    other.close();
                }
            }
        }
    }

    @Test
    void shouldServeOneMoreWhenAnotherHasGone() throws IOException {
        try (ControlSocket _ = open("one")) {
            final List<SocketChannel> others = new ArrayList<>();
            final UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.socket("one"));
            for (int i = 0; i < ControlSocket.MAX_CLIENTS; i++) {
                others.add(SocketChannel.open(address));
            }
            try (SocketChannel more = SocketChannel.open(address)) {
                more.write(
                        StandardCharsets.UTF_8.encode(new Gson().toJson(ControlClient.request("ss", "show")) + "\n"));
                others.removeLast().close();
                final String answer = new BufferedReader(Channels.newReader(more, StandardCharsets.UTF_8)).readLine();
                assertTrue(String.valueOf(answer).contains("rows"), answer);
            } finally {
                for (final SocketChannel other : others) {
                    other.close();
                }
            }
        }
    }

    @Test
    void shouldRefuseTheNameOfARunningServer() throws IOException {
        try (ControlSocket _ = open("a")) {
            final var failure = assertThrows(UserErrorException.class, () -> open("a"));
            assertTrue(String.valueOf(failure.getMessage()).contains("choose another name"), failure::getMessage);
            assertEquals(1, ask("a", ControlClient.request("ss", "show")).size(), "the first goes on");
        }
    }

    @Test
    void shouldNameTheRunningServersWhenAskedForAnother() throws IOException {
        try (ControlSocket _ = open("a");
                ControlSocket _ = open("b")) {
            final var failure =
                    assertThrows(UserErrorException.class, () -> ask("c", ControlClient.request("ss", "show")));
            assertEquals("no server named c answers; running: a, b", failure.getMessage());
        }
    }

    @Test
    void shouldTellTheClientWhatIsWrongAndGoOn() throws IOException {
        try (ControlSocket _ = open("a")) {
            final var refused =
                    assertThrows(UserErrorException.class, () -> ask("a", ControlClient.request("ss", "fail")));
            assertEquals("it is broken; mend it", refused.getMessage());
            final var crashed =
                    assertThrows(UserErrorException.class, () -> ask("a", ControlClient.request("ss", "crash")));
            assertTrue(String.valueOf(crashed.getMessage()).contains("bug"), crashed::getMessage);
            assertEquals(1, ask("a", ControlClient.request("ss", "show")).size());
        }
    }

    @Test
    void shouldAnswerWithAnErrorWhenALineIsNoRequest() throws IOException {
        try (ControlSocket _ = open("a")) {
            for (final String line : List.of("", "null", "{}", "[1]", "{\"object\":1", "\u0000", "{\"object\":{}}")) {
                final String reply = raw(line + "\n");
                assertTrue(reply.startsWith("{\"error\":"), line + " -> " + reply);
            }
        }
    }

    @Test
    void shouldHangUpWhenALineNeverEnds() throws IOException {
        try (ControlSocket _ = open("a")) {
            assertEquals("", raw("x".repeat(ControlSocket.MAX_REQUEST + 1)));
            assertEquals(1, ask("a", ControlClient.request("ss", "show")).size(), "others are served");
        }
    }

    @Test
    void shouldRefuseNamesThatLeaveTheFolder() {
        for (final String name : List.of("", "..", "a/b", ".hidden", "a b", "x".repeat(64))) {
            assertThrows(UserErrorException.class, () -> folder.socket(name), name);
        }
    }

    private String raw(String text) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(folder.socket("a")));
                Writer out = Channels.newWriter(channel, StandardCharsets.UTF_8);
                BufferedReader in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
            out.write(text);
            out.flush();
            final String line = in.readLine();
            return line == null ? "" : line;
        }
    }

    /** It may be about ports, which are closed next. */
    @Test
    void shouldEndWhatIsUnderWayWhenItIsClosed() throws Exception {
        final CountDownLatch begun = new CountDownLatch(1);
        final AtomicBoolean ended = new AtomicBoolean();
        final FutureTask<Boolean> client;
        try (ControlSocket _ = ControlSocket.open(folder, "a", request -> {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
                throw new AssertionError();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ControlException("the server ends");
            } finally {
                ended.set(true);
            }
        })) {
            client = new FutureTask<>(() ->
                    assertThrows(UserErrorException.class, () -> ask("a", ControlClient.request("port", "rate")))
                            != null);
            Thread.startVirtualThread(client);
            begun.await();
        }
        assertTrue(ended.get());
        assertTrue(client.get(Await.SECONDS, TimeUnit.SECONDS));
    }

    /** Who lists servers takes away the files of dead ones, and a socket that does not listen yet looks dead. */
    @Test
    void shouldNotBeTakenForDeadWhileItIsBorn() throws Exception {
        openWhileOthersLook(i -> "a" + i);
    }

    /** Two commands may look at the same time, and a new server start in the place of the dead one between. */
    @Test
    void shouldLeaveWhatHasTakenThePlaceOfADeadServer() throws Exception {
        leaveDead("a");
        try (ControlSocket _ = open("a")) {
            assertFalse(folder.removeIfDead(folder.socket("a")));
            assertEquals(List.of("a"), folder.running());
        }
    }

    @Test
    void shouldNotTakeAwayASocketThatTookThePlaceOfADeadOne() throws Exception {
        openWhileOthersLook(i -> {
            final String name = "a" + i % 2;
            leaveDead(name);
            return name;
        });
    }

    /** Opens many sockets, while somebody lists servers, and sees each still there. */
    private void openWhileOthersLook(Names names) throws Exception {
        final AtomicBoolean over = new AtomicBoolean();
        final FutureTask<Integer> looking = new FutureTask<>(() -> {
            int looks = 0;
            for (; !over.get(); looks++) {
                folder.running();
            }
            return looks;
        });
        try (ControlSocket _ = open("first")) {
            Thread.ofPlatform().daemon().start(looking);
            for (int i = 0; i < 1_000; i++) {
                final String name = names.next(i);
                try (ControlSocket _ = open(name)) {
                    assertTrue(Files.exists(folder.socket(name)), "taken away");
                }
            }
            over.set(true);
            assertTrue(looking.get(Await.SECONDS, TimeUnit.SECONDS) > 0);
        } finally {
            over.set(true);
        }
    }

    @FunctionalInterface
    private interface Names {
        String next(int index) throws IOException;
    }

    @Test
    void shouldLetOneServerHaveANameWhenTwoStartAtOnce() throws Exception {
        for (int i = 0; i < 200; i++) {
            leaveDead("a");
            final CyclicBarrier start = new CyclicBarrier(2);
            final FutureTask<@Nullable ControlSocket> other = new FutureTask<>(() -> openUnlessTaken(start));
            Thread.ofPlatform().daemon().start(other);
            final ControlSocket mine = openUnlessTaken(start);
            final ControlSocket its = other.get(Await.SECONDS, TimeUnit.SECONDS);
            try (mine;
                    its) {
                assertTrue(mine == null ^ its == null, "one has the name");
            }
        }
    }

    private @Nullable ControlSocket openUnlessTaken(CyclicBarrier start) throws Exception {
        start.await(Await.SECONDS, TimeUnit.SECONDS);
        try {
            return open("a");
        } catch (UserErrorException e) {
            return null;
        }
    }

    /** It may be stopped in a debugger, and its queue of clients full. */
    @Test
    void shouldNotWaitForAServerThatTakesNoClients() throws Exception {
        try (FolderLock _ = folder.lock();
                ServerSocketChannel stuck = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            stuck.bind(UnixDomainSocketAddress.of(folder.socket("stuck")), 1);
            final List<SocketChannel> clients = new ArrayList<>();
            try {
                assertThrows(SocketException.class, () -> {
                    while (true) { // there is no more room
                        final SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
                        clients.add(client);
                        client.configureBlocking(false);
                        client.connect(UnixDomainSocketAddress.of(folder.socket("stuck")));
                    }
                });
                assertEquals(List.of("stuck"), folder.running());
            } finally {
                for (final SocketChannel client : clients) {
                    client.close();
                }
            }
        }
    }
}

package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.Namespace;
import io.millrace.bench.netns.VethPair;
import io.millrace.testkit.Await;
import io.millrace.testkit.PacketCapture;
import io.millrace.testkit.Said;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code millrace nc} with Linux's sockets at the other end. */
@Tag("peers")
@Timeout(600)
final class NcPeerTest {
    private static final int LENGTH = 1_000_000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Namespace namespace;

    @SuppressWarnings("NullAway.Init")
    private PacketCapture capture;

    @BeforeEach
    void start() throws Exception {
        namespace = Namespaces.create();
        new VethPair("mr0", "peer0", List.of("10.94.0.1/24", "fd94::1/64"), 1500).create(namespace::run);
        capture = PacketCapture.startReceived(namespace::enter, "peer0", folder.resolve("all.pcap"));
    }

    @AfterEach
    void stop() throws Exception {
        try {
            if (capture != null) {
                capture.assertAllSound();
            }
        } finally {
            if (capture != null) {
                capture.close();
            }
            if (namespace != null) {
                namespace.close();
            }
        }
    }

    private Process nc(String... arguments) throws IOException {
        final List<String> all = new ArrayList<>(List.of(
                "nc", "--port", "net_af_packet0,iface=mr0", "--address", "10.94.0.2/24,fd94::2/64", "-v", "-N"));
        all.addAll(List.of(arguments));
        return CommandRun.start(
                namespace,
                folder,
                List.of(),
                Map.of(),
                folder.resolve("out"),
                folder.resolve("err"),
                all.toArray(new String[0]));
    }

    private void assertEnds(int code, Process process) throws IOException, InterruptedException {
        assertTrue(process.waitFor(Await.SECONDS, TimeUnit.SECONDS), "still running");
        assertEquals(code, process.exitValue(), Files.readString(folder.resolve("err")));
    }

    private Process python(String script) throws IOException {
        return namespace.process("python3", "-u", "-c", script).start();
    }

    @Test
    void shouldSendStandardInputToALinuxListenerAndPrintWhatComesBack() throws Exception {
        final Process linux = python("""
            import socket
            s = socket.create_server(("fd94::1", 4000), family=socket.AF_INET6)
            print("listening")
            c, a = s.accept()
            n = 0
            while True:
                d = c.recv(65536)
                if not d: break
                n += len(d)
            c.sendall(b"got %d from %s" % (n, a[0].encode()))
            c.close()
            """);
        try (BufferedReader said = linux.inputReader()) {
            Said.assertNext("listening", said, linux);
            final Process ours = nc("-6", "fd94::1", "4000");
            try (OutputStream in = ours.getOutputStream()) {
                in.write(new byte[LENGTH]);
            }
            assertEnds(0, ours);
            assertEquals("got " + LENGTH + " from fd94::2", Files.readString(folder.resolve("out")));
            assertTrue(Files.readString(folder.resolve("err"))
                    .contains("Connection to fd94::1 4000 port [tcp/*] succeeded!"));
        } finally {
            linux.destroyForcibly();
        }
    }

    @Test
    void shouldPrintWhatALinuxClientSendsWhenItListens() throws Exception {
        final Process ours = nc("-l", "4001");
        ours.getOutputStream().close();
        Await.until("it listens", () -> {
            assertTrue(ours.isAlive(), Files.readString(folder.resolve("err")));
            return Files.readString(folder.resolve("err")).contains("Listening on");
        });
        final Process linux = python("""
            import socket
            c = socket.create_connection(("10.94.0.2", 4001))
            c.sendall(b"x" * %d)
            c.shutdown(socket.SHUT_WR)
            print(len(c.recv(1)))
            """.formatted(LENGTH));
        try (BufferedReader said = linux.inputReader()) {
            Said.assertNext("0", said, linux);
            assertEnds(0, ours);
            assertEquals(LENGTH, Files.size(folder.resolve("out")));
        } finally {
            linux.destroyForcibly();
        }
    }

    @Test
    void shouldFailWhenLinuxRefuses() throws Exception {
        final Process ours = nc("-z", "-w", "100", "10.94.0.1", "9");
        ours.getOutputStream().close();
        assertEnds(1, ours);
        assertTrue(Files.readString(folder.resolve("err")).contains("failed: connection refused"));
    }

    @Test
    void shouldSayThatNobodyHasTheAddressRatherThanGoOnAsking() throws Exception {
        final Process ours = nc("-z", "10.94.0.77", "9");
        ours.getOutputStream().close();
        assertEnds(1, ours);
        final String told = Files.readString(folder.resolve("err"));
        assertTrue(told.contains("no route to host"), told);
    }
}

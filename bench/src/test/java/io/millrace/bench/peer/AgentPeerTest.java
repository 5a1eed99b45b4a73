package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.agent.AgentClient;
import io.millrace.bench.netns.Namespace;
import io.millrace.bench.netns.VethPair;
import io.millrace.testkit.Await;
import io.millrace.testkit.PacketCapture;
import java.io.BufferedReader;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code millrace agent} against Linux's sockets on the other side of a veth pair. */
@Tag("peers")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
final class AgentPeerTest {

    /** Runs one statement after the other, each a line on standard input, in a Python that has its sockets at hand. */
    private static final String PYTHON = """
        import socket, sys
        for line in sys.stdin:
            exec(line)
            print("done", flush=True)
        """;

    @SuppressWarnings("NullAway.Init")
    private Namespace namespace;

    @SuppressWarnings("NullAway.Init")
    private Process agent;

    @SuppressWarnings("NullAway.Init")
    private PacketCapture capture;

    @SuppressWarnings("NullAway.Init")
    private Process python;

    @SuppressWarnings("NullAway.Init")
    private BufferedReader said;

    @SuppressWarnings("NullAway.Init")
    private Writer told;

    @SuppressWarnings("NullAway.Init")
    private Path socket;

    @SuppressWarnings("NullAway.Init")
    private Path out;

    @SuppressWarnings("NullAway.Init")
    private Path err;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        namespace = Namespaces.create();
        new VethPair("mr0", "peer0", List.of("10.93.0.1/24", "fd93::1/64"), 1500).create(namespace::run);
        capture = PacketCapture.startReceived(namespace::enter, "peer0", folder.resolve("all.pcap"));
        socket = folder.resolve("agent.sock");
        out = folder.resolve("out");
        err = folder.resolve("err");
        agent = CommandRun.start(
                namespace,
                folder,
                List.of(),
                Map.of(),
                out,
                err,
                "agent",
                "--port",
                "net_af_packet0,iface=mr0",
                "--address",
                "10.93.0.2/24,fd93::2/64",
                "--control",
                "unix:" + socket);
        Await.until("the agent is ready", () -> {
            assertTrue(agent.isAlive(), Files.readString(err));
            return Files.readString(out).startsWith("ready ");
        });
        python = namespace.process("python3", "-u", "-c", PYTHON).start();
        said = python.inputReader();
        told = python.outputWriter();
    }

    @AfterAll
    void stop() throws Exception {
        try {
            if (python != null) {
                python.destroyForcibly();
            }
            if (agent != null) {
                agent.toHandle().destroy();
                assertTrue(agent.waitFor(Await.SECONDS, TimeUnit.SECONDS), "the agent does not end");
                final CommandRun run = CommandRun.read(agent.exitValue(), out, err);
                assertEquals(0, run.code(), run::toString);
                assertTrue(run.out().contains("buffers outstanding: 0"), run::toString);
                assertFalse(Files.exists(socket), "the socket is left behind");
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

    @BeforeEach
    void reset() throws Exception {
        expect("0 0", "reset");
    }

    private String ask(String request) throws Exception {
        return AgentClient.ask(socket, request + "\n").strip();
    }

    private void expect(String answer, String request) throws Exception {
        assertEquals(answer, ask(request), request);
    }

    /** Has Linux do something; returns what it printed. */
    private String linux(String statement) throws Exception {
        told.write(statement + "\n");
        told.flush();
        final StringBuilder printed = new StringBuilder();
        for (String line = said.readLine(); line != null && !line.equals("done"); line = said.readLine()) {
            printed.append(line);
        }
        assertTrue(python.isAlive(), () -> "Python failed at: " + statement);
        return printed.toString();
    }

    @Test
    void shouldConnectToALinuxListenerAndMoveBytesBothWays() throws Exception {
        linux("s = socket.create_server(('10.93.0.1', 4001))");
        expect("3 0", "socket 2 1 0");
        expect("0 0", "bind 3 10.93.0.2 5001");
        expect("0 0", "connect 3 10.93.0.1 4001");
        assertEquals("('10.93.0.2', 5001)", linux("c, a = s.accept(); print(a)"));
        expect("100000 0", "send 3 100000 0");
        assertEquals("100000 0", linux("d = c.recv(100000, socket.MSG_WAITALL); print(len(d), sum(d))"));
        linux("c.sendall(b'x' * 70000)");
        expect("70000 0", "recv 3 70000 0x100");
        expect("0 0 0", "ioctl 3 0x5411");
        linux("c.shutdown(socket.SHUT_WR)");
        expect("0 0", "recv 3 1 0");
        expect("10 0", "send 3 10 0");
        expect("0 0", "shutdown 3 1");
        assertEquals("10", linux("d = c.recv(100, socket.MSG_WAITALL); print(len(d)); c.close(); s.close()"));
        expect("0 0", "close 3");
    }

    @Test
    void shouldAcceptFromALinuxClientOverBothFamilies() throws Exception {
        expect("3 0", "socket 10 1 0");
        expect("0 0", "bind 3 :: 5002");
        expect("0 0", "listen 3 5");
        linux("a = socket.create_connection(('10.93.0.2', 5002)); b = socket.create_connection(('fd93::2', 5002))");
        assertTrue(ask("accept 3").startsWith("4 0 ::ffff:10.93.0.1 "));
        assertTrue(ask("accept 3").startsWith("5 0 fd93::1 "));
        linux("b.sendall(b'hello')");
        expect("1 0 1", "poll 5 1 60000");
        expect("0 0 5", "ioctl 5 0x541B");
        expect("5 0", "recv 5 100 0");
        // Closing with unread data resets, and the other side learns that.
        linux("a.sendall(b'unread')");
        expect("1 0 1", "poll 4 1 60000");
        expect("0 0", "close 4");
        assertEquals(
                "ConnectionResetError",
                linux("exec('try:\\n a.recv(1)\\nexcept OSError as e:\\n print(type(e).__name__)')"));
        linux("b.close()");
    }

    @Test
    void shouldTellWhatConnectingCameToWhenItDoesNotBlock() throws Exception {
        linux("s = socket.create_server(('fd93::1', 4003), family=socket.AF_INET6)");
        expect("3 0", "socket 10 0x801 0");
        expect("-1 115", "connect 3 fd93::1 4003");
        expect("1 0 4", "poll 3 4 60000");
        expect("0 0 00000000", "getsockopt 3 1 4 4");
        expect("0 0", "connect 3 fd93::1 4003");
        expect("4 0", "socket 2 0x801 0");
        expect("-1 115", "connect 4 10.93.0.1 9");
        expect("1 0 28", "poll 4 4 60000");
        expect("0 0 6f000000", "getsockopt 4 1 4 4");
        expect("5 0", "socket 2 1 0");
        expect("-1 111", "connect 5 10.93.0.1 9");
        expect("-1 101", "connect 5 192.0.2.1 9");
        linux("s.close()");
    }

    @Test
    void shouldTellOfALinuxResetAndOfTcpInfo() throws Exception {
        linux("s = socket.create_server(('10.93.0.1', 4004))");
        expect("3 0", "socket 2 1 0");
        expect("0 0", "connect 3 10.93.0.1 4004");
        linux("c, a = s.accept()");
        expect("50000 0", "send 3 50000 0");
        linux("d = c.recv(50000, socket.MSG_WAITALL)");
        final String answer = ask("getsockopt 3 6 11 280");
        final ByteBuffer info = ByteBuffer.wrap(HexFormat.of().parseHex(answer.substring("0 0 ".length())))
                .order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(1, info.get(0));
        assertEquals(7, info.get(5));
        assertEquals(1_448, info.getInt(16));
        assertTrue(info.getInt(68) > 0, "round-trip time");
        assertTrue(info.getInt(80) >= 10, "congestion window");
        linux("import struct; c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); c.close()");
        expect("-1 104", "recv 3 1 0");
        expect("0 0", "recv 3 1 0");
        expect("-1 32", "send 3 1 0");
        linux("s.close()");
    }

    @Test
    void shouldExchangeDatagramsAndTellOfRefusals() throws Exception {
        linux("u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(('10.93.0.1', 4005)); u.settimeout(60)");
        expect("3 0", "socket 2 2 0");
        expect("0 0", "bind 3 10.93.0.2 5005");
        expect("3000 0", "sendto 3 3000 0 10.93.0.1 4005");
        assertEquals(
                "3000 ('10.93.0.2', 5005)", linux("d, a = u.recvfrom(9000); print(len(d), a); u.sendto(d[:7], a)"));
        expect("7 0 10.93.0.1 4005", "recvfrom 3 100 0");
        expect("0 0", "connect 3 10.93.0.1 9");
        expect("1 0", "send 3 1 0");
        expect("1 0 8", "poll 3 1 60000");
        expect("-1 111", "send 3 1 0");
        linux("u.close()");
    }
}

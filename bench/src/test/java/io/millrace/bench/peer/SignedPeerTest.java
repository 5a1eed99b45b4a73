package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.middleware.FaultInjector;
import io.millrace.stack.Stack;
import io.millrace.stack.StackConfig;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.socket.tcp.keys.Md5Key;
import io.millrace.stack.wire.address.Cidr;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.testkit.Await;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Netns;
import io.millrace.testkit.PacketCapture;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Linux signs its segments to us, and we ours to Linux (RFC 2385). */
@Tag("peers")
@Timeout(600)
final class SignedPeerTest {
    private static final int PORT = 5179;
    private static final int BYTES = 300_000;
    private static final String SECRET = "open sesame";

    /** {@code sign(socket, peer, secret)} by TCP_MD5SIG; a prefix instead of one peer by TCP_MD5SIG_EXT. */
    private static final String SIGN = """
        import socket, struct, sys
        def sign(s, peer, secret, prefix=None):
            if ":" in peer:
                a = struct.pack("=H", 10) + bytes(6) + socket.inet_pton(10, peer) + bytes(4)
            else:
                a = struct.pack("=H", 2) + bytes(2) + socket.inet_pton(2, peer)
            fields = struct.pack("=BBHi", prefix is not None, prefix or 0, len(secret), 0)
            s.setsockopt(6, 14 if prefix is None else 32, a.ljust(128, b"\\0") + fields + secret.ljust(80, b"\\0"))
        def made(peer):
            return socket.socket(10 if ":" in peer else 2, socket.SOCK_STREAM)
        """;

    private static final String CLIENT = SIGN + """
        s = made(sys.argv[1])
        sign(s, sys.argv[1], sys.argv[2].encode())
        s.settimeout(float(sys.argv[3]))
        try:
            s.connect((sys.argv[1], 5179))
            s.settimeout(100)
            s.sendall(b"x" * 300000)
            s.shutdown(socket.SHUT_WR)
            n = 0
            while True:
                d = s.recv(65536)
                if not d: break
                n += len(d)
            print(n)
        except TimeoutError:
            print("timed out")
        """;

    private static final String SERVER = SIGN + """
        s = made(sys.argv[1])
        sign(s, sys.argv[1], sys.argv[2].encode(), 16)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("", 5179))
        s.listen(1)
        s.settimeout(100)
        c, _ = s.accept()
        n = 0
        while n < 300000:
            d = c.recv(65536)
            if not d: break
            n += len(d)
            c.sendall(d)
        c.close()
        print(n)
        """;

    private static final TcpHandler ECHO = new TcpHandler() {
        @Override
        public void onReadable(TcpSocket<?> socket) {
            while (socket.readable() > 0) {
                final int sent = socket.send(socket.readMemory(), socket.readOffset(), socket.readSpan());
                if (sent <= 0) {
                    return; // onWritable goes on
                }
                socket.consume(sent);
            }
            if (socket.finished()) {
                socket.close();
            }
        }

        @Override
        public void onWritable(TcpSocket<?> socket) {
            onReadable(socket);
        }
    };

    private static Md5Key key(String peers, String secret) {
        return new Md5Key(Cidr.parse(peers), secret.getBytes(StandardCharsets.US_ASCII));
    }

    /** Our end listens, for peers that sign. */
    private static void listen(OurHost us, String ours, String peers) throws Exception {
        us.call(() ->
                us.stack().listen(endpoint(ours), 8, ECHO).options().keys().set(key(peers, SECRET)));
    }

    @ParameterizedTest
    @CsvSource({OurHost.V4 + ", 10.91.0.0/16", OurHost.V6 + ", fd91::/16"})
    void shouldHearALinuxClientThatSignsRight(String ours, String peers, @TempDir Path folder) throws Exception {
        Netns.call(() -> {
            try (OurHost us = OurHost.start(StackConfig.defaults(), new FaultInjector(1), folder.resolve("pcap"))) {
                listen(us, ours, peers);
                assertEquals("" + BYTES, client(ours, SECRET, 100));
                final PacketCapture capture = us.finish();
                assertEquals(0, capture.count("tcp && !tcp.options.md5"));
                capture.assertSound(OurHost.MAC);
            }
            return 0;
        });
    }

    @ParameterizedTest
    @CsvSource({OurHost.V4 + ", 10.91.0.0/16", OurHost.V6 + ", fd91::/16"})
    void shouldNotHearALinuxClientWithAnotherSecret(String ours, String peers, @TempDir Path folder) throws Exception {
        Netns.call(() -> {
            try (OurHost us = OurHost.start(StackConfig.defaults(), new FaultInjector(1), folder.resolve("pcap"))) {
                listen(us, ours, peers);
                assertEquals("timed out", client(ours, "wrong", 0.5));
                assertTrue(count(us, StackCounter.TCP_MD5_FAILURE) > 0);
                assertEquals(0, us.finish().count("tcp && eth.src == " + OurHost.MAC));
            }
            return 0;
        });
    }

    /** What a signing Linux client printed. */
    private static String client(String to, String secret, double patience) throws Exception {
        return Netns.run("python3", "-c", CLIENT, to, secret, "" + patience).strip();
    }

    private static long count(OurHost us, StackCounter counter) throws Exception {
        final Stack stack = us.stack();
        return us.call(() -> stack.counters().get(counter));
    }

    /** A connection of ours: sends so many bytes and counts what comes back. */
    private static final class Exchange implements TcpHandler {
        private final CompletableFuture<Object> end = new CompletableFuture<>();
        private final MemorySegment block = Frames.ofBytes(new byte[BYTES]);
        private int sent;
        private int received;

        @Override
        public void onConnected(TcpSocket<?> socket) {
            onWritable(socket);
        }

        @Override
        public void onWritable(TcpSocket<?> socket) {
            while (sent < BYTES) {
                final int taken = socket.send(block, sent, BYTES - sent);
                if (taken <= 0) {
                    return;
                }
                sent += taken;
            }
        }

        @Override
        public void onReadable(TcpSocket<?> socket) {
            received += socket.readable();
            socket.consume(socket.readable());
            if (received == BYTES) {
                socket.close();
            }
        }

        @Override
        public void onClosed(TcpSocket<?> socket, CloseReason why) {
            end.complete(why == CloseReason.NORMAL ? received : why);
        }
    }

    @ParameterizedTest
    @CsvSource({OurHost.THEIR_V4 + ", " + OurHost.V4, OurHost.THEIR_V6 + ", " + OurHost.V6})
    void shouldSignToALinuxListener(String theirs, String ours, @TempDir Path folder) throws Exception {
        Netns.call(() -> {
            try (OurHost us = OurHost.start(StackConfig.defaults(), new FaultInjector(1), folder.resolve("pcap"))) {
                final Process server = new ProcessBuilder("python3", "-u", "-c", SERVER, ours, SECRET)
                        .redirectErrorStream(true)
                        .start();
                final FutureTask<String> printed = new FutureTask<>(
                        () -> new String(server.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
                Thread.ofVirtual().start(printed);
                Await.until("Linux's listener", () -> Netns.run("ss", "-ltn").contains(":" + PORT));
                assertEquals(CloseReason.TIMEOUT, connect(us, theirs, "wrong").get(Await.SECONDS, TimeUnit.SECONDS));
                assertEquals(BYTES, connect(us, theirs, SECRET).get(Await.SECONDS, TimeUnit.SECONDS));
                assertEquals(
                        "" + BYTES, printed.get(Await.SECONDS, TimeUnit.SECONDS).strip());
                assertTrue(server.waitFor(Await.SECONDS, TimeUnit.SECONDS));
                assertEquals(0, count(us, StackCounter.TCP_MD5_FAILURE));
                final PacketCapture capture = us.finish();
                assertEquals(0, capture.count("tcp && !tcp.options.md5"));
                capture.assertSound(OurHost.MAC);
            }
            return 0;
        });
    }

    private static CompletableFuture<Object> connect(OurHost us, String theirs, String secret) throws Exception {
        final Exchange exchange = new Exchange();
        us.call(() -> {
            final TcpSocket<?> socket = us.stack().connect(endpoint(theirs), exchange);
            socket.options().synRetries(0).keys().set(key(theirs + (theirs.contains(":") ? "/128" : "/32"), secret));
            return 0;
        });
        return exchange.end;
    }

    private static Endpoint<?> endpoint(String address) {
        return Endpoint.parse((address.contains(":") ? "[" + address + "]" : address) + ":" + PORT);
    }
}

package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.middleware.FaultInjector;
import io.millrace.stack.StackConfig;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpInfo;
import io.millrace.stack.socket.tcp.TcpListener;
import io.millrace.stack.socket.tcp.TcpSocket;
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

/** Linux opens connections to us, and we to Linux, by the first SYN (RFC 7413). */
@Tag("peers")
@Timeout(600)
final class FastOpenPeerTest {
    private static final int PORT = 5002;
    private static final int CONNECTIONS = 4;
    private static final String REQUEST = "a request";

    /** Prints, for each connection, what came back and whether the SYN's data was taken. */
    private static final String CLIENT = """
        import socket, sys
        for i in range(4):
            s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_STREAM)
            s.sendto(b"a request", socket.MSG_FASTOPEN, (sys.argv[1], 5002))
            print(s.recv(100).decode(), s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)[5] & 32)
            s.close()
        """;

    /** Echoes, and prints for each connection whether the SYN's data was taken. */
    private static final String SERVER = """
        import socket, sys
        s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_STREAM)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 8)
        s.bind((sys.argv[1], 5002))
        s.listen(8)
        for i in range(4):
            c, _ = s.accept()
            c.settimeout(100)
            c.sendall(c.recv(100))
            print(c.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)[5] & 32)
            c.close()
        """;

    private static final TcpHandler ECHO = new TcpHandler() {
        @Override
        public void onReadable(TcpSocket<?> socket) {
            while (socket.readable() > 0) {
                socket.send(socket.readMemory(), socket.readOffset(), socket.readSpan());
                socket.consume(socket.readSpan());
            }
            if (socket.finished()) {
                socket.close();
            }
        }
    };

    @ParameterizedTest
    @CsvSource({OurHost.V4, OurHost.V6})
    void shouldTakeTheDataOfLinuxsSyns(String ours, @TempDir Path folder) throws Exception {
        Netns.call(() -> {
            try (OurHost us = OurHost.start(StackConfig.defaults(), new FaultInjector(1), folder.resolve("pcap"))) {
                OurHost.set("tcp_fastopen=3");
                final TcpListener<?> listener = us.call(() -> {
                    final TcpListener<?> made = us.stack().listen(endpoint(ours), 8, ECHO);
                    made.fastOpen().limit(8);
                    return made;
                });
                final String printed = Netns.run("python3", "-c", CLIENT, ours);
                assertEquals(
                        REQUEST + " 0\n" + (REQUEST + " 32\n").repeat(CONNECTIONS - 1), printed.stripTrailing() + "\n");
                assertEquals(CONNECTIONS - 1L, us.call(() -> listener.fastOpen().accepted()));
                final PacketCapture capture = us.finish();
                capture.assertSound(OurHost.MAC);
                assertEquals(CONNECTIONS - 1, capture.count("tcp.flags.syn == 1 && tcp.flags.ack == 0 && tcp.len > 0"));
            }
            return 0;
        });
    }

    /** A connection of ours: what came back, and whether Linux took the data of its SYN. */
    private static final class Exchange implements TcpHandler {
        private final CompletableFuture<Boolean> answer = new CompletableFuture<>();

        @Override
        public void onReadable(TcpSocket<?> socket) {
            if (socket.readable() == REQUEST.length()) {
                socket.consume(socket.readable());
                answer.complete(socket.info(new TcpInfo()).synData);
                socket.close();
            }
        }

        @Override
        public void onClosed(TcpSocket<?> socket, CloseReason why) {
            answer.completeExceptionally(new AssertionError(why.toString()));
        }
    }

    @ParameterizedTest
    @CsvSource({OurHost.THEIR_V4, OurHost.THEIR_V6})
    void shouldSendDataWithSynsThatLinuxTakes(String theirs, @TempDir Path folder) throws Exception {
        Netns.call(() -> {
            try (OurHost us = OurHost.start(StackConfig.defaults(), new FaultInjector(1), folder.resolve("pcap"))) {
                OurHost.set("tcp_fastopen=3");
                final Process server = new ProcessBuilder("python3", "-u", "-c", SERVER, theirs)
                        .redirectErrorStream(true)
                        .start();
                final FutureTask<String> printed = new FutureTask<>(
                        () -> new String(server.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
                Thread.ofVirtual().start(printed);
                awaitListener();
                for (int i = 0; i < CONNECTIONS; i++) {
                    final Exchange exchange = new Exchange();
                    us.call(() -> {
                        final TcpSocket<?> socket = us.stack().connect(endpoint(theirs), exchange);
                        socket.options().fastOpenConnect(true);
                        final MemorySegment request = Frames.ofBytes(REQUEST.getBytes(StandardCharsets.US_ASCII));
                        return socket.send(request, 0, REQUEST.length());
                    });
                    assertEquals(i > 0, exchange.answer.get(Await.SECONDS, TimeUnit.SECONDS));
                }
                assertEquals("0\n" + "32\n".repeat(CONNECTIONS - 1), printed.get(Await.SECONDS, TimeUnit.SECONDS));
                assertTrue(server.waitFor(Await.SECONDS, TimeUnit.SECONDS));
                us.finish().assertSound(OurHost.MAC);
            }
            return 0;
        });
    }

    private static void awaitListener() throws Exception {
        Await.until("Linux's listener", () -> Netns.run("ss", "-ltn").contains(":" + PORT));
    }

    private static Endpoint<?> endpoint(String address) {
        return Endpoint.parse((address.contains(":") ? "[" + address + "]" : address) + ":" + PORT);
    }
}

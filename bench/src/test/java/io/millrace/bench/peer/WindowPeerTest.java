package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.peer.Transfer.Direction;
import io.millrace.bench.peer.Transfer.Result;
import io.millrace.dataplane.port.middleware.FaultInjector;
import io.millrace.stack.StackConfig;
import io.millrace.stack.StackCounter;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.TcpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.testkit.Await;
import io.millrace.testkit.Netns;
import io.millrace.testkit.PacketCapture;
import io.millrace.testkit.Said;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A receiver that does not read closes its window; the sender probes it (RFC 9293 section 3.8.6.1) and loses nothing. */
@Tag("peers")
@Timeout(600)
final class WindowPeerTest {
    private static final int BYTES = 3_000_000;

    @Test
    void shouldProbeLinuxUntilItReads(@TempDir Path folder) throws Exception {
        Netns.call(() -> {
            try (OurHost ours = OurHost.start(StackConfig.defaults(), new FaultInjector(1), folder.resolve("pcap"));
                    Arena arena = Arena.ofShared()) {
                final MemorySegment content = arena.allocate(BYTES);
                final BlockingQueue<Result> results = new LinkedBlockingQueue<>();
                listen(ours, Transfer.each(Direction.DOWN, content, results::add));
                final Process linux = python("""
                    sys.stdin.readline()
                    digest = hashlib.sha256()
                    while data := s.recv(65536):
                        digest.update(data)
                    s.close()
                    print(digest.hexdigest(), flush=True)
                    """);
                try (BufferedReader said = linux.inputReader()) {
                    while (ours.call(() -> ours.stack().counters().get(StackCounter.TCP_WINDOW_PROBES)) < 3) {
                        assertTrue(linux.isAlive());
                    }
                    linux.outputWriter().append('\n').flush();
                    Said.assertNext(digestOf(content), said, linux);
                } finally {
                    linux.destroyForcibly();
                }
                assertEnd(results);
                final PacketCapture capture = ours.finish();
                capture.assertSound(OurHost.MAC);
                assertEquals(
                        Set.of(), Remarks.unexplained(capture, "TCP Zero Window Probe", "TCP Zero Window segment"));
            }
            return 0;
        });
    }

    @Test
    void shouldAnswerTheProbesOfLinuxUntilWeRead(@TempDir Path folder) throws Exception {
        Netns.call(() -> {
            try (OurHost ours = OurHost.start(StackConfig.defaults(), new FaultInjector(1), folder.resolve("pcap"));
                    Arena arena = Arena.ofShared()) {
                final MemorySegment content = arena.allocate(BYTES);
                final BlockingQueue<Result> results = new LinkedBlockingQueue<>();
                final BlockingQueue<TcpSocket<?>> sockets = new LinkedBlockingQueue<>();
                final TcpHandler reader = new Transfer(Direction.UP, content, results::add);
                listen(ours, new TcpHandler() {
                    @Override
                    public void onConnected(TcpSocket<?> socket) {
                        sockets.add(socket);
                    }
                });
                final Process linux = python("""
                    import select, threading
                    threading.Thread(target=lambda: (s.sendall(bytes(%d)), s.shutdown(socket.SHUT_WR))).start()
                    def probes():
                        names, values = [l.split() for l in open("/proc/net/netstat") if l.startswith("TcpExt:")]
                        return int(values[names.index("TCPWinProbe")])
                    while probes() < 3:
                        select.select([], [], [], 0.01)
                    print("probing", flush=True)
                    while s.recv(1):
                        pass
                    """.formatted(BYTES));
                try (BufferedReader said = linux.inputReader()) {
                    Said.assertNext("probing", said, linux);
                    final TcpSocket<?> socket = sockets.take();
                    ours.call(() -> {
                        socket.handler(reader);
                        reader.onReadable(socket);
                        return 0;
                    });
                    assertEquals(0, linux.waitFor());
                } finally {
                    linux.destroyForcibly();
                }
                assertEquals(digestOf(content), assertEnd(results).sha256());
                // All that was offered was taken, or else Linux repeats it instead of probing.
                assertEquals(0, ours.call(() -> ours.stack().counters().get(StackCounter.TCP_NO_MEMORY)));
                final PacketCapture capture = ours.finish();
                capture.assertSound(OurHost.MAC);
                // Linux's probes are as those that keep a connection alive: nothing new, behind what we have.
                assertTrue(capture.count("tcp.analysis.keep_alive && eth.dst == " + OurHost.MAC) >= 3);
                assertEquals(Set.of(), Remarks.unexplained(capture, "TCP Zero Window segment"));
            }
            return 0;
        });
    }

    private static Result assertEnd(BlockingQueue<Result> results) throws InterruptedException {
        final Result result = results.poll(Await.SECONDS, TimeUnit.SECONDS);
        assertNotNull(result, "the connection is not over");
        assertEquals(CloseReason.NORMAL, result.why());
        return result;
    }

    private static void listen(OurHost ours, TcpHandler handler) throws Exception {
        ours.call(() -> ours.stack().listen(new Endpoint<>(Ipv6Address.UNSPECIFIED, 5_000), 1, handler));
    }

    /** Runs a script in which {@code s} is connected to us. */
    private static Process python(String script) throws IOException {
        return Netns.start("python3", "-c", """
            import hashlib, socket, sys
            s = socket.create_connection(("%s", 5000), timeout=300)
            """.formatted(OurHost.V6) + script);
    }

    private static String digestOf(MemorySegment content) {
        final var digest = Transfer.sha256();
        digest.update(content.asByteBuffer());
        return HexFormat.of().formatHex(digest.digest());
    }
}

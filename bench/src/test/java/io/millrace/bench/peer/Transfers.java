package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.peer.Transfer.Direction;
import io.millrace.bench.peer.Transfer.Result;
import io.millrace.stack.socket.tcp.CloseReason;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.tcp.congestion.CongestionAlgorithm;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.testkit.Await;
import io.millrace.testkit.Netns;
import io.millrace.testkit.Said;
import java.io.BufferedReader;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Transfers of a file between Linux and a host of ours, all at the same time: opened by either, over either family, every
 * way, with each congestion control of Linux's and of ours. Linux's end is {@code transfers.py}.
 */
final class Transfers implements AutoCloseable {
    /** Linux's; cubic is not allowed to be the default of a namespace, but may be asked for by root. */
    static final List<String> CONGESTION_CONTROLS = List.of("cubic", "bbr", "reno");

    /** What {@code tcpi_options} says. */
    static final int TIMESTAMPS = 1;

    static final int SACK = 2;
    static final int WINDOW_SCALING = 4;
    static final int ECN = 8;
    static final int ECN_SEEN = 16;

    private static final int FIRST_LISTENING_PORT = 6_001;
    private static final int BACKLOG = 64;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment content;
    private final Path file;
    private final Path script;
    private final String sha256;

    /** A file of so many random bytes, always the same. */
    Transfers(Path folder, int bytes) throws Exception {
        final byte[] random = new byte[bytes];
        new Random(bytes).nextBytes(random);
        content = arena.allocate(bytes);
        content.asByteBuffer().put(ByteBuffer.wrap(random));
        file = Files.write(folder.resolve("file"), random);
        sha256 = HexFormat.of().formatHex(Transfer.sha256().digest(random));
        script = folder.resolve("transfers.py");
        try (InputStream in = Transfers.class.getResourceAsStream("/peer/transfers.py")) {
            Files.copy(Objects.requireNonNull(in), script);
        }
    }

    /**
     * Runs all of them and asserts that every byte arrived.
     *
     * @param options what {@code tcpi_options} must say of each connection
     * @return our ends
     */
    List<Result> run(OurHost ours, int options) throws Exception {
        final BlockingQueue<Result> results = new LinkedBlockingQueue<>();
        listen(ours, results::add);
        final List<String> command = new ArrayList<>(List.of("python3", script.toString(), file.toString()));
        for (final String theirs : CONGESTION_CONTROLS) {
            for (final Direction direction : Direction.values()) {
                for (final String address : List.of(OurHost.V4, OurHost.V6)) {
                    command.add(String.join(",", "connect", address, "" + direction.port, direction.name(), theirs));
                }
            }
        }
        final List<CongestionAlgorithm> algorithms = algorithms();
        final List<Endpoint<? extends IpAddress>> listening = new ArrayList<>();
        for (int i = 0; i < algorithms.size(); i++) {
            final String address = i % 2 == 0 ? OurHost.THEIR_V4 : OurHost.THEIR_V6;
            final int port = FIRST_LISTENING_PORT + i;
            listening.add(new Endpoint<>(IpAddress.parse(address), port));
            final String theirs = CONGESTION_CONTROLS.get(i % CONGESTION_CONTROLS.size());
            command.add(String.join(",", "listen", address, "" + port, Direction.BOTH.name(), theirs));
        }
        final Process linux = Netns.start(command.toArray(String[]::new));
        try (BufferedReader out = linux.inputReader()) {
            Said.assertNext("listening", out, linux);
            ours.call(() -> {
                for (int i = 0; i < algorithms.size(); i++) {
                    ours.stack()
                            .connect(listening.get(i), new Transfer(Direction.BOTH, content, results::add))
                            .options()
                            .congestion(algorithms.get(i));
                }
                return 0;
            });
            final List<String> lines = out.lines().toList();
            assertEquals(command.size() - 3, lines.size(), lines::toString);
            for (final String line : lines) {
                final boolean received = !line.contains("," + Direction.UP + ",");
                final String[] words = line.split(" ", -1);
                assertEquals(received ? sha256 : sha256OfNothing(), words[1], line);
                final int said = Integer.parseInt(words[2]);
                assertEquals(options, said & ~ECN_SEEN, line);
                assertTrue((said & ECN_SEEN) != 0 || !received || (options & ECN) == 0, line);
            }
            assertEquals(0, linux.waitFor());
            return check(results, lines.size());
        } finally {
            linux.destroyForcibly();
        }
    }

    private List<Result> check(BlockingQueue<Result> results, int count) throws InterruptedException {
        final List<Result> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            final Result result = results.poll(Await.SECONDS, TimeUnit.SECONDS);
            assertNotNull(result, () -> all.size() + " of " + count + " connections are over");
            assertEquals(CloseReason.NORMAL, result.why(), result::toString);
            assertEquals(result.direction().received ? sha256 : sha256OfNothing(), result.sha256(), result::toString);
            all.add(result);
        }
        assertTrue(results.isEmpty());
        return all;
    }

    private void listen(OurHost ours, Consumer<Result> results) throws Exception {
        ours.call(() -> {
            for (final Direction direction : Direction.values()) {
                final TcpHandler handler = Transfer.each(direction, content, results);
                ours.stack().listen(new Endpoint<>(Ipv4Address.UNSPECIFIED, direction.port), BACKLOG, handler);
                ours.stack().listen(new Endpoint<>(Ipv6Address.UNSPECIFIED, direction.port), BACKLOG, handler);
            }
            return 0;
        });
    }

    private static List<CongestionAlgorithm> algorithms() {
        final List<CongestionAlgorithm> all = new ArrayList<>(List.of(CongestionAlgorithm.values()));
        all.remove(CongestionAlgorithm.NONE); // for a link that loses nothing
        return all;
    }

    private static String sha256OfNothing() {
        return HexFormat.of().formatHex(Transfer.sha256().digest());
    }

    @Override
    public void close() {
        arena.close();
    }
}

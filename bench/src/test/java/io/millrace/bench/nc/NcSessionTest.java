package io.millrace.bench.nc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.agent.AgentRig;
import io.millrace.bench.cli.Main;
import io.millrace.stack.StackCounter;
import io.millrace.stack.client.TcpChannel;
import io.millrace.stack.socket.tcp.FastOpen;
import io.millrace.stack.socket.tcp.TcpState;
import io.millrace.stack.socket.tcp.keys.AoAlgorithm;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two sessions that talk to each other, and one that nobody answers. */
@Timeout(300)
class NcSessionTest {
    private static final Endpoint<IpAddress> PLACE = new Endpoint<>(Ipv4Address.parse("10.0.0.1"), 4_000);
    /** For what nobody answers. */
    private static final Duration PATIENCE = Duration.ofMillis(300);

    /** For what is answered first, however busy the machine is. */
    private static final Duration LONG = Duration.ofSeconds(6);

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    private AgentRig rig;
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void start() {
        rig = new AgentRig(pools);
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    private static NcSettings settings(boolean listen, boolean udp, boolean scan, @Nullable Duration patience) {
        return settings(listen, udp, scan, false, patience);
    }

    private static NcSettings settings(
            boolean listen, boolean udp, boolean scan, boolean fastOpen, @Nullable Duration patience) {
        return settings(listen, udp, scan, fastOpen, null, patience);
    }

    private static NcSettings settings(
            boolean listen,
            boolean udp,
            boolean scan,
            boolean fastOpen,
            @Nullable NcKeys keys,
            @Nullable Duration patience) {
        return settings(listen, udp, scan, fastOpen, 0, keys, patience);
    }

    private static NcSettings settings(
            boolean listen,
            boolean udp,
            boolean scan,
            boolean fastOpen,
            int udpPort,
            @Nullable NcKeys keys,
            @Nullable Duration patience) {
        return new NcSettings(
                listen,
                udp,
                false,
                scan,
                !scan,
                true,
                true,
                fastOpen,
                udpPort,
                keys,
                patience,
                null,
                listen ? List.of(PLACE) : List.of(),
                listen ? null : PLACE);
    }

    private NcSession session(NcSettings settings, InputStream in, ByteArrayOutputStream out) {
        return new NcSession(rig.client(), settings, in, out, new PrintWriter(err, true));
    }

    private static FutureTask<Integer> begin(NcSession session) {
        final FutureTask<Integer> code = new FutureTask<>(session::run);
        Thread.startVirtualThread(code);
        return code;
    }

    private void awaitListener() {
        while (!err.toString().contains("Listening on 10.0.0.1 4000")) {
            Thread.onSpinWait();
        }
    }

    /** As behind a pipe whose reader stands still. */
    private static final class StuckOutput extends OutputStream {
        final CountDownLatch stuck = new CountDownLatch(1);
        final CountDownLatch free = new CountDownLatch(1);

        @Override
        public void write(int value) {
            stuck.countDown();
            boolean interrupted = true;
            while (interrupted) {
                try {
                    free.await();
                    interrupted = false;
                } catch (InterruptedException e) {
                    // as a write to a pipe, which is not interrupted
                }
            }
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            write(0);
        }
    }

    @Test
    void shouldEndAtASignalWhileStandardOutputTakesNothing() throws Exception {
        final StuckOutput out = new StuckOutput();
        final NcSession server = new NcSession(
                rig.client(),
                settings(true, false, false, null),
                InputStream.nullInputStream(),
                out,
                new PrintWriter(err, true));
        final CountDownLatch signal = new CountDownLatch(1);
        final FutureTask<Integer> code = new FutureTask<>(() -> server.runUntil(
                millis -> {
                    signal.await();
                    return true;
                },
                1));
        Thread.startVirtualThread(code);
        awaitListener();
        final FutureTask<Integer> client = begin(session(
                settings(false, false, false, LONG),
                new ByteArrayInputStream(new byte[] {1}),
                new ByteArrayOutputStream()));
        out.stuck.await();
        signal.countDown();
        assertEquals(1, code.get());
        out.free.countDown();
        client.get();
    }

    @Test
    void shouldPipeBothWaysWhenOneListensAndOneConnects() throws Exception {
        final byte[] question = new byte[200_000];
        new Random(1).nextBytes(question);
        final byte[] answer = "answer".getBytes(UTF_8);
        final ByteArrayOutputStream atServer = new ByteArrayOutputStream();
        final ByteArrayOutputStream atClient = new ByteArrayOutputStream();
        final FutureTask<Integer> server =
                begin(session(settings(true, false, false, null), new ByteArrayInputStream(answer), atServer));
        awaitListener();
        final FutureTask<Integer> client =
                begin(session(settings(false, false, false, null), new ByteArrayInputStream(question), atClient));
        assertEquals(0, server.get());
        assertEquals(0, client.get());
        assertArrayEquals(question, atServer.toByteArray());
        assertArrayEquals(answer, atClient.toByteArray());
        assertTrue(err.toString().contains("Connection to 10.0.0.1 4000 port [tcp/*] succeeded!"), err::toString);
        assertTrue(err.toString().contains("Connection received on 10.0.0.1 "), err::toString);
    }

    @Test
    void shouldTalkWithinUdpWhereAPortOfThePeersIsNamed() throws Exception {
        final ByteArrayOutputStream atServer = new ByteArrayOutputStream();
        final FutureTask<Integer> server =
                begin(session(settings(true, false, false, null), InputStream.nullInputStream(), atServer));
        awaitListener();
        final NcSettings within = settings(false, false, false, false, AgentRig.UDP_PORT, null, null);
        final FutureTask<Integer> client =
                begin(session(within, new ByteArrayInputStream("hello".getBytes(UTF_8)), new ByteArrayOutputStream()));
        assertEquals(0, server.get());
        assertEquals(0, client.get());
        assertEquals("hello", atServer.toString(UTF_8));
        final long sent =
                requireNonNull(rig.client().call(stack -> stack.counters().get(StackCounter.TCP_SEGMENTS_SENT)));
        assertTrue(sent > 0);
        final long encapsulated =
                requireNonNull(rig.client().call(stack -> stack.counters().get(StackCounter.TCP_ENCAPSULATED)));
        assertTrue(encapsulated >= sent, encapsulated + " of " + sent);
    }

    @Test
    void shouldTalkOnlyToWhoSignsWithTheSameSecret(@TempDir Path folder) throws Exception {
        final Path right = Files.writeString(folder.resolve("right"), "a secret");
        final Path wrong = Files.writeString(folder.resolve("wrong"), "another");
        final ByteArrayOutputStream atServer = new ByteArrayOutputStream();
        final FutureTask<Integer> server =
                begin(session(signed(true, right, null), new ByteArrayInputStream(new byte[0]), atServer));
        awaitListener();
        final ByteArrayOutputStream nothing = new ByteArrayOutputStream();
        final NcSession stranger =
                session(signed(false, wrong, PATIENCE), new ByteArrayInputStream("no".getBytes(UTF_8)), nothing);
        assertEquals(1, begin(stranger).get());
        final NcSession friend =
                session(signed(false, right, null), new ByteArrayInputStream("yes".getBytes(UTF_8)), nothing);
        assertEquals(0, begin(friend).get());
        assertEquals(0, server.get());
        assertEquals("yes", atServer.toString(UTF_8));
    }

    private static NcSettings signed(boolean listen, Path secret, @Nullable Duration patience) {
        final NcKeys keys = NcKeys.ao(secret, AoAlgorithm.HMAC_SHA_1_96, "1");
        return settings(listen, false, false, false, keys, patience);
    }

    /** As long as it is to tell the peer of its end: nothing else says that the peer got all. */
    @Test
    void shouldSendAllOfStandardInputWhenThePeerClosedItsSideLongBefore() throws Exception {
        final byte[] answer = new byte[3_000_000];
        new Random(2).nextBytes(answer);
        final CountDownLatch closed = new CountDownLatch(1);
        final InputStream late = new ByteArrayInputStream(answer) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                try {
                    closed.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return super.read(target, offset, length);
            }
        };
        final ByteArrayOutputStream atServer = new ByteArrayOutputStream();
        final FutureTask<Integer> server = begin(session(settings(true, false, false, null), late, atServer));
        awaitListener();
        try (TcpChannel<IpAddress> client = rig.client().connect(PLACE)) {
            client.shutdownOutput();
            while (client.info().state != TcpState.FIN_WAIT_2) {
                Thread.onSpinWait();
            }
            closed.countDown();
            assertArrayEquals(answer, client.inputStream().readAllBytes());
        }
        assertEquals(0, server.get(), err::toString);
    }

    /** The first time the client asks for a cookie, the second it has one. */
    @ParameterizedTest
    @CsvSource({"hello", "''"})
    @Origin("RFC 7413 4.2")
    void shouldSendWhatComesFirstWithTheSynWhenTheCookieIsKnown(String text) throws Exception {
        final byte[] bytes = text.getBytes(UTF_8);
        for (int i = 0; i < 2; i++) {
            err.getBuffer().setLength(0);
            final ByteArrayOutputStream atServer = new ByteArrayOutputStream();
            final FutureTask<Integer> server =
                    begin(session(settings(true, false, false, true, null), InputStream.nullInputStream(), atServer));
            awaitListener();
            final FutureTask<Integer> client = begin(session(
                    settings(false, false, false, true, null),
                    new ByteArrayInputStream(bytes),
                    new ByteArrayOutputStream()));
            assertEquals(0, server.get(), err::toString);
            assertEquals(0, client.get(), err::toString);
            assertEquals(text, atServer.toString(UTF_8));
            final String told = err.toString();
            final boolean early = i == 1 && !text.isEmpty();
            assertEquals(early, told.contains("What was sent first went with the SYN"), told);
            assertEquals(early, told.contains("What it sent first came with the SYN"), told);
            assertEquals(i == 1, told.contains("waits for what is sent first"), told);
            assertTrue(told.contains("Connection to 10.0.0.1 4000 port [tcp/*] succeeded!"), told);
        }
    }

    @Test
    void shouldSayThatItFailedWhenTheSynWithDataIsRefused() throws Exception {
        rig.client().call(stack -> {
            final FastOpen fastOpen = stack.tcp().fastOpen();
            fastOpen.settings(fastOpen.settings().withClientWithoutCookie(true));
            return null;
        });
        final NcSettings settings = settings(false, false, false, true, null);
        final InputStream in = new ByteArrayInputStream("hello".getBytes(UTF_8));
        assertEquals(1, session(settings, in, new ByteArrayOutputStream()).run());
        assertTrue(err.toString().endsWith("nc: connection refused\n"), err::toString);
    }

    @Test
    void shouldExchangeDatagramsUntilNothingHappens() throws Exception {
        final ByteArrayOutputStream atServer = new ByteArrayOutputStream();
        final ByteArrayOutputStream atClient = new ByteArrayOutputStream();
        final FutureTask<Integer> server = begin(
                session(settings(true, true, false, null), new ByteArrayInputStream("pong".getBytes(UTF_8)), atServer));
        awaitListener();
        final FutureTask<Integer> client = begin(session(
                settings(false, true, false, LONG), new ByteArrayInputStream("ping".getBytes(UTF_8)), atClient));
        assertEquals(0, client.get());
        assertEquals("pong", atClient.toString(UTF_8));
        assertEquals("ping", atServer.toString(UTF_8));
        rig.client().abortAll();
        assertTrue(server.get() >= 0);
    }

    @Test
    void shouldFailWhenNobodyListens() throws Exception {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertEquals(
                1,
                session(settings(false, false, true, null), InputStream.nullInputStream(), out)
                        .run());
        assertEquals(
                "nc: connect to 10.0.0.1 port 4000 (tcp) failed: connection refused",
                err.toString().strip());
    }

    @Test
    void shouldOnlyConnectWhenItScans() throws Exception {
        final FutureTask<Integer> server = begin(session(
                settings(true, false, false, null), InputStream.nullInputStream(), new ByteArrayOutputStream()));
        awaitListener();
        assertEquals(
                0,
                session(settings(false, false, true, null), InputStream.nullInputStream(), new ByteArrayOutputStream())
                        .run());
        assertEquals(0, server.get());
    }

    @Test
    void shouldEndWhenNothingHappensForSoLong() throws Exception {
        try (var server = rig.client().listen(PLACE, 1);
                PipedInputStream quiet = new PipedInputStream(new PipedOutputStream())) {
            assertEquals(
                    0,
                    session(settings(false, false, false, LONG), quiet, new ByteArrayOutputStream())
                            .run());
            try (TcpChannel<IpAddress> accepted = server.accept()) {
                assertEquals(-1, accepted.inputStream().read());
            }
        }
        assertEquals(
                0,
                session(
                                settings(true, false, false, PATIENCE),
                                InputStream.nullInputStream(),
                                new ByteArrayOutputStream())
                        .run());
    }

    @Test
    void shouldFailWhenItIsCancelled() throws Exception {
        final NcSession session =
                session(settings(true, false, false, null), InputStream.nullInputStream(), new ByteArrayOutputStream());
        final FutureTask<Integer> code = begin(session);
        awaitListener();
        session.cancel();
        assertEquals(1, code.get());
    }

    @ParameterizedTest
    @CsvSource({
        "'', name a host and a port",
        "-l, name the port to listen on",
        "10.0.0.1, name a host and a port",
        "10.0.0.1 0, it is 1 to 65535",
        "10.0.0.1 http, is no number",
        "ten 80, write an IPv4 or IPv6 address",
        "-6 10.0.0.1 80, is not of the family",
        "-4 -6 10.0.0.1 80, exclude each other",
        "-k 10.0.0.1 80, add -l",
        "-z -l 80, leave out -l",
        "-w -1 10.0.0.1 80, -w: -1 is out of range",
        "-F -u 10.0.0.1 80, nothing to take along",
        "-s 2001:db8::1 10.0.0.1 80, of different families",
        "-l -p 80 81, not both",
    })
    void shouldSayWhatToMendWhenTheCommandLineMakesNoSense(String arguments, String part) {
        final List<String> all = new ArrayList<>(List.of("nc", "--port", "tap:mr0", "--address", "10.0.0.2/24"));
        if (!arguments.isEmpty()) {
            all.addAll(List.of(arguments.split(" ")));
        }
        final int code =
                Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err, true), all.toArray(new String[0]));
        assertEquals(2, code, err::toString);
        assertEquals(1, err.toString().lines().count(), err::toString);
        assertTrue(err.toString().contains(part), err::toString);
    }
}

package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import io.millrace.testkit.PacketCapture;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Linux must be able to do with {@code serve}, whatever port it runs on. */
@Tag("peers")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
abstract class PeerContract {
    static final String THEIR_V4 = "10.91.0.1/24";
    static final String THEIR_V6 = "fd91::1/64";
    private static final String OUR_V4 = "10.91.0.2";
    private static final String OUR_V6 = "fd91::2";
    private static final String DEVICE = "peer0";

    /** MiB that curl fetches over each family. */
    private static final int TRANSFER = Integer.getInteger("io.millrace.peers.mebibytes", 64);

    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Namespace namespace;

    @SuppressWarnings("NullAway.Init")
    private ServeProcess server;

    @SuppressWarnings("NullAway.Init")
    private PacketCapture capture;

    private String sha256 = "";

    /** Makes what the server's port needs, before it starts; {@code device} is the interface of Linux. */
    abstract void before(Namespace peer, String device) throws CommandException;

    /** The value of {@code --port}. */
    abstract String port(String device);

    /** Finishes the interface of Linux, after the server started. */
    abstract void after(Namespace peer, String device) throws CommandException;

    /** More arguments for the server. */
    List<String> arguments() {
        return List.of();
    }

    /** Looks at the summary that the server left, as JSON. */
    void verify(String json) {}

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        folder = temporary;
        namespace = Namespaces.create();
        before(namespace, DEVICE);
        final Path root = Files.createDirectory(folder.resolve("root"));
        sha256 = writeRandom(root.resolve("large.bin"), TRANSFER << 20);
        writeRandom(root.resolve("small.bin"), 3 << 20);
        Files.writeString(root.resolve("index.html"), "<p>hello");
        Files.writeString(folder.resolve("secret"), "secret");
        final List<String> command = new ArrayList<>(List.of(
                "--port",
                port(DEVICE),
                "--address",
                OUR_V4 + "/24," + OUR_V6 + "/64",
                "--tcp",
                "echo:7,discard:9,chargen:19,http:80",
                "--udp",
                "echo:7",
                "--http-root",
                root.toString()));
        command.addAll(arguments());
        server = ServeProcess.start(namespace, folder.resolve("stats.json"), command.toArray(String[]::new));
        after(namespace, DEVICE);
        Namespaces.bePatient(namespace);
        capture = PacketCapture.start(namespace::enter, DEVICE, folder.resolve("all.pcap"));
    }

    @AfterAll
    void stop() throws Exception {
        try {
            if (server != null) {
                verify(server.stop());
                capture.assertSoundInEveryProtocol(server.value("mac"));
            }
        } finally {
            if (capture != null) {
                capture.close();
            }
            if (server != null) {
                server.close();
            }
            if (namespace != null) {
                namespace.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {OUR_V4, OUR_V6})
    void shouldAnswerEveryPingWhenLinuxSendsThem(String address) throws CommandException {
        final int header = address.equals(OUR_V4) ? 28 : 48;
        for (final int size : List.of(0, 1, 56, 1_000, 1_500 - header)) {
            LinuxPing.answered(namespace, address, 10, size);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {OUR_V4, "[" + OUR_V6 + "]"})
    void shouldServeAFileWithTheSameDigestWhenCurlFetchesIt(String host) throws Exception {
        final Path copy = folder.resolve("copy.bin");
        curl("-o", copy.toString(), "http://" + host + "/large.bin");
        assertEquals(sha256, digest(copy));
        Files.delete(copy);
    }

    @Test
    void shouldKeepTheConnectionWhenCurlFetchesTwice() throws CommandException {
        final String url = "http://" + OUR_V4 + "/";
        assertEquals("1 0 ", curl("-o", "/dev/null", "-o", "/dev/null", "-w", "%{num_connects} ", url, url));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/../secret", "/%2e%2e/secret", "//..//secret", "/none"})
    void shouldNotLeaveTheFolderWhenThePathClimbs(String path) throws CommandException {
        final String said = curl("--path-as-is", "-w", " %{http_code}", "http://" + OUR_V4 + path);
        assertFalse(said.contains("secret"), said);
        assertTrue(said.endsWith(" 404") || said.endsWith(" 400"), said);
    }

    @Test
    void shouldAnswerWithoutBodyWhenCurlAsksForTheHead() throws CommandException {
        final String said = curl("--head", "http://[" + OUR_V6 + "]/large.bin");
        assertTrue(said.startsWith("HTTP/1.1 200 OK\r\n"), said);
        assertTrue(said.contains("\r\nContent-Length: " + ((long) TRANSFER << 20) + "\r\n"), said);
    }

    @ParameterizedTest
    @ValueSource(strings = {OUR_V4, OUR_V6})
    void shouldEchoWhenTwoHundredConnectionsAreOpenAtOnce(String address) throws CommandException {
        echoClient("tcp", address, "200", "30000");
    }

    @ParameterizedTest
    @ValueSource(strings = {OUR_V4, OUR_V6})
    void shouldEchoDatagramsWhenLinuxSendsThem(String address) throws CommandException {
        echoClient("udp", address, "1400", "1400");
    }

    @Test
    void shouldSendThePatternWhenAskedForCharacters() throws CommandException {
        final String said = namespace.run(
                "sh", "-c", "socat -u -T 60 TCP:" + OUR_V4 + ":19,readbytes=740 - 2>/dev/null | head -c 740");
        final List<String> lines = said.lines().toList();
        assertEquals(10, lines.size(), said);
        assertTrue(lines.getFirst().startsWith(" !\"#$%&'()*+,-./0123456789"), said);
        assertEquals(72, lines.get(9).length());
        assertEquals(lines.get(0).charAt(1), lines.get(1).charAt(0));
    }

    @Test
    void shouldRefuseWithAResetWhenNothingListens() throws Exception {
        final int code = namespace
                .process("curl", "-sS", "-m", "60", "http://" + OUR_V4 + ":81/")
                .redirectErrorStream(true)
                .start()
                .waitFor();
        assertEquals(7, code, "curl's code for a refused connection; of one that timed out it is 28");
    }

    private String curl(String... arguments) throws CommandException {
        final List<String> command = new ArrayList<>(List.of("curl", "-sS", "--noproxy", "*", "-m", "100"));
        command.addAll(List.of(arguments));
        return namespace.run(command.toArray(String[]::new));
    }

    private void echoClient(String protocol, String address, String count, String bytes) throws CommandException {
        final List<String> command = JavaCommand.of(EchoClient.class, List.of(protocol, address, "7", count, bytes));
        final String said = namespace.run(command.toArray(String[]::new));
        assertTrue(said.endsWith("ok\n"), said);
    }

    private static String writeRandom(Path file, int bytes) throws Exception {
        final MessageDigest sha = MessageDigest.getInstance("SHA-256");
        final byte[] block = new byte[1 << 20];
        final Random random = new Random(bytes);
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int left = bytes; left > 0; left -= block.length) {
                random.nextBytes(block);
                out.write(block);
                sha.update(block);
            }
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    private static String digest(Path file) throws Exception {
        final MessageDigest sha = MessageDigest.getInstance("SHA-256");
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha)) {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new AssertionError("reading back " + file, e);
        }
        return HexFormat.of().formatHex(sha.digest());
    }
}

package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.Namespace;
import io.millrace.testkit.PacketCapture;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What {@code serve} answers to a host that does not play by the rules: {@code hostile.py} makes its packets with
 * scapy, all in one run, and each test looks at what came back in one case.
 */
@Tag("peers")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
final class HostilePeerTest {
    private static final String DEVICE = "peer0";
    private static final String OUR_MAC = "02:00:00:00:00:02";
    private static final String OUR_V4 = "10.91.0.2";
    private static final String OUR_V6 = "fd91::2";

    private final Map<String, String> answers = new HashMap<>();
    private String summary = "";

    @BeforeAll
    void run(@TempDir Path folder) throws Exception {
        final Path script = folder.resolve("hostile.py");
        try (InputStream in = HostilePeerTest.class.getResourceAsStream("/peer/hostile.py")) {
            Files.copy(Objects.requireNonNull(in), script);
        }
        try (Namespace peer = Namespaces.create()) {
            peer.run("ip", "tuntap", "add", "dev", DEVICE, "mode", "tap");
            peer.run("ip", "address", "add", "10.91.0.1/24", "dev", DEVICE);
            peer.run("ip", "address", "add", "fd91::1/64", "dev", DEVICE, "nodad");
            peer.run("ip", "link", "set", DEVICE, "up");
            // The Python that Debian's packages are for, whatever else is in the path.
            final Process hostile = peer.process(
                            "/usr/bin/python3",
                            script.toString(),
                            DEVICE,
                            "10.91.0.1",
                            "fd91::1",
                            OUR_MAC,
                            OUR_V4,
                            OUR_V6)
                    .redirectError(folder.resolve("err").toFile())
                    .start();
            try (BufferedReader said = hostile.inputReader();
                    Writer told = hostile.outputWriter();
                    PacketCapture capture = PacketCapture.start(peer::enter, DEVICE, folder.resolve("all.pcap"))) {
                assertEquals("listening", said.readLine(), () -> text(folder.resolve("err")));
                try (ServeProcess server = serve(peer, folder)) {
                    told.append('\n').flush();
                    for (String line = said.readLine(); line != null; line = said.readLine()) {
                        final String[] parts = line.split("\t", -1);
                        answers.put(parts[0], parts[1]);
                    }
                    assertEquals(0, hostile.waitFor(), () -> text(folder.resolve("err")));
                    summary = server.stop();
                    capture.assertSound(OUR_MAC);
                }
            } finally {
                hostile.destroyForcibly();
            }
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static ServeProcess serve(Namespace peer, Path folder) throws Exception {
        return ServeProcess.start(
                peer,
                folder.resolve("stats.json"),
                "--port",
                "tap:" + DEVICE,
                "--mac",
                OUR_MAC,
                "--address",
                OUR_V4 + "/24," + OUR_V6 + "/64");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
        whole4                          | echo
        reversed4                       | echo
        overlap4                        | ""
        inside4                         | ""
        too long 4                      | ""
        whole6                          | echo
        reversed6                       | echo
        overlap6                        | ""
        inside6                         | ""
        atomic6                         | echo
        headers missing 6               | error 4/3 at 0
        solicitation in fragments       | ""
        unknown option 4                | echo
        record route 4                  | echo+options
        source route 4                  | ""
        option too long 4               | ""
        unknown protocol 4              | error 3/2
        skip hop-by-hop                 | echo
        skip destination                | echo
        skip group                      | echo
        discard hop-by-hop              | ""
        discard destination             | ""
        discard group                   | ""
        tell hop-by-hop                 | error 4/2 at 42
        tell destination                | error 4/2 at 42
        tell group                      | error 4/2 at 42
        tell unless group hop-by-hop    | error 4/2 at 42
        tell unless group destination   | error 4/2 at 42
        tell unless group group         | ""
        routing header                  | error 4/0 at 42
        hop-by-hop second               | error 4/1 at 40
        unknown protocol 6              | error 4/1 at 6
        solicitation                    | advertisement
        solicitation from afar          | ""
        advertisement for us            | ""
        advertisement from afar         | ""
        solicitation in our name        | advertisement to 02:66:00:00:00:66
        redirect from no router         | ""
        arp reply for us                | ""
        arp announcement for us         | ""
        arp of its own address          | announcement
        arp of its own address again    | ""
        its own address as source 4     | ""
        its own address as source 6     | ""
        group as source 4               | ""
        group as source 6               | ""
        """)
    void shouldAnswerAsTheRfcsSayAndBelieveNobody(String name, String answer) {
        assertEquals(answer, answers.get(name));
    }

    @ParameterizedTest
    @CsvSource({
        "fragmentOverlap, 4",
        "fragmentTooLong, 1",
        "fragmentHeadersMissing, 1",
        "ndpFragmented, 1",
        "ipv4SourceRoute, 1",
        "ipv4BadOptions, 1",
        "ipv6UnknownOption, 9",
        "ipv6RoutingHeader, 1",
        "ndpBadHopLimit, 2",
        "ndpUnsolicited, 1",
        "redirectsRefused, 1",
        "arpConflict, 2",
        "ipSpoofedSource, 2",
        "ipv4MartianSource, 1",
        "ipv6MartianSource, 1"
    })
    void shouldCountWhatItDropsByItsReason(String counter, int least) {
        final Matcher matcher = Pattern.compile("\"" + counter + "\": (\\d+)").matcher(summary);
        assertTrue(matcher.find(), summary);
        assertTrue(Integer.parseInt(matcher.group(1)) >= least, matcher::group);
    }
}

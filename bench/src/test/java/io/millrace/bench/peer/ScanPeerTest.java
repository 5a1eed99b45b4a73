package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.Namespace;
import io.millrace.testkit.PacketCapture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * nmap's scans of {@code serve}: each port is found to be what RFC 9293 section 3.10.7 makes of it, and nothing else
 * breaks.
 */
@Tag("peers")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
final class ScanPeerTest {
    private static final String DEVICE = "peer0";
    private static final String OUR_V4 = "10.91.0.2";
    private static final String OUR_V6 = "fd91::2";
    private static final String PORTS = "1-40,80";
    private static final int COUNT = 41;
    private static final int SECONDS = 600;

    /** Scans, and over which families. nmap has no IPv6 for some. */
    private static final List<String> SCANS =
            List.of("-sS", "-sT", "-sF", "-sX", "-sN", "-sA", "-sM", "-sU", "-6 -sS", "-6 -sT", "-6 -sF", "-6 -sU");

    private final Map<String, Process> running = new LinkedHashMap<>();

    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Namespace namespace;

    @SuppressWarnings("NullAway.Init")
    private ServeProcess server;

    @SuppressWarnings("NullAway.Init")
    private PacketCapture capture;

    /** All scans run at the same time: they mostly wait for answers that do not come. */
    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        folder = temporary;
        namespace = Namespaces.create();
        server = ServeProcess.start(
                namespace,
                folder.resolve("stats.json"),
                "--port",
                "tap:" + DEVICE,
                "--address",
                OUR_V4 + "/24," + OUR_V6 + "/64",
                "--tcp",
                "echo:7,http:80",
                "--udp",
                "echo:7");
        capture = PacketCapture.start(namespace::enter, DEVICE, folder.resolve("all.pcap"));
        TapPeerTest.configure(namespace, DEVICE);
        for (final String scan : SCANS) {
            // What is late counts as filtered, so on a busy machine every answer has time. All scans together ask
            // for fewer resets than we send in a second, but for more ICMP errors, so those are asked for again and
            // again.
            start(scan, "--min-rtt-timeout", "2s", "--initial-rtt-timeout", "2s", "--max-retries", "6", "-p", PORTS);
        }
        start("-sO", "--max-retries", "3", "-p", "1,6,17,50,99,132");
        start("-O", "--max-os-tries", "1", "-p", "7,80,81");
    }

    private void start(String scan, String... more) throws Exception {
        final List<String> command =
                new ArrayList<>(List.of("nmap", "-n", "-Pn", "-oG", output(scan).toString()));
        command.addAll(List.of(scan.split(" ")));
        command.addAll(List.of(more));
        command.add(scan.startsWith("-6") ? OUR_V6 : OUR_V4);
        running.put(
                scan,
                namespace
                        .process(command.toArray(String[]::new))
                        .redirectErrorStream(true)
                        .redirectOutput(said(scan).toFile())
                        .start());
    }

    private Path output(String scan) {
        return folder.resolve("ports" + scan.replace(' ', '_'));
    }

    private Path said(String scan) {
        return folder.resolve("said" + scan.replace(' ', '_'));
    }

    @AfterAll
    void stop() throws Exception {
        running.values().forEach(Process::destroyForcibly);
        try {
            if (server != null) {
                server.stop();
                capture.assertSound(server.value("mac"));
            }
        } finally {
            for (final AutoCloseable used : new AutoCloseable[] {capture, server, namespace}) {
                if (used != null) {
                    used.close();
                }
            }
        }
    }

    private String finish(String scan) throws Exception {
        final Process nmap = Objects.requireNonNull(running.get(scan), scan);
        assertTrue(nmap.waitFor(SECONDS, TimeUnit.SECONDS), () -> "nmap " + scan + " does not end");
        final String said = Files.readString(said(scan));
        assertEquals(0, nmap.exitValue(), said);
        return said;
    }

    /**
     * {@code open} is the state of ports 7 and 80, or of 7 alone with UDP, {@code others} that of all others.
     */
    @ParameterizedTest(name = "nmap {0}")
    @CsvSource({
        "-sS, open, closed",
        "-sT, open, closed",
        // A listener says nothing to a segment that has neither SYN nor ACK, and a reset to one with an ACK.
        "-sF, open|filtered, closed",
        "-sX, open|filtered, closed",
        "-sN, open|filtered, closed",
        "-sM, closed, closed",
        "-sA, unfiltered, unfiltered",
        "-sU, open, closed",
        "-6 -sS, open, closed",
        "-6 -sT, open, closed",
        "-6 -sF, open|filtered, closed",
        "-6 -sU, open, closed"
    })
    void shouldBeSeenAsItIsWhenNmapScansItsPorts(String scan, String open, String others) throws Exception {
        finish(scan);
        final Map<Integer, String> expected = new TreeMap<>();
        if (!open.equals(others)) {
            expected.put(7, open);
            if (!scan.contains("U")) {
                expected.put(80, open);
            }
        }
        final String ports = Files.readString(output(scan));
        final Map<Integer, String> seen = new TreeMap<>();
        Pattern.compile("(\\d+)/([a-z|]+)/(tcp|udp)")
                .matcher(ports)
                .results()
                .filter(port -> !port.group(2).equals(others))
                .forEach(port -> seen.put(Integer.parseInt(port.group(1)), port.group(2)));
        assertEquals(expected, seen, ports);
        // Those that are alike are counted only.
        final String alike = "Ignored State: " + others + " (" + (COUNT - expected.size()) + ")";
        assertTrue(ports.contains(alike), ports);
    }

    @Test
    void shouldTellWhichProtocolsItSpeaks() throws Exception {
        finish("-sO");
        final String ports = Files.readString(output("-sO"));
        assertTrue(
                ports.contains("1/open/icmp/, 6/open/tcp/, 17/open/udp/, 50/closed/esp/, 99/closed/anyencrypt/,"
                        + " 132/closed/sctp/"),
                ports);
    }

    @Test
    void shouldStandTheProbesThatTellSystemsApart() throws Exception {
        final String said = finish("-O");
        assertTrue(said.contains("OS detection performed"), said);
        assertTrue(
                said.contains("7/tcp  open") && said.contains("80/tcp open") && said.contains("81/tcp closed"), said);
    }
}

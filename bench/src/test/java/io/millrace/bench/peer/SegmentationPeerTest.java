package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.Namespace;
import io.millrace.bench.netns.VethPair;
import io.millrace.testkit.PacketCapture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Devices that cut our TCP segments. Linux gets them and routes them to a client behind a link without offloads, where
 * tshark sees each segment as it is in the end.
 */
@Tag("peers")
@Timeout(600)
class SegmentationPeerTest {
    private static final Pattern LEFT = Pattern.compile("\"tcpSegmentsLeftToDevice\": (\\d+)");
    private static final int BYTES = 8 << 20;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "tap:seg0, --faults-in, '', 10000",
        "tap:seg0, --faults-in, loss=2%, 8000",
        "tap:seg0, --faults-out, loss=1%, 0",
        "'net_tap0,iface=seg0', --faults-in, loss=2%, 3000",
    })
    void shouldArriveWholeWhenTheDeviceCutsSegments(
            final String port, final String flag, final String faults, final int left) throws Exception {
        final Path site = Files.createDirectory(folder.resolve("site"));
        final byte[] content = new byte[BYTES];
        new SplittableRandom(3).nextBytes(content);
        Files.write(site.resolve("large.bin"), content);
        final List<String> arguments = new ArrayList<>(List.of("--port", port, "--address", "10.94.0.2/24,fd94::2/64"));
        arguments.addAll(List.of("--gateway", "10.94.0.1,fd94::1", "--segmentation", "device"));
        if (!faults.isEmpty()) {
            arguments.addAll(List.of(flag, faults));
        }
        arguments.addAll(List.of("--tcp", "http:80", "--http-root", site.toString()));
        try (Namespace router = Namespaces.create();
                Namespace client = router.another();
                ServeProcess server =
                        ServeProcess.start(router, folder.resolve("stats.json"), arguments.toArray(String[]::new))) {
            VethPair.configure(router::run, "seg0", List.of("10.94.0.1/24", "fd94::1/64"));
            connect(router, client);
            final PacketCapture capture =
                    PacketCapture.startReceived(client::enter, "far1", folder.resolve("far.pcap"));
            for (final String host : List.of("10.94.0.2", "[fd94::2]")) {
                final Path copy = folder.resolve("copy.bin");
                client.run("curl", "-sS", "-m", "100", "-o", copy.toString(), "http://" + host + "/large.bin");
                assertEquals(digest(content), digest(Files.readAllBytes(copy)));
            }
            capture.assertSoundWhere("ip.src == 10.94.0.2 && tcp.len > 1000");
            capture.assertSoundWhere("ipv6.src == fd94::2 && tcp.len > 1000");
            final String json = server.stop();
            final Matcher matcher = LEFT.matcher(json);
            assertTrue(matcher.find(), json);
            assertTrue(Integer.parseInt(matcher.group(1)) >= left, json);
        }
    }

    /** The kernel leaves to us what we leave to it: segments of up to 64 KiB come in one piece. */
    @ParameterizedTest
    @ValueSource(strings = {"tap:seg0", "tun:seg0"})
    void shouldReceiveWholeWhatTheKernelDoesNotCut(final String port) throws Exception {
        try (Namespace peer = Namespaces.create();
                ServeProcess server = ServeProcess.start(
                        peer,
                        folder.resolve("stats.json"),
                        "--port",
                        port,
                        "--address",
                        "10.94.0.2/24,fd94::2/64",
                        "--segmentation",
                        "device",
                        "--tcp",
                        "echo:7")) {
            VethPair.configure(peer::run, "seg0", List.of("10.94.0.1/24", "fd94::1/64"));
            final String features = peer.run("ethtool", "-k", "seg0");
            assertTrue(features.contains("tcp-segmentation-offload: on\n"), features);
            for (final String host : List.of("10.94.0.2", "fd94::2")) {
                final List<String> echo =
                        JavaCommand.of(EchoClient.class, List.of("tcp", host, "7", "4", Integer.toString(BYTES / 4)));
                final String said = peer.run(echo.toArray(String[]::new));
                assertTrue(said.endsWith("ok\n"), said);
            }
            server.stop();
        }
    }

    /** A link from the router to the client, on which each packet is complete and no longer than the MTU. */
    private static void connect(final Namespace router, final Namespace client) throws Exception {
        router.run("ip", "link", "add", "far0", "type", "veth", "peer", "name", "far1");
        router.run("ip", "link", "set", "far1", "netns", Long.toString(client.pid()));
        VethPair.prepare(router::run, "far0", 1500);
        VethPair.prepare(client::run, "far1", 1500);
        VethPair.configure(router::run, "far0", List.of("10.95.0.1/24", "fd95::1/64"));
        VethPair.configure(client::run, "far1", List.of("10.95.0.2/24", "fd95::2/64"));
        router.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1");
        client.run("ip", "route", "add", "default", "via", "10.95.0.1");
        client.run("ip", "-6", "route", "add", "default", "via", "fd95::1");
    }

    private static String digest(final byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}

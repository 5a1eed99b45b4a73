package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.Namespace;
import io.millrace.bench.netns.VethPair;
import io.millrace.testkit.Await;
import io.millrace.testkit.PacketCapture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What flags change on the wire and in files: VLAN tags, captures in turns, checksums of the device, and lost
 * addresses.
 */
@Tag("peers")
@Timeout(600)
final class FlagsPeerTest {
    private static final String DEVICE = "peer0";
    private static final String OUR_V4 = "10.91.0.2";
    private static final String OUR_V6 = "fd91::2";

    @TempDir
    private Path folder;

    /** This kernel may have no VLAN devices, so both ends are ours, on a bridge of Linux's. */
    @Test
    void shouldTagFramesAndKeepTheLatestCapturesWhenToldTo() throws Exception {
        try (Namespace peer = Namespaces.create()) {
            peer.run("ip", "link", "add", "bridge0", "type", "bridge");
            for (final String device : List.of("left0", "right0")) {
                peer.run("ip", "tuntap", "add", "dev", device, "mode", "tap");
                peer.run("ip", "link", "set", device, "master", "bridge0", "up");
            }
            peer.run("ip", "link", "set", "bridge0", "up");
            final Path capture = folder.resolve("all.pcapng");
            try (ServeProcess server = serve(
                    peer,
                    "tap:left0",
                    "--vlan",
                    "100.5",
                    "--pcap",
                    capture.toString(),
                    "--pcap-size",
                    "64k",
                    "--pcap-files",
                    "3")) {
                assertEquals("100.5", server.value("vlan"));
                final CommandRun inside = ping(peer, "--vlan", "100.5", "-c", "300", "-i", "0.002", "-s", "1000");
                assertEquals(0, inside.code(), inside::toString);
                final CommandRun outside = ping(peer, "--vlan", "100.6", "-c", "1", "-W", "0.5");
                assertEquals(1, outside.code(), outside::toString);
                server.stop();
            }
            final List<Path> files;
            try (Stream<Path> all = Files.list(folder)) {
                files = all.filter(file -> file.toString().endsWith(".pcapng")).toList();
            }
            assertEquals(3, files.size(), files::toString);
            for (final Path file : files) {
                PacketCapture.of(file).assertAllSound();
            }
            final StringBuilder said = new StringBuilder();
            for (final Path file : files) {
                assertTrue(Files.size(file) < 512 << 10, file::toString);
                said.append(Namespace.runHere(
                        "sh",
                        "-c",
                        "tshark -n -r " + file + " -T fields -e ieee8021ad.id -e vlan.id -e icmp.type 2>/dev/null"
                                + " | sort | uniq"));
            }
            assertTrue(said.indexOf("100\t5\t8\n") >= 0 && said.indexOf("100\t5\t0\n") >= 0, said::toString);
        }
    }

    private CommandRun ping(Namespace peer, String... arguments) throws Exception {
        return CommandRun.of(
                peer,
                folder,
                List.of(),
                Map.of(),
                Stream.concat(
                                Stream.of(
                                        "ping",
                                        "--port",
                                        "tap:right0",
                                        "--address",
                                        "10.91.0.3/24",
                                        "-q",
                                        "-I",
                                        "right0"),
                                Stream.concat(Stream.of(arguments), Stream.of(OUR_V4)))
                        .toArray(String[]::new));
    }

    @Test
    void shouldSendGoodChecksumsWhenTheDeviceWritesThem() throws Exception {
        try (Namespace peer = Namespaces.create()) {
            try (ServeProcess server =
                    serve(peer, "net_tap0,iface=" + DEVICE, "--udp", "echo:7", "--checksums", "device")) {
                TapPeerTest.configure(peer, DEVICE);
                try (PacketCapture capture = PacketCapture.start(peer::enter, DEVICE, folder.resolve("all.pcap"))) {
                    for (final String address : List.of(OUR_V4, OUR_V6)) {
                        LinuxPing.answered(peer, address, 3, 777);
                        final List<String> echo =
                                JavaCommand.of(EchoClient.class, List.of("udp", address, "7", "100", "700"));
                        assertTrue(peer.run(echo.toArray(String[]::new)).endsWith("ok\n"));
                    }
                    capture.assertSound(server.value("mac"));
                    server.stop();
                }
            }
        }
    }

    @Test
    void shouldTellOfAnAddressThatLinuxHas() throws Exception {
        try (Namespace peer = Namespaces.create()) {
            new VethPair("mr0", DEVICE, List.of(OUR_V4 + "/24", OUR_V6 + "/64"), 1500).create(peer::run);
            try (PacketCapture seen = PacketCapture.start(peer::enter, DEVICE, folder.resolve("all.pcap"));
                    ServeProcess server = serve(peer, "net_af_packet0,iface=mr0")) {
                final String device = server.value("port");
                final String mac = Namespaces.mac(peer, DEVICE);
                final List<String> lost = List.of(
                        "lost " + OUR_V4 + " on " + device + ": " + mac + " has it",
                        "lost " + OUR_V6 + " on " + device + ": " + mac + " has it");
                Await.until(
                        () -> lost + " in:\n" + server.output(),
                        () -> lost.stream().allMatch(server.output()::contains));
                final CommandRun shown = CommandRun.of(peer, folder, List.of(), Map.of(), "ss", "-a");
                assertTrue(shown.out().contains("lost " + OUR_V4 + "/24 on " + device), shown::toString);
                final String json = server.stop();
                seen.assertSound(server.value("mac"));
                assertTrue(json.contains("\"address\": \"" + OUR_V6 + "\",\n      \"mac\": \"" + mac + "\""), json);
            }
        }
    }

    private ServeProcess serve(Namespace peer, String port, String... arguments) throws Exception {
        return ServeProcess.start(
                peer,
                folder.resolve("stats.json"),
                Stream.concat(
                                Stream.of("--port", port, "--address", OUR_V4 + "/24," + OUR_V6 + "/64"),
                                Stream.of(arguments))
                        .toArray(String[]::new));
    }
}

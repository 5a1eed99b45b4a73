package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.cli.Main;
import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import io.millrace.bench.netns.VethPair;
import io.millrace.testkit.Netns;
import io.millrace.testkit.PacketCapture;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Datagrams in fragments, made by Linux and put together by us, and the other way round. */
@Tag("peers")
@Timeout(600)
final class FragmentPeerTest {
    private static final String OURS = "mf0";
    private static final String DEVICE = "peer0";
    private static final String OUR_MAC = "02:00:00:00:00:02";
    private static final String OUR_V4 = "10.91.0.2";
    private static final String OUR_V6 = "fd91::2";

    @ParameterizedTest
    @ValueSource(ints = {1500, 1280, 576})
    void shouldAnswerPingsOfAnySizeWhenLinuxSendsThemOverTap(int mtu, @TempDir Path folder) throws Exception {
        final boolean v6 = mtu >= 1280; // RFC 8200 section 5
        try (Namespace peer = Namespaces.create()) {
            final String addresses = OUR_V4 + "/24" + (v6 ? "," + OUR_V6 + "/64" : "");
            peer.run("ip", "tuntap", "add", "dev", DEVICE, "mode", "tap");
            // A queue for several datagrams of 119 fragments each: a busy machine lets them wait.
            peer.run("ip", "link", "set", DEVICE, "mtu", Integer.toString(mtu), "txqueuelen", "10000");
            peer.run("ip", "address", "add", "10.91.0.1/24", "dev", DEVICE);
            if (v6) {
                peer.run("ip", "address", "add", "fd91::1/64", "dev", DEVICE, "nodad");
            }
            peer.run("ip", "link", "set", DEVICE, "up");
            try (PacketCapture capture = PacketCapture.start(peer::enter, DEVICE, folder.resolve("all.pcap"));
                    ServeProcess server = serve(peer, folder, "tap:" + DEVICE, addresses)) {
                exchange(peer, mtu, v6 ? List.of(OUR_V4, OUR_V6) : List.of(OUR_V4));
                server.stop();
                capture.assertSound(server.value("mac"));
            }
        }
    }

    /** With IPv4 Linux itself would put fragments together for net_af_packet, and cut the result to its frames. */
    @Test
    void shouldAnswerPingsOfAnySizeWhenLinuxSendsThemOverAfPacket(@TempDir Path folder) throws Exception {
        try (Namespace peer = Namespaces.create()) {
            new VethPair(OURS, DEVICE, List.of("fd91::1/64"), 1500).create(peer::run);
            final String port = "net_af_packet0,iface=" + OURS;
            try (PacketCapture capture = PacketCapture.start(peer::enter, DEVICE, folder.resolve("all.pcap"));
                    ServeProcess server = serve(peer, folder, port, OUR_V6 + "/64")) {
                exchange(peer, 1500, List.of(OUR_V6));
                server.stop();
                capture.assertSound(server.value("mac"));
            }
        }
    }

    /** Our packet socket takes fragments as they come, of either family. */
    @Test
    void shouldAnswerPingsOfAnySizeWhenLinuxSendsThemOverAPacketSocket(@TempDir Path folder) throws Exception {
        try (Namespace peer = Namespaces.create()) {
            new VethPair(OURS, DEVICE, List.of("10.91.0.1/24", "fd91::1/64"), 1500).create(peer::run);
            try (PacketCapture capture = PacketCapture.start(peer::enter, DEVICE, folder.resolve("all.pcap"));
                    ServeProcess server = serve(peer, folder, "packet:" + OURS, OUR_V4 + "/24," + OUR_V6 + "/64")) {
                exchange(peer, 1500, List.of(OUR_V4, OUR_V6));
                server.stop();
                capture.assertSound(server.value("mac"));
            }
        }
    }

    /** The command runs within this JVM, in a namespace of a thread, since many short runs are wanted. */
    @ParameterizedTest
    @CsvSource({"1500, 0 1472 1473 65507, 0 65507", "1280, 1252 20000, 1233 65507", "576, 549 65507, ''"})
    void shouldBeAnsweredByLinuxWhateverTheSizeOfOurPings(int mtu, String sizes4, String sizes6, @TempDir Path folder)
            throws Exception {
        Netns.call(() -> {
            Netns.run("ip", "tuntap", "add", "dev", DEVICE, "mode", "tap");
            Netns.run("ip", "link", "set", DEVICE, "mtu", Integer.toString(mtu), "txqueuelen", "10000");
            Netns.run("ip", "address", "add", "10.91.0.1/24", "dev", DEVICE);
            if (!sizes6.isEmpty()) {
                Netns.run("ip", "address", "add", "fd91::1/64", "dev", DEVICE, "nodad");
            }
            Netns.run("ip", "link", "set", DEVICE, "up");
            try (PacketCapture capture = PacketCapture.start(DEVICE, folder.resolve("all.pcap"))) {
                ping(OUR_V4 + "/24", "10.91.0.1", sizes4);
                ping(OUR_V6 + "/64", "fd91::1", sizes6);
                capture.assertSound(OUR_MAC);
            }
            return 0;
        });
    }

    private static void ping(String address, String target, String sizes) {
        for (final String size : sizes.isEmpty() ? List.<String>of() : List.of(sizes.split(" "))) {
            final StringWriter out = new StringWriter();
            final StringWriter err = new StringWriter();
            final int code = Main.run(
                    new PrintWriter(out),
                    new PrintWriter(err),
                    "ping",
                    "--port",
                    "tap:" + DEVICE,
                    "--mac",
                    OUR_MAC,
                    "--address",
                    address,
                    "-c",
                    "2",
                    "-i",
                    "0.2",
                    "-w",
                    "60",
                    "-s",
                    size,
                    target);
            assertEquals(0, code, () -> size + " bytes: " + out + err);
            assertTrue(out.toString().contains("icmp_seq=1 ") && out.toString().contains("icmp_seq=2 "), out::toString);
        }
    }

    private static ServeProcess serve(Namespace peer, Path folder, String port, String addresses) throws Exception {
        return ServeProcess.start(
                peer, folder.resolve("stats.json"), "--port", port, "--address", addresses, "--udp", "echo:7");
    }

    private static void exchange(Namespace peer, int mtu, List<String> addresses) throws CommandException {
        for (final String address : addresses) {
            for (final int size : sizes(mtu, address)) {
                LinuxPing.answered(peer, address, 1, size);
            }
            assertEquals(
                    "20 65507",
                    peer.run("python3", "-c", ECHO, address, "65507", "20").strip());
        }
    }

    /** Sends datagrams of one size to the echo service and says how many came back as they went. */
    private static final String ECHO = """
        import os, socket, sys
        family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
        s = socket.socket(family, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        s.settimeout(60)
        size, good = int(sys.argv[2]), 0
        for _ in range(int(sys.argv[3])):
            data = os.urandom(size)
            s.sendto(data, (sys.argv[1], 7))
            good += s.recv(65536) == data
        print(good, size)
        """;

    private static List<Integer> sizes(int mtu, String address) {
        final int most = mtu - (address.equals(OUR_V4) ? 28 : 48);
        final List<Integer> sizes = new ArrayList<>(List.of(0, 1, 56, most));
        for (int size = most + 1; size < 65_507; size = size * 2 + 1) {
            sizes.add(size);
        }
        sizes.add(65_507);
        return sizes;
    }
}

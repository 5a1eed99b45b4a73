package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import io.millrace.bench.netns.VethPair;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Datagrams in fragments, made by Linux and put together by us, and the other way round. */
@Tag("peers")
@Timeout(120)
final class FragmentPeerTest {
    private static final String OURS = "mf0";
    private static final String DEVICE = "peer0";
    private static final String OUR_V4 = "10.91.0.2";
    private static final String OUR_V6 = "fd91::2";

    @ParameterizedTest
    @ValueSource(ints = {1500, 1280, 576})
    void shouldAnswerPingsOfAnySizeWhenLinuxSendsThemOverTap(int mtu, @TempDir Path folder) throws Exception {
        final boolean v6 = mtu >= 1280; // RFC 8200 section 5
        try (Namespace peer = namespace()) {
            final String addresses = OUR_V4 + "/24" + (v6 ? "," + OUR_V6 + "/64" : "");
            peer.run("ip", "tuntap", "add", "dev", DEVICE, "mode", "tap");
            // A queue for several datagrams of 119 fragments each: a busy machine lets them wait.
            peer.run("ip", "link", "set", DEVICE, "mtu", Integer.toString(mtu), "txqueuelen", "10000");
            peer.run("ip", "address", "add", "10.91.0.1/24", "dev", DEVICE);
            if (v6) {
                peer.run("ip", "address", "add", "fd91::1/64", "dev", DEVICE, "nodad");
            }
            peer.run("ip", "link", "set", DEVICE, "up");
            try (ServeProcess server = serve(peer, folder, "tap:" + DEVICE, addresses)) {
                exchange(peer, mtu, v6 ? List.of(OUR_V4, OUR_V6) : List.of(OUR_V4));
                server.stop();
            }
        }
    }

    /** With IPv4 Linux itself would put fragments together for net_af_packet, and cut the result to its frames. */
    @Test
    void shouldAnswerPingsOfAnySizeWhenLinuxSendsThemOverAfPacket(@TempDir Path folder) throws Exception {
        try (Namespace peer = namespace()) {
            new VethPair(OURS, DEVICE, List.of("fd91::1/64"), 1500).create(peer::run);
            final String port = "net_af_packet0,iface=" + OURS;
            try (ServeProcess server = serve(peer, folder, port, OUR_V6 + "/64")) {
                exchange(peer, 1500, List.of(OUR_V6));
                server.stop();
            }
        }
    }

    private static ServeProcess serve(Namespace peer, Path folder, String port, String addresses) throws Exception {
        return ServeProcess.start(
                peer, folder.resolve("stats.json"), "--port", port, "--address", addresses, "--udp", "echo:7");
    }

    private static void exchange(Namespace peer, int mtu, List<String> addresses) throws CommandException {
        for (final String address : addresses) {
            for (final int size : sizes(mtu, address)) {
                // One each: after the first answer ping waits no longer than twice as long for the others.
                final String said = peer.run("ping", "-n", "-c", "1", "-W", "5", "-s", Integer.toString(size), address);
                assertTrue(said.contains("1 received, 0% packet loss"), said);
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
            s.settimeout(5)
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

    private static Namespace namespace() {
        try {
            return Namespace.create();
        } catch (CommandException e) {
            assumeTrue(false, "no network namespace can be made here: " + e.getMessage());
            throw new AssertionError(e);
        }
    }
}

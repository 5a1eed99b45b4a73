package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import io.millrace.testkit.Await;
import io.millrace.testkit.PacketCapture;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Linux's tools for ARP and neighbour discovery see of {@code serve}. Needs arping (iputils) and ndisc6. */
@Tag("peers")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
class NeighborPeerTest {
    private static final String DEVICE = "peer0";
    private static final String PATIENCE_SECONDS = "60";
    private static final String OUR_V4 = "10.91.0.2";
    private static final String OUR_V6 = "fd91::2";

    @SuppressWarnings("NullAway.Init")
    private Namespace namespace;

    @SuppressWarnings("NullAway.Init")
    private ServeProcess server;

    @SuppressWarnings("NullAway.Init")
    private PacketCapture capture;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        namespace = Namespaces.create();
        server = ServeProcess.start(
                namespace,
                folder.resolve("stats.json"),
                "--port",
                "tap:" + DEVICE,
                "--address",
                OUR_V4 + "/24," + OUR_V6 + "/64",
                "--udp",
                "echo:7");
        TapPeerTest.configure(namespace, DEVICE);
        capture = PacketCapture.start(namespace::enter, DEVICE, folder.resolve("all.pcap"));
        server.awaitAddresses();
    }

    @AfterAll
    void stop() throws Exception {
        try {
            if (server != null) {
                server.stop();
                capture.assertSound(server.value("mac"));
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

    @Test
    void shouldAnswerArping() throws CommandException {
        final String said = namespace.run("arping", "-c", "2", "-w", PATIENCE_SECONDS, "-I", DEVICE, OUR_V4);
        assertTrue(said.toLowerCase(Locale.ROOT).contains(server.value("mac")), said);
        assertTrue(said.contains("Received 2 response"), said);
    }

    /** arping -D probes as a host does that wants the address, and ends with 1 if somebody has it. */
    @Test
    void shouldBeSeenAsADuplicateWhenAnotherHostProbes() throws Exception {
        final Process arping = namespace
                .process("arping", "-D", "-w", PATIENCE_SECONDS, "-I", DEVICE, OUR_V4)
                .redirectErrorStream(true)
                .start();
        final String said = new String(arping.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(1, arping.waitFor(), said);
        assertTrue(said.contains("Received 1 response"), said);
    }

    @Test
    void shouldAnswerNdisc6() throws CommandException {
        final String said = namespace.run("ndisc6", "-1", "-n", "-w", PATIENCE_SECONDS + "000", OUR_V6, DEVICE);
        assertTrue(said.toLowerCase(Locale.ROOT).contains(server.value("mac")), said);
    }

    @Test
    void shouldMakeLinuxGiveUpAnAddressThatIsOurs() throws Exception {
        // It asks more than once, so that an answer has more than a second.
        namespace.run("sysctl", "-qw", "net.ipv6.conf." + DEVICE + ".dad_transmits=" + PATIENCE_SECONDS);
        namespace.run("ip", "address", "add", OUR_V6 + "/64", "dev", DEVICE);
        try {
            final String failed = OUR_V6 + "/64 scope global dadfailed tentative";
            Await.until(
                    failed,
                    () -> namespace
                            .run("ip", "-6", "address", "show", "dev", DEVICE)
                            .contains(failed));
        } finally {
            namespace.run("ip", "address", "del", OUR_V6 + "/64", "dev", DEVICE);
        }
        ping(OUR_V6);
    }

    @ParameterizedTest
    @ValueSource(strings = {OUR_V4, OUR_V6})
    void shouldBeReachableInLinuxsTable(String address) throws Exception {
        namespace.run("ip", "neigh", "flush", "dev", DEVICE);
        // Whom the server has asked in between, Linux knows from that, and makes sure of five seconds later.
        final String reachable = "lladdr " + server.value("mac") + " REACHABLE";
        Await.until(reachable, () -> {
            ping(address);
            return namespace.run("ip", "neigh", "show", address).contains(reachable);
        });
    }

    @Test
    void shouldFollowLinuxWhenItsMacAddressChanges() throws Exception {
        for (final String mac : new String[] {"02:aa:00:00:00:01", "02:aa:00:00:00:02"}) {
            ping(OUR_V4);
            ping(OUR_V6);
            namespace.run("ip", "link", "set", DEVICE, "address", mac);
            // Answers go to the old address until Linux answered our question from the new one; we ask once a second.
            for (final String address : new String[] {OUR_V4, OUR_V6}) {
                LinuxPing.untilAnswered(namespace, address);
                ping(address);
            }
        }
    }

    private void ping(String address) throws CommandException {
        LinuxPing.answered(namespace, address, 3, 56);
    }
}

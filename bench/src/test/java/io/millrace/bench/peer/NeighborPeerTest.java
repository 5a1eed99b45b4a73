package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
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
@Timeout(60)
class NeighborPeerTest {
    private static final String DEVICE = "peer0";
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
        try {
            namespace = Namespace.create();
        } catch (CommandException e) {
            assumeTrue(false, "no network namespace can be made here: " + e.getMessage());
        }
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
        // Until its addresses are checked, the server gives them up to whoever wants them.
        namespace.run("sleep", "3");
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
        final String said = namespace.run("arping", "-c", "2", "-I", DEVICE, OUR_V4);
        assertTrue(said.toLowerCase(Locale.ROOT).contains(server.value("mac")), said);
        assertTrue(said.contains("Received 2 response"), said);
    }

    /** arping -D probes as a host does that wants the address, and ends with 1 if somebody has it. */
    @Test
    void shouldBeSeenAsADuplicateWhenAnotherHostProbes() throws Exception {
        final Process arping = namespace
                .process("arping", "-D", "-c", "2", "-I", DEVICE, OUR_V4)
                .redirectErrorStream(true)
                .start();
        final String said = new String(arping.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(1, arping.waitFor(), said);
        assertTrue(said.contains("Received 1 response"), said);
    }

    @Test
    void shouldAnswerNdisc6() throws CommandException {
        final String said = namespace.run("ndisc6", "-1", "-n", OUR_V6, DEVICE);
        assertTrue(said.toLowerCase(Locale.ROOT).contains(server.value("mac")), said);
    }

    @Test
    void shouldMakeLinuxGiveUpAnAddressThatIsOurs() throws Exception {
        namespace.run("ip", "address", "add", OUR_V6 + "/64", "dev", DEVICE);
        try {
            String said = "";
            for (int i = 0; i < 50 && !said.contains("dadfailed"); i++) {
                said = namespace.run("sh", "-c", "sleep 0.1; ip -6 address show dev " + DEVICE);
            }
            assertTrue(said.contains(OUR_V6 + "/64 scope global dadfailed tentative"), said);
        } finally {
            namespace.run("ip", "address", "del", OUR_V6 + "/64", "dev", DEVICE);
        }
        ping(OUR_V6);
    }

    @ParameterizedTest
    @ValueSource(strings = {OUR_V4, OUR_V6})
    void shouldBeReachableInLinuxsTable(String address) throws CommandException {
        namespace.run("ip", "neigh", "flush", "dev", DEVICE);
        ping(address);
        final String said = namespace.run("ip", "neigh", "show", address);
        assertTrue(said.contains("lladdr " + server.value("mac") + " REACHABLE"), said);
    }

    @Test
    void shouldFollowLinuxWhenItsMacAddressChanges() throws CommandException {
        for (final String mac : new String[] {"02:aa:00:00:00:01", "02:aa:00:00:00:02"}) {
            ping(OUR_V4);
            ping(OUR_V6);
            namespace.run("ip", "link", "set", DEVICE, "address", mac);
            // Answers go to the old address until Linux answered our question from the new one; we ask once a second.
            final String ask = "ping -n -q -c 20 -i 0.1 -W 3 ";
            namespace.run("sh", "-c", ask + OUR_V4 + " & " + ask + OUR_V6 + "; wait");
            ping(OUR_V4);
            ping(OUR_V6);
        }
    }

    private void ping(String address) throws CommandException {
        LinuxPing.answered(namespace, address, 3, 56);
    }
}

package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.Namespace;
import io.millrace.bench.netns.VethPair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What must not stop a server: an end without warning before it, and a link that comes and goes. */
@Tag("peers")
@Timeout(600)
final class ReliabilityPeerTest {
    private static final String OURS = "10.93.0.2";
    private static final String THEIRS = "10.93.0.1";

    @TempDir
    Path folder;

    private ServeProcess serve(Namespace namespace, String device) throws IOException, InterruptedException {
        final List<String> arguments = new ArrayList<>(List.of(
                "--port",
                device.replace("FOLDER", folder.toString()),
                "--address",
                OURS + "/24,fd93::2/64",
                "--instance",
                "again",
                "--pcap",
                folder.resolve("all.pcapng").toString(),
                "--udp",
                "echo:7"));
        return ServeProcess.start(namespace, folder.resolve("stats.json"), arguments.toArray(String[]::new));
    }

    /** A killed process leaves its control socket, its capture, and sockets and run-time files of DPDK's drivers. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "tap:mr0",
                "net_af_packet0,iface=mr1",
                "net_tap0,iface=mr2",
                "net_memif0,role=server,id=0,socket-abstract=no,socket=FOLDER/memif.sock",
                "net_vhost0,iface=FOLDER/vhost.sock"
            })
    void shouldStartAgainWhenItWasKilled(final String device) throws Exception {
        try (Namespace namespace = Namespaces.create()) {
            new VethPair("mr1", "peer0", List.of(), 1_500).create(namespace::run);
            serve(namespace, device).kill();
            serve(namespace, device).kill();
            try (ServeProcess third = serve(namespace, device)) {
                final CommandRun run =
                        CommandRun.of(namespace, folder, List.of(), Map.of(), "port", "--instance", "again");
                assertTrue(run.out().contains("faults in none"), run::toString);
                third.stop();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"net_af_packet0,iface=mr1", "packet:mr1"})
    void shouldGoOnAndCountWhenTheLinkFlaps(final String device) throws Exception {
        try (Namespace namespace = Namespaces.create()) {
            new VethPair("mr1", "peer0", List.of(THEIRS + "/24", "fd93::1/64"), 1_500).create(namespace::run);
            try (ServeProcess server = serve(namespace, device)) {
                LinuxPing.untilAnswered(namespace, OURS);
                int flaps = 0;
                for (final String end : List.of("peer0", "mr1", "peer0")) {
                    flap(namespace, server, end, ++flaps);
                    if (end.equals("peer0")) {
                        // With its interface Linux loses its IPv6 address.
                        namespace.run("ip", "address", "replace", "fd93::1/64", "dev", "peer0", "nodad");
                    }
                    // It takes Linux a while to notice that there is a carrier again.
                    for (final String address : List.of(OURS, "fd93::2")) {
                        LinuxPing.untilAnswered(namespace, address);
                        LinuxPing.answered(namespace, address, 3, 1_000);
                    }
                }
                assertFlaps(server, flaps);
            }
        }
    }

    @Test
    void shouldGoOnAndCountWhenATapIsTakenDown() throws Exception {
        try (Namespace namespace = Namespaces.create();
                ServeProcess server = serve(namespace, "tap:mr1")) {
            namespace.run("ip", "address", "add", THEIRS + "/24", "dev", "mr1");
            namespace.run("ip", "link", "set", "mr1", "up");
            for (int flap = 1; flap <= 2; flap++) {
                LinuxPing.untilAnswered(namespace, OURS);
                flap(namespace, server, "mr1", flap);
            }
            LinuxPing.untilAnswered(namespace, OURS);
            assertFlaps(server, 2);
        }
    }

    private static void flap(final Namespace namespace, final ServeProcess server, final String end, final int number)
            throws Exception {
        namespace.run("ip", "link", "set", end, "down");
        server.await(" is down", number);
        final String lost = namespace.run("sh", "-c", "ping -n -c 2 -i 0.2 -W 1 " + OURS + " 2>&1 || true");
        assertTrue(!lost.contains(" 2 received"), lost);
        namespace.run("ip", "link", "set", end, "up");
        server.await(" is up, after ", number);
    }

    /** In the summary for people and in JSON. */
    private static void assertFlaps(final ServeProcess server, final int flaps) throws Exception {
        final String json = server.stop();
        for (final String counter : List.of("\"linkDowns\": ", "\"linkUps\": ")) {
            assertEquals(2, json.split(counter + flaps + ",", -1).length - 1, () -> "of the port and in all: " + json);
        }
        assertTrue(json.contains("\"linkDownLost\": "), json);
        assertTrue(server.output().contains(flaps + " times down, " + flaps + " times up"), server::output);
    }
}

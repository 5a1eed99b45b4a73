package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.Namespace;
import io.millrace.testkit.PacketCapture;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Thousands of connections of Linux's to {@code serve}, all open at the same time. */
@Tag("peers")
@Timeout(600)
final class ManyConnectionsPeerTest {
    private static final String DEVICE = "peer0";
    private static final String CONNECTIONS = "2500";
    private static final String BYTES = "3000";

    /**
     * Room for all of them. With cookies a connection whose acknowledgment is lost is told of by its first data, and that
     * comes when all are open: later than a cookie is good for, on a busy machine.
     */
    private static final String ROOM = "echo:7/backlog=5000/syn-backlog=5000";

    @Test
    void shouldEchoWhenFiveThousandConnectionsAreOpenAtOnce(@TempDir Path folder) throws Exception {
        try (Namespace peer = Namespaces.create()) {
            peer.run("ip", "tuntap", "add", "dev", DEVICE, "mode", "tap");
            peer.run("ip", "link", "set", DEVICE, "txqueuelen", "10000");
            TapPeerTest.configure(peer, DEVICE);
            Namespaces.bePatient(peer);
            try (PacketCapture capture = PacketCapture.startReceived(peer::enter, DEVICE, folder.resolve("all.pcap"));
                    ServeProcess server = ServeProcess.start(
                            peer,
                            folder.resolve("stats.json"),
                            "--port",
                            "tap:" + DEVICE,
                            "--address",
                            "10.91.0.2/24,fd91::2/64",
                            "--tcp",
                            ROOM)) {
                final List<Process> clients = new ArrayList<>();
                for (final String address : List.of("10.91.0.2", "fd91::2")) {
                    final List<String> client =
                            JavaCommand.of(EchoClient.class, List.of("tcp", address, "7", CONNECTIONS, BYTES));
                    clients.add(peer.process(client.toArray(String[]::new))
                            .redirectErrorStream(true)
                            .start());
                }
                for (final Process client : clients) {
                    final String said = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                    assertEquals(0, client.waitFor(), said);
                    assertTrue(said.endsWith("ok\n"), said);
                }
                server.stop();
                capture.assertAllSound();
            }
        }
    }
}

package io.millrace.bench.peer;

import io.millrace.bench.netns.Namespace;
import io.millrace.testkit.PacketCapture;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two Millrace processes that share memory through DPDK's net_memif. */
@Tag("peers")
@Timeout(600)
final class MemifPeerTest {
    @Test
    void shouldAnswerPingsOfAnotherProcessOverBothFamilies(@TempDir Path folder) throws Exception {
        final Namespace namespace = Namespaces.create();
        final String socket = ",id=0,socket-abstract=no,socket=" + folder.resolve("memif.sock");
        try (namespace;
                ServeProcess server = ServeProcess.start(
                        namespace,
                        folder.resolve("stats.json"),
                        "--port",
                        "net_memif0,role=server" + socket,
                        "--mac",
                        "02:00:00:00:00:01",
                        "--address",
                        "10.91.0.1/24,fd91::1/64",
                        "--udp",
                        "echo:7",
                        "--pcap",
                        folder.resolve("all.pcap").toString())) {
            for (final String address : List.of("10.91.0.1", "fd91::1")) {
                SteadyPing.assertAnswered(
                        namespace,
                        List.of(
                                "--port",
                                "net_memif0,role=client" + socket,
                                "--mac",
                                "02:00:00:00:00:02",
                                "--address",
                                "10.91.0.2/24,fd91::2/64"),
                        address);
            }
            server.stop();
            PacketCapture.of(folder.resolve("all.pcap")).assertSound("02:00:00:00:00:01", "02:00:00:00:00:02");
        }
    }
}

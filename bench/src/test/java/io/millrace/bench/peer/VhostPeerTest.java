package io.millrace.bench.peer;

import io.millrace.bench.netns.Namespace;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two Millrace processes, one as the host of a virtual machine (net_vhost), one as its guest (net_virtio_user). */
@Tag("peers")
@Timeout(600)
final class VhostPeerTest {
    @Test
    void shouldAnswerPingsOfAnotherProcessOverBothFamilies(@TempDir Path folder) throws Exception {
        final Namespace namespace = Namespaces.create();
        final Path socket = folder.resolve("vhost.sock");
        try (namespace;
                ServeProcess server = ServeProcess.start(
                        namespace,
                        folder.resolve("stats.json"),
                        "--port",
                        "net_vhost0,iface=" + socket,
                        "--mac",
                        "02:00:00:00:00:01",
                        "--address",
                        "10.92.0.1/24,fd92::1/64",
                        "--udp",
                        "echo:7")) {
            for (final String address : List.of("10.92.0.1", "fd92::1")) {
                SteadyPing.assertAnswered(
                        namespace,
                        List.of(
                                "--port",
                                "net_virtio_user0,path=" + socket + ",mac=02:00:00:00:00:02",
                                "--address",
                                "10.92.0.2/24,fd92::2/64"),
                        address);
            }
            server.stop();
        }
    }
}

package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A server on one of DPDK's shared-memory devices, and another process that joins its peer to a TAP interface, over which
 * Linux pings the server. They are ended as {@code kill -9} does, both or the server alone.
 */
@Tag("peers")
@Timeout(600)
final class KilledPeerTest {
    private static final String OURS = "10.94.0.2";
    private static final String THEIRS = "10.94.0.1";

    @TempDir
    Path folder;

    private @Nullable Namespace namespace;
    private @Nullable ServeProcess server;
    private @Nullable ServeProcess link;

    @BeforeEach
    void createNamespace() throws CommandException {
        try {
            namespace = Namespace.create();
        } catch (CommandException e) {
            assumeTrue(false, "no network namespace can be made here: " + e.getMessage());
        }
    }

    @AfterEach
    void close() {
        if (link != null) {
            link.close();
        }
        if (server != null) {
            server.close();
        }
        if (namespace != null) {
            namespace.close();
        }
    }

    private void startServer(Namespace in, String device) throws IOException, InterruptedException {
        server = ServeProcess.start(
                in,
                folder.resolve("server.json"),
                "--port",
                device.replace("FOLDER", folder.toString()),
                "--mac",
                "02:00:00:00:00:01",
                "--address",
                OURS + "/24",
                "--instance",
                "server",
                "--udp",
                "echo:7");
    }

    private void startLink(Namespace in, String device) throws IOException, InterruptedException, CommandException {
        link = ServeProcess.startCommand(
                "forward",
                in,
                folder.resolve("link.json"),
                "--mode",
                "io",
                "--port",
                device.replace("FOLDER", folder.toString()),
                "--port",
                "tap:mr0",
                "--instance",
                "link");
        in.run("ip", "address", "replace", THEIRS + "/24", "dev", "mr0");
        in.run("ip", "link", "set", "mr0", "up");
    }

    /**
     * What a killed process leaves behind, sockets of its device above all, is no obstacle.
     *
     * @param linkFirst whether the server's device waits for its peer before anything else
     */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        net_virtio_user0,path=FOLDER/s,server=1,mac=02:00:00:00:00:02 | net_vhost0,iface=FOLDER/s,client=1                                | true
        net_vhost0,iface=FOLDER/s                                     | net_virtio_user0,path=FOLDER/s,mac=02:00:00:00:00:02              | false
        net_memif0,role=server,id=0,socket-abstract=no,socket=FOLDER/s | net_memif0,role=client,id=0,socket-abstract=no,socket=FOLDER/s | false
        """)
    void shouldServeAgainWhenItWasKilled(String serverDevice, String linkDevice, boolean linkFirst) throws Exception {
        final Namespace in = Objects.requireNonNull(namespace);
        for (int start = 0; start < 2; start++) {
            if (linkFirst) {
                startLink(in, linkDevice);
                startServer(in, serverDevice);
            } else {
                startServer(in, serverDevice);
                startLink(in, linkDevice);
            }
            LinuxPing.untilAnswered(in, OURS); // the two ends have found each other
            if (start == 0) {
                killed(server);
                killed(link);
            }
        }
        // The server's peer lives on and takes it when it comes back.
        killed(server);
        startServer(in, serverDevice);
        LinuxPing.untilAnswered(in, OURS);
        Objects.requireNonNull(link).stop();
        Objects.requireNonNull(server).stop();
    }

    private static void killed(@Nullable ServeProcess process) throws InterruptedException {
        Objects.requireNonNull(process).kill();
    }
}

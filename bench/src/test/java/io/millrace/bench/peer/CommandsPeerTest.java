package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import io.millrace.bench.netns.VethPair;
import io.millrace.testkit.Await;
import io.millrace.testkit.PacketCapture;
import io.millrace.testkit.Said;
import java.io.BufferedReader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The commands beside {@code serve}: a server on one veth pair, and another pair for those that have a port of their
 * own.
 */
@Tag("peers")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
final class CommandsPeerTest {
    private static final String PORT = "net_af_packet0,iface=mr1";
    private static final String ADDRESSES = "10.92.0.2/24,fd92::2/64";

    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Namespace namespace;

    @SuppressWarnings("NullAway.Init")
    private ServeProcess server;

    private final List<PacketCapture> captures = new ArrayList<>();

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        folder = temporary;
        namespace = Namespaces.create();
        new VethPair("mr0", "peer0", List.of("10.91.0.1/24", "fd91::1/64"), 1500).create(namespace::run);
        new VethPair("mr1", "peer1", List.of("10.92.0.1/24", "fd92::1/64"), 1500).create(namespace::run);
        for (final String device : List.of("peer0", "peer1")) {
            captures.add(PacketCapture.startReceived(namespace::enter, device, folder.resolve(device + ".pcap")));
        }
        server = ServeProcess.start(
                namespace,
                folder.resolve("stats.json"),
                "--port",
                "net_af_packet0,iface=mr0",
                "--address",
                "10.91.0.2/24,fd91::2/64",
                "--tcp",
                "echo:7,http:80",
                "--udp",
                "echo:7",
                "--instance",
                "peers");
    }

    @AfterAll
    void stop() throws Exception {
        try {
            if (server != null) {
                server.stop();
                assertFalse(Files.exists(folder.resolve("run")), "the control socket and its folder are gone");
                for (final PacketCapture capture : captures) {
                    capture.assertAllSound();
                }
            }
        } finally {
            captures.forEach(PacketCapture::close);
            if (server != null) {
                server.close();
            }
            if (namespace != null) {
                namespace.close();
            }
        }
    }

    private CommandRun run(String... arguments) throws Exception {
        return CommandRun.of(namespace, folder, List.of(), Map.of(), arguments);
    }

    /** Runs {@code ping} on a port of ours. */
    private CommandRun ping(String arguments) throws Exception {
        return run(("ping --port " + PORT + " --address " + ADDRESSES + " " + arguments).split(" "));
    }

    private static void assertOneLine(int code, String part, CommandRun run) {
        assertEquals(code, run.code(), run::toString);
        assertEquals(1, run.err().size(), run::toString);
        assertTrue(run.err().getFirst().contains(part), run::toString);
    }

    @Test
    void shouldShowThePeerReachableWhenItPingedUs() throws Exception {
        LinuxPing.answered(namespace, "10.91.0.2", 2, 56);
        final String line = "10.91.0.1 dev " + server.value("port") + " lladdr " + Namespaces.mac(namespace, "peer0");
        final CommandRun shown = run("neigh");
        assertTrue(shown.out().contains(line), shown::toString);
        // What a peer says of itself unasked is not trusted: five seconds later it is asked.
        Await.until(line + " REACHABLE", () -> {
            LinuxPing.answered(namespace, "10.91.0.2", 1, 56);
            return run("neigh").out().contains(line + " REACHABLE\n");
        });
    }

    @Test
    void shouldSetANeighbourWhenToldTo() throws Exception {
        assertEquals(0, run("neigh", "add", "fd91::7", "02:00:00:00:00:07").code());
        assertTrue(run("neigh", "show").out().contains("lladdr 02:00:00:00:00:07 PERMANENT\n"));
        assertEquals(0, run("neigh", "del", "fd91::7", "--instance", "peers").code());
        assertOneLine(2, "there is no neighbour fd91::7", run("neigh", "del", "fd91::7"));
        assertOneLine(2, "running: peers", run("neigh", "--instance", "other"));
    }

    @Test
    void shouldListListenersAndConnections() throws Exception {
        final Process client = namespace
                .process("bash", "-c", "exec 3<>/dev/tcp/10.91.0.2/7; echo hello >&3; head -n 1 <&3; read -r line")
                .start();
        try (BufferedReader answer = client.inputReader();
                Writer end = client.outputWriter()) {
            Said.assertNext("hello", answer, client);
            final CommandRun shown = run("ss", "-a");
            assertTrue(shown.out().matches("(?s).*tcp +LISTEN +0 +\\d+ +0\\.0\\.0\\.0:80 .*"), shown::toString);
            assertTrue(shown.out().matches("(?s).*udp +UNCONN +0 +0 +\\[::]:7 .*"), shown::toString);
            assertTrue(
                    shown.out().matches("(?s).*tcp +ESTAB +0 +0 +10\\.91\\.0\\.2:7 +10\\.91\\.0\\.1:.*"),
                    shown::toString);
            end.write("\n");
        }
        assertTrue(client.waitFor(Await.SECONDS, TimeUnit.SECONDS));
    }

    @Test
    void shouldTellWhereAPacketGoes() throws Exception {
        final String device = server.value("port");
        assertEquals(
                "10.91.0.1 dev " + device + " src 10.91.0.2\n",
                run("route", "get", "10.91.0.1").out());
        assertEquals(
                0, run("route", "add", "10.200.0.0/16", "--via", "10.91.0.1").code());
        final CommandRun shown = run("route");
        assertTrue(shown.out().contains("10.200.0.0/16 via 10.91.0.1 dev " + device), shown::toString);
        assertEquals(0, run("route", "del", "10.200.0.0/16").code());
        assertOneLine(2, "no route leads to 10.200.0.1", run("route", "get", "10.200.0.1"));
    }

    @Test
    void shouldForwardBetweenItsPortsWhenItIsARouter() throws Exception {
        try (Namespace far = Namespaces.create()) {
            new VethPair("mr3", "peer3", List.of("10.95.0.1/24", "fd95::1/64"), 1500).create(namespace::run);
            new VethPair("mr4", "peer4", List.of(), 1500).create(namespace::run);
            namespace.run("ip", "link", "set", "peer4", "netns", Namespaces.pid(far));
            far.run("ip", "address", "add", "10.96.0.1/24", "dev", "peer4");
            far.run("ip", "address", "add", "fd96::1/64", "dev", "peer4", "nodad");
            far.run("ip", "link", "set", "peer4", "up");
            far.run("ip", "route", "add", "default", "via", "10.96.0.2");
            far.run("ip", "-6", "route", "add", "default", "via", "fd96::2");
            // Linux has an end of our links, too, and must not take from there what is meant for it.
            for (final String device : List.of("mr3", "mr4")) {
                namespace.run("sysctl", "-qw", "net.ipv4.conf." + device + ".rp_filter=1");
                namespace.run("sysctl", "-qw", "net.ipv6.conf." + device + ".disable_ipv6=1");
            }
            namespace.run("ip", "route", "add", "10.96.0.0/24", "via", "10.95.0.2");
            namespace.run("ip", "-6", "route", "add", "fd96::/64", "via", "fd95::2");
            try (ServeProcess router = ServeProcess.start(
                    namespace,
                    Files.createDirectory(folder.resolve("router")).resolve("stats.json"),
                    "--port",
                    "net_af_packet0,iface=mr3",
                    "--address",
                    "10.95.0.2/24,fd95::2/64",
                    "--port",
                    "net_af_packet1,iface=mr4",
                    "--address",
                    "10.96.0.2/24",
                    "--address",
                    "fd96::2/64",
                    "--route",
                    "10.97.0.0/16=10.96.0.1",
                    "--forward")) {
                router.awaitAddresses();
                for (final String address : List.of("10.96.0.1", "fd96::1")) {
                    final String said = LinuxPing.answered(namespace, address, 3, 56);
                    assertTrue(said.contains("ttl=63"), said);
                }
                router.stop();
            }
        }
    }

    @Test
    void shouldShowAPageWhenThereIsNoFolder() throws CommandException {
        final String page = namespace.run("curl", "-sS", "--noproxy", "*", "-m", "60", "http://[fd91::2]/");
        assertTrue(page.contains("<title>Millrace"), page);
    }

    @ParameterizedTest
    @CsvSource({"10.92.0.1, 56", "fd92::1, 1000"})
    void shouldPingLinux(String address, int size) throws Exception {
        final CommandRun ping = ping("-c 3 -i 0.2 -w 60 -s " + size + " " + address);
        assertEquals(0, ping.code(), ping::toString);
        for (int i = 1; i <= 3; i++) {
            final String answer = (size + 8) + " bytes from " + address + ": icmp_seq=" + i + " ttl=64 time=";
            assertTrue(ping.out().contains(answer), ping::toString);
        }
    }

    @Test
    void shouldExitAsLinuxsPingWhenNobodyAnswers() throws Exception {
        final CommandRun nobody = ping("-c 2 -i 0.1 -W 0.5 10.92.0.99");
        assertEquals(1, nobody.code(), nobody::toString);
        assertTrue(nobody.out().contains("2 packets transmitted, 0 received"), nobody::toString);
    }

    @Test
    void shouldTellTheErrorsThatLinuxReports() throws Exception {
        namespace.run("ip", "route", "add", "unreachable", "10.98.0.0/16");
        namespace.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
        final CommandRun ping = ping("--gateway 10.92.0.1 -c 1 -W 60 10.98.0.1");
        assertEquals(1, ping.code(), ping::toString);
        assertTrue(ping.out().contains("From 10.92.0.1 icmp_seq=1 Destination Host Unreachable\n"), ping::toString);
        assertTrue(
                ping.out().contains("1 packets transmitted, 0 received, +1 errors, 100% packet loss"), ping::toString);
    }

    @Test
    void shouldRefuseLongRequestsWhenTheyMustNotBeFragmented() throws Exception {
        // net_af_packet has the kernel reassemble what comes in, into frames of 2048 bytes.
        final CommandRun whole = ping("-c 2 -w 60 -s 1800 -I 10.92.0.2 10.92.0.1");
        assertEquals(0, whole.code(), whole::toString);
        assertTrue(whole.out().contains("1808 bytes from 10.92.0.1: icmp_seq=2"), whole::toString);
        final CommandRun refused = ping("-c 1 -M do -s 5000 10.92.0.1");
        assertEquals(1, refused.code(), refused::toString);
        assertTrue(refused.out().contains("ping: local error: message too long"), refused::toString);
    }

    @Test
    void shouldTraceWhatLinuxSends() throws Exception {
        namespace.run("ip", "neigh", "replace", "10.92.0.3", "lladdr", "02:00:00:00:00:03", "dev", "peer1");
        final Path out = folder.resolve("trace.out");
        final Path err = folder.resolve("trace.err");
        final Path pcap = folder.resolve("trace.pcap");
        final Process trace = CommandRun.start(
                namespace,
                folder,
                List.of(),
                Map.of(),
                out,
                err,
                "trace",
                "--port",
                PORT,
                "-c",
                "2",
                "-w",
                pcap.toString(),
                "icmp",
                "10.92.0.3");
        final Process ping =
                namespace.process("ping", "-n", "-q", "-i", "0.2", "10.92.0.3").start();
        try {
            assertTrue(trace.waitFor(Await.SECONDS, TimeUnit.SECONDS), "it does not see two packets");
        } finally {
            ping.destroyForcibly();
        }
        final CommandRun run = CommandRun.read(trace.exitValue(), out, err);
        assertEquals(0, run.code(), run::toString);
        assertEquals(2, run.out().lines().count(), run::toString);
        assertTrue(run.out().contains("IP 10.92.0.1 > 10.92.0.3: ICMP echo request, id "), run::toString);
        final String read = Namespace.runHere("sh", "-c", "tshark -n -r " + pcap + " 2>/dev/null");
        assertTrue(read.contains("Echo (ping) request"), read);
        assertEquals("", Namespace.runHere("sh", "-c", "tshark -n -r " + pcap + " -Y _ws.malformed 2>/dev/null"));
    }

    @Test
    void shouldSayWhatIsMissingWhenPermissionsAre() throws Exception {
        final List<String> weak = List.of("setpriv", "--bounding-set", "-net_raw,-net_admin,-sys_admin");
        for (final String port : List.of("tap:mr9", "net_af_packet0,iface=mr1")) {
            final CommandRun run = CommandRun.of(
                    namespace, folder, weak, Map.of(), "serve", "--port", port, "--address", "10.93.0.2/24");
            assertEquals(2, run.code(), run::toString);
            assertTrue(run.err().getLast().startsWith("millrace serve: "), run::toString);
            assertFalse(run.out().contains("ready"), run::toString);
        }
        assertFalse(namespace.run("ip", "-o", "link").contains("mr9"));
    }

    @Test
    void shouldSayWhatToLookAtWhenALibraryOfDpdkIsBroken() throws Exception {
        final Path wrong = Files.createDirectory(folder.resolve("wrong"));
        Files.writeString(wrong.resolve("librte_eal.so.23"), "not a library");
        final CommandRun run = CommandRun.of(
                namespace,
                folder,
                List.of(),
                Map.of("LD_LIBRARY_PATH", wrong.toString()),
                "serve",
                "--port",
                PORT,
                "--address",
                ADDRESSES);
        assertOneLine(2, "librte_eal.so.23 is there but cannot be loaded; see what it lacks with: ldd ", run);
    }

    @Test
    void shouldGoOnAndEndInOrderWhenTheDeviceVanishes() throws Exception {
        new VethPair("mr2", "peer2", List.of("10.94.0.1/24"), 1500).create(namespace::run);
        try (ServeProcess doomed = ServeProcess.start(
                namespace,
                Files.createDirectory(folder.resolve("doomed")).resolve("stats.json"),
                "--port",
                "net_af_packet0,iface=mr2",
                "--address",
                "10.94.0.2/24",
                "--tcp",
                "echo:7")) {
            LinuxPing.untilAnswered(namespace, "10.94.0.2");
            namespace.run("ip", "link", "del", "mr2");
            doomed.stop();
        }
    }
}

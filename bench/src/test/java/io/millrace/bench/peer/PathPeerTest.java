package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import io.millrace.testkit.PacketCapture;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * traceroute and tracepath, from a Linux host to {@code serve --forward} and through it to another, behind a link with a
 * smaller MTU.
 */
@Tag("peers")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
final class PathPeerTest {
    private static final int FAR_MTU = 1_280;
    private static final int BULK = 8_000_000;
    private static final String OUR_NEAR_MAC = "02:00:00:00:00:01";
    private static final String OUR_FAR_MAC = "02:00:00:00:00:02";

    @SuppressWarnings("NullAway.Init")
    private Namespace near;

    @SuppressWarnings("NullAway.Init")
    private Namespace far;

    @SuppressWarnings("NullAway.Init")
    private ServeProcess router;

    @SuppressWarnings("NullAway.Init")
    private PacketCapture nearCapture;

    @SuppressWarnings("NullAway.Init")
    private PacketCapture farCapture;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        near = Namespaces.create();
        far = Namespaces.create();
        router = ServeProcess.start(
                near,
                folder.resolve("stats.json"),
                "--port",
                "tap:near0",
                "--address",
                "10.0.1.1/24,2001:db8:1::1/64",
                "--mac",
                OUR_NEAR_MAC,
                "--port",
                "tap:far0",
                "--address",
                "10.0.2.1/24,2001:db8:2::1/64",
                "--mac",
                OUR_FAR_MAC,
                "--mtu",
                Integer.toString(FAR_MTU),
                "--forward");
        near.run("ip", "link", "set", "far0", "netns", Namespaces.pid(far));
        settle(near, "near0", 1);
        settle(far, "far0", 2);
        far.run("ip", "link", "set", "far0", "mtu", Integer.toString(FAR_MTU));
        nearCapture = PacketCapture.start(near::enter, "near0", folder.resolve("near.pcap"));
        farCapture = PacketCapture.start(far::enter, "far0", folder.resolve("far.pcap"));
        // Until its IPv6 addresses are checked, the router cannot ask who does not know it.
        router.awaitAddresses();
        for (final String address : List.of("10.0.2.2", "2001:db8:2::2")) {
            LinuxPing.untilAnswered(near, address);
        }
    }

    private static void settle(Namespace namespace, String device, int net) throws CommandException {
        namespace.run("ip", "address", "add", "10.0." + net + ".2/24", "dev", device);
        namespace.run("ip", "address", "add", "2001:db8:" + net + "::2/64", "dev", device, "nodad");
        namespace.run("ip", "link", "set", device, "up");
        namespace.run("ip", "route", "add", "default", "via", "10.0." + net + ".1");
        namespace.run("ip", "-6", "route", "add", "default", "via", "2001:db8:" + net + "::1");
    }

    @AfterAll
    void stop() throws Exception {
        try {
            if (router != null) {
                router.stop();
                nearCapture.assertSound(OUR_NEAR_MAC);
                farCapture.assertSound(OUR_FAR_MAC);
            }
        } finally {
            for (final AutoCloseable used : new AutoCloseable[] {router, nearCapture, farCapture, near, far}) {
                if (used != null) {
                    used.close();
                }
            }
        }
    }

    /** By UDP to ports where nobody is, by echo requests, and by SYNs. */
    @ParameterizedTest
    @CsvSource({
        "-U, 10.0.1.1",
        "-I, 10.0.1.1",
        "-T, 10.0.1.1",
        "-U, 2001:db8:1::1",
        "-I, 2001:db8:1::1",
        "-T, 2001:db8:1::1"
    })
    void shouldBeTheLastHopWhenTracerouteLooksForUs(String method, String address) throws CommandException {
        final String said = near.run("traceroute", "-n", method, "-w", "60", address);
        assertHops(said, address);
    }

    @ParameterizedTest
    @CsvSource({
        "-U, 10.0.1.1, 10.0.2.2",
        "-I, 10.0.1.1, 10.0.2.2",
        "-T, 10.0.1.1, 10.0.2.2",
        "-U, 2001:db8:1::1, 2001:db8:2::2",
        "-I, 2001:db8:1::1, 2001:db8:2::2",
        "-T, 2001:db8:1::1, 2001:db8:2::2"
    })
    void shouldBeTheFirstHopWhenTracerouteLooksThroughUs(String method, String ours, String target)
            throws CommandException {
        final String said = near.run("traceroute", "-n", method, "-w", "60", target);
        assertHops(said, ours, target);
    }

    /** In either direction; each end finds out that the far link takes less than the near one. */
    @ParameterizedTest
    @CsvSource({"10.0.2.2, -Z", "10.0.2.2, -R", "2001:db8:2::2, -Z", "2001:db8:2::2, -R"})
    void shouldCarryBulkWhenIperfRunsThroughUs(String target, String direction) throws Exception {
        final Process server = far.process("iperf3", "--server", "--one-off", "--forceflush", "--bind", target)
                .redirectErrorStream(true)
                .start();
        try (BufferedReader said = server.inputReader()) {
            String line = said.readLine();
            while (line != null && !line.startsWith("Server listening")) {
                line = said.readLine();
            }
            final String json =
                    near.run("iperf3", "--client", target, direction, "--bytes", Integer.toString(BULK), "--json");
            // What the sender has handed over counts; iperf3 does not wait until the receiver has read all of it.
            final JsonObject end =
                    JsonParser.parseString(json).getAsJsonObject().getAsJsonObject("end");
            assertTrue(end.getAsJsonObject("sum_sent").get("bytes").getAsLong() >= BULK, json);
            assertTrue(end.getAsJsonObject("sum_received").get("bytes").getAsLong() > BULK / 4, json);
        } finally {
            server.destroyForcibly();
        }
    }

    /** The hops there are, each with three round trips: a time, no asterisk and no mark of an error. */
    private static void assertHops(String said, String... addresses) {
        final StringBuilder expected = new StringBuilder("traceroute to .*\n");
        for (int i = 0; i < addresses.length; i++) {
            expected.append(" +").append(i + 1).append("  ").append(Pattern.quote(addresses[i]));
            expected.append("(  \\d+\\.\\d+ ms){3}\n");
        }
        assertTrue(said.matches(expected.toString()), said);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.1.1", "2001:db8:1::1"})
    void shouldBeReachedByTracepath(String address) throws CommandException {
        final String said = near.run("tracepath", "-n", address);
        assertTrue(said.matches("(?s).*1:  " + address + " .*reached.*Resume: pmtu 1500 hops 1 back 1.*"), said);
    }

    @ParameterizedTest
    @CsvSource({"10.0.1.1, 10.0.2.2", "2001:db8:1::1, 2001:db8:2::2"})
    void shouldTellTracepathTheMtuOfTheNextLink(String ours, String target) throws CommandException {
        final String said = near.run("tracepath", "-n", target);
        assertTrue(said.matches("(?s).*1:  " + ours + " .*"), said);
        assertTrue(said.matches("(?s).*pmtu " + FAR_MTU + "\n.*2:  " + target + " .*reached.*"), said);
        assertTrue(said.contains("Resume: pmtu " + FAR_MTU + " hops 2 back 2"), said);
    }
}

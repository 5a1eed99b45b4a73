package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import io.millrace.testkit.Await;
import io.millrace.testkit.PacketCapture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every mode of {@code millrace forward} between Linux hosts, each in a namespace of its own at a TAP interface, with
 * tcpdump and tshark as witnesses.
 */
@Tag("peers")
@Timeout(600)
final class AppliancePeerTest {
    @TempDir
    Path folder;

    private ApplianceSite site;

    @BeforeEach
    void createSite() throws CommandException {
        site = new ApplianceSite(folder);
    }

    @AfterEach
    void close() {
        site.close();
    }

    private void start(final int ports, final String... arguments) throws Exception {
        site.start(ports, arguments);
    }

    private Namespace host(final int index, final String... addresses) throws CommandException {
        return site.host(index, addresses);
    }

    private String command(final String... arguments) throws IOException, InterruptedException {
        return site.command(arguments);
    }

    private static long count(final Path capture, final String filter) throws CommandException {
        return Namespace.runHere(
                        "sh", "-c", "exec tshark -n -r " + capture + " -Y '" + filter + "' 2>/dev/null | wc -l")
                .strip()
                .transform(Long::parseLong);
    }

    /** Waits for packets that may still be under way in a capture that goes on. */
    private static void awaitCount(final long least, final Path capture, final String filter) throws Exception {
        Await.until(
                () -> least + " packets with " + filter + " in " + capture.getFileName(),
                () -> count(capture, filter) >= least);
    }

    /** How many packets with any of these ICMP requests and replies. */
    private static final String ECHOES = "icmp.type == 8 || icmp.type == 0";

    @Test
    void shouldLearnWhereStationsAreWhenASwitch() throws Exception {
        start(3, "--mode", "l2switch", "--port", "tap:mr0", "--port", "tap:mr1", "--port", "tap:mr2");
        final Namespace a = host(0, "192.0.2.10/24");
        final Namespace b = host(1, "192.0.2.11/24", "2001:db8::11/64");
        final Namespace c = host(2, "192.0.2.12/24");
        final Path seen = folder.resolve("c.pcap");
        try (PacketCapture capture = PacketCapture.start(c::enter, "mr2", seen)) {
            LinuxPing.answered(a, "192.0.2.11", 5, 56);
            LinuxPing.answered(b, "192.0.2.10", 5, 1_400);
            assertTrue(lostAll(a, "192.0.2.99"));
            awaitCount(1, seen, "arp.dst.proto_ipv4 == 192.0.2.99"); // a broadcast
            capture.stop();
        }
        assertEquals(0, count(seen, ECHOES), "frames for others");

        final String stations = command("mac", "show");
        assertTrue(stations.contains(ApplianceSite.mac(a, 0) + " port 0 dev mr0 age"), stations);
        assertTrue(stations.contains(ApplianceSite.mac(b, 1) + " port 1 dev mr1 age"), stations);

        // A station that is set by hand to another port is heard no more, and comes back.
        command("mac", "add", ApplianceSite.mac(b, 1), "mr2");
        final Path misled = folder.resolve("misled.pcap");
        try (PacketCapture capture = PacketCapture.start(c::enter, "mr2", misled)) {
            assertTrue(lostAll(a, "192.0.2.11"));
            awaitCount(1, misled, "icmp.type == 8"); // frames that the entry led astray
            capture.stop();
        }
        command("mac", "del", ApplianceSite.mac(b, 1));
        command("appliance", "set", "ageing", "30");
        LinuxPing.answered(a, "192.0.2.11", 5, 56);

        final String json = site.stop();
        assertTrue(json.contains("\"switch.floods\""), json);
        assertTrue(json.contains("\"name\": \"switch\""), json);
    }

    private static boolean lostAll(final Namespace from, final String address) throws CommandException {
        return from.run("sh", "-c", "ping -n -c 2 -i 0.2 -W 1 " + address + " || true")
                .contains("100% packet loss");
    }

    @Test
    void shouldLoseNothingWhenEntriesChangeWhileFramesFlow() throws Exception {
        start(2, "--mode", "l2switch", "--port", "tap:mr0", "--port", "tap:mr1");
        final Namespace a = host(0, "192.0.2.10/24");
        host(1, "192.0.2.11/24");
        final SteadyPing ping = SteadyPing.start(a, "192.0.2.11", 600);
        for (int i = 0; i < 3; i++) {
            command("mac", "add", "02:00:00:00:00:0" + i, "1", "--vlan", "10");
            command("mac", "flush");
        }
        ping.assertAllAnswered();
        assertEquals(3, command("mac", "show", "--vlan", "10").lines().count());
        site.stop();
    }

    @Test
    void shouldRouteBothFamiliesAndTakeRoutesWhenARouter() throws Exception {
        start(
                2,
                "--mode",
                "l3router",
                "--port",
                "tap:mr0",
                "--address",
                "10.0.0.1/24,2001:db8:0::1/64",
                "--port",
                "tap:mr1",
                "--address",
                "10.0.1.1/24,2001:db8:1::1/64");
        final Namespace a = host(0, "10.0.0.2/24", "2001:db8:0::2/64");
        final Namespace b = host(1, "10.0.1.2/24", "2001:db8:1::2/64", "192.0.2.1/32");
        site.routeByTheRouter();
        final Path seen = folder.resolve("b.pcap");
        try (PacketCapture capture = PacketCapture.start(b::enter, "mr1", seen)) {
            LinuxPing.answered(a, "10.0.1.2", 5, 56);
            LinuxPing.answered(b, "2001:db8:0::2", 5, 1_200);
            final String expired = LinuxPing.failed(a, "10.0.1.2", "-t", "1");
            assertTrue(expired.contains("From 10.0.0.1") && expired.contains("Time to live exceeded"), expired);
            final String nowhere = LinuxPing.failed(a, "192.0.2.1");
            assertTrue(nowhere.contains("Destination Net Unreachable"), nowhere);
            command("route", "add", "192.0.2.0/24", "--via", "10.0.1.2");
            LinuxPing.answered(a, "192.0.2.1", 3, 56);
            assertTrue(command("neigh", "show").contains("10.0.1.2"));
            assertTrue(command("ss").startsWith("Netid"), "a router has a stack, and so perhaps sockets");
            final String[] macs = site.macs();
            capture.assertSound(macs[1]);
        }
        assertTrue(count(seen, "icmp.type == 8 && ip.ttl == 63") >= 5, "one hop taken off");
        assertTrue(site.stop().contains("\"forwarded\""));
    }

    @Test
    void shouldAnswerForItsAddressesWhenAResponder() throws Exception {
        start(1, "--mode", "responder", "--port", "tap:mr0", "--address", "192.0.2.1/24,2001:db8::1/64");
        final Namespace host = host(0, "192.0.2.2/24", "2001:db8::2/64");
        try (PacketCapture capture = PacketCapture.start(host::enter, "mr0", folder.resolve("host.pcap"))) {
            LinuxPing.answered(host, "192.0.2.1", 3, 1_000);
            LinuxPing.answered(host, "2001:db8::1", 3, 1_000);
            command("appliance", "set", "answer", "192.0.2.9");
            LinuxPing.answered(host, "192.0.2.9", 3, 56);
            command("appliance", "set", "ignore", "192.0.2.9");
            assertTrue(lostAll(host, "192.0.2.9"));
            capture.assertSound(site.macs()[0]);
        }
        final String shown = command("appliance", "show");
        assertTrue(shown.contains(" 6  echoReplies4") && shown.contains(" 3  echoReplies6"), shown);
        assertTrue(
                shown.contains("answers at port 0 for [2001:db8::1, 192.0.2.1]")
                        || shown.contains("answers at port 0 for [192.0.2.1, 2001:db8::1]"),
                shown);
        site.stop();
    }

    /** Echoes, ARP and neighbour discovery are the responder's, the rest Linux's, and both have the same addresses. */
    @Test
    void shouldLeaveTheRestToLinuxWhenAResponderHasAHost() throws Exception {
        site.namespace().run("sysctl", "-w", "net.ipv4.conf.all.arp_ignore=1");
        start(
                1,
                "--mode",
                "responder",
                "--port",
                "tap:mr0",
                "--address",
                "192.0.2.1/24,2001:db8::1/64",
                "--host",
                "vr0");
        final Namespace linux = site.namespace();
        final Namespace host = host(0, "192.0.2.2/24", "2001:db8::2/64");
        assertEquals(site.macs()[0], Namespaces.mac(linux, "vr0"));
        LinuxPing.answered(host, "192.0.2.1", 3, 1_000);
        LinuxPing.answered(host, "2001:db8::1", 3, 1_000);
        LinuxPing.answered(linux, "192.0.2.2", 3, 56);
        LinuxPing.answered(linux, "2001:db8::2", 3, 56);
        for (final String address : new String[] {"192.0.2.1", "2001:db8::1"}) {
            final String url = "'http://" + (address.contains(":") ? "[" + address + "]" : address) + ":81/'";
            final String said = host.run("sh", "-c", "curl -sS -g -m 60 " + url + " 2>&1 || true");
            assertTrue(said.contains("onnect"), said);
            assertTrue(!said.contains("timed out"), "Linux's TCP answers: " + said);
        }
        linux.run("ip", "address", "add", "192.0.2.7/24", "dev", "vr0");
        Await.until("Linux's address", () -> shown().contains("192.0.2.7"));
        LinuxPing.answered(host, "192.0.2.7", 3, 56);
        linux.run("ip", "address", "del", "192.0.2.7/24", "dev", "vr0");
        Await.until("the end of Linux's address", () -> !shown().contains("192.0.2.7"));
        command("appliance", "set", "answer", "192.0.2.9");
        Await.until("our address in Linux", () -> addresses(linux).contains("192.0.2.9/32"));
        command("appliance", "set", "ignore", "192.0.2.9");
        Await.until("its end", () -> !addresses(linux).contains("192.0.2.9"));
        site.stop();
    }

    private String shown() throws IOException {
        return site.request("appliance", "show", Map.of());
    }

    private static String addresses(final Namespace linux) throws CommandException {
        return linux.run("ip", "-br", "address", "show", "dev", "vr0");
    }

    @Test
    void shouldLoseNothingWhenAResponderGetsAndLosesAddressesWhileItAnswers() throws Exception {
        start(1, "--mode", "responder", "--port", "tap:mr0", "--address", "192.0.2.1/24,2001:db8::1/64");
        final Namespace host = host(0, "192.0.2.2/24", "2001:db8::2/64");
        final SteadyPing ping4 = SteadyPing.start(host, "192.0.2.1", 400);
        final SteadyPing ping6 = SteadyPing.start(host, "2001:db8::1", 400);
        int rounds = 0;
        while (ping4.isRunning() || ping6.isRunning()) {
            for (int i = 3; i < 40; i++) {
                site.request("appliance", "set", Map.of("name", "answer", "value", "192.0.2." + i));
                site.request("appliance", "set", Map.of("name", "answer", "value", "2001:db8::" + i));
            }
            for (int i = 3; i < 40; i++) {
                site.request("appliance", "set", Map.of("name", "ignore", "value", "2001:db8::" + i));
                site.request("appliance", "set", Map.of("name", "ignore", "value", "192.0.2." + i));
            }
            rounds++;
        }
        ping4.assertAllAnswered();
        ping6.assertAllAnswered();
        assertTrue(rounds > 0, "nothing changed");
        site.stop();
    }

    /** Linux speaks without tags, the other end of the bridge with those of a VLAN: this kernel may have no VLAN devices. */
    @ParameterizedTest
    @ValueSource(strings = {"l3router", "responder"})
    void shouldShareAPortInAVlanWithLinuxWithoutItsTags(final String mode) throws Exception {
        site.namespace().run("sysctl", "-w", "net.ipv4.conf.all.arp_ignore=1");
        start(1, "--mode", mode, "--port", "tap:mr0", "--vlan", "5", "--address", "192.0.2.1/24", "--host", "vr0");
        final Namespace linux = site.namespace();
        final Namespace other = host(0);
        other.run("ip", "link", "add", "bridge0", "type", "bridge");
        other.run("ip", "tuntap", "add", "dev", "right0", "mode", "tap");
        for (final String device : new String[] {"mr0", "right0"}) {
            other.run("ip", "link", "set", device, "master", "bridge0", "up");
        }
        other.run("ip", "link", "set", "bridge0", "up");
        final Path tagged = folder.resolve("mr0.pcap");
        final Path untagged = folder.resolve("vr0.pcap");
        try (PacketCapture outside = PacketCapture.start(other::enter, "mr0", tagged);
                PacketCapture inside = PacketCapture.start(linux::enter, "vr0", untagged)) {
            assertEquals(0, ping(other, "5", "3", "60").code());
            assertEquals(1, ping(other, "6", "1", "0.5").code());
            assertTrue(lostAll(linux, "192.0.2.99"));
            awaitCount(1, tagged, "vlan.id == 5 && arp.dst.proto_ipv4 == 192.0.2.99"); // Linux asks, with tags
            outside.stop();
            inside.stop();
        }
        assertEquals(3, count(tagged, "vlan.id == 5 && icmp.type == 0"));
        assertEquals(0, count(tagged, "arp && !vlan"));
        assertEquals(0, count(untagged, "vlan"));
        assertEquals(mode.equals("l3router") ? 6 : 0, count(untagged, ECHOES));
        site.stop();
    }

    private CommandRun ping(final Namespace from, final String vlan, final String times, final String patience)
            throws Exception {
        final String all = "ping --port tap:right0 --address 192.0.2.3/24 -q --vlan " + vlan + " -c " + times + " -W "
                + patience + " -I right0 192.0.2.1";
        return CommandRun.of(from, folder, List.of(), Map.of(), all.split(" "));
    }

    @Test
    void shouldWriteEveryPacketWhenARecorder() throws Exception {
        final Path first = folder.resolve("first.pcapng");
        final Path second = folder.resolve("second.pcapng");
        start(2, "--mode", "recorder", "--port", "tap:mr0", "--port", "tap:mr1", "--record", first.toString());
        final Namespace a = host(0, "192.0.2.10/24");
        host(1, "192.0.2.11/24");
        LinuxPing.answered(a, "192.0.2.11", 3, 56);
        final SteadyPing ping = SteadyPing.start(a, "192.0.2.11", 400);
        command("appliance", "set", "record", second.toString());
        ping.assertAllAnswered();
        LinuxPing.answered(a, "192.0.2.11", 3, 56);
        command("appliance", "set", "record", "off");
        LinuxPing.answered(a, "192.0.2.11", 3, 56);
        final String json = site.stop();
        assertTrue(json.contains("\"recorder0.pcapBehind\": 0,"), json);
        // A busy machine asks once more while an answer is late.
        final String wanted = "(" + ECHOES + ") && icmp.seq <= 400";
        final long before = count(first, wanted);
        final long after = count(second, wanted);
        assertEquals(2 * (3 + 400 + 3), before + after);
        assertTrue(before > 0 && after > 0, before + " and " + after);
        assertEquals(0, count(first, "_ws.malformed") + count(second, "_ws.malformed"));
        assertEquals(0x0A0D_0D0A, ByteBuffer.wrap(Files.readAllBytes(first)).getInt(), "a section header block");
    }

    @Test
    void shouldRecordAndShowOnlyWhatFiltersLetThrough() throws Exception {
        final Path file = folder.resolve("replies.pcapng");
        start(
                2,
                "--mode",
                "recorder",
                "--port",
                "tap:mr0",
                "--port",
                "tap:mr1",
                "--record",
                file.toString(),
                "--record-filter",
                "arp or icmp[icmptype] = icmp-echoreply");
        final Namespace a = host(0, "192.0.2.10/24");
        host(1, "192.0.2.11/24");
        LinuxPing.answered(a, "192.0.2.11", 5, 56);
        site.stop();
        assertEquals(5, count(file, "icmp"));
        assertEquals(5, count(file, "icmp.type == 0"));
        assertTrue(count(file, "arp") > 0);
        final String shown =
                command("trace", "--port", "pcap:" + file + ",speed=0", "--filter", "icmp and dst 192.0.2.10");
        assertEquals(
                5,
                shown.lines().filter(line -> line.contains("ICMP echo reply")).count(),
                shown);
        assertEquals(5, shown.lines().count(), shown);
    }

    @Test
    void shouldFollowPacketsThroughTheNodesWhenTraced() throws Exception {
        start(2, "--mode", "csum", "--port", "tap:mr0", "--port", "tap:mr1");
        final Namespace a = host(0, "192.0.2.10/24");
        host(1, "192.0.2.11/24");
        LinuxPing.answered(a, "192.0.2.11", 5, 56);
        final Process ping =
                a.process("ping", "-n", "-q", "-i", "0.1", "192.0.2.11").start();
        try {
            final String trace = command("appliance", "trace", "-c", "2", "--filter", "icmp");
            assertEquals(
                    2, trace.lines().filter(line -> line.contains("ICMP echo")).count(), trace);
            assertTrue(trace.contains("  in0          out to csum0"), trace);
            assertTrue(trace.contains("  csum1        out to out0"), trace);
            assertTrue(trace.contains("  out0         gone"), trace);
        } finally {
            ping.destroy();
        }
        site.stop();
    }

    @Test
    void shouldSendFramesAcrossAndBackWhenTheyPassAsTheyAre() throws Exception {
        start(4, "--mode", "io", "--port", "tap:mr0", "--port", "tap:mr1", "--port", "tap:mr2", "--port", "tap:mr3");
        final Namespace a = host(0, "192.0.2.10/24");
        host(1, "192.0.2.11/24");
        final Namespace c = host(2, "192.0.2.12/24");
        host(3, "192.0.2.13/24");
        LinuxPing.answered(a, "192.0.2.11", 5, 1_400);
        LinuxPing.answered(c, "192.0.2.13", 5, 56);
        assertTrue(lostAll(a, "192.0.2.13"));
        site.stop();
    }

    @Test
    void shouldMirrorPacketsAndSufferFaultsThatAreSwitchedWhileItRuns() throws Exception {
        start(
                3,
                "--mode",
                "io",
                "--port",
                "tap:mr0",
                "--mirror",
                "tap:mr2",
                "--port",
                "tap:mr1",
                "--meter",
                "yes",
                "--faults-in",
                "duplicate=100%",
                "--fault-seed",
                "7");
        final Namespace a = host(0, "192.0.2.10/24");
        final Namespace b = host(1, "192.0.2.11/24");
        final Path seen = folder.resolve("mirror.pcap");
        try (PacketCapture capture = PacketCapture.start(site.host(2)::enter, "mr2", seen)) {
            final String twice = a.run("ping", "-n", "-c", "3", "-i", "0.2", "192.0.2.11");
            assertTrue(twice.contains("(DUP!)"), twice);
            awaitCount(4, seen, "icmp.type == 0"); // what the port sent, each twice
            capture.stop();
        }
        assertEquals(3, count(seen, "icmp.type == 8"), "what the port received");
        final String changed = command("port", "faults", "--port", "mr1", "--in", "loss=100%", "--out", "delay=2ms");
        assertTrue(changed.contains("1: mr1 in loss=1, out delay=2000us"), changed);
        assertTrue(lostAll(a, "192.0.2.11"));
        command("port", "faults", "--in", "none", "--out", "none");
        LinuxPing.answered(b, "192.0.2.10", 3, 56);
        final String shown = command("port");
        assertTrue(shown.contains("faultLost") && shown.contains("0: mr0 (tap) link "), shown);
        assertTrue(shown.contains("mirrorMirrored") && shown.contains("faults in none, out none"), shown);
        assertTrue(shown.contains("meterRxPackets"), shown);
        final String rates = command("port", "rate");
        assertTrue(
                rates.matches("(?s).*0: mr0 received[^\\n]*\\n1: mr1 received[^\\n]*\\n    meter received.*"), rates);
        site.stop();
    }

    /** A header whose checksum is wrong arrives with the right one. */
    @Test
    void shouldWriteChecksumsWhenToldTo() throws Exception {
        start(2, "--mode", "csum", "--port", "tap:mr0", "--port", "tap:mr1");
        final Namespace a = host(0, "192.0.2.10/24");
        final Namespace b = host(1, "192.0.2.11/24");
        LinuxPing.answered(a, "192.0.2.11", 3, 1_400);
        final Path seen = folder.resolve("b.pcap");
        try (PacketCapture capture = PacketCapture.start(b::enter, "mr1", seen)) {
            a.run("python3", "-c", """
                import socket
                s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
                s.bind(("mr0", 0))
                ip = "4500001e00004000401100000a0000010a000002"
                udp = "1234567800" + "0a1111" + "6162"
                for _ in range(20):
                    s.send(bytes.fromhex("02000000000b02000000000a0800" + ip + udp))
                """);
            awaitCount(20, seen, "udp.port == 4660");
            capture.stop();
        }
        assertEquals(20, count(seen, "udp.port == 4660 && ip.checksum == 0x26cd && udp.checksum == 0x21c9"));
        site.stop();
    }

    @Test
    void shouldSendFramesBackWhenTheirAddressesAreSwapped() throws Exception {
        start(1, "--mode", "macswap", "--port", "tap:mr0");
        final Namespace host = host(0, "192.0.2.10/24");
        host.run("ip", "neighbour", "add", "192.0.2.11", "lladdr", "02:00:00:00:00:0b", "dev", "mr0");
        final Path seen = folder.resolve("host.pcap");
        try (PacketCapture capture = PacketCapture.start(host::enter, "mr0", seen)) {
            lostAll(host, "192.0.2.11");
            awaitCount(2, seen, "icmp.type == 8 && eth.src == 02:00:00:00:00:0b");
            capture.stop();
        }
        final String own = ApplianceSite.mac(host, 0);
        final long sent = count(seen, "icmp.type == 8 && eth.src == " + own);
        assertTrue(sent > 0);
        assertEquals(sent, count(seen, "icmp.type == 8 && eth.src == 02:00:00:00:00:0b && eth.dst == " + own));
        site.stop();
    }
}

package io.millrace.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Packets between Linux and us, and what tshark says about those that we sent. Fragments are put together, so that what
 * is inside of them is judged too.
 */
public final class PacketCapture implements AutoCloseable {
    private static final List<String> PROTOCOLS = List.of("ip", "tcp", "udp", "icmp", "icmpv6");

    /** A state of a checksum. */
    private static final String GOOD = "1";

    /** ICMP errors quote what others sent, with all that is wrong with it. */
    private static final String QUOTES = "icmp.type in {3, 4, 5, 11, 12} || icmpv6.type < 128";

    /**
     * A sum of 0 that Linux writes as 0xFFFF, with TCP as with UDP, and that we send on as it is. The two are the same to
     * whoever verifies; tshark minds (RFC 1624).
     */
    private static final String MANGLED = "tcp.checksum == 0xffff";

    private static final String QUOTES_NOTHING = "!(" + QUOTES + ")";

    private static final String WRONG = "_ws.malformed || _ws.expert.group == \"Malformed\""
            + " || (_ws.expert.severity == \"Error\" && !(" + QUOTES + " || " + MANGLED + "))"
            + " || (tcp.checksum.status == 0 && !(" + MANGLED + "))"
            + " || ip.checksum.status == 0 || udp.checksum.status == 0 || icmp.checksum.status == 0"
            + " || icmpv6.checksum.status == 0";

    /** Packets that tshark looks at; a capture of bulk transfers has more of the same. */
    private static final String MOST = "200000";

    private static final int IDLE_SECONDS = 30;

    private final @Nullable Process tcpdump;
    private final Path file;

    private PacketCapture(@Nullable Process tcpdump, Path file) {
        this.tcpdump = tcpdump;
        this.file = file;
    }

    /** A file that somebody else has written. */
    public static PacketCapture of(Path file) {
        return new PacketCapture(null, file);
    }

    /**
     * Starts to capture what an interface of Linux sends and receives; packets from now on are in the file.
     *
     * @param enter makes the command that runs a command in the interface's namespace
     */
    public static PacketCapture start(UnaryOperator<List<String>> enter, String device, Path file) throws IOException {
        return start(enter.apply(command("inout", device, file)), file);
    }

    /** As {@link #start(UnaryOperator, String, Path)}, in the namespace that this thread is in. */
    public static PacketCapture start(String device, Path file) throws IOException {
        return start(UnaryOperator.identity(), device, file);
    }

    /** Starts to capture what an interface of Linux receives: what we sent, if nobody else is on the link. */
    public static PacketCapture startReceived(UnaryOperator<List<String>> enter, String device, Path file)
            throws IOException {
        return start(enter.apply(command("in", device, file)), file);
    }

    private static List<String> command(String direction, String device, Path file) {
        // Without immediate mode packets wait in the kernel for up to a second, and those that do at the end are lost.
        final String options = "tcpdump -s 0 -B 65536 --immediate-mode -U -Q " + direction + " -i " + device + " -w";
        final List<String> command = new ArrayList<>(Arrays.asList(options.split(" ")));
        command.add(file.toString());
        return command;
    }

    private static PacketCapture start(List<String> command, Path file) throws IOException {
        final Process tcpdump =
                new ProcessBuilder(command).redirectErrorStream(true).start();
        final BufferedReader reader = tcpdump.inputReader();
        final StringBuilder said = new StringBuilder();
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.contains("listening")) {
                return new PacketCapture(tcpdump, file);
            }
            said.append(line).append('\n');
        }
        throw new AssertionError("tcpdump does not listen: " + said);
    }

    /** Ends the capture in order: every packet that the kernel showed it before this call is in the file. */
    public void stop() throws IOException, InterruptedException {
        if (tcpdump != null && tcpdump.isAlive()) {
            awaitIdle(tcpdump);
            tcpdump.destroy(); // SIGTERM
            assertTrue(tcpdump.waitFor(Await.SECONDS, TimeUnit.SECONDS), "tcpdump does not end");
        }
    }

    /**
     * Waits until tcpdump sleeps, which it does when it has written all that the kernel had for it: told to end while it
     * lags behind, it leaves the rest. Where packets never cease there is no such moment, and none that matters.
     */
    private static void awaitIdle(Process tcpdump) throws IOException, InterruptedException {
        final Path state = Path.of("/proc", Long.toString(tcpdump.pid()), "stat");
        final long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(IDLE_SECONDS);
        while (System.nanoTime() - deadline < 0) {
            final String said = Files.readString(state);
            // Behind the name, which may hold parentheses itself.
            if (said.charAt(said.lastIndexOf(')') + 2) == 'S') {
                return;
            }
            Thread.sleep(1);
        }
    }

    /**
     * As {@link #assertSound}, and asserts that there is a packet of ours of each protocol, and each with a checksum, so
     * that nothing was sound for want of packets.
     */
    public void assertSoundInEveryProtocol(String ourMac) throws IOException, InterruptedException {
        assertSound(ourMac);
        final StringBuilder fields = new StringBuilder("-T fields");
        PROTOCOLS.forEach(name -> fields.append(" -e ").append(name).append(".checksum.status"));
        final Set<String> good = new HashSet<>();
        tshark(from(ourMac), fields.toString(), " | sort -u").lines().forEach(line -> {
            final String[] states = line.split("\t", -1);
            for (int i = 0; i < states.length; i++) {
                if (states[i].startsWith(GOOD)) {
                    good.add(PROTOCOLS.get(i));
                }
            }
        });
        assertEquals(Set.copyOf(PROTOCOLS), good, "protocols of ours that were seen with a good checksum");
    }

    /**
     * Ends the capture and asserts that there are packets of ours in it, none of which tshark calls malformed or an error
     * or finds a bad checksum in.
     */
    public void assertSound(String... ourMacs) throws IOException, InterruptedException {
        for (final String mac : ourMacs) {
            assertSoundWhere(from(mac));
        }
    }

    /** A capture of "any" interface has another header than Ethernet's. */
    private static String from(String mac) {
        return "(eth.src == " + mac + " || sll.src.eth == " + mac + ")";
    }

    /** The same for all packets that are in the file. */
    public void assertAllSound() throws IOException, InterruptedException {
        assertSoundWhere("frame");
    }

    /** The same for the packets that a display filter of tshark's lets through, which are ours. */
    public void assertSoundWhere(String ours) throws IOException, InterruptedException {
        stop();
        assertEquals("", packets("(" + ours + ") && (" + WRONG + ")", 20), "wrong packets of ours: " + ours);
        assertTrue(!packets(ours, 1).isEmpty(), "no packets of ours: " + ours);
    }

    /**
     * TCP segments with good checksums in the order of the capture, each as stream, source, relative sequence number,
     * bytes of data, relative acknowledgment number and flags in hexadecimal, with tabs between them.
     */
    public List<String> segments() throws IOException, InterruptedException {
        stop();
        final String fields = "-T fields -e tcp.stream -e eth.src -e tcp.seq -e tcp.len -e tcp.ack -e tcp.flags";
        return tshark(QUOTES_NOTHING + " && (tcp.checksum.status == 1 || " + MANGLED + ")", fields, "")
                .lines()
                .toList();
    }

    /** What tshark's experts say about the packets from {@code ourMac}, each message once; not of what those quote. */
    public Set<String> remarks(String ourMac) throws IOException, InterruptedException {
        stop();
        final String said = tshark(
                "eth.src == " + ourMac + " && _ws.expert && " + QUOTES_NOTHING, "-T fields -e _ws.expert.message", "");
        final Set<String> remarks = new TreeSet<>();
        said.lines().forEach(line -> remarks.add(line.replaceAll("\\d+", "N")));
        return remarks;
    }

    /** How many packets a display filter of tshark's lets through. */
    public long count(String filter) throws IOException, InterruptedException {
        return Long.parseLong(tshark(filter, "", " | wc -l").strip());
    }

    private String packets(String filter, int most) throws IOException, InterruptedException {
        return tshark(filter, "", " | head -" + most);
    }

    private String tshark(String filter, String output, String behind) throws IOException, InterruptedException {
        final StringBuilder command = new StringBuilder("exec tshark -n -r ").append(file);
        for (final String protocol : List.of("ip", "tcp", "udp")) {
            command.append(" -o ").append(protocol).append(".check_checksum:TRUE");
        }
        // What is inside of UDP and TCP is none of ours, and ports that happen to be those of DNS do not make it DNS.
        command.append(" -d udp.port==1-65535,data -d tcp.port==1-65535,data -o tcp.desegment_tcp_streams:FALSE")
                .append(" -c ")
                .append(MOST)
                .append(" -Y '")
                .append(filter)
                .append("' ")
                .append(output)
                .append(" 2>/dev/null")
                .append(behind);
        return Netns.run("sh", "-c", command.toString());
    }

    @Override
    public void close() {
        if (tcpdump != null) {
            tcpdump.destroyForcibly();
        }
    }
}

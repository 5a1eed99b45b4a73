package io.millrace.bench.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A tcpdump on the peer's interface, and what tshark says about the packets that we sent. Fragments are put together, so
 * that what is inside of them is judged too.
 */
final class PacketCapture implements AutoCloseable {
    private static final List<String> PROTOCOLS = List.of("ip", "tcp", "udp", "icmp", "icmpv6");

    private static final String BAD_CHECKSUM =
            PROTOCOLS.stream().map(name -> name + ".checksum.status == 0").collect(Collectors.joining(" || "));

    private final Process tcpdump;
    private final Path file;

    private PacketCapture(Process tcpdump, Path file) {
        this.tcpdump = tcpdump;
        this.file = file;
    }

    /** Starts to capture; packets from now on are in the file. */
    static PacketCapture start(Namespace namespace, String device, Path file) throws IOException {
        return start(namespace.process(command(device, file)), file);
    }

    /** As {@link #start(Namespace, String, Path)}, in the namespace that this thread is in. */
    static PacketCapture start(String device, Path file) throws IOException {
        return start(new ProcessBuilder(command(device, file)), file);
    }

    private static String[] command(String device, Path file) {
        // Otherwise packets wait in the kernel for up to a second, and those that do at the end are lost.
        return new String[] {
            "tcpdump", "-i", device, "-s", "0", "-B", "65536", "--immediate-mode", "-U", "-w", file.toString()
        };
    }

    private static PacketCapture start(ProcessBuilder command, Path file) throws IOException {
        final Process tcpdump = command.redirectErrorStream(true).start();
        // The first thing it says is that it listens.
        final String line = tcpdump.inputReader().readLine();
        assertTrue(line != null && line.contains("listening"), line);
        return new PacketCapture(tcpdump, file);
    }

    /** Ends the capture in order. */
    void stop() throws InterruptedException {
        tcpdump.destroy(); // SIGTERM: tcpdump writes what it has
        assertTrue(tcpdump.waitFor(10, TimeUnit.SECONDS));
    }

    /** Asserts that tshark finds a good checksum in some packet of each protocol of ours and a bad one in none. */
    void assertChecksumsAreGood(String ourMac) throws CommandException {
        for (final String protocol : PROTOCOLS) {
            assertEquals("", packets(ourMac, protocol + ".checksum.status == 0"), "bad " + protocol + " checksums");
            assertTrue(!packets(ourMac, protocol + ".checksum.status == 1").isEmpty(), "no " + protocol + " packets");
        }
        assertEquals("", packets(ourMac, "_ws.malformed"), "malformed packets");
    }

    /**
     * Ends the capture and asserts that there are packets of ours in it, none of which tshark calls malformed or finds a
     * bad checksum in.
     */
    void assertSound(String... ourMacs) throws CommandException, InterruptedException {
        if (tcpdump.isAlive()) {
            stop();
        }
        for (final String mac : ourMacs) {
            final String bad = packets(mac, "_ws.malformed || _ws.expert.group == \"Malformed\" || " + BAD_CHECKSUM);
            assertEquals("", bad, "packets that are malformed or have a bad checksum, from " + mac);
            assertTrue(!packets(mac, "frame").isEmpty(), "no packets from " + mac);
        }
    }

    private String packets(String ourMac, String filter) throws CommandException {
        final StringBuilder options = new StringBuilder("exec tshark -n -r ").append(file);
        for (final String protocol : List.of("ip", "tcp", "udp")) {
            options.append(" -o ").append(protocol).append(".check_checksum:TRUE");
        }
        // What is inside of UDP and TCP is none of ours, and ports that happen to be those of DNS do not make it DNS.
        options.append(" -d udp.port==1-65535,data -d tcp.port==1-65535,data -o tcp.desegment_tcp_streams:FALSE")
                .append(" -c 200000 -Y '(eth.src == ")
                .append(ourMac)
                .append(") && (")
                .append(filter)
                .append(")' 2>/dev/null | head -20");
        return Namespace.runHere("sh", "-c", options.toString());
    }

    @Override
    public void close() {
        tcpdump.destroyForcibly();
    }
}

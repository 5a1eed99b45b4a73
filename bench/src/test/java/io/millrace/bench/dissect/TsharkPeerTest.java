package io.millrace.bench.dissect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.Namespace;
import io.millrace.dataplane.port.Medium;
import io.millrace.stack.wire.text.PacketText;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Our views and our one-line text of packets beside tshark's dissection of the same frames. */
@Tag("peers")
@Timeout(600)
final class TsharkPeerTest {
    private static final long SEED = 42;
    private static final int FRAMES = 2_500;
    private static final List<String> FIELDS = List.of(
            "eth.src,eth.dst,vlan.id,arp.opcode,arp.src.hw_mac,arp.dst.hw_mac,arp.src.proto_ipv4,arp.dst.proto_ipv4,"
                    .concat("ip.hdr_len,ip.dsfield,ip.len,ip.id,ip.frag_offset,ip.ttl,ip.proto,ip.checksum,")
                    .concat("ip.checksum.status,ip.src,ip.dst,ipv6.plen,ipv6.nxt,ipv6.hlim,ipv6.tclass,ipv6.flow,")
                    .concat(
                            "ipv6.src,ipv6.dst,ipv6.fraghdr.ident,ipv6.routing.type,udp.srcport,udp.dstport,udp.length,")
                    .concat("udp.checksum,udp.checksum.status,tcp.srcport,tcp.dstport,tcp.seq_raw,tcp.ack_raw,")
                    .concat("tcp.hdr_len,tcp.window_size_value,tcp.checksum,tcp.checksum.status,tcp.len,icmp.type,")
                    .concat("icmp.code,icmp.checksum,icmp.checksum.status,icmpv6.type,icmpv6.code,icmpv6.checksum,")
                    .concat("icmpv6.checksum.status")
                    .split(",", -1));

    @Test
    void shouldReadWhatTsharkReads(@TempDir Path folder) throws Exception {
        final Path file = folder.resolve("generated.pcap");
        final GeneratedFrames generator = new GeneratedFrames(new SplittableRandom(SEED));
        final List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < FRAMES; i++) {
            frames.add(generator.next());
        }
        write(file, frames);
        final List<String> lines = tshark(file).lines().toList();
        assertEquals(FRAMES, lines.size());
        final Map<String, Integer> verdicts = new HashMap<>();
        try (Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < FRAMES; i++) {
                final MemorySegment memory = arena.allocate(frames.get(i).length);
                MemorySegment.copy(frames.get(i), 0, memory, ValueLayout.JAVA_BYTE, 0, frames.get(i).length);
                final Map<String, String> ours = Dissection.of(memory, 0, (int) memory.byteSize(), Medium.ETHERNET);
                final String text = PacketText.of(memory, 0, (int) memory.byteSize(), Medium.ETHERNET);
                final String frame = "frame " + (i + 1) + " of seed " + SEED + ": " + text;
                assertEquals(only(ours, lines.get(i)), ours, frame);
                assertTextSays(ours, text, frame);
                ours.forEach((name, value) -> {
                    if (name.endsWith(".status")) {
                        verdicts.merge(name + value, 1, Integer::sum);
                    }
                });
            }
        }
        for (final String protocol : List.of("udp", "tcp", "icmp", "icmpv6")) {
            for (final String verdict : List.of("0", "1")) {
                final int count = verdicts.getOrDefault(protocol + ".checksum.status" + verdict, 0);
                assertTrue(count > 20, verdicts::toString);
            }
        }
    }

    /** tshark's values of the fields that we found, too; the first ones where a packet within the packet has more. */
    private static Map<String, String> only(Map<String, String> ours, String line) {
        final String[] values = line.split("\t", -1);
        final Map<String, String> theirs = new HashMap<>();
        for (int i = 0; i < FIELDS.size(); i++) {
            final String name = FIELDS.get(i);
            if (ours.containsKey(name)) {
                theirs.put(name, name.equals("vlan.id") ? values[i] : values[i].split(",", -1)[0]);
            }
        }
        return theirs;
    }

    private static void assertTextSays(Map<String, String> fields, String text, String frame) {
        final String source = fields.getOrDefault("ip.src", fields.getOrDefault("ipv6.src", ""));
        final String destination = fields.getOrDefault("ip.dst", fields.getOrDefault("ipv6.dst", ""));
        assertTrue(text.contains(source), frame);
        assertTrue(destination.isEmpty() || text.contains(" > " + destination), frame);
        for (final String protocol : List.of("udp", "tcp")) {
            if (fields.containsKey(protocol + ".srcport")) {
                final String from = fields.get(protocol + ".srcport");
                final String to = fields.get(protocol + ".dstport");
                assertTrue(
                        text.contains(source + "." + from + " > " + destination + "." + to + ": ")
                                || text.contains(" " + from + " > " + to + ": "),
                        frame);
                final String status = fields.getOrDefault(protocol + ".checksum.status", "");
                assertEquals(
                        status.equals("0") || status.equals("4"), text.contains("bad " + protocol + " cksum"), frame);
            }
        }
        if (fields.containsKey("ip.checksum.status")) {
            assertEquals("0".equals(fields.get("ip.checksum.status")), text.contains("bad header cksum"), frame);
        }
    }

    private static String tshark(Path file) throws Exception {
        final StringBuilder command = new StringBuilder("exec tshark -n -r ").append(file);
        for (final String protocol : List.of("ip", "tcp", "udp")) {
            command.append(" -o ").append(protocol).append(".check_checksum:TRUE");
        }
        command.append(" -o ip.defragment:FALSE -o ipv6.defragment:FALSE -o tcp.desegment_tcp_streams:FALSE");
        command.append(" -T fields -e ").append(String.join(" -e ", FIELDS)).append(" 2>/dev/null");
        return Namespace.runHere("sh", "-c", command.toString());
    }

    /** A capture of libpcap's format: Ethernet, all at the same time. */
    private static void write(Path file, List<byte[]> frames) throws Exception {
        final int size = frames.stream().mapToInt(frame -> 16 + frame.length).sum();
        final ByteBuffer out = ByteBuffer.allocate(24 + size).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(0xA1B2C3D4).putInt(4 << 16 | 2).putLong(0).putInt(65_535).putInt(1);
        for (final byte[] frame : frames) {
            out.putLong(0).putInt(frame.length).putInt(frame.length).put(frame);
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(out.flip());
        }
    }
}

package io.millrace.bench.dissect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.bench.netns.CommandException;
import io.millrace.bench.netns.Namespace;
import io.millrace.dataplane.filter.PacketFilter;
import io.millrace.dataplane.port.Medium;
import io.millrace.dataplane.port.pcap.PcapReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What our filters let through beside what tcpdump does, for the same expressions and the same frames. */
@Tag("peers")
@Timeout(600)
final class FilterPeerTest {
    private static final long SEED = 7;
    private static final int FRAMES = 1_500;
    private static final int RANDOM_EXPRESSIONS = 150;

    /** Whatever the frames are; in braces a value of one of them. */
    private static final List<String> EXPRESSIONS = List.of(
            "",
            "ip",
            "ip6",
            "arp",
            "rarp",
            "tcp",
            "udp",
            "sctp",
            "icmp",
            "icmp6",
            "igmp or pim or vrrp or ah or esp",
            "not ip",
            "! tcp && ! udp",
            "tcp or udp and ip6",
            "tcp or (udp and ip6)",
            "proto 253",
            "ip proto 253",
            "ip6 proto \\tcp",
            "ether proto 0x86dd",
            "ether proto \\arp",
            "broadcast",
            "ether multicast",
            "ip multicast or ip6 multicast",
            "host {ip4}",
            "src host {ip4}",
            "dst {ip4}",
            "not host {ip4}",
            "src or dst host {ip4}",
            "src and dst {ip4}",
            "ip host {ip4} or {ip4}",
            "arp host {ip4}",
            "host {ip6}",
            "ip6 src {ip6} or dst {ip6}",
            "net {ip4}/32",
            "net {net8}",
            "net {net8}.0.0.0/8",
            "src net {net8}.0.0.0 mask 255.0.0.0",
            "dst net {net8}.0.0.0/8",
            "net 128.0.0.0/1",
            "net 8000::/1",
            "net 0.0.0.0/0",
            "ether host {mac}",
            "ether src {mac} or ether dst {mac}",
            "port {port}",
            "src port {port}",
            "tcp dst port {port} or {port}",
            "udp port ({port} or {port} or {port})",
            "not port {port}",
            "portrange 50000-55000",
            "tcp src portrange 60000-64000",
            "src or dst portrange 51000-52000",
            "vlan",
            "vlan {vlan}",
            "not vlan",
            "vlan and ip",
            "vlan and tcp and port {port}",
            "vlan and vlan",
            "vlan or ip",
            "ip or vlan and ip",
            "(vlan {vlan} or vlan {vlan}) and ip6",
            "less 80",
            "greater 120",
            "len > 100 and len <= 130",
            "len = 60 or 2 * len > 250",
            "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
            "tcp[13] & 2 = 2 and not tcp[13] & 0x10 != 0",
            "tcp[2:2] > 60000",
            "tcp[((tcp[12] & 0xf0) >> 2):4] != 0",
            "ip[8] < 64",
            "ip[0] & 0xf != 5",
            "ip[6:2] & 0x1fff != 0",
            "ip[2:2] - ((ip[0] & 0xf) << 2) > 50",
            "ip6[6] = 0",
            "icmp[icmptype] = icmp-echo",
            "icmp6[icmp6type] == icmp6-echo",
            "udp[4:2] % 2 == 1",
            "ether[0] & 1 = 0 and ip[16] >= 224",
            "ether[12:2] = 0x0800",
            "ether[4:4] ^ ether[6:4] > 0x80000000",
            "ip[ip[0] & 0xf] / 3 * 2 <= 100",
            "udp[8] / udp[9] > 1",
            "(-1 = 0xffffffff)",
            "(len > 70)",
            "((ip[9]) + 1 = 7) or (ip6)");

    private final RandomGenerator random = new SplittableRandom(SEED);

    /** What is there of a frame may be less than it had. */
    @SuppressWarnings("ArrayRecordComponent") // compared with nothing
    private record Frame(byte[] bytes, int length) {}

    @Test
    void shouldLetThroughWhatTcpdumpDoes(@TempDir Path folder) throws Exception {
        final GeneratedFrames generator = new GeneratedFrames(random);
        final List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < FRAMES; i++) {
            final byte[] whole = generator.next();
            final int kept = random.nextInt(10) == 0 ? 14 + random.nextInt(whole.length - 14) : whole.length;
            frames.add(new Frame(Arrays.copyOf(whole, kept), whole.length));
        }
        final Path file = folder.resolve("frames.pcap");
        write(file, frames);
        final List<String> expressions = new ArrayList<>();
        for (final String pattern : EXPRESSIONS) {
            expressions.add(filled(pattern, frames));
        }
        while (expressions.size() < EXPRESSIONS.size() + RANDOM_EXPRESSIONS) {
            expressions.add(expression(3, frames));
        }
        final BitSet whole = new BitSet();
        for (int i = 0; i < FRAMES; i++) {
            whole.set(i, frames.get(i).bytes().length == frames.get(i).length());
        }
        int passed = 0;
        int tried = 0;
        final List<String> differences = new ArrayList<>();
        for (final String expression : expressions) {
            final BitSet theirs = tcpdump(file, folder.resolve("passed.pcap"), expression);
            final BitSet ours = ours(frames, expression);
            passed += ours.cardinality();
            final BitSet differing = (BitSet) ours.clone();
            differing.xor(theirs);
            if (tried++ >= EXPRESSIONS.size()) {
                // Which bytes tcpdump's optimizer need not read, so that they may be missing, is its own business.
                differing.and(whole);
            }
            if (!differing.isEmpty()) {
                differences.add("'" + expression + "' on frames " + differing);
            }
        }
        assertEquals(List.of(), differences, () -> "with seed " + SEED);
        assertTrue(passed > FRAMES * 10, passed + " frames passed, too few to say anything");
    }

    private String expression(int depth, List<Frame> frames) {
        final int choice = random.nextInt(5);
        if (depth == 0 || choice == 0) {
            // Not those that change what follows: with "or" tcpdump's own verdict on vlan surprises most people.
            final String pattern = EXPRESSIONS.get(1 + random.nextInt(EXPRESSIONS.size() - 1));
            return pattern.contains("vlan") ? "ip" : "(" + filled(pattern, frames) + ")";
        }
        return switch (choice) {
            case 1 -> "not (" + expression(depth - 1, frames) + ")";
            case 2 -> "(" + expression(depth - 1, frames) + " or " + expression(depth - 1, frames) + ")";
            default -> expression(depth - 1, frames) + " and " + expression(depth - 1, frames);
        };
    }

    /** Fills in values of frames that have them. */
    private String filled(String pattern, List<Frame> frames) {
        String text = pattern;
        while (text.contains("{")) {
            final ByteBuffer frame =
                    ByteBuffer.wrap(frames.get(random.nextInt(frames.size())).bytes());
            final String name = text.substring(text.indexOf('{') + 1, text.indexOf('}'));
            final String value = frame.remaining() < 60 ? null : value(name, frame);
            if (value != null) {
                text = text.replaceFirst("\\{" + name + "\\}", value);
            }
        }
        return text;
    }

    private static @Nullable String value(String name, ByteBuffer frame) {
        int at = 12;
        while (frame.getShort(at) == (short) 0x8100) {
            at += 4;
        }
        final int type = frame.getShort(at) & 0xFFFF;
        final int ip = at + 2;
        return switch (name) {
            case "ip4" -> type == 0x0800 ? dotted(frame, ip + 12) : null;
            case "net8" -> type == 0x0800 ? Integer.toString(frame.get(ip + 12) & 0xFF) : null;
            case "ip6" -> type == 0x86DD ? groups(frame, ip + 8) : null;
            case "port" -> type == 0x0800 ? port(frame, ip + 4 * (frame.get(ip) & 0xF)) : null;
            case "vlan" -> at > 12 ? Integer.toString(frame.getShort(14) & 0xFFF) : null;
            default ->
                "%02x:%02x:%02x:%02x:%02x:%02x"
                        .formatted(
                                frame.get(6), frame.get(7), frame.get(8), frame.get(9), frame.get(10), frame.get(11));
        };
    }

    private static String dotted(ByteBuffer frame, int at) {
        return (frame.get(at) & 0xFF) + "." + (frame.get(at + 1) & 0xFF) + "." + (frame.get(at + 2) & 0xFF) + "."
                + (frame.get(at + 3) & 0xFF);
    }

    private static String groups(ByteBuffer frame, int at) {
        final List<String> groups = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            groups.add(Integer.toHexString(frame.getShort(at + 2 * i) & 0xFFFF));
        }
        return String.join(":", groups);
    }

    private static String port(ByteBuffer frame, int at) {
        return Integer.toString(frame.getShort(at) & 0xFFFF);
    }

    private static BitSet ours(List<Frame> frames, String expression) {
        final PacketFilter.Matcher filter =
                PacketFilter.compile(expression, Medium.ETHERNET).matcher();
        final BitSet passed = new BitSet();
        try (Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < frames.size(); i++) {
                final byte[] bytes = frames.get(i).bytes();
                final MemorySegment memory = arena.allocate(bytes.length);
                MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
                passed.set(
                        i, filter.matches(memory, 0, bytes.length, frames.get(i).length()));
            }
        }
        return passed;
    }

    /** A frame's time is its number, so that those that passed are known again. */
    private static BitSet tcpdump(Path file, Path passed, String expression) throws Exception {
        final BitSet numbers = new BitSet();
        try {
            Namespace.runHere("tcpdump", "-r", file.toString(), "-w", passed.toString(), expression);
        } catch (CommandException e) {
            if (String.valueOf(e.getMessage()).contains("expression rejects all packets")) {
                return numbers; // which it takes for a mistake of the user's
            }
            throw e;
        }
        try (PcapReader reader = PcapReader.open(passed)) {
            while (reader.next()) {
                numbers.set((int) (reader.timeMicros() / 1_000_000));
            }
        }
        return numbers;
    }

    private static void write(Path file, List<Frame> frames) throws Exception {
        final int size =
                frames.stream().mapToInt(frame -> 16 + frame.bytes().length).sum();
        final ByteBuffer out = ByteBuffer.allocate(24 + size).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(0xA1B2C3D4).putInt(4 << 16 | 2).putLong(0).putInt(65_535).putInt(1);
        for (int i = 0; i < frames.size(); i++) {
            final byte[] bytes = frames.get(i).bytes();
            out.putInt(i)
                    .putInt(0)
                    .putInt(bytes.length)
                    .putInt(frames.get(i).length())
                    .put(bytes);
        }
        Files.write(file, out.array());
    }
}

package io.millrace.bench.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Expressions to start from, each with an IPv4 packet of TCP behind it. */
final class ExampleFilters {
    private static final List<String> EXPRESSIONS = List.of(
            "tcp port 80 and not host 192.0.2.1",
            "vlan 5 and (ip or ip6) or arp host 10.0.0.1",
            "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
            "src net 10.0.0.0/8 or dst net 2001:db8::/32",
            "ether src 02:00:00:00:00:01 and less 100",
            "udp portrange 1000-2000 or icmp6[icmp6type] = icmp6-echo",
            "ip[2:2] - ((ip[0] & 0xf) << 2) > len / 3 % 7",
            "ether proto 0x86dd or ip proto 47 or broadcast or ip6 multicast");

    private static final int FRAME = 60;
    private static final int TYPE = 12;

    private ExampleFilters() {}

    static void write(final Path folder) throws IOException {
        for (int i = 0; i < EXPRESSIONS.size(); i++) {
            final byte[] text = EXPRESSIONS.get(i).getBytes(StandardCharsets.ISO_8859_1);
            final byte[] input = new byte[text.length + 1 + FRAME];
            System.arraycopy(text, 0, input, 0, text.length);
            final int frame = text.length + 1;
            input[frame + TYPE] = 8;
            input[frame + TYPE + 2] = 0x45;
            input[frame + TYPE + 11] = 6;
            Files.write(folder.resolve("filter-" + i), input);
        }
    }
}

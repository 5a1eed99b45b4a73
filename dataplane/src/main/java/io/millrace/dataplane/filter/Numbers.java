package io.millrace.dataplane.filter;

import java.net.InetAddress;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What words of an expression stand for. */
final class Numbers {
    static final Map<String, Integer> PROTOCOLS = Map.ofEntries(
            Map.entry("icmp", 1),
            Map.entry("igmp", 2),
            Map.entry("tcp", Headers.TCP),
            Map.entry("udp", Headers.UDP),
            Map.entry("esp", 50),
            Map.entry("ah", 51),
            Map.entry("icmp6", 58),
            Map.entry("pim", 103),
            Map.entry("vrrp", 112),
            Map.entry("sctp", Headers.SCTP));

    static final Map<String, Integer> ETHER_TYPES =
            Map.of("ip", Headers.IPV4, "ip6", Headers.IPV6, "arp", Headers.ARP, "rarp", Headers.RARP);

    /** Names of values and of offsets, as tcpdump has them. */
    static final Map<String, Integer> NAMES = Map.ofEntries(
            Map.entry("tcpflags", 13),
            Map.entry("tcp-fin", 0x01),
            Map.entry("tcp-syn", 0x02),
            Map.entry("tcp-rst", 0x04),
            Map.entry("tcp-push", 0x08),
            Map.entry("tcp-ack", 0x10),
            Map.entry("tcp-urg", 0x20),
            Map.entry("tcp-ece", 0x40),
            Map.entry("tcp-cwr", 0x80),
            Map.entry("icmptype", 0),
            Map.entry("icmpcode", 1),
            Map.entry("icmp-echoreply", 0),
            Map.entry("icmp-unreach", 3),
            Map.entry("icmp-sourcequench", 4),
            Map.entry("icmp-redirect", 5),
            Map.entry("icmp-echo", 8),
            Map.entry("icmp-routeradvert", 9),
            Map.entry("icmp-routersolicit", 10),
            Map.entry("icmp-timxceed", 11),
            Map.entry("icmp-paramprob", 12),
            Map.entry("icmp6type", 0),
            Map.entry("icmp6code", 1),
            Map.entry("icmp6-destinationunreach", 1),
            Map.entry("icmp6-packettoobig", 2),
            Map.entry("icmp6-timeexceeded", 3),
            Map.entry("icmp6-parameterproblem", 4),
            Map.entry("icmp6-echo", 128),
            Map.entry("icmp6-echoreply", 129),
            Map.entry("icmp6-routersolicit", 133),
            Map.entry("icmp6-routeradvert", 134),
            Map.entry("icmp6-neighborsolicit", 135),
            Map.entry("icmp6-neighboradvert", 136),
            Map.entry("icmp6-redirect", 137));

    private static final int WORDS_OF_IPV6 = 4;

    private Numbers() {}

    /** A number of 32 bits, decimal, octal or hexadecimal; empty if it is none. */
    static OptionalLong number(final String word) {
        if (!word.matches("0[xX][0-9A-Fa-f]{1,8}|\\d{1,11}")) {
            return OptionalLong.empty();
        }
        try {
            final long value = Long.decode(word);
            return value > 0xFFFF_FFFFL ? OptionalLong.empty() : OptionalLong.of(value);
        } catch (final NumberFormatException e) {
            return OptionalLong.empty(); // 08
        }
    }

    /**
     * One to four decimal bytes with dots between, from the left.
     *
     * @return the bytes in an int, those left out 0, and their number in the upper half; -1 if it is none
     */
    static long dotted(final String word) {
        final String[] parts = word.split("\\.", -1);
        if (parts.length > Integer.BYTES) {
            return -1;
        }
        int address = 0;
        for (int i = 0; i < parts.length; i++) {
            if (!parts[i].matches("\\d{1,3}") || Integer.parseInt(parts[i]) > 0xFF) {
                return -1;
            }
            address |= Integer.parseInt(parts[i]) << (24 - 8 * i);
        }
        return (long) parts.length << 32 | (address & 0xFFFF_FFFFL);
    }

    /** Four words; null if it is no IPv6 address. */
    static int @Nullable [] ipv6(final String word) {
        if (word.indexOf(':') < 0) {
            return null;
        }
        final byte[] bytes;
        try {
            bytes = InetAddress.ofLiteral(word).getAddress();
        } catch (final IllegalArgumentException e) {
            return null;
        }
        if (bytes.length != WORDS_OF_IPV6 * Integer.BYTES) {
            return null; // of an IPv4 address in IPv6's clothes Java makes an IPv4 address
        }
        final int[] words = new int[WORDS_OF_IPV6];
        for (int i = 0; i < bytes.length; i++) {
            words[i / Integer.BYTES] = words[i / Integer.BYTES] << 8 | (bytes[i] & 0xFF);
        }
        return words;
    }

    /** 48 bits; empty if it is no MAC address. */
    static OptionalLong mac(final String word) {
        final String[] parts = word.split(":", -1);
        if (parts.length != 6 || !word.matches("[0-9A-Fa-f:]+")) {
            return OptionalLong.empty();
        }
        long mac = 0;
        for (final String part : parts) {
            if (part.isEmpty() || part.length() > 2) {
                return OptionalLong.empty();
            }
            mac = mac << 8 | Integer.parseInt(part, 16);
        }
        return OptionalLong.of(mac);
    }

    /** The upper bits of an address part that starts at bit {@code from}. */
    static int mask(final int bits, final int from) {
        final int ones = Math.clamp(bits - from, 0, Integer.SIZE);
        return ones == 0 ? 0 : -1 << (Integer.SIZE - ones);
    }
}

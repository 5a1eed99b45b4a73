package io.millrace.dataplane.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.testkit.Allocations;
import io.millrace.testkit.Frames;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an expression lets through. Beside tcpdump's verdict on many more frames: the peers' test of bench. */
final class PacketFilterTest {
    /** 192.0.2.2 port 50000 to 192.0.2.1 port 80, SYN, with 4 bytes of IPv4 options. */
    private static final String SYN = """
        020000000001 020000000002 0800
        4600002c 00004000 4006b6dd c0000202 c0000201 01010100
        c3500050 00000001 00000000 50020400 00000000
        """;

    /** From 2001:db8::2 port 53 to 2001:db8::1 port 4096. */
    private static final String UDP6 = """
        020000000001 020000000002 86dd
        60000000 000c1140 20010db8000000000000000000000002 20010db8000000000000000000000001
        00351000 000c0000 01020304
        """;

    /** VLAN 100, who has 192.0.2.1, tell 192.0.2.2. */
    private static final String TAGGED_ARP = """
        ffffffffffff 020000000002 8100 0064 0806
        0001 0800 06 04 0001 020000000002 c0000202 000000000000 c0000201
        """;

    private static boolean passes(final String expression, final String frame) {
        final MemorySegment memory = Frames.ofHex(frame);
        return PacketFilter.compile(expression, Medium.ETHERNET).matcher().matches(memory, 0, (int) memory.byteSize());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tcp",
                "host 192.0.2.1",
                "192.0.2.1",
                "src 192.0.2.2 and dst 192.0.2.1",
                "net 192.0.2.0/24",
                "net 192.0.2",
                "src net 192.0.0.0 mask 255.255.0.0",
                "tcp dst port 80",
                "port 443 or 80",
                "not host 192.0.2.7 and port 80",
                "portrange 79-81",
                "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn",
                "tcp[2:2] = 80 and ip[0] & 0xf == 6",
                "ether src 02:00:00:00:00:02",
                "ip proto \\tcp",
                "greater 58 && !less 57",
                "arp or (ip and not udp)",
                "(len + 2) / 3 = 20"
            })
    void shouldLetASynThroughWhenAskedForIt(final String expression) {
        assertTrue(passes(expression, SYN));
        assertFalse(passes("not (" + (expression.isEmpty() ? "len > 0" : expression) + ")", SYN));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "udp and ip6",
                "src port 53",
                "src host 2001:db8::2",
                "ip6 host 2001:db8::1",
                "net 2001:db8::/32",
                "ip6[6] = 17",
                "ip6 proto 17"
            })
    void shouldLetIpv6ThroughWhenAskedForIt(final String expression) {
        assertTrue(passes(expression, UDP6));
        assertFalse(passes(expression, SYN));
    }

    @Test
    void shouldLookBehindATagOnceItIsAskedFor() {
        assertTrue(passes("vlan 100 and arp", TAGGED_ARP));
        assertTrue(passes("vlan and arp host 192.0.2.2", TAGGED_ARP));
        assertTrue(passes("broadcast", TAGGED_ARP));
        assertFalse(passes("arp", TAGGED_ARP));
        assertFalse(passes("vlan 101", TAGGED_ARP));
        assertFalse(passes("vlan and vlan", TAGGED_ARP));
    }

    @Test
    void shouldRankAndNoHigherThanOr() {
        assertFalse(passes("tcp or udp and port 53", SYN), "that is (tcp or udp) and port 53");
        assertTrue(passes("tcp or (udp and port 53)", SYN));
    }

    @Test
    void shouldLetNothingThroughThatEndsBeforeWhatIsAsked() {
        final MemorySegment memory = Frames.ofHex(SYN);
        final PacketFilter.Matcher port =
                PacketFilter.compile("not port 1", Medium.ETHERNET).matcher();
        assertTrue(port.matches(memory, 0, (int) memory.byteSize()));
        for (int length = 0; length < 42; length++) {
            assertFalse(port.matches(memory, 0, length, 58), "cut to " + length + " bytes");
        }
        final PacketFilter.Matcher wild = PacketFilter.compile("ether[len * 0xffffff : 4] = 0", Medium.ETHERNET)
                .matcher();
        assertFalse(wild.matches(memory, 0, (int) memory.byteSize()));
        final PacketFilter.Matcher zero =
                PacketFilter.compile("not 1 / ip[1] = 7", Medium.ETHERNET).matcher();
        assertFalse(zero.matches(memory, 0, (int) memory.byteSize()), "a division by 0");
    }

    @Test
    void shouldTellFamiliesApartByTheirVersionWhenThereIsNoLinkHeader() {
        final MemorySegment memory = Frames.ofHex(SYN.substring(SYN.indexOf("4600")));
        final int length = (int) memory.byteSize();
        assertTrue(PacketFilter.compile("tcp dst port 80 and ip", Medium.IP)
                .matcher()
                .matches(memory, 0, length));
        assertFalse(PacketFilter.compile("ip6 or arp", Medium.IP).matcher().matches(memory, 0, length));
        final FilterException e =
                assertThrows(FilterException.class, () -> PacketFilter.compile("ether host 1:2:3:4:5:6", Medium.IP));
        assertTrue(String.valueOf(e.getMessage()).contains("no Ethernet header"), e::getMessage);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tcp port              | character 9, the end: expected an address",
                "port http             | character 6, 'http': expected a port number",
                "host example.org      | names are not looked up",
                "host 10.0             | has four parts",
                "net 10.0.0.1/8        | bits beyond its network",
                "net 10.0.0.0/33       | prefix length from 0 to 32",
                "tcp host 10.0.0.1     | tcp has ports, but no hosts",
                "icmp port 7           | icmp has no ports",
                "ip and                | expected an address, a number, or a word",
                "(tcp                  | expected ')'",
                "tcp udp               | expected 'and' or 'or'",
                "tcp[2                 | expected ']'",
                "tcp[2:3] = 1          | 1, 2 or 4 bytes",
                "tcp[2]                | expected a comparison",
                "foo[2] = 1            | no header of which",
                "ip[-1] = 1            | no packet has a byte",
                "ip[2] / 0 = 1         | division by 0",
                "len << 32 = 1         | a shift is by 0 to 31",
                "vlan 4096             | number from 0 to 4095",
                "ether proto 5         | expected an EtherType",
                "ip6 host 10.0.0.1     | ip6 stands in front of an IPv4",
                "host 02:00:00:00:00:1 | write 'ether host'",
                "portrange a-b         | two port numbers",
                "tcp ; udp             | ';' at character 5 means nothing",
                "src                   | expected an address"
            })
    void shouldSayWhatIsWrongAndWhere(final String expression, final String part) {
        final FilterException e =
                assertThrows(FilterException.class, () -> PacketFilter.compile(expression, Medium.ETHERNET));
        assertTrue(String.valueOf(e.getMessage()).contains(part), e::getMessage);
    }

    @Test
    void shouldRefuseWhatIsTooLong() {
        assertTrue(passes("(".repeat(499) + "tcp" + ")".repeat(499), SYN));
        final FilterException e = assertThrows(
                FilterException.class, () -> PacketFilter.compile("! ".repeat(1_000) + "tcp", Medium.ETHERNET));
        assertTrue(String.valueOf(e.getMessage()).contains("1000 words"), e::getMessage);
    }

    @Test
    void shouldAllocateNothingWhenMatching() {
        final MemorySegment memory = Frames.ofHex(SYN);
        final int length = (int) memory.byteSize();
        final PacketFilter.Matcher filter = PacketFilter.compile(
                        "(ip or ip6) and tcp[((tcp[12] & 0xf0) >> 2) - 1:1] != len or port 80", Medium.ETHERNET)
                .matcher();
        final long allocated = Allocations.least(9_999, () -> {
            int passed = 0;
            for (int i = 0; i < 20_000; i++) {
                passed += filter.matches(memory, 0, length) ? 1 : 0;
            }
            assertEquals(20_000, passed);
        });
        assertTrue(allocated < 10_000, allocated + " bytes in 20,000 packets");
    }
}

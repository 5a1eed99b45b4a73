package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.wire.PacketCheck;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PacketCheckTest {
    private static final String A4 = "192.0.2.1";
    private static final String B4 = "192.0.2.2";
    private static final String A6 = "2001:db8::1";
    private static final String B6 = "2001:db8::2";
    private static final byte[] DATA = {1, 2, 3, 4, 5, 6, 7, 8};

    private final PacketCheck check = new PacketCheck();

    @Test
    void shouldFindNothingWrongWithGoodPackets() {
        assertNull(problem(Bytes.ipv4(A4, B4, 17, Bytes.udp(A4, 1, B4, 2, DATA))));
        assertNull(problem(Bytes.ipv6(A6, B6, 17, Bytes.udp(A6, 1, B6, 2, DATA))));
        assertNull(problem(Bytes.ipv4(A4, B4, 1, Bytes.icmpv4(8, 0, 1, DATA))));
        assertNull(problem(Bytes.ipv6(A6, B6, 58, Bytes.icmpv6(A6, B6, 128, 0, 1, DATA))));
        assertNull(problem(Bytes.ipv4(A4, B4, 6, segment(A4, B4))));
        assertNull(problem(Bytes.ipv6(A6, B6, 6, segment(A6, B6))));
        assertNull(problem(
                Bytes.ipv6(A6, B6, 60, Bytes.join(Bytes.hex("1100 0104 00000000"), Bytes.udp(A6, 1, B6, 2, DATA)))));
        assertNull(problem(Bytes.ipv4(A4, B4, 99, DATA)));
        final byte[] arp = Bytes.arp(1, "02:00:00:00:00:02", A4, "00:00:00:00:00:00", B4);
        assertNull(frame(Bytes.ethernet("ff:ff:ff:ff:ff:ff", "02:00:00:00:00:02", 0x0806, arp)));
    }

    /** Checksums cover the destination that a routing header leads to, and the home address of a mobile node. */
    @Test
    @Origin("RFC 8200 8.1")
    void shouldTakeTheAddressesThatChecksumsCoverFromExtensionHeaders() {
        final byte[] udp = Bytes.udp(A6, 1, B6, 2, DATA);
        for (final int type : new int[] {0, 2, 4}) {
            final byte[] routing = Bytes.join(Bytes.hex("1102 0001 00000000"), Bytes.address(B6));
            routing[2] = (byte) type;
            assertNull(problem(Bytes.ipv6(A6, "2001:db8::3", 43, Bytes.join(routing, udp))));
            assertEquals(
                    "wrong UDP checksum", problem(Bytes.ipv6(A6, B6, 43, Bytes.join(Bytes.with(routing, 9, 0), udp))));
        }
        final byte[] compressed = Bytes.hex("1101 0301 ff000000 0000000000000002");
        assertNull(problem(Bytes.ipv6(A6, "2001:db8::3", 43, Bytes.join(compressed, Bytes.with(udp, 6, 1)))));
        final byte[] home = Bytes.join(Bytes.hex("1102 01020000 c910"), Bytes.address(A6));
        assertNull(problem(Bytes.ipv6("2001:db8::3", B6, 60, Bytes.join(home, udp))));
    }

    @Test
    void shouldNameWrongChecksums() {
        final byte[] udp = Bytes.ipv4(A4, B4, 17, Bytes.udp(A4, 1, B4, 2, DATA));
        assertEquals("wrong IPv4 checksum", problem(Bytes.with(udp, 8, 1)));
        assertEquals("wrong UDP checksum", problem(Bytes.with(udp, 28, 9)));
        assertEquals("wrong TCP checksum", problem(Bytes.with(Bytes.ipv6(A6, B6, 6, segment(A6, B6)), 44, 9)));
        assertEquals(
                "wrong ICMP checksum", problem(Bytes.with(Bytes.ipv4(A4, B4, 1, Bytes.icmpv4(8, 0, 1, DATA)), 28, 9)));
        assertEquals(
                "wrong ICMPv6 checksum",
                problem(Bytes.with(Bytes.ipv6(A6, B6, 58, Bytes.icmpv6(A6, B6, 128, 0, 1, DATA)), 48, 9)));
        final byte[] none = Bytes.udp(A6, 1, B6, 2, DATA);
        Bytes.put16(none, 6, 0);
        assertEquals("UDP without checksum over IPv6", problem(Bytes.ipv6(A6, B6, 17, none)));
        final byte[] none4 = Bytes.udp(A4, 1, B4, 2, DATA);
        Bytes.put16(none4, 6, 0);
        assertNull(problem(Bytes.ipv4(A4, B4, 17, none4)));
    }

    @Test
    void shouldNameLengthsThatDoNotAgree() {
        final byte[] packet = Bytes.ipv4(A4, B4, 17, Bytes.udp(A4, 1, B4, 2, DATA));
        assertEquals("IPv4 total length is not the packet's", problem(Arrays.copyOf(packet, packet.length + 1)));
        assertEquals("malformed IPv4 header", problem(Arrays.copyOf(packet, packet.length - 1)));
        final byte[] packet6 = Bytes.ipv6(A6, B6, 17, Bytes.udp(A6, 1, B6, 2, DATA));
        assertEquals("IPv6 payload length is not the packet's", problem(Arrays.copyOf(packet6, packet6.length + 1)));
        assertEquals("malformed IPv6 header", problem(Arrays.copyOf(packet6, packet6.length - 1)));
        final byte[] longer = Bytes.udp(A4, 1, B4, 2, DATA);
        Bytes.put16(longer, 4, longer.length - 1);
        assertEquals("UDP length is not the packet's", problem(Bytes.ipv4(A4, B4, 17, longer)));
        assertEquals("malformed TCP header", problem(Bytes.ipv4(A4, B4, 6, DATA)));
        assertEquals(
                "malformed IPv6 extension headers", problem(Bytes.ipv6(A6, B6, 60, Bytes.hex("11FF 0104 00000000"))));
        assertEquals("empty packet", problem(new byte[0]));
        assertEquals("neither IPv4 nor IPv6", problem(new byte[] {0x50}));
        assertEquals("frame shorter than its header", frame(new byte[13]));
        assertEquals(
                "ARP packet of a wrong length",
                frame(Bytes.ethernet("ff:ff:ff:ff:ff:ff", "02:00:00:00:00:02", 0x0806, new byte[27])));
    }

    @ParameterizedTest
    @ValueSource(strings = {"8100 f005", "88a8 0005", "88a8 0064 8100 0005", "8100 0064 8100 2005"})
    void shouldLookBehindVlanTags(final String tags) {
        final byte[] packet4 = Bytes.ipv4(A4, B4, 17, Bytes.udp(A4, 1, B4, 2, DATA));
        final byte[] packet6 = Bytes.ipv6(A6, B6, 17, Bytes.udp(A6, 1, B6, 2, DATA));
        assertNull(frame(tagged(tags + "0800", packet4)));
        assertNull(frame(tagged(tags + "86dd", packet6)));
        assertNull(frame(tagged(tags + "88cc", DATA)));
        assertEquals("wrong UDP checksum", frame(tagged(tags + "0800", Bytes.with(packet4, 28, 9))));
        assertEquals("wrong UDP checksum", frame(tagged(tags + "86dd", Bytes.with(packet6, 48, 9))));
        final byte[] padded = Arrays.copyOf(packet4, packet4.length + 1);
        assertEquals("IPv4 total length is not the packet's", frame(tagged(tags + "0800", padded)));
        assertEquals("ARP packet of a wrong length", frame(tagged(tags + "0806", new byte[27])));
        assertEquals("empty packet", frame(tagged(tags + "0800", new byte[0])));
    }

    @ParameterizedTest
    @CsvSource({
        "8100, malformed VLAN tags",
        "8100 0005 08, malformed VLAN tags",
        "88a8 0064 8100 0005 08, malformed VLAN tags",
        "88a8 0064 8100 0005 8100 0006 88cc, malformed VLAN tags",
        "8100 0fff 88cc, reserved VLAN id",
        "88a8 0064 8100 ffff 88cc, reserved VLAN id"
    })
    void shouldNameWrongVlanTags(final String tags, final String problem) {
        assertEquals(problem, frame(tagged(tags, new byte[0])));
    }

    @Test
    void shouldNameAPacketOfAnotherVersionThanItsFrameSays() {
        final byte[] packet4 = Bytes.ipv4(A4, B4, 17, Bytes.udp(A4, 1, B4, 2, DATA));
        final byte[] packet6 = Bytes.ipv6(A6, B6, 17, Bytes.udp(A6, 1, B6, 2, DATA));
        assertEquals("IP version is not the frame's", frame(tagged("86dd", packet4)));
        assertEquals("IP version is not the frame's", frame(tagged("8100 0005 0800", packet6)));
    }

    /** A frame whose addresses are followed by tags and an EtherType. */
    private static byte[] tagged(final String tags, final byte[] payload) {
        return Bytes.join(Bytes.mac("02:00:00:00:00:01"), Bytes.mac("02:00:00:00:00:02"), Bytes.hex(tags), payload);
    }

    private static byte[] segment(final String src, final String dst) {
        final byte[] segment = Bytes.hex("9c40 0007 00000001 00000000 6002 ffff 0000 0000 020405b4");
        Bytes.put16(segment, 16, Bytes.transportChecksum(src, dst, 6, segment));
        return segment;
    }

    private @Nullable String problem(final byte[] packet) {
        return problem(Medium.IP, packet);
    }

    private @Nullable String frame(final byte[] frame) {
        return problem(Medium.ETHERNET, frame);
    }

    private @Nullable String problem(final Medium medium, final byte[] packet) {
        final MemorySegment memory = Frames.ofBytes(packet);
        return check.problem(medium, memory, 0, packet.length);
    }
}

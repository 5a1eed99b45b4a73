package io.millrace.stack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.Net;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** IPv4 and IPv6 headers and extension headers. */
class IpViewsTest {
    private static final String V4 = "45 00 001e 0102 6203 1a 01 d56e 11121314 21222324 aa0000000000000000ff";
    private static final String V4_WHOLE = "45000018000040004001d2791112131421222324aa0000ff";
    private static final String V6 = "60000000 000c 11 40 fe800000000000000000000000000001"
            + "ff020000000000000000000000000001 00010002000c024effffffff";
    private static final Ipv6Address LINK_LOCAL = Ipv6Address.parse("fe80::1");

    @Test
    @Origin("smoltcp:wire::ipv4::test_deconstruct")
    void shouldReadIpv4Header() {
        final MemorySegment m = Frames.ofHex(V4);
        assertEquals(Ipv4View.VALID, Ipv4View.check(m, 0, 30));
        assertEquals(4, Ipv4View.version(m, 0));
        assertEquals(20, Ipv4View.headerLength(m, 0));
        assertEquals(0, Ipv4View.trafficClass(m, 0));
        assertEquals(30, Ipv4View.totalLength(m, 0));
        assertEquals(0x102, Ipv4View.id(m, 0));
        assertEquals(Ipv4View.MORE_FRAGMENTS | Ipv4View.DONT_FRAGMENT | 0x203, Ipv4View.flags(m, 0));
        assertTrue(Ipv4View.isFragment(m, 0));
        assertEquals(0x203 * 8, Ipv4View.fragmentOffset(m, 0));
        assertEquals(0x1A, Ipv4View.ttl(m, 0));
        assertEquals(1, Ipv4View.protocol(m, 0));
        assertEquals(0xD56E, Ipv4View.checksum(m, 0));
        assertEquals(0x1112_1314L, Ipv4View.src(m, 0));
        assertEquals(0x2122_2324L, Ipv4View.dst(m, 0));
        assertTrue(Ipv4View.verifies(m, 0, 20));
    }

    @Test
    @Origin("smoltcp:wire::ipv4::test_construct")
    void shouldWriteIpv4HeaderOfAFragment() {
        final MemorySegment m = Frames.ofHex("a5".repeat(20));
        Ipv4View.write(m, 0, 0, 30, 0x102, 0x6203, 0x1A, 1, 0x1112_1314L, 0x2122_2324L);
        assertEquals(V4.replace(" ", "").substring(0, 40), Frames.hex(m, 0, 20));
    }

    @Test
    @Origin("smoltcp:wire::ipv4::test_emit")
    @Origin("smoltcp:wire::ipv4::test_parse")
    void shouldWriteIpv4HeaderOfAWholeDatagram() {
        final MemorySegment m = Frames.ofHex("a5".repeat(20));
        Ipv4View.write(m, 0, 0, 24, 0, Ipv4View.DONT_FRAGMENT, 64, 1, 0x1112_1314L, 0x2122_2324L);
        assertEquals(V4_WHOLE.substring(0, 40), Frames.hex(m, 0, 20));
        assertFalse(Ipv4View.isFragment(m, 0));
    }

    @Test
    void shouldWriteExtremesIntoTheirOwnFields() {
        final MemorySegment m = Frames.ofHex("00".repeat(20));
        Ipv4View.write(m, 0, 0xFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFF, 0xFF, 0xFFFF_FFFFL, 0xFFFF_FFFFL);
        assertEquals("45" + "ff".repeat(9), Frames.hex(m, 0, 10));
        assertEquals("ff".repeat(8), Frames.hex(m, 12, 8));
        assertTrue(Ipv4View.verifies(m, 0, 20));
    }

    @Test
    @Origin("smoltcp:wire::ipv4::test_overlong")
    @Origin("smoltcp:wire::ip::parse_ipv4_packet")
    void shouldAcceptPaddingBehindIpv4() {
        final MemorySegment m = Frames.ofHex(V4 + "00");
        assertEquals(Ipv4View.VALID, Ipv4View.check(m, 0, 31));
        assertEquals(30, Ipv4View.totalLength(m, 0));
    }

    @ParameterizedTest
    @CsvSource({
        // offset of the changed byte, its value, bytes there, result
        "2, 00, 29, 1",
        "3, 80, 30, 1",
        "0, 65, 30, 2",
        "0, 44, 30, 3",
        "0, 48, 30, 3",
        "3, 13, 30, 3",
        "0, 45, 19, 1",
        "0, 45, 0, 1"
    })
    @Origin("smoltcp:wire::ipv4::test_total_len_overflow")
    @Origin("smoltcp:wire::ipv4::test_parse_bad_version")
    @Origin("smoltcp:wire::ipv4::test_parse_small_ihl")
    @Origin("smoltcp:wire::ipv4::test_parse_total_len_less_than_header_len")
    @Origin("smoltcp:wire::ip::parse_ipv4_packet_error")
    @Origin("smoltcp:wire::ip::parse_packet_too_short")
    @Origin("smoltcp:wire::ip::parse_packet_invalid_version")
    void shouldRefuseImpossibleIpv4(final int at, final String value, final int length, final int result) {
        final MemorySegment m = Frames.ofHex(V4);
        Net.put8(m, at, Integer.parseInt(value, 16));
        assertEquals(result, Ipv4View.check(m, 0, length));
    }

    @ParameterizedTest
    @CsvSource({
        "01010100, 0",
        "94040000, 0",
        "00ffffff, 0",
        "07040401, 0",
        "07050401, 4",
        "07010000, 4",
        "01010107, 4",
        "83040400, 5",
        "01890304, 5"
    })
    @Origin("RFC 791 3.1")
    void shouldCheckOptions(final String options, final int result) {
        final MemorySegment m = Frames.ofHex("46000018" + "00".repeat(16) + options);
        assertEquals(result, Ipv4View.checkOptions(m, 0));
    }

    @Test
    @Origin("smoltcp:wire::ipv6::test_packet_deconstruction")
    @Origin("smoltcp:wire::ipv6::test_repr_parse_valid")
    @Origin("smoltcp:wire::ip::parse_ipv6_packet")
    void shouldReadIpv6Header() {
        final MemorySegment m = Frames.ofHex(V6);
        assertEquals(Ipv6View.VALID, Ipv6View.check(m, 0, 52));
        assertEquals(6, Ipv6View.version(m, 0));
        assertEquals(0, Ipv6View.trafficClass(m, 0));
        assertEquals(0, Ipv6View.flowLabel(m, 0));
        assertEquals(12, Ipv6View.payloadLength(m, 0));
        assertEquals(17, Ipv6View.nextHeader(m, 0));
        assertEquals(0x40, Ipv6View.hopLimit(m, 0));
        assertEquals(LINK_LOCAL, new Ipv6Address(Ipv6View.srcHi(m, 0), Ipv6View.srcLo(m, 0)));
        assertEquals(Ipv6Address.ALL_NODES, new Ipv6Address(Ipv6View.dstHi(m, 0), Ipv6View.dstLo(m, 0)));
    }

    @Test
    @Origin("smoltcp:wire::ipv6::test_packet_construction")
    void shouldWriteIpv6FieldsThatAreNotByteAligned() {
        final MemorySegment m = Frames.ofHex("ff".repeat(40));
        final Ipv6Address routers = Ipv6Address.ALL_ROUTERS;
        final Ipv6Address nodes = Ipv6Address.ALL_NODES;
        Ipv6View.write(m, 0, 0x99, 0x5_4321, 12, 17, 0xFE, routers.hi(), routers.lo(), nodes.hi(), nodes.lo());
        assertEquals(
                "69954321000c11fe" + "ff020000000000000000000000000002" + "ff020000000000000000000000000001",
                Frames.hex(m, 0, 40));
        assertEquals(6, Ipv6View.version(m, 0));
        assertEquals(0x99, Ipv6View.trafficClass(m, 0));
        assertEquals(0x5_4321, Ipv6View.flowLabel(m, 0));
    }

    @Test
    @Origin("smoltcp:wire::ipv6::test_basic_repr_emit")
    void shouldWriteIpv6Header() {
        final MemorySegment m = Frames.ofHex("ff".repeat(40));
        final Ipv6Address nodes = Ipv6Address.ALL_NODES;
        Ipv6View.write(m, 0, 0, 0, 12, 17, 64, LINK_LOCAL.hi(), LINK_LOCAL.lo(), nodes.hi(), nodes.lo());
        assertEquals(V6.replace(" ", "").substring(0, 80), Frames.hex(m, 0, 40));
    }

    @ParameterizedTest
    @CsvSource({"0, 60, 53, 0", "0, 60, 51, 1", "5, 80, 52, 1", "0, 40, 52, 2", "0, 60, 39, 1", "0, 60, 0, 1"})
    @Origin("smoltcp:wire::ipv6::test_overlong")
    @Origin("smoltcp:wire::ipv6::test_total_len_overflow")
    @Origin("smoltcp:wire::ipv6::test_repr_parse_bad_version")
    @Origin("smoltcp:wire::ipv6::test_repr_parse_smaller_than_header")
    @Origin("smoltcp:wire::ipv6::test_repr_parse_smaller_than_payload")
    @Origin("smoltcp:wire::ip::parse_ipv6_packet_error")
    void shouldCheckIpv6Lengths(final int at, final String value, final int length, final int result) {
        final MemorySegment m = Frames.ofHex(V6 + "00");
        Net.put8(m, at, Integer.parseInt(value, 16));
        assertEquals(result, Ipv6View.check(m, 0, length));
    }

    @ParameterizedTest
    @CsvSource({
        "06 00 0104 00000000, 6, 8",
        "06 01 010c 000000000000000000000000, 6, 16",
        "3a ff 0000 00000000, 58, 2048"
    })
    @Origin("smoltcp:wire::ipv6ext_header::test_header_deconstruct")
    void shouldReadExtensionHeader(final String hex, final int next, final int length) {
        final MemorySegment m = Frames.ofHex(hex);
        assertEquals(next, Ipv6ExtensionView.nextHeader(m, 0));
        assertEquals(length, Ipv6ExtensionView.length(m, 0));
    }

    @ParameterizedTest
    @CsvSource({"0000, false", "0006, false", "0001, true", "0008, true", "fff8, true"})
    @Origin("RFC 6946 4")
    void shouldTellFragmentsFromAtomicOnes(final String field, final boolean fragment) {
        assertEquals(fragment, Ipv6ExtensionView.isFragment(Frames.ofHex("3a00" + field + "00000001"), 0));
    }

    @ParameterizedTest
    @CsvSource({
        "00, 1, 1",
        "010100, 3, 3",
        "010100, 2, -1",
        "05020000, 4, 4",
        "05020000, 3, -1",
        "ff03000000, 5, 5",
        "ff03000000, 4, -1",
        "ff, 1, -1",
        "0100, 2, 2",
        "01070000000000000000ff, 10, 9"
    })
    @Origin("smoltcp:wire::ipv6option::test_check_len")
    @Origin("smoltcp:wire::ipv6option::test_option_deconstruct")
    void shouldMeasureOptions(final String option, final int room, final int length) {
        assertEquals(length, Ipv6ExtensionView.optionLength(Frames.ofHex(option), 0, room));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "5, 0", "65, 1", "160, 2", "196, 3"})
    @Origin("smoltcp:wire::ipv6option::test_failure_type")
    void shouldReadWhatAnUnknownOptionAsksFor(final int type, final int action) {
        assertEquals(action, Ipv6ExtensionView.action(type));
    }
}

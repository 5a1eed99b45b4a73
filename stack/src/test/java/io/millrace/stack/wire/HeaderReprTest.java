package io.millrace.stack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.Net;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole headers as values: Ethernet, ARP, both IPs, UDP, ICMP. */
class HeaderReprTest {
    private static final String MACS = "010203040506 111213141516";
    private static final String TOO_BIG = "02000fc9000005dc60000000000c1140fe800000000000000000000000000001"
            + "fe800000000000000000000000000002bf000035000c124daa0000ff";

    private final EthernetRepr ethernet = new EthernetRepr();
    private final ArpRepr arp = new ArpRepr();
    private final Ipv4Repr ipv4 = new Ipv4Repr();
    private final Ipv6Repr ipv6 = new Ipv6Repr();
    private final UdpRepr udp = new UdpRepr();
    private final IcmpRepr icmp = new IcmpRepr();

    @ParameterizedTest
    @CsvSource({
        "0800, 0, 0800, 0, 0, 0",
        "8100 6005 0800, 1, 0800, 5, 0, 3",
        "8100 7005 0800, 1, 0800, 5, 0, 3",
        "88a8 0064 8100 f005 86dd, 2, 86dd, 100, 5, 0",
        "8100 0064 8100 0005 0806, 2, 0806, 100, 5, 0"
    })
    void shouldReadAndWriteTags(
            final String tail,
            final int tags,
            final String type,
            final int outer,
            final int inner,
            final int priority) {
        final MemorySegment memory = Frames.ofHex(MACS + tail);
        final int length = (int) memory.byteSize();
        assertTrue(ethernet.parse(memory, 0, length));
        assertEquals(0x0102_0304_0506L, ethernet.dst);
        assertEquals(0x1112_1314_1516L, ethernet.src);
        assertEquals(tags, ethernet.tags);
        assertEquals(Integer.parseInt(type, 16), ethernet.type);
        assertEquals(length, ethernet.headerLength());
        assertEquals(tags > 0 ? outer : 0, tags > 0 ? ethernet.vlanIds[0] : 0);
        assertEquals(tags > 1 ? inner : 0, tags > 1 ? ethernet.vlanIds[1] : 0);
        assertEquals(priority, tags > 0 ? ethernet.priorities[0] : 0);
        final MemorySegment copy = Frames.ofHex("a5".repeat(length));
        ethernet.emit(copy, 0);
        assertEquals(Frames.hex(memory, 0, length), Frames.hex(copy, 0, length));
        for (int cut = 0; cut < length; cut++) {
            assertFalse(ethernet.parse(memory, 0, cut));
        }
    }

    @Test
    void shouldRefuseThreeTags() {
        final MemorySegment memory = Frames.ofHex(MACS + "88a80001 81000002 81000003 0800");
        assertFalse(ethernet.parse(memory, 0, (int) memory.byteSize()));
    }

    @Test
    @Origin("smoltcp:wire::arp::test_parse")
    @Origin("smoltcp:wire::arp::test_emit")
    void shouldReadAndWriteArp() {
        final String hex = "0001080006040001111213141516212223243132333435364142434400";
        final MemorySegment memory = Frames.ofHex(hex);
        assertTrue(arp.parse(memory, 0, 29));
        assertEquals(0x4142_4344L, arp.targetIp);
        final MemorySegment copy = Frames.ofHex("a5".repeat(28));
        arp.emit(copy, 0);
        assertEquals(hex.substring(0, 56), Frames.hex(copy, 0, 28));
        assertFalse(arp.parse(memory, 0, 27));
        Net.put8(memory, 5, 16);
        assertFalse(arp.parse(memory, 0, 28));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4500001e01026203 1a01d56e 11121314 21222324 aa0000000000000000ff",
                "45000018000040004001d279 11121314 21222324 aa0000ff",
                "46000018000000004001 0000 11121314 21222324 94040000",
                "4f00003c0000000040010000 11121314 21222324 0101010101010101010101010101010101010101"
                        + "0101010101010101010101010101010101010100"
            })
    @Origin("smoltcp:wire::ipv4::test_parse")
    @Origin("smoltcp:wire::ipv4::test_emit")
    void shouldReadAndWriteIpv4(final String hex) {
        final MemorySegment memory = Frames.ofHex(hex);
        final int length = (int) memory.byteSize();
        final boolean sealed = Net.u16(memory, Ipv4View.CHECKSUM_OFFSET) != 0;
        assertEquals(Ipv4View.VALID, ipv4.parse(memory, 0, length, sealed));
        final int header = ipv4.headerLength();
        assertEquals(length, header + ipv4.payloadLength);
        assertEquals(header, ipv4.payloadOffset);
        final MemorySegment copy = Frames.ofHex("a5".repeat(header));
        ipv4.emit(copy, 0);
        assertTrue(Ipv4View.verifies(copy, 0, header));
        if (!sealed) {
            Net.put16(copy, Ipv4View.CHECKSUM_OFFSET, 0);
        }
        assertEquals(Frames.hex(memory, 0, header), Frames.hex(copy, 0, header));
    }

    @Test
    void shouldTellWhyIpv4IsRefused() {
        final MemorySegment memory = Frames.ofHex("45000018000040004001d278 11121314 21222324 aa0000ff");
        assertEquals(Ipv4Repr.BAD_CHECKSUM, ipv4.parse(memory, 0, 24, true));
        assertEquals(Ipv4View.VALID, ipv4.parse(memory, 0, 24, false));
        assertEquals(Ipv4View.TRUNCATED, ipv4.parse(memory, 0, 23, false));
        final MemorySegment routed = Frames.ofHex("46000018000000004001 0000 11121314 21222324 83030400");
        assertEquals(Ipv4View.SOURCE_ROUTE, ipv4.parse(routed, 0, 24, false));
    }

    @Test
    @Origin("smoltcp:wire::ipv6::test_repr_parse_valid")
    @Origin("smoltcp:wire::ipv6::test_basic_repr_emit")
    void shouldReadAndWriteIpv6() {
        final String hex = "69954321000c11feff020000000000000000000000000002ff020000000000000000000000000001";
        final MemorySegment memory = Frames.ofHex(hex + "00".repeat(12));
        assertEquals(Ipv6View.VALID, ipv6.parse(memory, 0, 52));
        assertEquals(0x99, ipv6.trafficClass);
        assertEquals(0x5_4321, ipv6.flowLabel);
        assertEquals(12, ipv6.payloadLength);
        final MemorySegment copy = Frames.ofHex("a5".repeat(40));
        ipv6.emit(copy, 0);
        assertEquals(hex, Frames.hex(copy, 0, 40));
        assertEquals(Ipv6View.TRUNCATED, ipv6.parse(memory, 0, 51));
    }

    @ParameterizedTest
    @CsvSource({
        "bf000035000c124daa0000ff, 12, 0",
        "bf000035000c124daa0000ff00, 13, 0",
        "bf000035000c0000aa0000ff, 12, 0",
        "bf000035000c124daa0000ff, 11, 1",
        "bf000035000c124d, 7, 1",
        "bf0000350004124daa0000ff, 12, 2",
        "bf000000000c124daa0000ff, 12, 3",
        "bf000035000c124eaa0000ff, 12, 4"
    })
    @Origin("smoltcp:wire::udp::test_parse")
    @Origin("smoltcp:wire::udp::test_checksum_omitted")
    @Origin("smoltcp:wire::udp::test_no_checksum")
    @Origin("smoltcp:wire::udp::test_impossible_len")
    void shouldJudgeUdp(final String hex, final int length, final int result) {
        final IpRepr ip = ip("192.168.1.1", "192.168.1.2");
        assertEquals(result, udp.parse(ip, Frames.ofHex(hex), 0, length, true));
        if (result == UdpRepr.VALID) {
            assertEquals(48_896, udp.srcPort);
            assertEquals(53, udp.dstPort);
            assertEquals(4, udp.payloadLength);
            assertEquals(8, udp.payloadOffset);
        }
    }

    @Test
    @Origin(value = "RFC 8200 8.1", differs = "a datagram over IPv6 without a checksum is refused, which smoltcp takes")
    void shouldRefuseUdpOverIpv6WithoutAChecksum() {
        final MemorySegment memory = Frames.ofHex("bf000035000c0000aa0000ff");
        final IpRepr ip = ip("fe80::1", "fe80::2");
        assertEquals(UdpRepr.NO_CHECKSUM, udp.parse(ip, memory, 0, 12, true));
        assertEquals(UdpRepr.VALID, udp.parse(ip, memory, 0, 12, false));
    }

    @Test
    @Origin("smoltcp:wire::udp::test_emit")
    void shouldWriteUdp() {
        final MemorySegment memory = Frames.ofHex("a5".repeat(8) + "aa0000ff");
        udp.srcPort = 48_896;
        udp.dstPort = 53;
        udp.payloadLength = 4;
        udp.emit(ip("192.168.1.1", "192.168.1.2"), memory, 0);
        assertEquals("bf000035000c124daa0000ff", Frames.hex(memory, 0, 12));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 63, 64, 65, 400, 1472})
    void shouldCopyAndSumThePayloadOfUdp(final int length) {
        final MemorySegment payload = Frames.ofHex("c5".repeat(length) + "00");
        final MemorySegment copied = Frames.ofHex("a5".repeat(UdpView.LENGTH + length));
        final IpRepr ip = ip("fe80::1", "fe80::2");
        udp.srcPort = 65_535;
        udp.dstPort = 53;
        udp.payloadLength = length;
        udp.emit(ip, copied, 0, payload, 0);
        assertEquals("c5".repeat(length), Frames.hex(copied, UdpView.LENGTH, length));
        assertEquals(UdpRepr.VALID, udp.parse(ip, copied, 0, UdpView.LENGTH + length, true));
        assertEquals(65_535, udp.srcPort);
        final MemorySegment inPlace = Frames.ofHex("a5".repeat(UdpView.LENGTH) + "c5".repeat(length));
        udp.emit(ip, inPlace, 0);
        assertEquals(Frames.hex(copied, 0, UdpView.LENGTH + length), Frames.hex(inPlace, 0, UdpView.LENGTH + length));
    }

    /** A checksum that comes out as 0 is sent as all ones, since 0 means that there is none. */
    @Test
    @Origin("RFC 768")
    void shouldNotWriteAChecksumOfZero() {
        final IpRepr ip = ip("0.0.0.0", "0.0.0.0");
        udp.srcPort = 0xFFFF - 17 - 2 * UdpView.LENGTH;
        udp.dstPort = 0;
        udp.payloadLength = 0;
        final MemorySegment memory = Frames.ofHex("a5".repeat(UdpView.LENGTH));
        udp.emit(ip, memory, 0);
        assertEquals(0xFFFF, UdpView.checksum(memory, 0));
    }

    @ParameterizedTest
    @CsvSource({
        "08008efe1234abcdaa0000ff, 192.0.2.1, 8",
        "0d0034f81234abcd000000010000000200000003, 192.0.2.1, 13",
        "800019b31234abcdaa0000ff, fe80::1, 128",
        TOO_BIG + ", fe80::1, 2"
    })
    @Origin("smoltcp:wire::icmpv4::test_echo_parse")
    @Origin("smoltcp:wire::icmpv4::test_echo_emit")
    @Origin("smoltcp:wire::icmpv6::test_echo_repr_parse")
    @Origin("smoltcp:wire::icmpv6::test_echo_emit")
    @Origin("smoltcp:wire::icmpv6::test_too_big_repr_parse")
    @Origin("smoltcp:wire::icmpv6::test_too_big_emit")
    void shouldReadAndWriteIcmp(final String hex, final String src, final int type) {
        final IpRepr ip = ip(src, src.contains(":") ? "fe80::2" : "192.0.2.2");
        final MemorySegment memory = Frames.ofHex(hex);
        final int length = (int) memory.byteSize();
        assertEquals(IcmpRepr.VALID, icmp.parse(ip, memory, 0, length, true));
        assertEquals(type, icmp.type);
        assertEquals(length, icmp.length(ip));
        final int data = icmp.dataLength;
        final MemorySegment copy = Frames.ofHex("a5".repeat(length - data) + hex.substring(2 * (length - data)));
        icmp.emit(ip, copy, 0);
        assertEquals(hex, Frames.hex(copy, 0, length));
        Net.put8(copy, 2, Net.u8(copy, 2) ^ 1);
        assertEquals(IcmpRepr.BAD_CHECKSUM, icmp.parse(ip, copy, 0, length, true));
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "4, 1", "7, 1", "8, 0"})
    @Origin(
            value = "smoltcp:wire::icmpv4::test_check_len",
            differs = "a time exceeded that quotes no IP header is refused by parse, which is not asked there")
    void shouldMeasureIcmp(final int length, final int result) {
        final MemorySegment memory = Frames.ofHex("0800f7ff00000000");
        assertEquals(result, icmp.parse(ip("192.0.2.1", "192.0.2.2"), memory, 0, length, true));
    }

    @Test
    @Origin("smoltcp:wire::icmpv6::test_truncated_payload_ipv6_header_parse_fails")
    void shouldRefuseAQuoteShorterThanAnIpHeader() {
        final IpRepr ip = ip("fe80::1", "fe80::2");
        assertEquals(IcmpRepr.BAD_QUOTE, icmp.parse(ip, Frames.ofHex(TOO_BIG), 0, 8 + 39, false));
        assertEquals(IcmpRepr.VALID, icmp.parse(ip, Frames.ofHex(TOO_BIG), 0, 8 + 40, false));
    }

    @Test
    @Origin("smoltcp:wire::icmpv6::test_mtu_truncated_payload_roundtrip")
    @Origin("smoltcp:wire::icmpv6::test_buffer_length_is_truncated_to_mtu")
    void shouldQuoteAsMuchAsFitsIntoTheSmallestMtu() {
        assertEquals(1280 - 40 - 8, IcmpRepr.maxQuote(IpFamily.V6));
        assertEquals(576 - 20 - 8, IcmpRepr.maxQuote(IpFamily.V4));
        final IpRepr ip = ip("fe80::1", "fe80::2");
        icmp.type = Icmpv6View.PACKET_TOO_BIG;
        icmp.code = 0;
        icmp.parameter = 1280;
        icmp.dataLength = IcmpRepr.maxQuote(IpFamily.V6);
        final MemorySegment memory = Frames.ofHex("00".repeat(8) + "6000000004d80640" + "00".repeat(1232 - 8));
        icmp.emit(ip, memory, 0);
        final IcmpRepr read = new IcmpRepr();
        assertEquals(IcmpRepr.VALID, read.parse(ip, memory, 0, 1240, true));
        assertEquals(1280, read.parameter);
        assertEquals(icmp.dataLength, read.dataLength);
    }

    static IpRepr ip(final String src, final String dst) {
        final IpAddress from = IpAddress.parse(src);
        final IpAddress to = IpAddress.parse(dst);
        final IpRepr ip = new IpRepr();
        ip.family = from.family();
        ip.srcHi = from.hi();
        ip.srcLo = from.lo();
        ip.dstHi = to.hi();
        ip.dstLo = to.lo();
        return ip;
    }
}

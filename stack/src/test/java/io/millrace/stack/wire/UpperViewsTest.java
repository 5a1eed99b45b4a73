package io.millrace.stack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.buffer.Net;
import io.millrace.stack.wire.address.IpAddress;
import io.millrace.stack.wire.address.Ipv6Address;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ICMP, neighbour discovery and UDP headers. */
class UpperViewsTest {
    private static final String ECHO4 = "0800 8efe 1234 abcd aa0000ff";
    private static final String ECHO6 = "8000 19b3 1234 abcd aa0000ff";
    private static final String TOO_BIG = "02000fc9000005dc60000000000c1140fe800000000000000000000000000001"
            + "fe800000000000000000000000000002bf000035000c124daa0000ff";
    private static final String UDP = "bf00 0035 000c 124d aa0000ff";

    @Test
    @Origin("smoltcp:wire::icmpv4::test_echo_deconstruct")
    @Origin("smoltcp:wire::icmpv4::test_echo_parse")
    void shouldReadEchoOverIpv4() {
        final MemorySegment m = Frames.ofHex(ECHO4);
        assertEquals(Icmpv4View.ECHO_REQUEST, IcmpView.type(m, 0));
        assertEquals(0, IcmpView.code(m, 0));
        assertEquals(0x8EFE, IcmpView.checksum(m, 0));
        assertEquals(0x1234, IcmpView.identifier(m, 0));
        assertEquals(0xABCD, IcmpView.sequence(m, 0));
        assertTrue(Icmpv4View.verifies(m, 0, 12));
        assertFalse(Icmpv4View.verifies(m, 0, 11));
    }

    @Test
    @Origin("smoltcp:wire::icmpv4::test_echo_construct")
    @Origin("smoltcp:wire::icmpv4::test_echo_emit")
    void shouldWriteEchoOverIpv4() {
        final MemorySegment m = Frames.ofHex("a5".repeat(8) + "aa0000ff");
        IcmpView.writeEcho(m, 0, Icmpv4View.ECHO_REQUEST, 0x1234, 0xABCD);
        Icmpv4View.seal(m, 0, 12);
        assertEquals(ECHO4.replace(" ", ""), Frames.hex(m, 0, 12));
    }

    @Test
    @Origin("smoltcp:wire::icmpv6::test_echo_deconstruct")
    @Origin("smoltcp:wire::icmpv6::test_echo_repr_parse")
    void shouldReadEchoOverIpv6() {
        final MemorySegment m = Frames.ofHex(ECHO6);
        assertEquals(Icmpv6View.ECHO_REQUEST, IcmpView.type(m, 0));
        assertEquals(0x1234, IcmpView.identifier(m, 0));
        assertEquals(0xABCD, IcmpView.sequence(m, 0));
        assertTrue(Icmpv6View.verifies(ip("fe80::1", "fe80::2"), m, 0, 12));
        assertFalse(Icmpv6View.verifies(ip("fe80::1", "fe80::3"), m, 0, 12));
        assertFalse(Icmpv6View.isError(Icmpv6View.ECHO_REQUEST));
    }

    @Test
    @Origin("smoltcp:wire::icmpv6::test_echo_construct")
    @Origin("smoltcp:wire::icmpv6::test_echo_emit")
    void shouldWriteEchoOverIpv6() {
        final MemorySegment m = Frames.ofHex("a5".repeat(8) + "aa0000ff");
        IcmpView.writeEcho(m, 0, Icmpv6View.ECHO_REQUEST, 0x1234, 0xABCD);
        Icmpv6View.seal(ip("fe80::1", "fe80::2"), m, 0, 12);
        assertEquals(ECHO6.replace(" ", ""), Frames.hex(m, 0, 12));
    }

    @Test
    @Origin("smoltcp:wire::icmpv6::test_too_big_deconstruct")
    @Origin("smoltcp:wire::icmpv6::test_too_big_repr_parse")
    void shouldReadPacketTooBig() {
        final MemorySegment m = Frames.ofHex(TOO_BIG);
        assertEquals(Icmpv6View.PACKET_TOO_BIG, IcmpView.type(m, 0));
        assertEquals(1500, IcmpView.parameter(m, 0));
        assertTrue(Icmpv6View.isError(IcmpView.type(m, 0)));
        assertTrue(Icmpv6View.verifies(ip("fe80::1", "fe80::2"), m, 0, 60));
        assertEquals(Ipv6View.VALID, Ipv6View.check(m, IcmpView.DATA_OFFSET, 52));
    }

    @Test
    @Origin("smoltcp:wire::icmpv6::test_too_big_construct")
    @Origin("smoltcp:wire::icmpv6::test_too_big_emit")
    void shouldWritePacketTooBig() {
        final MemorySegment m = Frames.ofHex("a5".repeat(8) + TOO_BIG.substring(16));
        IcmpView.writeError(m, 0, Icmpv6View.PACKET_TOO_BIG, 0, 1500);
        Icmpv6View.seal(ip("fe80::1", "fe80::2"), m, 0, 60);
        assertEquals(TOO_BIG, Frames.hex(m, 0, 60));
    }

    @ParameterizedTest
    @CsvSource({"0, false", "3, true", "4, true", "5, true", "8, false", "11, true", "12, true", "13, false"})
    @Origin("RFC 1122 3.2.2")
    void shouldTellErrorsOfIpv4(final int type, final boolean error) {
        assertEquals(error, Icmpv4View.isError(type));
    }

    @Test
    void shouldWriteAndReadNeighborAdvertisement() {
        final MemorySegment m = Frames.ofHex("a5".repeat(32));
        final Ipv6Address target = Ipv6Address.parse("2001:db8::7");
        final int flags = NdpView.SOLICITED | NdpView.OVERRIDE;
        final int length = NdpView.write(
                m, 0, NdpView.NEIGHBOR_ADVERTISEMENT, flags, target.hi(), target.lo(), 2, 0x5254_0012_3456L);
        assertEquals(32, length);
        assertEquals(
                "88000000" + "60000000" + "20010db8000000000000000000000007" + "0201525400123456",
                Frames.hex(m, 0, 32));
        assertEquals(flags, NdpView.flags(m, 0));
        assertEquals(target, new Ipv6Address(NdpView.targetHi(m, 0), NdpView.targetLo(m, 0)));
        assertEquals(0x5254_0012_3456L, NdpView.linkAddress(m, 0, 32, NdpOptionView.TARGET_LINK_ADDRESS));
        assertEquals(NdpView.ABSENT, NdpView.linkAddress(m, 0, 32, NdpOptionView.SOURCE_LINK_ADDRESS));
        assertEquals(NdpView.ABSENT, NdpView.linkAddress(m, 0, 24, NdpOptionView.TARGET_LINK_ADDRESS));
    }

    @ParameterizedTest
    @CsvSource({
        "0101525400123456, 525400123456",
        "0501000005dc0000 0101525400123456, 525400123456",
        "0101525400123456 0101aaaaaaaaaaaa, 525400123456"
    })
    @Origin("smoltcp:wire::ndiscoption::test_repr_parse_link_layer_opt_ethernet")
    void shouldFindLinkAddressAmongOptions(final String options, final String mac) {
        final MemorySegment m = Frames.ofHex("00".repeat(24) + options);
        final int length = (int) m.byteSize();
        assertEquals(Long.parseLong(mac, 16), NdpView.linkAddress(m, 0, length, NdpOptionView.SOURCE_LINK_ADDRESS));
    }

    @ParameterizedTest
    @CsvSource({
        "00",
        "0000",
        "0100525400123456",
        "0102525400123456",
        "01015254001234",
        "0501000005dc0000 0300",
        "0102525400123456 0000000000000000",
        "0202525400123456 0000000000000000"
    })
    @Origin("smoltcp:wire::ndiscoption::test_short_packet")
    @Origin("RFC 4861 4.6")
    void shouldRefuseImpossibleOptions(final String options) {
        final MemorySegment m = Frames.ofHex("00".repeat(24) + options);
        assertEquals(
                NdpView.MALFORMED, NdpView.linkAddress(m, 0, (int) m.byteSize(), NdpOptionView.SOURCE_LINK_ADDRESS));
    }

    @Test
    @Origin("smoltcp:wire::udp::test_deconstruct")
    @Origin("smoltcp:wire::udp::test_parse")
    void shouldReadUdp() {
        final MemorySegment m = Frames.ofHex(UDP);
        assertEquals(48_896, UdpView.srcPort(m, 0));
        assertEquals(53, UdpView.dstPort(m, 0));
        assertEquals(12, UdpView.length(m, 0));
        assertEquals(0x124D, UdpView.checksum(m, 0));
        assertTrue(UdpView.verifies(ip("192.168.1.1", "192.168.1.2"), m, 0, 12));
        assertFalse(UdpView.verifies(ip("192.168.1.1", "192.168.1.3"), m, 0, 12));
    }

    @Test
    @Origin("smoltcp:wire::udp::test_construct")
    @Origin("smoltcp:wire::udp::test_emit")
    void shouldWriteUdp() {
        final MemorySegment m = Frames.ofHex("a5".repeat(8) + "aa0000ff");
        UdpView.write(ip("192.168.1.1", "192.168.1.2"), m, 0, 48_896, 53, 12);
        assertEquals(UDP.replace(" ", ""), Frames.hex(m, 0, 12));
    }

    @Test
    @Origin("smoltcp:wire::udp::test_zero_checksum")
    @Origin("RFC 768")
    void shouldWriteAChecksumOfZeroAsAllOnes() {
        final MemorySegment m = Frames.ofHex("00".repeat(8));
        UdpView.write(ip("192.168.1.1", "192.168.1.2"), m, 0, 1, 31_881, 8);
        assertEquals(0xFFFF, Net.u16(m, UdpView.CHECKSUM_OFFSET));
        assertTrue(UdpView.verifies(ip("192.168.1.1", "192.168.1.2"), m, 0, 8));
    }

    private static IpRepr ip(final String src, final String dst) {
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

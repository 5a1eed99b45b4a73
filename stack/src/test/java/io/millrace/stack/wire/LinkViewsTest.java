package io.millrace.stack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.stack.wire.address.MacAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ethernet and ARP headers. */
class LinkViewsTest {
    private static final long DST = 0x0102_0304_0506L;
    private static final long SRC = 0x1112_1314_1516L;
    private static final String ARP = "0001 0800 06 04 0001 111213141516 21222324 313233343536 41424344";

    @Test
    @Origin("smoltcp:wire::ethernet::test_ipv4::test_deconstruct")
    @Origin("smoltcp:wire::ethernet::test_ipv6::test_deconstruct")
    void shouldReadEthernetHeader() {
        final MemorySegment v4 = Frames.ofHex("010203040506 111213141516 0800 aa00");
        assertEquals(DST, EthernetView.dst(v4, 0));
        assertEquals(SRC, EthernetView.src(v4, 0));
        assertEquals(EthernetView.TYPE_IPV4, EthernetView.type(v4, 0));
        final MemorySegment v6 = Frames.ofHex("00 fffefdfcfbfa 111213141516 86dd 6000");
        assertEquals(0xFFFE_FDFC_FBFAL, EthernetView.dst(v6, 1));
        assertEquals(SRC, EthernetView.src(v6, 1));
        assertEquals(EthernetView.TYPE_IPV6, EthernetView.type(v6, 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {EthernetView.TYPE_IPV4, EthernetView.TYPE_IPV6})
    @Origin("smoltcp:wire::ethernet::test_ipv4::test_construct")
    @Origin("smoltcp:wire::ethernet::test_ipv6::test_construct")
    void shouldWriteEthernetHeader(final int type) {
        final MemorySegment memory = Frames.ofHex("a5".repeat(16));
        EthernetView.write(memory, 1, DST, SRC, type);
        assertEquals("a5010203040506111213141516%04xa5".formatted(type), Frames.hex(memory, 0, 16));
    }

    /** An address is a long whose upper 16 bits are nobody's. */
    @Test
    void shouldKeepWhatIsBeyondAnAddressOutOfItsNeighbours() {
        final MemorySegment memory = Frames.ofHex("a5".repeat(EthernetView.LENGTH));
        EthernetView.write(memory, 0, -1L << 48 | DST, -1L << 48 | SRC, EthernetView.TYPE_ARP);
        assertEquals(DST, EthernetView.dst(memory, 0));
        assertEquals(SRC, EthernetView.src(memory, 0));
        assertEquals(EthernetView.TYPE_ARP, EthernetView.type(memory, 0));
    }

    @Test
    @Origin("smoltcp:wire::ethernet::test_broadcast")
    void shouldClassifyBroadcast() {
        assertTrue(MacAddress.BROADCAST.isBroadcast());
        assertFalse(MacAddress.BROADCAST.isUnicast());
        assertTrue(MacAddress.BROADCAST.isMulticast());
        assertTrue(MacAddress.BROADCAST.isLocallyAdministered());
    }

    @Test
    @Origin("smoltcp:wire::arp::test_deconstruct")
    @Origin("smoltcp:wire::arp::test_parse")
    void shouldReadArp() {
        final MemorySegment memory = Frames.ofHex(ARP);
        assertTrue(ArpView.isEthernetIpv4(memory, 0));
        assertEquals(ArpView.REQUEST, ArpView.operation(memory, 0));
        assertEquals(SRC, ArpView.senderMac(memory, 0));
        assertEquals(0x2122_2324L, ArpView.senderIp(memory, 0));
        assertEquals(0x3132_3334_3536L, ArpView.targetMac(memory, 0));
        assertEquals(0x4142_4344L, ArpView.targetIp(memory, 0));
    }

    @Test
    @Origin("smoltcp:wire::arp::test_construct")
    @Origin("smoltcp:wire::arp::test_emit")
    void shouldWriteArp() {
        final MemorySegment memory = Frames.ofHex("a5".repeat(28));
        ArpView.write(memory, 0, ArpView.REQUEST, SRC, 0x2122_2324L, 0x3132_3334_3536L, 0x4142_4344L);
        assertEquals(ARP.replace(" ", ""), Frames.hex(memory, 0, 28));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 5})
    void shouldTellArpForOtherNetworks(final int at) {
        final byte[] bytes = Frames.bytes(Frames.ofHex(ARP), 0, 28);
        bytes[at]++;
        assertFalse(ArpView.isEthernetIpv4(Frames.ofBytes(bytes), 0));
    }
}

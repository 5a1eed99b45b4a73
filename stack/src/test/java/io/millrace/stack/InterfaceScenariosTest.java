package io.millrace.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.dataplane.port.Medium;
import io.millrace.stack.socket.tcp.TcpHandler;
import io.millrace.stack.socket.udp.UdpSocket;
import io.millrace.stack.wire.address.Endpoint;
import io.millrace.stack.wire.address.Ipv4Address;
import io.millrace.stack.wire.address.MacAddress;
import io.millrace.testkit.Frames;
import io.millrace.testkit.Origin;
import io.millrace.testkit.PoolWatch;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an interface as a whole does with packets, told by smoltcp's scenarios. */
class InterfaceScenariosTest {
    private static final String US = "192.0.2.1";
    private static final String PEER = "192.0.2.2";
    private static final String US6 = "fe80::1";
    private static final String PEER6 = "fe80::2";

    @RegisterExtension
    final PoolWatch pools = new PoolWatch();

    @Test
    @Origin("smoltcp:iface::interface::test_new_panic")
    void shouldRefuseAnAddressThatTheMediumHasNot() {
        final InterfaceConfig config = InterfaceConfig.of(US + "/24").withMac(MacAddress.parse("02:00:00:00:00:01"));
        final IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> new StackRig(pools, Medium.IP, StackConfig.defaults(), config));
        assertTrue(refused.toString().contains("no Ethernet header"), refused.toString());
    }

    @Test
    @Origin("smoltcp:iface::interface::tcp_not_accepted")
    void shouldResetConnectionsThatNobodyAccepts() {
        try (StackRig rig = rig()) {
            rig.receive(Bytes.ipv6(PEER6, US6, 6, syn(PEER6, US6, 4242, 4243, -10_001)));
            final byte[] reset = rig.sentOne();
            assertEquals("fe80000000000000000000000000000" + "1", hex(reset, 8, 16));
            assertEquals("fe80000000000000000000000000000" + "2", hex(reset, 24, 16));
            assertEquals("1093 1092 00000000 ffffd8f0 5014 0000".replace(" ", ""), hex(reset, 40, 16));
            rig.receive(Bytes.ipv6(PEER6, "::", 6, syn(PEER6, "::", 4242, 4243, -10_001)));
            assertEquals(0, rig.sent().size());
        }
    }

    @Test
    @Origin("smoltcp:iface::interface::tcp_listen_drops_unspecified_src")
    void shouldNotListenToNobody() {
        try (StackRig rig = rig()) {
            rig.stack.listen(new Endpoint<>(Ipv4Address.parse(US), 1234), 1, new TcpHandler() {});
            rig.assertDropped(
                    StackCounter.IPV4_MARTIAN_SOURCE,
                    Bytes.ipv4("0.0.0.0", US, 6, syn("0.0.0.0", US, 65_000, 1234, 0)));
            assertEquals(0, rig.sent().size());
            assertEquals(0, rig.stack.connections());
        }
    }

    @ParameterizedTest
    @EnumSource(Medium.class)
    @Origin("smoltcp:iface::interface::tests::ipv4::test_packet_len")
    void shouldHandThePortNothingLongerThanItsMtu(final Medium medium) {
        try (StackRig rig = new StackRig(pools, medium, StackConfig.defaults(), InterfaceConfig.of(US + "/24"))) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.parse(US), 12_345));
            final Endpoint<Ipv4Address> peer = new Endpoint<>(Ipv4Address.parse(PEER), 54_321);
            final MemorySegment payload = Frames.ofBytes(new byte[1536]);
            if (medium == Medium.ETHERNET) {
                rig.receive(Bytes.ethernet(
                        "ff:ff:ff:ff:ff:ff",
                        "02:00:00:00:00:02",
                        0x0806,
                        Bytes.arp(1, "02:00:00:00:00:02", PEER, "00:00:00:00:00:00", US)));
                rig.sentOne();
            }
            for (final int length : new int[] {100, 1500, 1501, 1536}) {
                socket.send(peer, payload, 0, length - 28);
                for (final byte[] frame : rig.sent()) {
                    assertTrue(frame.length <= 1500 + medium.headerLength(), frame.length + " bytes");
                    assertEquals(frame.length - medium.headerLength(), Bytes.u16(frame, medium.headerLength() + 2));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007})
    @Origin("smoltcp:iface::interface::tests::ipv4::test_ipv4_fragment_size")
    void shouldCutDatagramsAtMultiplesOfEightBytes(final int mtu) {
        final InterfaceConfig config = InterfaceConfig.of(US + "/24").withMtu(mtu);
        try (StackRig rig = new StackRig(pools, Medium.IP, StackConfig.defaults(), config)) {
            final UdpSocket<Ipv4Address> socket = rig.stack.bind(new Endpoint<>(Ipv4Address.parse(US), 12_345));
            socket.send(new Endpoint<>(Ipv4Address.parse(PEER), 54_321), Frames.ofBytes(new byte[1400]), 0, 1400);
            final byte[] first = rig.sent().getFirst();
            assertEquals(20 + (mtu - 20) / 8 * 8, first.length);
            assertEquals(first.length, Bytes.u16(first, 2));
        }
    }

    @Test
    @Origin(
            value = "smoltcp:iface::interface::tests::ipv6::test_solicited_node_addrs",
            differs = "all 24 bits that the addresses share count, not the lower 16")
    void shouldListenToTheSolicitedNodeAddressesOfItsOwn() {
        try (StackRig rig = new StackRig(pools, "fe80::1:2:0:2/64", "fe80::3:4:12:ffff/64")) {
            assertSolicited(rig, "ff02::1:ff00:2", "33:33:ff:00:00:02", "fe80::1:2:0:2", true);
            assertSolicited(rig, "ff02::1:ff12:ffff", "33:33:ff:12:ff:ff", "fe80::3:4:12:ffff", true);
            assertSolicited(rig, "ff02::1:ff00:3", "33:33:ff:00:00:03", "fe80::1:2:0:3", false);
            assertSolicited(rig, "ff02::1:ff00:ffff", "33:33:ff:00:ff:ff", "fe80::3:4:0:ffff", false);
        }
    }

    @Test
    @Origin("RFC 1122 3.2.2.6")
    void shouldGoOnRecordingTheRouteInEchoReplies() {
        try (StackRig rig = rig()) {
            final byte[] echo = Bytes.icmpv4(8, 0, 0x0001_0002, Bytes.hex("0102030405"));
            final byte[] options = Bytes.hex("070b 08 c0000205 00000000 01");
            rig.receive(Bytes.ipv4(PEER, US, 1, options, echo));
            final byte[] reply = rig.sentOne();
            assertEquals("48", hex(reply, 0, 1));
            assertEquals(20 + 12 + 13, Bytes.u16(reply, 2));
            assertEquals(0, Bytes.checksum(Arrays.copyOf(reply, 32)));
            assertEquals("c0000201c0000202", hex(reply, 12, 8));
            assertEquals("070b0cc0000205c000020101", hex(reply, 20, 12));
            assertEquals("0000", hex(reply, 32, 2));
            assertEquals("0102030405", hex(reply, 40, 5));
            assertEquals(0, Bytes.checksum(Bytes.from(reply, 32)));
            rig.receive(Bytes.ipv4(PEER, US, 1, Bytes.hex("94040000"), echo));
            assertEquals(20 + 13, rig.sentOne().length, "a router alert is not echoed");
        }
    }

    private static void assertSolicited(
            final StackRig rig, final String group, final String mac, final String target, final boolean answered) {
        final byte[] body = Bytes.join(Bytes.address(target), Bytes.linkAddress(1, "02:00:00:00:00:02"));
        final byte[] packet = Bytes.ipv6("fe80::99", group, 58, Bytes.icmpv6("fe80::99", group, 135, 0, 0, body));
        rig.receive(Bytes.ethernet(mac, "02:00:00:00:00:02", 0x86DD, packet));
        assertEquals(answered ? 1 : 0, rig.sent().size(), group);
    }

    private StackRig rig() {
        return new StackRig(pools, Medium.IP, StackConfig.defaults(), InterfaceConfig.of(US + "/24", US6 + "/64"));
    }

    private static String hex(final byte[] bytes, final int from, final int length) {
        return Frames.hex(Frames.ofBytes(bytes), from, length);
    }

    private static byte[] syn(final String src, final String dst, final int srcPort, final int dstPort, final int seq) {
        final byte[] segment =
                Bytes.hex("%04x %04x %08x 00000000 5002 0100 0000 0000".formatted(srcPort, dstPort, seq));
        Bytes.put16(segment, 16, Bytes.transportChecksum(src, dst, 6, segment));
        return segment;
    }
}
